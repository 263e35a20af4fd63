"""Receipts, closing mails, answers and alarms as they are sent."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from subnotify.operations.queue_alarms import queue_delivery_alarm, queue_objection_alarm
from subnotify.operations.queue_messages import queue_answer, queue_closing, queue_receipts
from subnotify.operations.write_mails import NothingToSay
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ResponseKind,
    SettlementKind,
)
from subnotify.storage.tables import (
    CaseRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    SettlementRow,
)
from tests.operations.rendering import LEGAL, one_text, serve, start, written
from tests.support.announced import (
    add,
    add_client,
    add_notice_message,
    add_response,
    announce,
)
from tests.support.announced_facts import REGISTERED


def close(session: Session, case_id: int, outcome: Outcome, at: datetime, number: int = 1) -> None:
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(state=CaseState.CLOSED, outcome=outcome, outcome_at=at)
    )
    add(session, OutcomeRow, case_id=case_id, number=number, outcome=outcome, at=at, by="job")
    queue_closing(session, [case_id], at=at)


def test_receipt(session: Session, at: datetime) -> None:
    made = start(session, at)
    add_client(session, made, "beta", at=at, terms=REGISTERED)
    for key in ("acme", "beta"):
        response_id = add_response(
            session, made.notices[key], made.cases[key][0], ResponseKind.OBJECTION,
            at=at, text="No, thank you.", services=["monitoring"],
        )  # fmt: skip
        queue_receipts(session, response_id, at=at)
    by_notice = {message.notice_id: text for message, text in written(session, at)}
    text = by_notice[made.notices["acme"]].text
    assert "R-000001-OBJE" in text
    assert "ab" * 32 in text
    assert "> No, thank you." in text
    assert "Monday 2 March 2026 at 09:00 (Europe/Paris)" in text
    assert "OVHcloud will replace IONOS for Monitoring" in text
    assert "Sentry" not in text
    assert "/disown\n" in text
    assert "Not yet valid" not in text
    assert "Not yet valid: send the registered letter" in by_notice[made.notices["beta"]].text


def test_closing_by_silence_shows_proof_and_steps(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    close(session, made.cases["acme"][0], Outcome.ACCEPTED_BY_SILENCE, at)
    text = one_text(session, at, MessagePurpose.CLOSING)
    assert text.subject == "[2026-003-00001] Acme SARL – OVHcloud: accepted by silence"
    assert "Your mail server accepted the notice." in text.text
    assert "Day 15 is Tuesday 17 March 2026." in text.text
    assert "(Agreement, art. 9.2.)" in text.text
    assert "Monday 1 June 2026" in text.text
    assert "This replaces" not in text.text


def test_closing_tells_of_an_extension(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    case_id = made.cases["acme"][0]
    longer = datetime(2026, 3, 24, 23, tzinfo=UTC)
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(closes_at=longer))
    close(session, case_id, Outcome.ACCEPTED_BY_SILENCE, at)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "The window was extended to Tuesday 24 March 2026." in text
    assert "The window ends on Tuesday 24 March 2026" in text


def test_closing_after_a_reopening_corrects(session: Session, at: datetime) -> None:
    made = start(session, at)
    close(session, made.cases["acme"][0], Outcome.ACCOMMODATED, at, number=3)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "This replaces what we wrote to you before" in text
    assert "OVHcloud is not used for you." in text


def test_closing_of_a_termination(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at, terms=REGISTERED)
    case_id = made.cases["acme"][0]
    session.execute(
        insert(SettlementRow).values(
            case_id=case_id, kind=SettlementKind.TERMINATED, note="internal",
            services=["monitoring"], takes_effect_on=date(2026, 4, 2), decided_at=at,
            decided_by="legal",
        )
    )  # fmt: skip
    close(session, case_id, Outcome.TERMINATED, at)
    text = one_text(session, at, MessagePurpose.CLOSING).text
    assert "Last day of Monitoring: Wednesday 1 April 2026." in text
    assert "destroyed" in text
    assert "internal" not in text


def test_a_case_reopened_before_its_closing_mail_left_is_not_told(
    session: Session, at: datetime
) -> None:
    made = start(session, at)
    case_id = made.cases["acme"][0]
    close(session, case_id, Outcome.ACCEPTED, at)
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(outcome=None))
    with pytest.raises(NothingToSay):
        written(session, at)


def test_answer(session: Session, at: datetime) -> None:
    made = start(session, at)
    serve(session, made.notices["acme"], at)
    response_id = add_response(
        session, made.notices["acme"], None, ResponseKind.QUESTION, at=at,
        text="Which data?", answer="Names only.",
    )  # fmt: skip
    queue_answer(session, response_id, at=at)
    text = one_text(session, at, MessagePurpose.ANSWER).text
    assert "Names only." in text
    assert "> Which data?" in text
    assert "You can object until Tuesday 17 March 2026" in text


def test_alarms_lead_to_the_desk(session: Session, at: datetime) -> None:
    made = start(session, at)
    case_id = made.cases["acme"][1]
    response_id = add_response(
        session, made.notices["acme"], case_id, ResponseKind.OBJECTION, at=at
    )
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    session.execute(update(ResponseRow).values(disowned_at=at))
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    texts = [text for _, text in written(session, at)]
    assert "Objection: Acme SARL, Sentry" in texts[0].subject
    assert "A response is disowned: Acme SARL" in texts[1].subject
    for text in texts:
        assert f"https://list.vendor.example/desk/cases/{case_id}" in text.text
        assert "Dominique Petit, DPO" in text.text


def test_delivery_alarm_quotes_the_server(session: Session, at: datetime) -> None:
    made = start(session, at)
    message_id = add_notice_message(session, made, "acme", at=at)
    words = "550 5.1.1 no such user"
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.REJECTED, last_reply=words)
    )
    session.execute(
        update(NoticeRow).values(
            state=NoticeState.NOT_SERVED, failure_reason=HoldReason.NOT_SERVED, failure=words
        )
    )
    queue_delivery_alarm(session, [made.notices["acme"]], LEGAL, at=at)
    text = one_text(session, at, MessagePurpose.DELIVERY_ALARM)
    assert text.subject == "[2026-003-00001] Notice not served: Acme SARL"
    assert f"contact0@acme.example:\n  {words}" in text.text
    assert "serve the notice again" in text.text
    for case_id in made.cases["acme"]:
        assert f"/desk/cases/{case_id}" in text.text
