"""Letters that legal records: both dates, timeliness, double submission, proof of receipt."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.decide_timeliness import decide_timeliness
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.read_response import (
    AlreadyAnswered,
    AnswerMissing,
    answer_response,
    mark_response_read,
)
from subnotify.operations.record_letter import record_letter
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.rules.errors import MoveNotAllowed, NotFound, ProblemsFound
from subnotify.rules.letters import Letter
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.tables import MessageRow, NoticeRow, ResponseRow
from tests.operations.desk import LEGAL, PARIS, case_of, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario, terms_of

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


def letter(case_ids=(), **fields) -> Letter:
    values = {
        "kind": ResponseKind.OBJECTION,
        "channel": ResponseChannel.REGISTERED_POST,
        "received_on": date(2026, 3, 10),
        "dispatched_on": date(2026, 3, 7),
        "letter_reference": "1A 123 456 7890 1",
        "by_name": "Claire Martin",
        "case_ids": tuple(case_ids),
    }
    return Letter(**{**values, **fields})


def record(session, announced, letter, at):
    return record_letter(session, announced.notice_id, letter, zone=PARIS, at=at, **LEGAL)


def get(session: Session, response_id: int) -> ResponseRow:
    row = session.get(ResponseRow, response_id, populate_existing=True)
    session.rollback()
    assert row is not None
    return row


def test_a_registered_letter_is_the_valid_form(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    (response_id,) = record(session, announced, letter(announced.case_ids), at + 9 * DAY)
    row = get(session, response_id)
    # The start of the day in Paris: the reading that favours the client.
    assert row.received_at == datetime.fromisoformat("2026-03-09T23:00:00Z")
    assert (row.dispatched_on, row.timeliness) == (date(2026, 3, 7), Timeliness.IN_TIME)
    assert row.recorded_by == "Lea Legal"
    assert standing_of(session, announced.case_ids[0]) == (CaseState.OBJECTED, [], None)
    receipts = session.scalar(
        select(func.count()).where(MessageRow.purpose == "receipt").select_from(MessageRow)
    )
    session.rollback()
    assert receipts == 1


def test_the_same_form_twice_is_one_letter_for_each_change(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN, changes=2)
    one = letter(announced.case_ids, form_token="abc")
    first = record(session, announced, one, at + 9 * DAY)
    assert record(session, announced, one, at + 9 * DAY) == first
    assert len(first) == 2


def test_sent_in_time_and_received_late_is_disputed_until_a_person_decides(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    case = case_of(session, announced.case_ids[0])
    later = case.closes_at + 3 * DAY
    (response_id,) = record(
        session,
        announced,
        letter(
            announced.case_ids,
            received_on=(case.closes_at + 2 * DAY).date(),
            dispatched_on=(case.closes_at - DAY).date(),
        ),
        later,
    )
    assert get(session, response_id).timeliness == Timeliness.DISPUTED
    assert standing_of(session, case.id) == (
        CaseState.HOLD,
        [HoldReason.OBJECTION_DISPUTED],
        None,
    )
    decide_timeliness(
        session, response_id, Timeliness.IN_TIME, note="the postmark counts", at=later, **LEGAL
    )
    assert standing_of(session, case.id) == (CaseState.OBJECTED, [], None)
    settle_objection(
        session,
        case.id,
        Settlement(SettlementKind.TERMINATED, "valid", ("monitoring",)),
        at=later,
        **LEGAL,
    )
    close_windows(session, at=later + UNDO_LASTS)
    assert standing_of(session, case.id)[2] is Outcome.TERMINATED


def test_a_late_one_is_kept_and_settled_as_ineffective(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    late = case.silence_after_at + DAY
    confirm_all(session, late)
    close_windows(session, at=late)
    assert standing_of(session, case.id)[2] is Outcome.ACCEPTED_BY_SILENCE
    (response_id,) = record(
        session,
        announced,
        letter(announced.case_ids, received_on=late.date(), dispatched_on=late.date()),
        late,
    )
    # Late by both dates: kept and shown, and the outcome stands.
    assert get(session, response_id).timeliness == Timeliness.LATE
    assert standing_of(session, case.id)[2] is Outcome.ACCEPTED_BY_SILENCE


def test_one_in_time_that_arrives_after_closing_reopens_the_case(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    confirm_all(session, case.silence_after_at)
    close_windows(session, at=case.silence_after_at)
    record(session, announced, letter(announced.case_ids), case.silence_after_at + DAY)
    assert standing_of(session, case.id) == (
        CaseState.HOLD,
        [HoldReason.OBJECTION_AFTER_CLOSING],
        None,
    )


def test_what_is_in_time_by_both_dates_is_not_decided_by_hand(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    (response_id,) = record(session, announced, letter(announced.case_ids), at + 9 * DAY)
    with pytest.raises(MoveNotAllowed):
        decide_timeliness(
            session, response_id, Timeliness.LATE, note="no", at=at + 9 * DAY, **LEGAL
        )


def test_what_was_decided_late_is_in_time_for_a_longer_window(session, scenario, at):
    """And nothing is left to decide of it: no decision would change that."""
    announced = scenario.announce(preset=REGISTERED)
    case = case_of(session, announced.case_ids[0])
    later = case.closes_at + 2 * DAY
    last_day = (case.closes_at - DAY).date()
    sent = letter(announced.case_ids, received_on=later.date(), dispatched_on=last_day)
    (response_id,) = record(session, announced, sent, later)
    decide_timeliness(session, response_id, Timeliness.LATE, note="no", at=later, **LEGAL)
    assert standing_of(session, case.id)[1] == [HoldReason.OBJECTION_LATE]
    extend_case_window(session, case.id, last_day + 9 * DAY, note="asked for", at=later, **LEGAL)
    assert standing_of(session, case.id) == (CaseState.OBJECTED, [], None)
    with pytest.raises(MoveNotAllowed):
        decide_timeliness(session, response_id, Timeliness.IN_TIME, note="x", at=later, **LEGAL)


def test_problems_come_at_their_fields(session, scenario, at):
    announced = scenario.announce()
    wrong = letter(received_on=date(2026, 3, 11), dispatched_on=date(2026, 3, 12))
    with pytest.raises(ProblemsFound) as found:
        record(session, announced, wrong, at + DAY)
    assert {p.where for p in found.value.problems} == {"received_on", "dispatched_on", "case_ids"}
    with pytest.raises(NotFound):
        record_letter(session, 999, letter((1,)), zone=PARIS, at=at + 9 * DAY, **LEGAL)


def test_an_acknowledgement_proves_receipt_by_its_contact(session, scenario, at):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    acknowledged = letter(
        kind=ResponseKind.ACKNOWLEDGEMENT,
        channel=ResponseChannel.POST,
        contact_id=announced.contact_ids[0],
    )
    record(session, announced, acknowledged, at + 9 * DAY)
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    session.rollback()
    assert (notice.state, notice.served_proof) == (NoticeState.SERVED, "acknowledgement")
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    with pytest.raises(ProblemsFound):
        record(session, announced, letter(kind=ResponseKind.ACKNOWLEDGEMENT), at + 9 * DAY)
    with pytest.raises(ProblemsFound) as found:
        year_before = replace(acknowledged, received_on=date(2025, 3, 10), dispatched_on=None)
        record(session, announced, year_before, at + 9 * DAY)
    assert [p.where for p in found.value.problems] == ["received_on"]
    with pytest.raises(ProblemsFound):
        other = letter(kind=ResponseKind.ACKNOWLEDGEMENT, contact_id=999)
        record(session, announced, other, at + 9 * DAY)


def test_a_question_waits_until_it_is_read_or_answered(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED, changes=2)
    asked = letter(kind=ResponseKind.QUESTION, channel=ResponseChannel.REPLY, text="Where?")
    (response_id,) = record(session, announced, asked, at + 9 * DAY)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id)[1] == [HoldReason.WAITS_FOR_PERSON]
    with pytest.raises(AnswerMissing):
        answer_response(session, response_id, " ", at=at + 9 * DAY, **LEGAL)
    answer_response(session, response_id, "In Roubaix.", at=at + 9 * DAY, **LEGAL)
    answer_response(session, response_id, "In Roubaix.", at=at + 9 * DAY, **LEGAL)
    with pytest.raises(AlreadyAnswered):
        answer_response(session, response_id, "In Lille.", at=at + 9 * DAY, **LEGAL)
    mark_response_read(session, response_id, at=at + 9 * DAY, **LEGAL)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id) == (CaseState.OPEN, [], None)
    answers = session.scalars(select(MessageRow).where(MessageRow.purpose == "answer")).all()
    session.rollback()
    assert len(answers) == 1
    assert get(session, response_id).read_by == "Lea Legal"


def test_a_letter_counts_in_the_zone_that_favours_the_client(session, scenario, at):
    """The last day ends in New York while legal, in Paris, stamps the letter with the next one."""
    terms = terms_of(FIFTEEN)
    terms = replace(terms, counting=replace(terms.counting, time_zone="America/New_York"))
    announced = scenario.announce(terms=terms)
    closes_at = case_of(session, announced.case_ids[0]).closes_at
    # Paris has its midnight hours before.
    stamped = letter(
        announced.case_ids, received_on=closes_at.astimezone(PARIS).date(), dispatched_on=None
    )
    (response_id,) = record(session, announced, stamped, closes_at - timedelta(hours=1))
    row = get(session, response_id)
    assert row.received_at < closes_at and row.timeliness == Timeliness.IN_TIME


def test_what_a_letter_acknowledges_opens_no_window_before_its_day_ends(session, scenario, at):
    terms = replace(terms_of(FIFTEEN), proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}))
    terms = replace(terms, counting=replace(terms.counting, time_zone="America/New_York"))
    announced = scenario.announce(terms=terms, served=False)
    dispatched = at + timedelta(minutes=1)
    session.execute(
        update(MessageRow).values(state=MessageState.HANDED_OVER.value, handed_over_at=dispatched)
    )
    session.commit()
    given = letter(
        kind=ResponseKind.ACKNOWLEDGEMENT,
        received_on=date(2026, 3, 5),
        dispatched_on=None,
        contact_id=announced.contact_ids[0],
    )
    record(session, announced, given, at + 9 * DAY)
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.served_at == datetime.fromisoformat("2026-03-06T04:59:59.999999Z")
