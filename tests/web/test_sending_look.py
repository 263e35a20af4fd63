"""The pages of sending in a browser: widths, schemes, languages; followed without JavaScript."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from subnotify.operations.pause_sending import pause_release_sending
from subnotify.rules.troubles import (
    SEAL_DOES_NOT_OPEN,
    Trouble,
    TroubleCode,
    stored_text,
)
from subnotify.rules.words import MessageState, PauseCause, Role
from subnotify.storage import mail_queue
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import (
    AttemptRow,
    MailboxReadingRow,
    MessageRow,
    OutageRow,
    ServiceWatchRow,
)
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.looks import check_look, check_pages, every_look, sign_in, signed_in
from tests.support.release_world import LEGAL, ReleaseWorld
from tests.support.sender_refusals import refuse_sender
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOVING, PAUSED, DRAFT = 1, 2, 3
# Renewing is left out: a page that goes away is hard to look at.
PAGES = (
    "/desk/sending",
    "/desk/sending/pause",
    "/desk/sending/resume",
    "/desk/sending/clock",
    f"/desk/releases/{MOVING}",
    f"/desk/releases/{MOVING}/sending?renew=no",
    f"/desk/releases/{MOVING}/sending/pause",
    f"/desk/releases/{PAUSED}/sending",
    f"/desk/releases/{PAUSED}/sending/resume",
    f"/desk/releases/{DRAFT}",
    f"/desk/releases/{DRAFT}/facts",
    f"/desk/releases/{DRAFT}/recipients",
)
JUMP = Trouble(TroubleCode.CLOCK_JUMPED_FORWARD, {"length": 3_661})
DOWN = Trouble(TroubleCode.NO_CONNECTION, words="[Errno 111] Connection refused")
REFUSED = Trouble(
    TroubleCode.MAILBOX_SIGN_IN,
    words="b'[AUTHENTICATIONFAILED] Invalid credentials for replies@vendor.example'",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    """One release of which sending ends too late, one paused, one draft; all mail stopped."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        for _ in range(40):
            world.add_agreement()
        soon = (AT + timedelta(days=17)).date()
        for key in ("orage", "brise"):
            release_id = world.draft([world.add_change(key)], commencement_on=soon)
            world.approve(release_id)
            world.release(release_id)
        world.draft([world.add_change("mistral")], commencement_on=soon)
        ids = list(session.scalars(select(MessageRow.id).order_by(MessageRow.id)))
        for first, last, values in (
            (0, 12, {"state": MessageState.HANDED_OVER, "handed_over_at": AT + 2 * MINUTE}),
            (12, 14, {"state": MessageState.DEFERRED, "next_attempt_at": AT + 9 * MINUTE}),
            (14, 15, {"state": MessageState.DEFERRED, "last_reply": SEAL_DOES_NOT_OPEN}),
            (15, 16, {"state": MessageState.REJECTED}),
            (16, 18, {"state": MessageState.PARKED, "last_reply": "TypeError: no French part"}),
            (18, 19, {"state": MessageState.SENDING, "claimed_until_at": AT}),
        ):
            session.execute(
                update(MessageRow).where(MessageRow.id.in_(ids[first:last])).values(**values)
            )
        session.add_all(
            AttemptRow(message_id=x, number=1, started_at=AT, finished_at=AT + 2 * MINUTE)
            for x in ids[:12]
        )
        session.add(
            MailboxReadingRow(
                place="imap:mail.vendor.example:replies@vendor.example:INBOX",
                last_uid=4,
                failing_since_at=AT,
                failure=stored_text(REFUSED),
            )
        )
        session.add(
            ServiceWatchRow(
                id=1,
                first_probe_at=AT,
                last_probe_at=AT,
                longest_pause_seconds=600,
                tolerated_seconds=3600,
            )
        )
        refuse_sender(session, ids[12], at=AT)
        session.add(OutageRow(cause="unreachable", began_at=AT, words=stored_text(DOWN)))
        session.commit()
        pause_release_sending(session, PAUSED, reason="A word is wrong", by=LEGAL, at=AT)
        append_freeze(session, words=stored_text(JUMP), runner="a:1", at=AT)
        mail_queue.pause_queue(
            session,
            by="",
            cause=PauseCause.CREDENTIALS,
            note="535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
            next_sign_in_at=AT + 5 * MINUTE,
            at=AT,
        )
        session.commit()
    clock = SettableClock(AT + 30 * MINUTE)
    make_operator(url, "Lea Legal", list(Role), at=clock.at)
    with served(make_app(url, clock, MAIL_PER_HOUR="1", MAIL_PER_DOMAIN_PER_MINUTE="30")) as site:
        yield site


@every_look
def test_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


@pytest.fixture
def moving(databases: Databases) -> Iterator[tuple[str, str]]:
    """The address of the app and of its database, with one release on its way."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        for _ in range(4):
            world.add_agreement()
        release_id = world.draft([world.add_change()])
        world.approve(release_id)
        world.release(release_id)
    clock = SettableClock(AT + MINUTE)
    make_operator(url, "Lea Legal", list(Role), at=clock.at)
    with served(make_app(url, clock)) as site:
        yield site, url
    databases.drop(url)


def test_without_javascript_the_page_renews_itself_and_sending_is_paused_by_keyboard(
    browser: Browser, moving: tuple[str, str]
) -> None:
    site, url = moving
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": WIDE, "height": 900}
    )
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/desk/releases/1/sending")
    page.get_by_text("0 of 4 notice mails have been handed over.").first.wait_for()
    with session_on(url) as session:
        session.execute(
            update(MessageRow).values(state=MessageState.HANDED_OVER, handed_over_at=AT)
        )
        session.execute(
            update(MessageRow).where(MessageRow.id == 4).values(state=MessageState.QUEUED)
        )
        session.commit()
    # Nobody touches it: it comes anew by itself within ten seconds.
    page.get_by_text("3 of 4 notice mails have been handed over.").first.wait_for(timeout=20_000)
    page.get_by_role("link", name="Stop that").press("Enter")
    page.get_by_role("link", name="Pause sending").press("Enter")
    page.get_by_label("Reason").fill("A word is wrong")
    page.get_by_role("button", name="Pause sending").press("Enter")
    page.get_by_text("Sending is paused: 1 mail is held back.").wait_for()
    page.get_by_role("link", name="Resume sending").press("Enter")
    page.get_by_label("Reason").fill("It is right")
    page.get_by_role("button", name="Resume sending").press("Enter")
    page.get_by_text("Sending goes on with 1 mail that was held back.").wait_for()
    context.close()


def test_the_bar_is_named_for_those_who_hear_the_page(
    browser: Browser, moving: tuple[str, str]
) -> None:
    page = signed_in(browser, moving[0], WIDE, "light", "en")
    page.goto(f"{moving[0]}/desk/releases/1/sending?renew=no")
    said = "0 of 4 notice mails have been handed over."
    page.get_by_role("img", name=said).wait_for()
    page.get_by_role("status").filter(has_text=said).wait_for()
    check_look(page, "en")
    page.close()
