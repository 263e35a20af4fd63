"""Legal settles objections; the rules draw the outcome."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.settle_objection import (
    Settlement,
    settle_objection,
    undo_settlement,
)
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed, NotFound, OutcomeRecorded
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.terminations import EffectDayFixed, ServicesMissing
from subnotify.rules.words import CaseState, HoldReason, Outcome, SettlementKind
from subnotify.storage.tables import (
    AgreementExceptionRow,
    AgreementServiceRow,
    ServiceRow,
    SettlementRow,
)
from tests.operations.desk import LEGAL, add_response, case_of, evidence_types, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.release_world import PUBLISHER
from tests.support.scenario import REGISTERED, Announced, Scenario

DAY = timedelta(days=1)


@pytest.fixture
def announced(session: Session, at: datetime) -> Announced:
    return Scenario(session, at=at).announce()


def say(session: Session, announced: Announced, kind: str, at: datetime, **columns) -> int:
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(session, announced.notice_id, case_id, kind, at, **columns)
        apply_standings(session, [case_id], actor="client:notice:1", at=at)
    return response_id


def settle(session, announced, kind, at, note="agreed by telephone", **more) -> int:
    decision = Settlement(kind, note, **more)
    return settle_objection(session, announced.case_ids[0], decision, at=at, **LEGAL)


def test_accommodated_waits_for_the_window_and_excepts_the_client(session, announced, at):
    say(session, announced, "objection", at + DAY)
    settle(session, announced, SettlementKind.ACCOMMODATED, at + 2 * DAY)
    case_id = announced.case_ids[0]
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    close_windows(session, at=case_of(session, case_id).silence_after_at)
    assert standing_of(session, case_id)[2] is Outcome.ACCOMMODATED
    assert session.scalars(select(AgreementExceptionRow.agreement_id)).all() == [
        announced.agreement_id
    ]


def test_a_service_that_was_to_end_later_ends_with_the_termination(session, announced, at):
    session.execute(update(AgreementServiceRow).values(until_on=date(2031, 1, 1)))
    session.commit()
    say(session, announced, "objection", at + DAY)
    day = (at + 2 * DAY).date()
    settle(
        session,
        announced,
        SettlementKind.TERMINATED,
        at + 2 * DAY,
        services=("monitoring",),
        takes_effect_on=day,
    )
    close_windows(session, at=at + 2 * DAY + UNDO_LASTS)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.TERMINATED
    ends = session.scalars(
        select(AgreementServiceRow.until_on)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .where(ServiceRow.key == "monitoring")
    ).all()
    assert ends == [day]


def test_a_withdrawn_objection_closes_after_the_window_and_reading(session, announced, at):
    say(session, announced, "objection", at + DAY)
    say(session, announced, "withdrawal", at + 2 * DAY)
    case_id = announced.case_ids[0]
    settle(session, announced, SettlementKind.WITHDRAWN, at + 3 * DAY)
    silent_at = case_of(session, case_id).silence_after_at
    close_windows(session, at=silent_at)
    assert standing_of(session, case_id)[1] == [HoldReason.REPLIES_NOT_READ]
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    assert standing_of(session, case_id)[2] is Outcome.OBJECTION_WITHDRAWN


def test_a_later_objection_is_not_covered_by_the_settlement(session, announced, at):
    say(session, announced, "objection", at + DAY)
    settle(session, announced, SettlementKind.INEFFECTIVE, at + 2 * DAY)
    say(session, announced, "objection", at + 3 * DAY)
    silent_at = case_of(session, announced.case_ids[0]).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    assert standing_of(session, announced.case_ids[0]) == (CaseState.OBJECTED, [], None)


def test_the_same_form_sent_twice_is_one_settlement(session, announced, at):
    say(session, announced, "objection", at + DAY)
    first = settle(session, announced, SettlementKind.ACCOMMODATED, at + 2 * DAY)
    second = settle(session, announced, SettlementKind.ACCOMMODATED, at + 2 * DAY)
    assert first == second
    assert evidence_types(session).count("objection_settled") == 1


def test_what_a_settlement_needs(session, announced, at):
    with pytest.raises(MoveNotAllowed):
        settle(session, announced, SettlementKind.WITHDRAWN, at + DAY)
    say(session, announced, "objection", at + DAY)
    with pytest.raises(ReasonMissing):
        settle(session, announced, SettlementKind.ACCOMMODATED, at + DAY, note=" ")
    with pytest.raises(ServicesMissing):
        settle(session, announced, SettlementKind.TERMINATED, at + DAY, services=("unknown",))
    with pytest.raises(NotFound):
        settle_objection(session, 999, Settlement(SettlementKind.ACCOMMODATED, "x"), at=at, **LEGAL)


def test_a_termination_where_the_terms_say_nothing_takes_effect_on_the_given_day(
    session, announced, at
):
    say(session, announced, "objection", at + DAY)
    effect_on = date(2026, 5, 1)
    settle(
        session,
        announced,
        SettlementKind.TERMINATED,
        at + 2 * DAY,
        services=("monitoring",),
        takes_effect_on=effect_on,
    )
    close_windows(session, at=datetime.fromisoformat("2026-04-30T21:59:00Z"))
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    close_windows(session, at=datetime.fromisoformat("2026-04-30T22:00:00Z"))
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.TERMINATED


def test_an_outcome_ends_settling(session, announced, at):
    say(session, announced, "objection", at + DAY)
    settle(session, announced, SettlementKind.ACCOMMODATED, at + DAY)
    silent_at = case_of(session, announced.case_ids[0]).silence_after_at
    close_windows(session, at=silent_at)
    with pytest.raises(OutcomeRecorded):
        settle(session, announced, SettlementKind.INEFFECTIVE, silent_at)
    with pytest.raises(OutcomeRecorded):
        undo_settlement(session, announced.case_ids[0], note="wrong", at=silent_at, **LEGAL)


def test_an_undone_settlement_leaves_the_objection_to_legal(session, announced, at):
    say(session, announced, "objection", at + DAY)
    settle(session, announced, SettlementKind.ACCOMMODATED, at + DAY)
    settle(session, announced, SettlementKind.INEFFECTIVE, at + DAY, note="on reflection")
    undo_settlement(session, announced.case_ids[0], note="wrong client", at=at + DAY, **LEGAL)
    assert standing_of(session, announced.case_ids[0]) == (CaseState.OBJECTED, [], None)
    undone = session.scalars(select(SettlementRow.undone_at)).all()
    session.rollback()
    assert undone == [at + DAY, at + DAY]
    with pytest.raises(MoveNotAllowed):
        undo_settlement(session, announced.case_ids[0], note="again", at=at + DAY, **LEGAL)


def test_what_counts_is_corrected_by_a_new_settlement_and_not_undone(session, announced, at):
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY)
    settle(session, announced, SettlementKind.ACCOMMODATED, at + DAY)
    counts_at = at + DAY + UNDO_LASTS
    with pytest.raises(MoveNotAllowed):
        undo_settlement(session, case_id, note="wrong client", at=counts_at, **LEGAL)
    session.rollback()
    settle(session, announced, SettlementKind.INEFFECTIVE, counts_at, note="on reflection")
    # Undone in its turn, it leaves the one that counts.
    undo_settlement(session, case_id, note="wrong", at=counts_at + UNDO_LASTS / 2, **LEGAL)
    close_windows(session, at=case_of(session, case_id).silence_after_at)
    assert standing_of(session, case_id)[2] is Outcome.ACCOMMODATED


def test_a_change_withdrawn_meanwhile_ends_no_termination_that_legal_may_find_again(session, at):
    """What legal settled a moment ago, and can undo, takes nothing from the client."""
    announced = Scenario(session, at=at).announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY, channel="registered_post")
    settle(session, announced, SettlementKind.INEFFECTIVE, at + 2 * DAY)
    moment = at + 2 * DAY + UNDO_LASTS / 2
    change_id = case_of(session, case_id).change_id
    withdraw_change(session, announced.release_id, change_id, reason="no", by=PUBLISHER, at=moment)
    assert standing_of(session, case_id)[2] is None
    undo_settlement(session, case_id, note="it was in time", at=moment, **LEGAL)
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)


def test_once_it_counts_the_withdrawal_ends_the_case(session, at):
    announced = Scenario(session, at=at).announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY, channel="registered_post")
    settle(session, announced, SettlementKind.INEFFECTIVE, at + 2 * DAY)
    change_id = case_of(session, case_id).change_id
    settled_at = at + 2 * DAY
    withdraw_change(
        session, announced.release_id, change_id, reason="no", by=PUBLISHER, at=settled_at
    )
    close_windows(session, at=settled_at + UNDO_LASTS)
    assert standing_of(session, case_id)[2] is Outcome.CHANGE_WITHDRAWN


def test_legal_alone_ends_no_termination_that_counts(session, at):
    announced = Scenario(session, at=at).announce(preset=REGISTERED)
    say(session, announced, "objection", at + DAY, channel="registered_post")
    which = {"services": ("monitoring",)}
    settle(session, announced, SettlementKind.TERMINATED, at + 2 * DAY, **which)
    for kind in (
        SettlementKind.ACCOMMODATED,
        SettlementKind.WITHDRAWN,
        SettlementKind.INEFFECTIVE,
    ):
        with pytest.raises(MoveNotAllowed):
            settle(session, announced, kind, at + 4 * DAY)
        session.rollback()
    close_windows(session, at=case_of(session, announced.case_ids[0]).silence_after_at)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.TERMINATED


def test_a_termination_is_taken_back_only_with_the_clients_word(session, at):
    announced = Scenario(session, at=at).announce(preset=REGISTERED)
    say(session, announced, "objection", at + DAY, channel="registered_post")
    for kind in (SettlementKind.WITHDRAWN, SettlementKind.ACCOMMODATED):
        with pytest.raises(MoveNotAllowed):
            settle(session, announced, kind, at + 2 * DAY)
        session.rollback()
    with pytest.raises(EffectDayFixed):
        settle(
            session,
            announced,
            SettlementKind.TERMINATED,
            at + 2 * DAY,
            services=("monitoring",),
            takes_effect_on=date(2026, 5, 1),
        )
    say(session, announced, "withdrawal", at + 3 * DAY)
    settle(session, announced, SettlementKind.WITHDRAWN, at + 4 * DAY)
    assert standing_of(session, announced.case_ids[0]) == (CaseState.OBJECTED, [], None)
