"""Notices without proof in a browser: widths, contrast in both schemes, the way to the mend."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from subnotify.operations.correct_letter_event import propose_event_correction
from subnotify.rules.words import Channel, LetterEventKind, MessageState, NoticeState, Role
from subnotify.storage.tables import ContactRow, MessageRow, NoticeRow
from tests.operations.test_climb_ladder import CHARTER
from tests.support.browser import NARROW, served
from tests.support.databases import Databases
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATE = AT + timedelta(days=40)
PAGES = ("/desk/unproved", "/desk/unproved/corrections", "/desk/morning", "/desk/board")


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    """A mail behind a relay, letters that hang in each way, and a correction that waits."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        for kinds in ((), (LetterEventKind.POSTED,)):
            for channel in (Channel.POST, Channel.REGISTERED_POST):
                _, (letter,) = announce_by_post(scenario, terms_by(channel))
                for kind in kinds:
                    tell(session, letter, kind, date(2026, 3, 3), at=AT + timedelta(days=2))
        propose_event_correction(
            session,
            letter,
            LetterEventKind.POSTED,
            on=date(2026, 3, 4),
            reason="The proof of posting names the day after.",
            by="Bea",
            actor="operator:9",
            vendor_time_zone="Europe/Paris",
            at=LATE,
        )
        mailed = scenario.announce(terms=CHARTER, served=False)
        session.execute(
            update(MessageRow)
            .where(MessageRow.notice_id == mailed.notice_id)
            .values(state=MessageState.HANDED_OVER, handed_over_at=AT)
        )
        session.execute(
            update(NoticeRow)
            .where(NoticeRow.id == mailed.notice_id)
            .values(state=NoticeState.SERVING, dispatched_at=AT)
        )
        session.execute(
            update(ContactRow)
            .where(ContactRow.id == mailed.contact_ids[0])
            .values(postal_address="")
        )
        session.commit()
    make_operator(url, "Lea Legal", [Role.LEGAL], at=AT)
    with served(make_app(url, SettableClock(LATE))) as address:
        yield address


@every_look
def test_the_lists_and_where_they_are_counted(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_by_keyboard_from_the_list_to_what_mends_it(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, NARROW, "light", "en")
    page.goto(f"{site}/desk/unproved")
    page.get_by_role("link", name="Correct ").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Postal address")).to_be_visible()
