"""Agreements out of reach in a browser: widths, contrast in both schemes, the way to the mend."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update

from subnotify.rules.words import Role
from subnotify.storage.tables import AgreementContactRow, ContactRow
from tests.operations.test_serve_notices import bounce
from tests.operations.test_unreachable import FIFTEEN
from tests.support.browser import NARROW, served
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PAGES = ("/desk/unreachable", "/desk/clients/1/contacts/1/edit")


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    """A bounced notice, a corrected address, a contact without one, and nobody designated."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        made = [scenario.announce(terms=FIFTEEN, contacts=2) for _ in range(4)]
        bounce(session, made[0], at=AT + timedelta(days=2))
        bounce(session, made[1], at=AT + timedelta(days=1))
        for number, email in ((1, "new@client.example"), (2, None)):
            session.execute(
                update(ContactRow)
                .where(ContactRow.id == made[number].contact_ids[0])
                .values(email=email)
            )
        session.execute(
            update(AgreementContactRow)
            .where(AgreementContactRow.agreement_id == made[3].agreement_id)
            .values(ended_on=AT.date())
        )
        session.commit()
    make_operator(url, "Lea Legal", [Role.LEGAL], at=AT)
    with served(make_app(url, SettableClock(AT + timedelta(days=3)))) as address:
        yield address


@every_look
def test_the_list_and_the_contact(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_by_keyboard_from_the_list_to_the_notice_served_anew(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, NARROW, "light", "en")
    page.goto(f"{site}/desk/unreachable")
    page.get_by_role("link", name="and serve anew").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Email address").fill("better@client.example")
    page.get_by_role("button", name="Save").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Served anew, with a full window: 2026-001-00001." in page.inner_text("main")
