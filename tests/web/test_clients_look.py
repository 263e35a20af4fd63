"""Clients and agreements in a browser: widths, contrast in both schemes, keyboard."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from tests.support.browser import (
    NARROW,
    served,
)
from tests.support.databases import Databases
from tests.support.imports import PARIS
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.samples import EXAMPLE, sample
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PAGES = (
    "/desk/clients",
    "/desk/clients?search=nobody",
    "/desk/clients/1",
    "/desk/clients/new",
    "/desk/clients/1/contacts/1/edit",
    "/desk/clients/1/agreements/new",
    "/desk/agreements",
    "/desk/agreements/1",
    "/desk/agreements/1/edit",
    "/desk/agreements/1/end",
    "/desk/agreements/1/services/new",
    "/desk/agreements/1/services/1/end",
    "/desk/agreements/1/contacts/new",
    "/desk/agreements/1/contacts/1/end",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        import_registry(session, sample(EXAMPLE), by="paul", at=AT, zone=PARIS)
        publish_list(session, by="paul", at=AT, zone=PARIS)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=AT)
    with served(make_app(url, SettableClock(AT))) as address:
        yield address


@every_look
def test_the_pages_of_clients_and_agreements(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_a_designated_contact_is_changed_by_keyboard(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, NARROW, "light", "en")
    page.goto(f"{site}/desk/clients")
    page.get_by_role("link", name="Mairie de Vouziers").press("Enter")
    page.get_by_role("link", name="Edit Jeanne Petit").press("Enter")
    page.get_by_label("Email address").fill("dpd@mairie-vouziers.example")
    page.get_by_label("Email address").press("Enter")
    link = page.get_by_role("alert").get_by_role("link", name="Give the reference of the letter")
    link.press("Enter")
    expect(page.locator("#letter_reference")).to_be_focused()
    expect(page.get_by_label("Email address")).to_have_value("dpd@mairie-vouziers.example")
    page.get_by_label("Reference of the letter").fill("RK 1")
    page.get_by_label("Designated on").fill("2026-03-02")
    page.get_by_label("Reference of the letter").press("Enter")
    expect(page.get_by_text("The contact is saved.")).to_be_visible()
    page.goto(f"{site}/desk/agreements/1")
    expect(page.get_by_role("cell", name="RK 1")).to_be_visible()
    page.close()
