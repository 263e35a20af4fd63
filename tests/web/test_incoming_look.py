"""Incoming mail, the explainer of a hold and the line of time in a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_delivery_events import record_delivery_events
from subnotify.operations.record_proof import record_proofs
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.delivery_events import ReportedEvent
from subnotify.rules.words import (
    AttemptResult,
    DeliveryEventKind,
    EventSource,
    FiledAs,
    IncomingKind,
    MessageState,
    OutageCause,
    ProofKind,
    Role,
    TagStanding,
)
from subnotify.storage.tables import (
    AttemptRow,
    MailboxReadingRow,
    MessageRow,
    OutageRow,
    ServiceWatchRow,
)
from tests.operations.desk import LEGAL, add_response, case_of
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.incoming_rows import add_incoming
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.scenario import FIFTEEN, Announced, Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG = "We object to the new subprocessor.\n\nCamille Perrin\nhttps://client.example/" + "x" * 300
PAGES = (
    "/desk/mail",
    "/desk/mail?show=all",
    "/desk/mail?show=answers",
    *(f"/desk/mail/{number}" for number in range(1, 7)),
    "/desk/mail/1/file/objection",
    "/desk/mail/1/file/no_answer",
    "/desk/mail/2/tie",
    "/desk/mail/2/tie?search=northwind",
    "/desk/mail/2/tie?search=nobody",
    "/desk/confirmations",
    "/desk/board",
    "/desk/cases/1",
    "/desk/cases/3",
    "/desk/notices/1",
    "/desk/notices/2",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        first = scenario.announce(preset=FIFTEEN, changes=2, contacts=2, served=False)
        second = scenario.announce(preset=FIFTEEN)
        add_history(session, first)
        with transaction(session):
            add_readings(session, case_of(session, first.case_ids[0]).closes_at)
        add_mails(session, first, second)
        note = "550 5.1.1 <dpo0@client2.example>: user unknown"
        record_bounce(session, second.message_ids[0], note=note, at=AT + DAY, **LEGAL)
        later = case_of(session, first.case_ids[0]).silence_after_at + HOUR
        close_windows(session, at=later)
    clock = SettableClock(later)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=later)
    with served(make_app(url, clock)) as address:
        yield address


def add_readings(session, closes_at: datetime) -> None:
    session.add(
        MailboxReadingRow(
            place="imap:mail.vendor.example:privacy@vendor.example:INBOX",
            read_until_at=AT + 10 * DAY,
            failing_since_at=AT + 10 * DAY,
            failure="the server refuses our sign-in: 535 5.7.8 authentication failed",
        )
    )
    session.add(
        ServiceWatchRow(
            id=1,
            first_probe_at=AT,
            last_probe_at=closes_at + 3 * DAY,
            longest_pause_seconds=600,
            tolerated_seconds=3600,
        )
    )
    session.add(
        OutageRow(
            cause=OutageCause.UNREACHABLE,
            began_at=closes_at - 6 * HOUR,
            ended_at=closes_at - 2 * HOUR,
            words="connection refused",
        )
    )


TRIES = (
    (AttemptResult.DEFERRED, "rcpt", 450, "4.2.0 <dpo0@client1.example>: greylisted"),
    (AttemptResult.UNKNOWN, "final_dot", None, "the connection was lost"),
    (AttemptResult.HANDED_OVER, "final_dot", 250, "2.0.0 Ok: queued as 4F2A1C0B"),
)
TOLD = (
    (0, DeliveryEventKind.DELAYED, HOUR, "4.4.1", "connect to mx.client1.example: timed out"),
    (1, DeliveryEventKind.RELAYED, HOUR, "2.0.0", "250 2.0.0 relayed to archive.client1.example"),
    (1, DeliveryEventKind.DELIVERED, 2 * HOUR, "2.0.0", "250 2.0.0 Ok: delivered"),
    (0, DeliveryEventKind.DELIVERED, 3 * HOUR, "2.0.0", "250 2.0.0 Ok: delivered"),
)


def add_history(session, announced: Announced) -> None:
    """To the first contact by three attempts, to the second by one; then the relay's reports."""
    first, second = announced.message_ids
    with transaction(session):
        for number, tried in enumerate(TRIES, start=1):
            add_attempt(session, first, number, tried)
        add_attempt(session, second, 1, TRIES[-1])
        for message_id, tries in ((first, 3), (second, 1)):
            message = session.get_one(MessageRow, message_id)
            message.state, message.attempt_count = MessageState.HANDED_OVER, tries
            left_at = AT + tries * 20 * MINUTE + MINUTE
            message.handed_over_at, message.last_reply = left_at, TRIES[-1][3]
            notices = {message_id: announced.notice_id}
            record_proofs(session, notices, ProofKind.DISPATCH, at=left_at)
        serve_notices(session, [announced.notice_id], at=AT + 61 * MINUTE)
    for place, kind, after, status, words in TOLD:
        record_delivery_events(
            session,
            [
                ReportedEvent(
                    f"{place}-{kind}",
                    kind,
                    AT + HOUR + after,
                    message_id=announced.message_ids[place],
                    status=status,
                    host="mx.client1.example",
                    words=words,
                )
            ],
            source=EventSource.WEBHOOK,
            actor="webhook",
            legal_email="legal@vendor.example",
            at=AT + HOUR + after + MINUTE,
        )


