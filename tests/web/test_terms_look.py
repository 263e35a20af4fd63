"""The pages of notice terms in a browser: widths, contrast, the reading that follows the form."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from subnotify.rules.words import Role
from tests.operations.desk_registry import example
from tests.support.browser import (
    WIDE,
    served,
    watch,
)
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, sign_in, signed_in
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
FORM = "/desk/agreements/1/terms/edit?start="
PAGES = (
    "/desk/agreements/1/terms/edit",
    f"{FORM}current",
    f"{FORM}fr-30-days-registered",
    f"{FORM}blank",
    "/desk/agreements/1/terms",
    "/desk/agreements/1/terms/1",
    "/desk/agreements/1/terms/readings/objection_timely_when",
    "/desk/agreements/incomplete",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        example(session, AT)
    clock = SettableClock(AT)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_pages_of_terms(browser: Browser, site: str, width: int, scheme: str, language: str):
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_the_reading_follows_the_form(browser: Browser, site: str):
    page = signed_in(browser, site, WIDE, "light", "en")
    said = watch(page)
    page.goto(f"{site}{FORM}current")
    reading = page.locator("#reading")
    expect(reading).to_contain_text("Tuesday 17 March 2026")
    page.fill("[name=objection_period-0-number]", "30")
    expect(reading).to_contain_text("Wednesday 1 April 2026")
    expect(page.get_by_role("status")).to_contain_text("Wednesday 1 April 2026")
    page.get_by_label("The client's own mail server accepted it").uncheck()
    page.get_by_label("The client acknowledged it").uncheck()
    expect(reading).to_contain_text("nobody has chosen yet what proves receipt")
    page.fill("[name=objection_period-0-number]", "thirty")
    expect(reading).to_contain_text("“thirty” is not a whole number")
    expect(page.locator("[name=objection_period-0-number]")).to_have_value("thirty")
    assert said == []
    page.close()


def test_without_scripts_a_button_shows_the_reading(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}{FORM}current")
    page.fill("[name=objection_period-0-number]", "30")
    page.get_by_role("button", name="Show the reading").click()
    expect(page.locator("#reading")).to_contain_text("Wednesday 1 April 2026")
    expect(page.locator("[name=objection_period-0-number]")).to_have_value("30")
    context.close()
