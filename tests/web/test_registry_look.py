"""The pages of the registry in Chromium: every width, scheme and language; the fields of a basis
open with its box, without a script."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from tests.support.browser import NARROW, served, too_wide
from tests.support.databases import Databases
from tests.support.looks import check_look, check_pages, every_look, signed_in
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
LANTERN = b"""
subprocessors:
  - key: lantern
    name: Lantern Inc.
    address: 1 Bay Street, Oakland
    website: https://a-rather-long-address.of-a-company.example/that/does/not/break/anywhere
    locations:
      - {country: US, kind: establishment}
      - {country: GI, kind: access}
      - {country: CA, kind: hosting}
"""


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    """A published list, one entry of which a draft with gaps follows: number 7."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=AT, zone=PARIS)
        publish_list(session, by="paul", at=AT, zone=PARIS)
        import_registry(session, LANTERN, by="paul", at=AT, zone=PARIS)
    make_operator(url, "Lea Legal", list(Role), at=AT)
    with served(make_app(url, SettableClock(AT))) as address:
        yield address


@every_look
def test_every_page(browser: Browser, site: str, width: int, scheme: str, language: str):
    page = signed_in(browser, site, width, scheme, language)
    paths = ("", "/new", "/vendor", "/5", "/5/notes", "/5/locations/1", "/7", "/7/edit")
    places = tuple(f"/7/locations/{n}" for n in (1, 2, 3))
    check_pages(page, site, [f"/desk/registry{path}" for path in (*paths, *places)], language)


@every_look
def test_a_place_refused_and_with_gaps(
    browser: Browser, site: str, width: int, scheme: str, language: str
):
    page = signed_in(browser, site, width, scheme, language)
    page.goto(f"{site}/desk/registry/7/locations/1")
    reference = page.locator("[id='EU_GDPR-scc_eu_2021_m3-tia_reference']")
    box = page.locator("[id='EU_GDPR-scc_eu_2021_m3-chosen']")
    if box.is_checked():
        box.uncheck()
    expect(reference).to_be_hidden()
    box.check()
    reference.fill("TIA")
    # The Enter key saves.
    with page.expect_navigation():
        reference.press("Enter")
    expect(page.locator(".error-summary a")).to_have_count(2)
    check_look(page, language)
    reference.fill("")
    with page.expect_navigation():
        reference.press("Enter")
    expect(page.locator("#missing a")).to_have_count(6)
    check_look(page, language)
    page.close()


def test_a_browser_that_cannot_tell_shows_every_field(browser: Browser, site: str):
    """Without :has() everything is open: longer, and as usable."""
    page = signed_in(browser, site, NARROW, "light", "en")
    sheet = page.request.get(
        f"{site}{page.locator('link[rel=stylesheet]').first.get_attribute('href')}"
    ).text()
    old = sheet.replace("@supports selector(:has(*))", "@supports selector(:never-known(*))")
    assert old != sheet
    page.route("**/subnotify.css*", lambda route: route.fulfill(body=old, content_type="text/css"))
    page.goto(f"{site}/desk/registry/7/locations/1")
    expect(page.locator("[id='EU_GDPR-scc_eu_2021_m3-tia_reference']")).to_be_visible()
    expect(page.locator("[id='EU_GDPR-EU-US-DPF-entity']")).to_be_visible()
    assert too_wide(page) == []
    page.close()
