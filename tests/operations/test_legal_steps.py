"""Holds cleared, windows extended, records corrected, bounces recorded, clients gated out."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.close_windows import close_windows
from subnotify.operations.close_without_objection import (
    confirm_no_objection,
    propose_no_objection,
)
from subnotify.operations.correct_record import confirm_correction, propose_correction
from subnotify.operations.extend_window import (
    LastDayNotLater,
    LastDayTooFar,
    extend_case_window,
)
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import SecondPersonNeeded
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed, NoticeNotServed, OutcomeRecorded
from subnotify.rules.words import CaseState, HoldReason, MessagePurpose, NoticeState, Outcome
from subnotify.storage.tables import NoticeRow, OutcomeRow, ResponseRow
from tests.operations.desk import (
    LEGAL,
    SECOND,
    add_response,
    case_of,
    evidence_types,
    standing_of,
)
from tests.operations.rendering import written
from tests.operations.test_close_windows import confirm_all
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def announced(scenario: Scenario) -> Announced:
    return scenario.announce(preset=FIFTEEN)


def close_by_silence(session: Session, announced: Announced) -> datetime:
    silent_at = case_of(session, announced.case_ids[0]).silence_after_at
    assert silent_at is not None
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    return silent_at


def ask(session: Session, announced: Announced, at: datetime) -> None:
    with transaction(session):
        add_response(session, announced.notice_id, None, "question", at, read_at=at)
        apply_standings(session, announced.case_ids, actor="client:notice:1", at=at)


# -- holds ------------------------------------------------------------------------------------


def test_a_disowned_response_is_cleared_once_and_holds_again_when_disowned_again(
    session, scenario, announced, at
):
    case_id = announced.case_ids[0]
    with transaction(session):
        for day in (1, 2):
            add_response(session, announced.notice_id, case_id, "no_objection", at + day * DAY)
        first, second = session.scalars(select(ResponseRow).order_by(ResponseRow.id)).all()
        first.disowned_at = at + DAY
        apply_standings(session, [case_id], actor="client:notice:1", at=at + DAY)
    assert standing_of(session, case_id)[1] == [HoldReason.RESPONSE_DISOWNED]
    with pytest.raises(ReasonMissing):
        clear_hold(
            session, case_id, HoldReason.RESPONSE_DISOWNED, note="", at=at + 2 * DAY, **LEGAL
        )
    clear_hold(
        session,
        case_id,
        HoldReason.RESPONSE_DISOWNED,
        note="the DPO confirmed it",
        at=at + 2 * DAY,
        **LEGAL,
    )
    assert standing_of(session, case_id)[1] == []
    with transaction(session):
        second.disowned_at = at + 3 * DAY
        apply_standings(session, [case_id], actor="client:notice:1", at=at + 3 * DAY)
    assert HoldReason.RESPONSE_DISOWNED in standing_of(session, case_id)[1]


def test_only_clearable_holds_are_cleared(session, announced, at):
    with pytest.raises(MoveNotAllowed):
        clear_hold(
            session,
            announced.case_ids[0],
            HoldReason.SILENCE_BROKEN,
            note="we want to",
            at=at,
            **LEGAL,
        )
    with pytest.raises(MoveNotAllowed):
        clear_hold(
            session, announced.case_ids[0], HoldReason.RECORD_CORRECTED, note="x", at=at, **LEGAL
        )


# -- no objection by two ----------------------------------------------------------------------


def test_two_persons_close_after_a_broken_silence(session, announced, at):
    case_id = announced.case_ids[0]
    ask(session, announced, at + DAY)
    with pytest.raises(MoveNotAllowed):
        propose_no_objection(session, case_id, note="early", at=at + 2 * DAY, **LEGAL)
    silent_at = close_by_silence(session, announced)
    assert standing_of(session, case_id)[1] == [HoldReason.SILENCE_BROKEN]
    propose_no_objection(session, case_id, note="nothing more came", at=silent_at, **LEGAL)
    with pytest.raises(SecondPersonNeeded):
        # Under another name it is the same person.
        confirm_no_objection(session, case_id, at=silent_at, **(LEGAL | {"by": "renamed"}))
    assert standing_of(session, case_id)[0] is CaseState.HOLD
    confirm_no_objection(session, case_id, at=silent_at, **SECOND)
    assert standing_of(session, case_id) == (CaseState.CLOSED, [], Outcome.NO_OBJECTION)
    with pytest.raises(OutcomeRecorded):
        propose_no_objection(session, case_id, note="again", at=silent_at, **LEGAL)


def test_a_word_of_the_client_in_between_stops_the_second_person(session, announced, at):
    case_id = announced.case_ids[0]
    ask(session, announced, at + DAY)
    silent_at = close_by_silence(session, announced)
    propose_no_objection(session, case_id, note="nothing more came", at=silent_at, **LEGAL)
    ask(session, announced, silent_at + DAY)
    with pytest.raises(MoveNotAllowed):
        confirm_no_objection(session, case_id, at=silent_at + 2 * DAY, **SECOND)


# -- corrections ------------------------------------------------------------------------------


def test_a_corrected_outcome_stays_on_record_and_the_case_is_held(session, announced, at):
    case_id = announced.case_ids[0]
    with pytest.raises(MoveNotAllowed):
        propose_correction(session, case_id, note="none yet", at=at, **LEGAL)
    silent_at = close_by_silence(session, announced)
    propose_correction(session, case_id, note="a letter lay unopened", at=silent_at, **LEGAL)
    with pytest.raises(SecondPersonNeeded):
        confirm_correction(session, case_id, at=silent_at, **LEGAL)
    confirm_correction(session, case_id, at=silent_at + DAY, **SECOND)
    assert standing_of(session, case_id) == (
        CaseState.HOLD,
        [HoldReason.RECORD_CORRECTED],
        None,
    )
    first, correction = session.scalars(select(OutcomeRow).order_by(OutcomeRow.number)).all()
    assert (first.outcome, correction.outcome) == (Outcome.ACCEPTED_BY_SILENCE, None)
    assert correction.corrects_id == first.id
    session.rollback()
    clear_hold(
        session,
        case_id,
        HoldReason.RECORD_CORRECTED,
        note="it was about another change",
        at=silent_at + 2 * DAY,
        **LEGAL,
    )
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert [o.number for o in session.scalars(select(OutcomeRow))] == [1, 2, 3]


# -- windows ----------------------------------------------------------------------------------


def test_an_extended_window_moves_deadline_and_grace_and_keeps_silence_away(session, announced, at):
    case_id = announced.case_ids[0]
    before = case_of(session, case_id)
    extend_case_window(
        session, case_id, date(2026, 3, 27), note="asked by mail", at=at + DAY, **LEGAL
    )
    after = case_of(session, case_id)
    assert after.closes_at == datetime.fromisoformat("2026-03-27T23:00:00Z")
    assert after.silence_after_at == datetime.fromisoformat("2026-03-28T23:00:00Z")
    confirm_all(session, before.silence_after_at)
    close_windows(session, at=before.silence_after_at)
    assert standing_of(session, case_id)[0] is CaseState.OPEN
    confirm_all(session, after.silence_after_at)
    close_windows(session, at=after.silence_after_at)
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE
    with pytest.raises(OutcomeRecorded):
        extend_case_window(
            session, case_id, date(2026, 4, 27), note="late", at=after.silence_after_at, **LEGAL
        )


def test_the_client_is_told_the_later_deadline_once_for_each_extension(session, announced, at):
    case_id = announced.case_ids[0]
    for number, day in enumerate((date(2026, 3, 27), date(2026, 4, 3))):
        now = at + number * DAY
        extend_case_window(session, case_id, day, note="a secret reason", at=now, **LEGAL)
    told = [
        text.text
        for message, text in written(session, at + 2 * DAY)
        if message.purpose is MessagePurpose.WINDOW_LONGER
    ]
    first, second = sorted(told, key=lambda x: "3 April" in x)
    assert "You can object until Friday 27 March 2026, 24:00" in first
    assert "Before, we told you: until Tuesday 17 March 2026, 24:00" in first
    assert "You can object until Friday 3 April 2026, 24:00" in second
    assert "Before, we told you: until Friday 27 March 2026, 24:00" in second
    assert "a secret reason" not in first + second


def test_windows_only_grow(session, scenario, announced, at):
    case_id = announced.case_ids[0]
    with pytest.raises(LastDayNotLater):
        extend_case_window(session, case_id, date(2026, 3, 17), note="x", at=at, **LEGAL)
    with pytest.raises(LastDayTooFar):
        extend_case_window(session, case_id, date(2036, 3, 17), note="x", at=at, **LEGAL)
    waiting = scenario.announce(served=False).case_ids[0]
    with pytest.raises(NoticeNotServed):
        extend_case_window(session, waiting, date(2026, 4, 17), note="x", at=at, **LEGAL)


# -- bounces ----------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed by silence"])
def test_a_bounce_withdraws_service(session, announced, at, closed):
    case_id = announced.case_ids[0]
    when = close_by_silence(session, announced) if closed else at + DAY
    message_id = announced.message_ids[0]
    for _ in range(2):
        record_bounce(session, message_id, note="550 no such user", at=when, **LEGAL)
    assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.BOUNCED], None)
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert (notice.state, notice.failure) == (NoticeState.NOT_SERVED, "550 no such user")
    session.rollback()
    assert evidence_types(session).count("message_bounced") == 1
    later = when + 60 * DAY
    confirm_all(session, later)
    close_windows(session, at=later)
    assert standing_of(session, case_id)[0] is CaseState.HOLD


def test_only_what_was_handed_over_bounces(session, scenario, at):
    announced = scenario.announce(served=False)
    with pytest.raises(MoveNotAllowed):
        record_bounce(session, announced.message_ids[0], note="x", at=at, **LEGAL)


# -- the gate ---------------------------------------------------------------------------------


def test_gating_a_client_out_changes_no_state(session, announced, at):
    case_id = announced.case_ids[0]
    gate_out_client(session, case_id, note="kept on the old host", at=at, **LEGAL)
    gate_out_client(session, case_id, note="kept on the old host", at=at + DAY, **LEGAL)
    row = case_of(session, case_id)
    assert (row.gated_out_at, row.state) == (at, "open")
    assert evidence_types(session).count("client_gated_out") == 1
    silent_at = close_by_silence(session, announced)
    with pytest.raises(OutcomeRecorded):
        gate_out_client(session, case_id, note="x", at=silent_at, **LEGAL)


def test_an_objection_after_closing_waits_for_its_form_as_well(session, scenario, at):
    """The terms want a registered letter: what it waits for is on record as it reopens."""
    made = scenario.announce(preset=REGISTERED)
    case_id = made.case_ids[0]
    closed_at = close_by_silence(session, made)
    assert standing_of(session, case_id)[2] is not None
    with transaction(session):
        add_response(session, made.notice_id, case_id, "objection", at + DAY)
        apply_standings(session, [case_id], actor="test", at=closed_at + DAY)
    after = standing_of(session, case_id)
    assert after[1] == [HoldReason.OBJECTION_AFTER_CLOSING, HoldReason.OBJECTION_FORM]
    last = session.scalars(select(OutcomeRow).order_by(OutcomeRow.number.desc())).first()
    assert last is not None and last.reopened_because == HoldReason.OBJECTION_AFTER_CLOSING
    session.rollback()
    with transaction(session):
        apply_standings(session, [case_id], actor="test", at=closed_at + 2 * DAY)
    assert standing_of(session, case_id) == after
