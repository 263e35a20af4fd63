"""Reminders as they leave: under the notice, with a link of their own, of what still waits."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.config_mail import ReminderTimes
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.overtaken_mails import OVERTAKEN
from subnotify.operations.queue_reminders import queue_reminders
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.rules.terms_words import Authorisation, SilenceEffect
from subnotify.rules.words import (
    CaseState,
    MailHost,
    MessagePurpose,
    MessageState,
    NoticeState,
    ResponseKind,
)
from subnotify.storage.database import session_factory
from subnotify.storage.notice_links import find_link
from subnotify.storage.tables import CaseRow, MessageRow, NoticeRow, ReceiptProofRow
from tests.operations.test_queue_reminders import DAYS_AT, HALF_AT, TIMES, answer, remind
from tests.support.outbox import SETTINGS
from tests.support.scenario import Announced, Scenario, terms_of
from tests.support.smtp_server import ScriptedSmtpServer

URL = "https://list.vendor.example"
DAY = timedelta(days=1)
DIRECT = replace(
    SETTINGS, mail_host=MailHost.RECIPIENT_SERVER, return_address="returns@vendor.example"
)


class Post:
    """Sends what is due at an instant to a scripted server, with the texts of the product."""

    def __init__(self, engine: Engine, server: ScriptedSmtpServer) -> None:
        self.sessions, self.server = session_factory(engine), server

    def send(self, at: datetime) -> SendReport:
        smtp = SmtpSettings(self.server.host, self.server.port, Security.NONE, timeout_seconds=5)
        return send_messages(
            self.sessions,
            open_courier=lambda: SmtpConnection(smtp),
            load_texts=mail_texts(MailContext(URL, "Europe/Paris"), lambda: at),
            settings=DIRECT,
            runner="test",
            clock=lambda: at,
        )

    @property
    def mails(self) -> list[EmailMessage]:
        return [mail.parsed for mail in self.server.mails]


@pytest.fixture
def post(engine: Engine, smtp_server: ScriptedSmtpServer) -> Post:
    return Post(engine, smtp_server)


def give_notice(session: Session, scenario: Scenario, post: Post, at: datetime, **given: object):
    """Announced and served by a mail that went through the server."""
    told = scenario.announce(served=False, **given)  # type: ignore[arg-type]
    post.send(at)
    session.expire_all()
    assert session.get_one(NoticeRow, told.notice_id).state == NoticeState.SERVED
    session.rollback()
    return told


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def token_of(mail: EmailMessage) -> str:
    found = re.search(rf"{URL}/n/([\w-]+)", words_of(mail))
    assert found is not None
    return found[1]


def test_it_threads_under_the_notice_of_its_contact(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = give_notice(session, scenario, post, at, contacts=2, copies=1)
    remind(session, HALF_AT)
    post.send(HALF_AT)
    notices, reminders = post.mails[:3], post.mails[3:]
    assert [mail["To"] for mail in reminders] == [mail["To"] for mail in notices]
    for notice, reminder in zip(notices, reminders, strict=True):
        assert reminder["In-Reply-To"] == reminder["References"] == notice["Message-ID"]
        assert reminder["Message-ID"] != notice["Message-ID"]
        assert reminder["Subject"] == f"Re: {notice['Subject']}"
        assert reminder["Auto-Submitted"] == "auto-generated"
        assert reminder["List-Id"] and "List-Unsubscribe" not in reminder
        assert "+" in str(reminder["Reply-To"]) and reminder["Reply-To"] != notice["Reply-To"]
        # Each mail has a link of its own, and it opens the same notice.
        token = token_of(reminder)
        assert token != token_of(notice)
        link = find_link(session, hashlib.sha256(token.encode()).hexdigest(), at=at)
        session.rollback()
        assert link is not None and link.notice_id == told.notice_id
        assert link.purpose is MessagePurpose.REMINDER
        assert link.contact_email == reminder["To"].addresses[0].addr_spec
    assert "You get this copy for information" in words_of(reminders[2])
    assert "You get this copy" not in words_of(reminders[0])


def test_it_proves_no_receipt_and_moves_no_date(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = give_notice(session, scenario, post, at)

    def dates() -> list[object]:
        session.expire_all()
        notice = session.get_one(NoticeRow, told.notice_id)
        case = session.get_one(CaseRow, told.case_ids[0])
        proofs = session.scalars(select(ReceiptProofRow.message_id)).all()
        found = [notice.served_at, notice.window, notice.serving_number, proofs]
        found += [case.opens_at, case.closes_at, case.silence_after_at, case.state, case.is_quiet]
        session.rollback()
        return found

    before = dates()
    remind(session, HALF_AT)
    assert post.send(HALF_AT).handed_over == 1
    remind(session, DAYS_AT)
    assert post.send(DAYS_AT).handed_over == 1
    assert dates() == before


def test_it_says_what_until_when_and_what_silence_means(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = give_notice(session, scenario, post, at, changes=2)
    answer(session, told, ResponseKind.NO_OBJECTION, at + DAY, case_id=told.case_ids[1])
    remind(session, HALF_AT)
    post.send(HALF_AT)
    said = words_of(post.mails[-1])
    for words in (
        "* Mirador Logs Inc. will be added for Monitoring",
        "This reminder is not about the other changes of the notice.",
        "You can object until Tuesday 17 March 2026, 24:00 (Europe/Paris).",
        "This reminder changes no deadline, and it is no new notice.",
        "your agreement deems that you have accepted the change",
        "Source: your agreement, Art. 7.2.",
    ):
        assert words in said, words
    assert said.count("* ") == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {
                "authorisation": Authorisation.SPECIFIC,
                "effect_of_silence": SilenceEffect.DEEMED_REFUSED,
            },
            "No answer means no: the change is not used for you.",
        ),
        (
            {"effect_of_silence": SilenceEffect.DEEMED_REFUSED},
            "you have not authorised the change: it is not used for you.",
        ),
    ],
)
def test_where_silence_refuses_it_says_so(
    session: Session, scenario: Scenario, post: Post, at: datetime, changed, words: str
) -> None:
    give_notice(session, scenario, post, at, terms=replace(terms_of("fr-15-days"), **changed))
    remind(session, HALF_AT)
    post.send(HALF_AT)
    assert words in words_of(post.mails[-1])
    assert "accepted" not in words_of(post.mails[-1])


def test_deadlines_that_differ_are_told_apart(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = give_notice(session, scenario, post, at, changes=2)
    case = session.get_one(CaseRow, told.case_ids[1])
    assert case.closes_at is not None
    case.closes_at += 7 * DAY
    session.commit()
    remind(session, HALF_AT)
    post.send(HALF_AT)
    said = words_of(post.mails[-1])
    assert "until Tuesday 17 March 2026, 24:00 (Europe/Paris)." in said
    assert "until Tuesday 24 March 2026, 24:00 (Europe/Paris)." in said


def queued_reminder(session: Session, scenario: Scenario, post: Post, at: datetime) -> Announced:
    told = give_notice(session, scenario, post, at)
    assert remind(session, HALF_AT) == 1
    return told


def reminder_row(session: Session) -> MessageRow:
    session.expire_all()
    query = select(MessageRow).where(MessageRow.purpose == MessagePurpose.REMINDER)
    row = session.scalars(query).one()
    session.expunge(row)
    session.rollback()
    return row


def test_one_that_waited_while_the_client_answered_is_not_sent(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = queued_reminder(session, scenario, post, at)
    answer(session, told, ResponseKind.OBJECTION, HALF_AT)
    report = post.send(HALF_AT + timedelta(minutes=1))
    assert (report.handed_over, report.parked) == (0, 0)
    row = reminder_row(session)
    assert (row.state, row.last_reply, row.claimed_by) == (MessageState.CANCELLED, OVERTAKEN, None)
    assert len(post.mails) == 1
    assert post.send(HALF_AT + DAY).handed_over == 0


def test_one_that_was_put_off_until_the_deadline_is_not_sent(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    told = queued_reminder(session, scenario, post, at)
    deferred = {"state": MessageState.DEFERRED, "next_attempt_at": HALF_AT + 8 * DAY}
    session.execute(
        update(MessageRow).where(MessageRow.purpose == MessagePurpose.REMINDER).values(**deferred)
    )
    session.commit()
    closes_at = session.get_one(CaseRow, told.case_ids[0]).closes_at
    session.rollback()
    assert closes_at is not None and closes_at < HALF_AT + 8 * DAY
    post.send(HALF_AT + 8 * DAY)
    assert reminder_row(session).state == MessageState.CANCELLED
    assert len(post.mails) == 1


def test_two_workers_queue_it_once(
    session: Session, engine: Engine, scenario: Scenario, at: datetime
) -> None:
    scenario.announce()
    with session_factory(engine)() as other:
        assert queue_reminders(other, times=TIMES, at=HALF_AT) == 1
    assert remind(session, HALF_AT, ReminderTimes(at_half_time=True, days_before=3)) == 0


def test_who_gets_a_reminder_and_ends_up_silent_is_closed_as_any_other(
    session: Session, scenario: Scenario, post: Post, at: datetime
) -> None:
    """A case stays quiet, so that it is closed in bulk."""
    told = queued_reminder(session, scenario, post, at)
    post.send(HALF_AT)
    session.expire_all()
    case = session.get_one(CaseRow, told.case_ids[0])
    assert (case.state, case.is_quiet, case.holds) == (CaseState.OPEN, True, [])
