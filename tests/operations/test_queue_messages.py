"""Queued twice is queued once, and to everybody whom the agreement names."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.queue_alarms import queue_delivery_alarm, queue_objection_alarm
from subnotify.operations.queue_messages import queue_answer, queue_closing, queue_receipts
from subnotify.rules.words import MessagePurpose, Outcome, ResponseKind
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
)
from tests.support.announced import Announced, add, add_client, add_response, announce

LEGAL = "legal@vendor.example"


def queued(session: Session) -> list[Any]:
    return list(session.scalars(select(MessageRow).order_by(MessageRow.id)))


def start(session: Session, at: datetime) -> Announced:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, language="fr")
    return made


def test_receipt_goes_to_every_contact_once(session: Session, at: datetime) -> None:
    made = start(session, at)
    response_id = add_response(
        session, made.notices["acme"], made.cases["acme"][0], ResponseKind.OBJECTION, at=at
    )
    queue_receipts(session, response_id, at=at)
    queue_receipts(session, response_id, at=at)
    messages = queued(session)
    assert [(m.purpose, m.to_address, m.contact_kind) for m in messages] == [
        ("receipt", "contact0@acme.example", "notice"),
        ("receipt", "contact1@acme.example", "copy"),
    ]
    for message in messages:
        assert message.response_id == response_id
        assert message.case_id == made.cases["acme"][0]
        assert message.notice_id == made.notices["acme"]
        assert message.language == "fr"
        assert message.queued_at == message.next_attempt_at == at
        assert message.attempt_count == 0


def test_no_mail_to_ended_contacts_or_without_address(session: Session, at: datetime) -> None:
    made = start(session, at)
    first, second = made.contacts["acme"]
    session.execute(
        update(AgreementContactRow)
        .where(AgreementContactRow.contact_id == first)
        .values(ended_on=date(2026, 1, 1))
    )
    session.execute(update(ContactRow).where(ContactRow.id == second).values(email=None))
    response_id = add_response(session, made.notices["acme"], None, ResponseKind.QUESTION, at=at)
    queue_receipts(session, response_id, at=at)
    assert queued(session) == []


def test_answer_and_receipt_of_one_response_are_two_mails(session: Session, at: datetime) -> None:
    made = start(session, at)
    response_id = add_response(session, made.notices["acme"], None, ResponseKind.QUESTION, at=at)
    queue_receipts(session, response_id, at=at)
    queue_answer(session, response_id, at=at)
    queue_answer(session, response_id, at=at)
    assert [m.purpose for m in queued(session)] == ["receipt"] * 2 + ["answer"] * 2


def test_closing_again_after_a_correction_mails_again(session: Session, at: datetime) -> None:
    made = start(session, at)
    case_id = made.cases["acme"][0]
    add(session, OutcomeRow, case_id=case_id, number=1, outcome=Outcome.ACCEPTED, at=at, by="x")
    queue_closing(session, [case_id], at=at)
    queue_closing(session, [case_id], at=at)
    assert len(queued(session)) == 2
    add(session, OutcomeRow, case_id=case_id, number=3, outcome=Outcome.ACCEPTED, at=at, by="x")
    queue_closing(session, [case_id], at=at)
    keys = [message.logical_key for message in queued(session)]
    assert len(keys) == 4
    assert keys[2] == f"closing:{case_id}:{made.contacts['acme'][0]}:3"


def test_nothing_to_close(session: Session, at: datetime) -> None:
    queue_closing(session, [], at=at)
    queue_delivery_alarm(session, [], LEGAL, at=at)
    assert queued(session) == []


def test_objection_and_its_disowning_alarm_legal_once_each(session: Session, at: datetime) -> None:
    made = start(session, at)
    response_id = add_response(
        session, made.notices["acme"], made.cases["acme"][1], ResponseKind.OBJECTION, at=at
    )
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    (message,) = queued(session)
    assert (message.to_address, message.contact_id, message.purpose) == (
        LEGAL,
        None,
        MessagePurpose.OBJECTION_ALARM,
    )
    session.execute(update(ResponseRow).where(ResponseRow.id == response_id).values(disowned_at=at))
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    assert len(queued(session)) == 2


def test_one_delivery_alarm_for_each_serving(session: Session, at: datetime) -> None:
    made = start(session, at)
    notice_id = made.notices["acme"]
    queue_delivery_alarm(session, [notice_id], LEGAL, at=at)
    queue_delivery_alarm(session, [notice_id], LEGAL, at=at)
    session.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(serving_number=2))
    queue_delivery_alarm(session, [notice_id], LEGAL, at=at)
    keys = [message.logical_key for message in queued(session)]
    assert keys == [f"delivery_alarm:{notice_id}:1", f"delivery_alarm:{notice_id}:2"]


def test_closing_many_is_one_statement(session: Session, at: datetime) -> None:
    made = announce(session, at=at, changes=1)
    for number in range(30):
        add_client(session, made, f"client{number}", at=at)
    case_ids = [case_id for cases in made.cases.values() for case_id in cases]
    for case_id in case_ids:
        add(session, OutcomeRow, case_id=case_id, outcome=Outcome.ACCEPTED, at=at, by="job")
    queue_closing(session, case_ids, at=at)
    assert session.scalar(select(func.count()).select_from(MessageRow)) == 60
