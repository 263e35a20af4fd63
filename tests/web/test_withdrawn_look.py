"""The pages of a release that was withdrawn while it was being sent, in a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from subnotify.operations.correct_release import draft_correction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import AttemptResult, MessageState, Role
from subnotify.storage.tables import AttemptRow, ChangeRow, MessageRow
from tests.support.browser import served
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.release_world import LEGAL, PUBLISHER, ReleaseWorld
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The second case's notice may have reached its client.
PAGES = (
    "/desk/releases/1",
    "/desk/releases/1/sending",
    "/desk/notices/2",
    "/desk/cases/2",
    "/desk/releases/2/changes/2/withdraw",
    "/desk/releases/2",
    "/desk/releases/2/correct",
    "/desk/releases/3",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    """A release withdrawn after some of its notices had left; a correction of another."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        for _ in range(12):
            world.add_agreement()
        for key in ("orage", "brise"):
            release_id = world.draft([world.add_change(key)])
            world.approve(release_id)
            world.release(release_id)
        ids = list(session.scalars(select(MessageRow.id).order_by(MessageRow.id)))
        for first, last, values in (
            (0, 1, {"state": MessageState.HANDED_OVER, "handed_over_at": AT}),
            (1, 2, {"state": MessageState.UNKNOWN, "next_attempt_at": AT + 9 * MINUTE}),
            (2, 5, {"state": MessageState.HANDED_OVER, "handed_over_at": AT}),
        ):
            session.execute(
                update(MessageRow).where(MessageRow.id.in_(ids[first:last])).values(**values)
            )
        session.add(
            AttemptRow(
                message_id=ids[1],
                number=1,
                started_at=AT,
                finished_at=AT + MINUTE,
                result=AttemptResult.UNKNOWN,
            )
        )
        session.commit()
        change_id = session.scalars(select(ChangeRow.id).where(ChangeRow.release_id == 1)).one()
        session.rollback()
        withdraw_change(session, 1, change_id, reason="Not needed", by=LEGAL, at=AT + 5 * MINUTE)
        draft_correction(session, 2, by=PUBLISHER, at=AT + 5 * MINUTE)
    clock = SettableClock(AT + 6 * MINUTE)
    make_operator(url, "Lea Legal", [Role.LEGAL, Role.PUBLISHER], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)
