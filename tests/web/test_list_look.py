"""The public list and the registry in a browser: widths, contrast, keyboard, nothing blocked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from tests.support.browser import (
    NARROW,
    WIDE,
    contrast_problems,
    served,
    too_wide,
    watch,
)
from tests.support.databases import Databases
from tests.support.looks import (
    check_look,
    check_pages,
    every_look,
    every_width_and_scheme,
    signed_in,
)
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.statement import STATEMENT
from tests.support.web_client import PASSWORD, SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MODULE_3 = b'code: scc_eu_2021_m3, module: "", signed_on: 2022-02-01'
PARIS = ZoneInfo("Europe/Paris")


def address(
    databases: Databases, source: bytes, *, publish: bool, seen_at: datetime = AT
) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        import_registry(session, source, by="paul", at=AT, zone=PARIS)
        if publish:
            publish_list(session, by="paul", at=AT, zone=PARIS)
    make_operator(url, "Paul", [Role.PUBLISHER], at=AT)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=seen_at)
    with served(make_app(url, SettableClock(seen_at))) as site:
        yield site


@pytest.fixture(scope="module")
def published(databases: Databases) -> Iterator[str]:
    yield from address(databases, sample(COMPLETED_LIST), publish=True)


@pytest.fixture(scope="module")
def stated(databases: Databases) -> Iterator[str]:
    """Two export laws, the chart of mechanisms, and an entry whose basis has lapsed."""
    lapsed = STATEMENT.replace(MODULE_3, MODULE_3 + b", expires_on: 2026-03-31", 1)
    assert lapsed != STATEMENT
    yield from address(databases, lapsed, publish=True, seen_at=datetime(2026, 4, 1, 8, tzinfo=UTC))


@pytest.fixture(scope="module")
def drafts(databases: Databases) -> Iterator[str]:
    yield from address(databases, sample(PUBLISHED_LIST), publish=False)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/sign-in?lang=en")
    page.fill("[name=name]", "Paul")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@every_width_and_scheme
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_public_list_under_two_laws_with_its_chart(
    browser: Browser, stated: str, language: str, width: int, scheme: str
):
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said = watch(page)
    page.goto(f"{stated}/?lang={language}")
    check_look(page, language)
    assert said == []
    # In its row, in the chart, and on the map.
    expect(page.locator("#entry-acme + tr .tag.warn")).to_have_count(1)
    expect(page.locator(".chart .tag.warn")).to_have_count(2)
    assert page.locator(".map-legend .map-lapsed").count() > 0
    page.close()


@every_look
def test_the_history_and_the_forms_of_mechanisms(
    browser: Browser, stated: str, width: int, scheme: str, language: str
):
    page = signed_in(browser, stated, width, scheme, language)
    mechanisms = "/desk/registry/vendor/mechanisms"
    paths = ("/history", "/?on=2026-03-02", mechanisms, f"{mechanisms}/1", f"{mechanisms}/new")
    check_pages(page, stated, paths, language)


def test_the_public_list_by_keyboard(page: Page, stated: str):
    page.goto(f"{stated}/?lang=en")
    summary = page.locator("#entry-acme summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#entry-acme").get_by_text("0400-1234567")).to_be_visible()
    link = page.locator("#entry-kita").get_by_role("link", name="Acme Analytics Incorporated")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/*#entry-acme")
    law = page.get_by_role("navigation", name="Law of the map").get_by_role("link")
    law.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/?law=CH_FADP#map")
    legend = page.locator(".map-legend")
    expect(legend.get_by_text("Switzerland: no transfer abroad")).to_be_visible()


@every_width_and_scheme
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_public_list(browser: Browser, published: str, language: str, width: int, scheme: str):
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said = watch(page)
    page.goto(f"{published}/?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    assert too_wide(page) == []
    assert contrast_problems(page) == []
    assert said == []
    page.close()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_registry_and_its_form(page: Page, drafts: str, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, drafts)
    said = watch(page)
    for path in ("", "/new", "/1", "/1/edit"):
        page.goto(f"{drafts}/desk/registry{path}")
        assert too_wide(page) == [], path
        assert contrast_problems(page) == [], path
    assert said == []


def test_a_gap_is_one_click_from_its_field_and_enter_saves(page: Page, drafts: str):
    sign_in(page, drafts)
    page.goto(f"{drafts}/desk/registry")
    with page.expect_navigation():
        page.get_by_role("button", name="Publish the list").click()
    summary = page.locator(".error-summary")
    with page.expect_navigation():
        summary.get_by_role("link", name="Seat, United States").first.click()
    # The page of that place: what is ticked opens what it asks for.
    clauses = page.get_by_label("module 2", exact=False).first
    signed_on = page.locator("[id$='scc_eu_2021_m2-signed_on']")
    expect(signed_on).to_be_hidden()
    clauses.check()
    signed_on.fill("2022-02-01")
    with page.expect_navigation():
        signed_on.press("Enter")
    text = page.inner_text("main")
    assert "The transfer impact assessment: reference, day and result" in text
    page.get_by_role("link", name="The transfer impact assessment").click()
    reference = page.locator("[id$='scc_eu_2021_m2-tia_reference']")
    assert reference.evaluate("e => e.getBoundingClientRect().top") < 900
    reference.fill("TIA-7")
    page.locator("[id$='scc_eu_2021_m2-tia_done_on']").fill("2022-01-20")
    page.get_by_label("The protection is sufficient").first.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save the draft").click()
    text = page.inner_text("main")
    assert page.url.split("#")[0].endswith("/desk/registry/1")
    assert "Draft saved." in text
    assert "standard contractual clauses 2021/914, module 2" in text
