"""Reports of delivery: each once, a failure wins in whatever order they come."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
import sqlalchemy.event
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_delivery_events import record_delivery_events
from subnotify.rules.delivery_events import EventAnswer, EventRefusal, ReportedEvent
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.words import (
    CaseState,
    DeliveryEventKind,
    EventSource,
    HoldReason,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.attempts import append_attempts
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import (
    CaseRow,
    DeliveryEventRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.operations.desk import LEGAL, evidence_types, standing_of
from tests.support.databases import SQLITE, Databases
from tests.support.scenario import Announced, Scenario

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAILED, DELIVERED = DeliveryEventKind.FAILED, DeliveryEventKind.DELIVERED
HEADER = "<0123456789abcdef0123456789abcdef@vendor.example>"


def event(kind: DeliveryEventKind, happened_at: datetime, **changed: Any) -> ReportedEvent:
    values = {
        "external_id": f"{kind.value}-1",
        "kind": kind,
        "happened_at": happened_at,
        "message_id": 1,
        "host": "mx.client.example",
        "status": "5.1.1" if kind is FAILED else "2.0.0",
    }
    return ReportedEvent(**{**values, **changed})


def record(session: Session, *events: ReportedEvent, at: datetime, source=EventSource.WEBHOOK):
    return record_delivery_events(
        session,
        events,
        source=source,
        actor="webhook",
        legal_email="legal@vendor.example",
        at=at,
    ).answers


def sent(
    session: Session,
    scenario: Scenario,
    at: datetime,
    *,
    state: MessageState = MessageState.HANDED_OVER,
    tried: bool = True,
) -> Announced:
    """A notice whose one mail left at `at`, or whose result is in doubt."""
    announced = scenario.announce(served=False)
    message_id = announced.message_ids[0]
    if tried:
        append_attempts(session, {message_id: 1}, at=at)
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(
            state=state.value,
            message_id_header=HEADER,
            handed_over_at=at if state is MessageState.HANDED_OVER else None,
            next_attempt_at=at + HOUR if state is not MessageState.HANDED_OVER else None,
            claimed_by="r" if state is MessageState.SENDING else None,
        )
    )
    session.commit()
    return announced


def message_of(session: Session, announced: Announced) -> MessageRow:
    row = session.get(MessageRow, announced.message_ids[0], populate_existing=True)
    assert row is not None
    session.expunge(row)
    session.rollback()
    return row


def notice_of(session: Session, announced: Announced) -> NoticeRow:
    row = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert row is not None
    session.expunge(row)
    session.rollback()
    return row


def test_the_same_event_counts_once_for_each_source(session, scenario, at):
    announced = sent(session, scenario, at)
    one = event(DELIVERED, at + HOUR, message_id=announced.message_ids[0])
    first, again = record(session, one, one, at=at + 2 * HOUR)
    assert (first.answer, again.answer) == (EventAnswer.RECORDED, EventAnswer.KNOWN)
    assert record(session, one, at=at + 3 * HOUR)[0].answer is EventAnswer.KNOWN
    (other,) = record(session, one, at=at + 3 * HOUR, source=EventSource.FILE)
    assert other.answer is EventAnswer.RECORDED
    proof = session.scalars(select(ReceiptProofRow)).one()
    assert (proof.kind, proof.at) == (ProofKind.RECIPIENT_SERVER, at + HOUR)
    assert session.scalar(select(func.count()).select_from(DeliveryEventRow)) == 2
    session.rollback()
    assert notice_of(session, announced).served_at == at + HOUR
    assert evidence_types(session).count("delivery_reported") == 2


def test_by_its_message_id_or_its_envelope_id(session, scenario, at):
    sent(session, scenario, at)
    left = HEADER[1:33]
    named = [
        {"message_id": None, "message_id_header": HEADER},
        {"message_id": None, "envelope_id": left},
        {"message_id": 1, "envelope_id": left, "message_id_header": HEADER},
    ]
    wrong = [
        {"message_id": None},
        {"message_id": 999},
        {"message_id": None, "message_id_header": "<x@vendor.example>"},
        {"message_id": None, "envelope_id": "f" * 32},
        {"message_id": 1, "envelope_id": "f" * 32},
        {"message_id": 1, "message_id_header": "<x@vendor.example>"},
    ]
    given = [
        event(DELIVERED, at + HOUR, external_id=str(number), **names)
        for number, names in enumerate([*named, *wrong])
    ]
    answers = record(session, *given, at=at + HOUR)
    assert [x.answer for x in answers[:3]] == [EventAnswer.RECORDED] * 3
    assert {x.refusal for x in answers[3:]} == {EventRefusal.UNKNOWN_MESSAGE}


def test_times_that_cannot_be_right_are_refused_but_never_a_failure(session, scenario, at):
    sent(session, scenario, at)
    early, late = at - HOUR, at + 9 * HOUR
    answers = record(
        session,
        event(DELIVERED, early, external_id="1"),
        event(DELIVERED, late, external_id="2"),
        event(FAILED, early, external_id="3"),
        at=at + HOUR,
    )
    assert [x.refusal for x in answers] == [
        EventRefusal.BEFORE_FIRST_ATTEMPT,
        EventRefusal.IN_FUTURE,
        None,
    ]


def test_a_message_that_was_never_tried_has_no_events(session, scenario, at):
    announced = sent(session, scenario, at, state=MessageState.QUEUED, tried=False)
    answers = record(session, event(FAILED, at + HOUR), at=at + HOUR)
    assert answers[0].refusal is EventRefusal.NEVER_ATTEMPTED
    assert message_of(session, announced).state == MessageState.QUEUED


@pytest.mark.parametrize(
    "state",
    [MessageState.UNKNOWN, MessageState.SENDING, MessageState.DEFERRED, MessageState.PAUSED],
)
@pytest.mark.parametrize("kind", [DELIVERED, FAILED])
def test_a_report_ends_the_doubt_about_a_hand_over(session, scenario, at, state, kind):
    announced = sent(session, scenario, at, state=state)
    record(session, event(kind, at + HOUR), at=at + 2 * HOUR)
    message = message_of(session, announced)
    assert (message.state, message.handed_over_at) == (MessageState.HANDED_OVER, at + HOUR)
    assert (message.next_attempt_at, message.claimed_by) == (None, None)
    assert (message.bounced_at is not None) == (kind is FAILED)
    notice = notice_of(session, announced)
    if kind is DELIVERED:
        assert (notice.state, notice.served_at) == (NoticeState.SERVED, at + HOUR)
    else:
        assert (notice.state, notice.failure_reason) == (
            NoticeState.NOT_SERVED,
            HoldReason.BOUNCED,
        )
    assert "message_handed_over" in evidence_types(session)


def test_a_delay_ends_no_doubt(session, scenario, at):
    announced = sent(session, scenario, at, state=MessageState.UNKNOWN)
    record(session, event(DeliveryEventKind.DELAYED, at + HOUR), at=at + HOUR)
    assert message_of(session, announced).state == MessageState.UNKNOWN


def test_what_was_refused_stays_refused(session, scenario, at):
    announced = sent(session, scenario, at, state=MessageState.REJECTED)
    record(session, event(DELIVERED, at + HOUR), at=at + HOUR)
    assert message_of(session, announced).state == MessageState.REJECTED
    assert session.scalars(select(ReceiptProofRow)).all() == []
    session.rollback()
    assert notice_of(session, announced).state != NoticeState.SERVED


@pytest.mark.parametrize("tried", [True, False])
def test_what_was_cancelled_may_have_been_taken_before(session, scenario, at, tried):
    announced = sent(session, scenario, at, state=MessageState.CANCELLED, tried=tried)
    record(session, event(DELIVERED, at + HOUR), at=at + HOUR)
    became = MessageState.HANDED_OVER if tried else MessageState.CANCELLED
    assert message_of(session, announced).state == became
    assert (notice_of(session, announced).state == NoticeState.SERVED) is tried


def test_delivered_by_nobody_proves_nothing(session, scenario, at):
    announced = sent(session, scenario, at)
    record(session, event(DELIVERED, at + HOUR, host=""), at=at + HOUR)
    assert session.scalars(select(ReceiptProofRow)).all() == []
    session.rollback()
    assert notice_of(session, announced).state != NoticeState.SERVED


def test_a_bounce_of_a_former_serving_leaves_the_present_one_alone(session, scenario, at):
    announced = scenario.announce()
    session.execute(update(NoticeRow).values(serving_number=2))
    old = session.get(MessageRow, announced.message_ids[0])
    columns = {c.name: getattr(old, c.name) for c in MessageRow.__table__.columns}
    columns |= {"id": None, "logical_key": "again", "serving_number": 2, "link_digest": None}
    again = MessageRow(**columns)
    session.add(again)
    session.commit()
    record(session, event(FAILED, at + HOUR, message_id=announced.message_ids[0]), at=at + HOUR)
    assert notice_of(session, announced).state == NoticeState.SERVED
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    record(
        session,
        event(FAILED, at + HOUR, external_id="again", message_id=again.id),
        at=at + HOUR,
    )
    assert notice_of(session, announced).state == NoticeState.NOT_SERVED


def _state(session: Session) -> tuple[object, ...]:
    notices = session.execute(
        select(NoticeRow.state, NoticeRow.failure_reason).order_by(NoticeRow.id)
    ).all()
    cases = session.execute(select(CaseRow.state, CaseRow.holds).order_by(CaseRow.id)).all()
    messages = session.execute(
        select(MessageRow.state, MessageRow.bounced_at.is_not(None))
        .where(MessageRow.purpose == "notice")
        .order_by(MessageRow.id)
    ).all()
    proofs = session.execute(select(ReceiptProofRow.message_id, ReceiptProofRow.kind)).all()
    events = session.execute(
        select(DeliveryEventRow.external_id).order_by(DeliveryEventRow.external_id)
    ).all()
    session.rollback()
    return notices, [(x, tuple(holds)) for x, holds in cases], messages, sorted(proofs), events


@hypothesis.settings(max_examples=40)
@hypothesis.given(
    kinds=st.lists(st.sampled_from(DeliveryEventKind), min_size=1, max_size=4),
    in_doubt=st.booleans(),
    data=st.data(),
)
def test_any_order_and_any_repeats_come_to_the_same(databases, kinds, in_doubt, data):
    """A failure wins; what counts once counts once; batches are no different from single ones."""
    at = AT
    given = [
        event(kind, at + (number + 1) * HOUR, external_id=str(number))
        for number, kind in enumerate(kinds)
    ]
    shuffled = data.draw(st.permutations([*given, *data.draw(st.lists(st.sampled_from(given)))]))
    cut = data.draw(st.integers(0, len(shuffled)))
    found = []
    for order in (given, shuffled):
        with new_session(databases) as session:
            state = MessageState.UNKNOWN if in_doubt else MessageState.HANDED_OVER
            announced = sent(session, Scenario(session, at=at), at, state=state)
            now = at + 9 * HOUR
            parts = [order] if order is given else [order[:cut], *([x] for x in order[cut:])]
            for part in parts:
                record(session, *part, at=now)
            found.append(_state(session))
            notice = notice_of(session, announced)
    assert found[0] == found[1]
    if FAILED in kinds:
        assert (notice.state, notice.failure_reason) == (
            NoticeState.NOT_SERVED,
            HoldReason.BOUNCED,
        )
    elif DELIVERED in kinds:
        assert notice.state == NoticeState.SERVED
    else:
        assert notice.state != NoticeState.SERVED


@contextlib.contextmanager
def new_session(databases: Databases) -> Iterator[Session]:
    url = databases.migrated(SQLITE)
    engine = create_engine_for(url)
    try:
        with session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()
        databases.drop(url)


@pytest.mark.parametrize("kinds", [(FAILED, DELIVERED), (DELIVERED, FAILED)])
def test_a_failure_wins_on_both_databases(session, scenario, at, kinds):
    announced = sent(session, scenario, at, state=MessageState.UNKNOWN)
    for number, kind in enumerate(kinds, start=1):
        record(session, event(kind, at + HOUR), at=at + number * HOUR)
    assert message_of(session, announced).bounced_at is not None
    assert notice_of(session, announced).state == NoticeState.NOT_SERVED
    assert session.scalars(select(ReceiptProofRow.kind)).all() == [ProofKind.RECIPIENT_SERVER]
    session.rollback()
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.BOUNCED]
    alarms = session.scalars(select(MessageRow).where(MessageRow.purpose == "delivery_alarm")).all()
    assert len(alarms) == 1
    session.rollback()


def test_many_at_once_cost_the_same_few_statements(session, scenario, at):
    given = [scenario.announce(served=False) for _ in range(30)]
    ids = [x.message_ids[0] for x in given]
    append_attempts(session, dict.fromkeys(ids, 1), at=at)
    session.execute(update(MessageRow).values(state="handed_over", handed_over_at=at))
    session.commit()
    told = [event(DELIVERED, at + HOUR, external_id=str(x), message_id=x) for x in ids]
    few, many = told[:5], told[5:]
    counts = []
    for part in (few, many):
        with statements(session) as seen:
            answers = record(session, *part, at=at + HOUR)
        assert {x.answer for x in answers} == {EventAnswer.RECORDED}
        counts.append(len(seen))
    assert counts[0] == counts[1]
    states = session.scalars(select(NoticeRow.state)).all()
    session.rollback()
    assert set(states) == {NoticeState.SERVED}


@contextlib.contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What is sent to the database meanwhile; rows sent together count once."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = session.get_bind()
    sqlalchemy.event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        sqlalchemy.event.remove(engine, "before_cursor_execute", see)


def test_a_person_records_a_bounce_of_a_mail_in_doubt(session, scenario, at):
    announced = sent(session, scenario, at, state=MessageState.UNKNOWN)
    message_id = announced.message_ids[0]
    for _ in range(2):
        record_bounce(session, message_id, note="550 no such user", at=at + HOUR, **LEGAL)
    message = message_of(session, announced)
    assert (message.state, message.bounce_note) == (MessageState.HANDED_OVER, "550 no such user")
    assert message.next_attempt_at is None
    assert notice_of(session, announced).failure_reason == HoldReason.BOUNCED
    assert evidence_types(session).count("message_bounced") == 1
    never_left = scenario.announce(served=False)
    with pytest.raises(MoveNotAllowed):
        record_bounce(session, never_left.message_ids[0], note="x", at=at + HOUR, **LEGAL)
