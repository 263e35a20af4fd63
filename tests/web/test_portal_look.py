"""The client portal in Chromium: from asking for the link to the next deadline, and every look."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from subnotify.storage.tables import ContactRow, MessageRow
from tests.support.browser import NARROW, served
from tests.support.databases import Databases
from tests.support.looks import check_look, check_pages, every_look
from tests.support.scenario import Scenario
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import SettableClock, make_app, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DPO = "dpo0@client1.example"
PAGES = (
    "/portal",
    "/portal/lists",
    "/portal/agreements/1/list",
    "/portal/calendar",
    "/portal/documents",
    "/portal/agreements/1/documents/new",
    "/portal/contacts",
    "/portal/agreements/1/contacts/new",
    "/portal/choices",
)


@pytest.fixture(scope="module")
def mails() -> Iterator[ScriptedSmtpServer]:
    with ScriptedSmtpServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(databases: Databases, mails: ScriptedSmtpServer) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        scenario.announce(changes=2, language="fr", copies=1)
        second = scenario.announce()
        session.get_one(ContactRow, second.contact_ids[0]).email = DPO
        session.get_one(MessageRow, second.message_ids[0]).to_address = DPO
        session.commit()
    with served(make_app(url, SettableClock(AT), smtp_port=mails.port)) as address:
        yield address


def sign_in(page: Page, site: str, mails: ScriptedSmtpServer, language: str) -> None:
    """As a contact does: the address, the mail, the button."""
    mails.mails.clear()
    page.goto(f"{site}/portal/sign-in?lang={language}")
    page.fill("[name=email]", DPO)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/portal/sign-in/asked")
    for _ in range(100):
        if mails.mails:
            break
        page.wait_for_timeout(50)
    text = mails.mails[-1].parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    path = re.search(r"/portal/sign-in/[\w-]{43}", text)[0]  # type: ignore[index]
    page.goto(site + path)
    with page.expect_navigation():
        page.click("main button")
    assert page.url == f"{site}/portal"


@every_look
def test_pages(
    browser: Browser,
    site: str,
    mails: ScriptedSmtpServer,
    width: int,
    scheme: str,
    language: str,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{site}/portal/sign-in?lang={language}")
    for path in ("/portal/sign-in", "/portal/sign-in/asked", "/portal/sign-in/unknown"):
        page.goto(site + path)
        check_look(page, language)
    sign_in(page, site, mails, language)
    # Whoever chose no language yet reads that of the sign-in; the mailbox may keep another one.
    page.goto(f"{site}/portal?lang={language}")
    check_pages(page, site, PAGES, language)
    page = context.new_page()
    leave_in_mid_answer(page, site, language)
    check_look(page, language)
    context.close()


def leave_in_mid_answer(page: Page, site: str, language: str) -> None:
    """Signed out in another tab while the form is being filled in."""
    page.goto(f"{site}/portal?lang={language}")
    with page.expect_navigation():
        page.click(".deadline button")
    page.goto(f"{page.url}/object")
    page.fill("[name=text]", "Outside the EU.\n" + "A word of an endless length" * 10)
    page.fill("[name=by_name]", "Camille Perrin")
    with page.context.new_page() as other:
        other.goto(f"{site}/portal")
        with other.expect_navigation():
            other.click(".before-main button")
    with page.expect_navigation():
        page.click("main form .button-row button")
    assert "Outside the EU." in page.locator("main pre").first.inner_text()


def test_from_the_link_to_the_notice(
    browser: Browser, site: str, mails: ScriptedSmtpServer
) -> None:
    """No click from the sign-in to the next deadline, one from there to the ways to answer."""
    page = browser.new_page(viewport={"width": NARROW, "height": 900})
    sign_in(page, site, mails, "en")
    first = page.locator(".deadline").inner_text()
    assert "17" in first and "Mirador Logs Inc." in first
    page.click("nav.site-nav a[href='/portal/choices']")
    with page.expect_navigation():
        page.click("main li button")
    assert page.url == f"{site}/portal"
    with page.expect_navigation():
        page.click(".deadline button")
    assert "/n/" in page.url
    assert page.locator("a[href$='/object']").count() >= 1
    page.close()
