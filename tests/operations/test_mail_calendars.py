"""Calendars that go with mails: told with the deadline, later with it, called off with the end."""

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.queue_messages import queue_closing
from subnotify.rules.responses import Answer
from subnotify.rules.words import ChangeState, MessagePurpose, ResponseKind
from subnotify.storage.tables import CaseRow, ChangeRow, MessageRow, NoticeRow, OutcomeRow
from tests.operations.desk import LEGAL
from tests.operations.test_queue_reminders import HALF_AT, remind
from tests.operations.test_reminder_mails import Post, give_notice, token_of
from tests.support.answers import give, objection
from tests.support.scenario import Scenario
from tests.support.smtp_server import ScriptedSmtpServer

DAY = timedelta(days=1)


@pytest.fixture
def post(engine: Engine, smtp_server: ScriptedSmtpServer) -> Post:
    return Post(engine, smtp_server)


def calendar_in(mail: EmailMessage) -> list[dict[str, object]]:
    files = list(mail.iter_attachments())
    assert [part.get_filename() for part in files] == ["deadline.ics"]
    raw = files[0].get_payload(decode=True)
    assert token_of(mail).encode() not in raw.replace(b"\r\n ", b"")
    calendar = Calendar.from_ical(raw)
    assert calendar["METHOD"] == "PUBLISH" and files[0].get_param("method") == "PUBLISH"
    return [
        {name: str(event[name]) for name in ("UID", "STATUS", "SEQUENCE", "SUMMARY")}
        | {"on": event.decoded("DTSTART")}
        for event in calendar.walk("VEVENT")
    ]


def test_told_with_the_deadline_later_with_it_and_called_off_with_the_end(
    session: Session, scenario: Scenario, post: Post, at
) -> None:
    told = give_notice(session, scenario, post, at)
    (notice,) = post.mails
    # It runs from receipt: nobody knows its end when the notice is sent.
    assert not list(notice.iter_attachments())
    remind(session, HALF_AT)
    post.send(HALF_AT)
    (first,) = calendar_in(post.mails[-1])
    case = session.get_one(CaseRow, told.case_ids[0])
    assert case.closes_at is not None
    assert first["UID"] == f"deadline-{notice_reference(session, told)}-1@list.vendor.example"
    assert first["STATUS"] == "CONFIRMED"
    assert first["on"] == (case.closes_at - timedelta(hours=3)).date(), "the last day, whole"

    # A later end takes the place of the first in the reader's calendar.
    later = case.closes_at + 4 * DAY
    session.rollback()
    extend_case_window(
        session, told.case_ids[0], first["on"] + 4 * DAY, note="asked for", at=HALF_AT, **LEGAL
    )
    post.send(HALF_AT)
    (asked,) = calendar_in(post.mails[-1])
    assert "later deadline to object" in str(post.mails[-1]["Subject"])
    assert asked["UID"] == first["UID"] and asked["on"] == (later - timedelta(hours=3)).date()
    assert int(str(asked["SEQUENCE"])) > int(str(first["SEQUENCE"]))

    session.execute(update(ChangeRow).values(state=ChangeState.WITHDRAWN))
    session.commit()
    apply_standings(session, told.case_ids, actor="test", at=HALF_AT + DAY)
    queue_closing(session, told.case_ids, at=HALF_AT + DAY)
    session.commit()
    post.send(HALF_AT + DAY)
    (last,) = calendar_in(post.mails[-1])
    assert last["UID"] == first["UID"] and last["STATUS"] == "CANCELLED"
    assert int(str(last["SEQUENCE"])) > int(str(asked["SEQUENCE"]))


def test_who_has_no_right_to_object_gets_no_end_of_a_deadline(
    session: Session, scenario: Scenario, post: Post, at
) -> None:
    told = give_notice(session, scenario, post, at)
    session.execute(update(CaseRow).values(state="closed", outcome="informed", outcome_at=at))
    session.add(OutcomeRow(case_id=told.case_ids[0], number=1, outcome="informed", at=at, by="x"))
    session.commit()
    queue_closing(session, told.case_ids, at=at)
    session.commit()
    before = len(post.mails)
    post.send(at + DAY)
    (mail,) = post.mails[before:]
    assert not list(mail.iter_attachments())


def notice_reference(session: Session, told) -> str:
    reference = session.scalar(select(NoticeRow.reference).where(NoticeRow.id == told.notice_id))
    return str(reference).replace("-", "_")


def test_a_receipt_and_a_longer_window_bring_the_entry_that_the_reader_has(
    session: Session, scenario: Scenario, post: Post, at
) -> None:
    """One name for the deadline in each mail, and a sequence that only grows."""
    told = give_notice(session, scenario, post, at)
    token = token_of(post.mails[0])
    asked = Answer(ResponseKind.QUESTION, "Camille Perrin", "DPO", text="Where?")
    give(session, told, asked, at=HALF_AT, form_key="asked", token=token)
    (first,) = calendar_of(session, post, MessagePurpose.RECEIPT, HALF_AT)
    case = session.get_one(CaseRow, told.case_ids[0])
    assert case.closes_at is not None
    last_day = (case.closes_at - timedelta(hours=3)).date()
    assert first["STATUS"] == "CONFIRMED" and first["on"] == last_day
    session.rollback()

    later = last_day + 4 * DAY
    extend_case_window(session, told.case_ids[0], later, note="asked for", at=HALF_AT, **LEGAL)
    (longer,) = calendar_of(session, post, MessagePurpose.WINDOW_LONGER, HALF_AT)
    assert (longer["STATUS"], longer["on"]) == ("CONFIRMED", later)

    give(session, told, objection(told), at=HALF_AT + DAY, token=token)
    (again,) = calendar_of(session, post, MessagePurpose.RECEIPT, HALF_AT + DAY)
    assert again["on"] == later and again["SEQUENCE"] == longer["SEQUENCE"]

    session.execute(update(ChangeRow).values(state=ChangeState.WITHDRAWN))
    session.commit()
    apply_standings(session, told.case_ids, actor="test", at=HALF_AT + DAY)
    queue_closing(session, told.case_ids, at=HALF_AT + DAY)
    session.commit()
    (last,) = calendar_of(session, post, MessagePurpose.WITHDRAWN, HALF_AT + DAY)
    assert last["STATUS"] == "CANCELLED"
    assert {entry["UID"] for entry in (longer, again, last)} == {first["UID"]}
    in_order = [int(str(entry["SEQUENCE"])) for entry in (first, longer, last)]
    assert in_order == sorted(set(in_order)), "each is later than the one before"


def calendar_of(
    session: Session, post: Post, purpose: MessagePurpose, at: datetime
) -> list[dict[str, object]]:
    """Of the one mail to a contact for this purpose that is sent now."""
    before = len(post.mails)
    post.send(at)
    newest = (
        select(MessageRow.message_id_header)
        .where(MessageRow.purpose == purpose, MessageRow.contact_id.is_not(None))
        .order_by(MessageRow.id.desc())
    )
    header = session.scalars(newest).first()
    session.rollback()
    (mail,) = [mail for mail in post.mails[before:] if mail["Message-ID"] == header]
    return calendar_in(mail)
