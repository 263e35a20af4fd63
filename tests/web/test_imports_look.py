"""Imports in a browser: upload by the file chooser, widths, contrast, confirming by keyboard."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from subnotify.rules.words import Role
from tests.support.browser import (
    WIDE,
    served,
    watch,
)
from tests.support.databases import Databases
from tests.support.looks import check_look, every_look, signed_in
from tests.support.release_world import ReleaseWorld
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG = "the.data.protection.officer.of.the.whole.department@long-name.client.example"
CLIENTS = "key,name,country\nc1,Client one of the many that are here,FR\nnew,=New & Co,FR\n"
CONTACTS = f'client,key,name,email,postal_address\nnew,dpo,Anne,{LONG},"1 rue\n75002 Paris"\n'
LOCATIONS = "subprocessor,country,kind\norage,FR,establishment\norage,US,hosting\n"
BASES = (
    "subprocessor,country,kind,law,code,signed_on,conditions\n"
    "orage,US,hosting,EU_GDPR,scc_eu_2021_m3,2026-01-05,all\n"
)
WINDOWS = (
    "agreement,contact,subprocessor,commencement_on,dispatched_at,received_at,proof,"
    "proof_reference,reason_en\n"
    "a1,p0,orage,2026-05-01,2026-02-24 10:15,2026-02-24 10:17,recipient_server,log,Room.\n"
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        world.add_agreement()
        world.add_agreement()
        world.add_change("orage")
    make_operator(url, "Lea Legal", [Role.LEGAL], at=AT)
    with served(make_app(url, SettableClock(AT))) as address:
        yield address


def upload(page: Page, site: str, **tables: str) -> None:
    page.goto(f"{site}/desk/imports")
    page.set_input_files(
        "input[type=file]",
        [
            {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode()}
            for name, text in tables.items()
        ],
    )
    with page.expect_navigation():
        page.locator("form[enctype] button").press("Enter")


@every_look
def test_the_pages_of_imports(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    said = watch(page)
    upload(page, site, clients=CLIENTS, contacts=CONTACTS)
    check_look(page, language)
    upload(page, site, windows=WINDOWS)
    check_look(page, language)
    upload(page, site, locations=LOCATIONS, bases=BASES)
    check_look(page, language)
    expect(page.get_by_text("scc_eu_2021_m3")).to_have_count(1)
    page.goto(f"{site}/desk/imports")
    for one in page.locator("main details").all():
        one.locator("summary").click()
    check_look(page, language)
    assert said == []
    upload(page, site, clients="key,name,country\nx y,,UK\n")
    check_look(page, language)
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(3)
    page.close()


def test_confirming_by_keyboard(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    upload(page, site, windows=WINDOWS)
    with page.expect_navigation():
        page.get_by_role("button", name="Import exactly this").press("Enter")
    expect(page.get_by_role("heading", name="What this import changed")).to_be_visible()
    page.goto(f"{site}/desk/board")
    expect(page.get_by_role("link", name="Client 001").first).to_be_visible()
    page.close()