def add_attempt(session, message_id: int, number: int, tried: tuple) -> None:
    result, verb, code, reply = tried
    begun = AT + number * 20 * MINUTE
    session.add(
        AttemptRow(
            message_id=message_id,
            number=number,
            started_at=begun,
            finished_at=begun + MINUTE,
            result=result,
            verb=verb,
            code=code,
            reply=reply,
            host="relay.vendor.example (198.51.100.7)",
        )
    )


def add_mails(session, first: Announced, second: Announced) -> None:
    raw = b"Content-Type: application/pdf; name=letter.pdf\n\n%PDF"
    add_incoming(session, first, received_at=AT + 15 * DAY, raw=raw, text=LONG)
    add_incoming(
        session,
        None,
        received_at=AT + 5 * DAY,
        subject="Your notice of 2 March " + "w" * 120,
        from_name="",
        from_address="legal@parent-company-of-the-client.example",
    )
    add_incoming(session, None, received_at=AT + 6 * DAY, raw=b"a: b", tag=TagStanding.FORGED)
    add_incoming(
        session,
        first,
        received_at=AT + HOUR,
        raw=b"c: d",
        kind=IncomingKind.AUTO_REPLY,
        filed_as=FiledAs.AUTO_REPLY,
        subject="Out of office",
        reason="header Auto-Submitted: auto-replied",
    )
    add_incoming(
        session,
        second,
        received_at=AT + DAY,
        raw=b"e: f",
        kind=IncomingKind.REPORT,
        filed_as=FiledAs.REPORT,
        subject="Undelivered Mail Returned to Sender",
        from_name="Mail Delivery System",
        from_address="MAILER-DAEMON@vendor.example",
    )
    add_incoming(
        session,
        first,
        received_at=AT + 2 * DAY,
        raw=b"g: h",
        filed_as=FiledAs.NO_ANSWER,
        filed_note="Thanks only.",
        text="Thank you!",
    )
    with transaction(session):
        add_response(
            session, first.notice_id, None, "question", AT + 3 * DAY, text="Where is it hosted?"
        )


@every_look
def test_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_by_keyboard_in_two_steps(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/board")
    page.get_by_role("link", name="Mail 3").press("Enter")
    page.get_by_role("link", name="Your notice of 2 March").press("Enter")
    page.get_by_role("link", name="No answer", exact=True).press("Enter")
    page.get_by_label("Note").fill("An advertisement.")
    page.get_by_role("button", name="No answer").press("Enter")
    page.get_by_text("The mail is filed: no answer.").wait_for()
    page.close()
