"""Terminations after an objection: by whom, from when, and what is owed of the data."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_data_return import (
    ChoiceMissing,
    DoneBeforeEnd,
    DoneInFuture,
    ProofMissing,
    choose_data_return,
    record_data_returned,
)
from subnotify.operations.settle_objection import (
    Settlement,
    settle_objection,
    undo_settlement,
)
from subnotify.rules.errors import MoveNotAllowed, OutcomeRecorded
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.terminations import (
    DeclaredInFuture,
    EffectDayFixed,
    EffectDayMissing,
    EffectDayTooEarly,
    EffectDayTooLate,
    VendorMayNotTerminate,
    VendorTooEarly,
)
from subnotify.rules.terms import Period, Termination
from subnotify.rules.terms_words import DataAtEnd, IfUnresolved, TakesEffect
from subnotify.rules.words import (
    CaseState,
    Outcome,
    SettlementKind,
    TerminationParty,
)
from subnotify.storage.data_returns import count_owed_data, find_data_return, list_owed_data
from subnotify.storage.tables import AgreementServiceRow, ChangeRow, ServiceRow, SettlementRow
from tests.operations.desk import LEGAL, evidence_types, messages_of, standing_of
from tests.operations.test_unresolved_objections import UNRESOLVED, say
from tests.support.scenario import Announced, Scenario

DAY = timedelta(days=1)


def announce(session: Session, at: datetime, **more: object) -> Announced:
    """Served on 2 March 2026 under terms with this termination; objected to a day later."""
    party = more.pop("if_unresolved", IfUnresolved.EITHER)
    termination = Termination(**more)
    terms = replace(UNRESOLVED, termination=termination, if_unresolved=party)
    announced = Scenario(session, at=at).announce(terms=terms)
    say(session, announced, "objection", at + DAY)
    return announced


def terminate(session: Session, announced: Announced, at: datetime, **more: object) -> None:
    decision = Settlement(SettlementKind.TERMINATED, "by letter", ("monitoring",), **more)
    settle_objection(session, announced.case_ids[0], decision, at=at, **LEGAL)


def settlement_of(session: Session) -> SettlementRow:
    row = session.scalars(select(SettlementRow)).one()
    session.expunge(row)
    session.rollback()
    return row


def end_of_monitoring(session: Session) -> date | None:
    until_on = session.scalars(
        select(AgreementServiceRow.until_on)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .where(ServiceRow.key == "monitoring")
    ).one()
    session.rollback()
    return until_on


def test_a_notice_period_runs_from_the_notice_of_termination(session, at):
    announced = announce(
        session, at, takes_effect=TakesEffect.AFTER_NOTICE, effect_period=Period(30)
    )
    declared_on = (at + 20 * DAY).date()
    terminate(session, announced, at + 25 * DAY, declared_on=declared_on)
    row = settlement_of(session)
    assert (row.declared_on, row.takes_effect_on) == (declared_on, declared_on + 31 * DAY)
    assert row.terminated_by == TerminationParty.CLIENT
    close_windows(session, at=at + 52 * DAY)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.TERMINATED
    assert end_of_monitoring(session) == declared_on + 31 * DAY


def test_a_termination_takes_effect_on_the_day_of_its_notice(session, at):
    announced = announce(session, at, takes_effect=TakesEffect.IMMEDIATELY)
    terminate(session, announced, at + 5 * DAY)
    case_id, counts_at = announced.case_ids[0], at + 5 * DAY + UNDO_LASTS
    close_windows(session, at=counts_at - timedelta(seconds=1))
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    close_windows(session, at=counts_at)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    assert end_of_monitoring(session) == (at + 5 * DAY).date()


def test_for_ten_minutes_a_termination_at_once_can_be_undone(session, at):
    """No outcome, no closing mail and no end of a service comes of it before."""
    announced = announce(session, at, takes_effect=TakesEffect.IMMEDIATELY)
    case_id, settled_at = announced.case_ids[0], at + 5 * DAY
    terminate(session, announced, settled_at)
    undo_settlement(session, case_id, note="another client", at=settled_at + DAY / 1440, **LEGAL)
    close_windows(session, at=settled_at + UNDO_LASTS)
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    assert messages_of(session, case_id, "closing") == []
    terminate(session, announced, settled_at + DAY)
    close_windows(session, at=settled_at + DAY + UNDO_LASTS)
    assert len(messages_of(session, case_id, "closing")) == 1
    with pytest.raises(OutcomeRecorded):
        undo_settlement(session, case_id, note="too late", at=settled_at + 2 * DAY, **LEGAL)


def test_the_clients_day_lies_within_what_the_terms_give(session, at):
    announced = announce(
        session, at, takes_effect=TakesEffect.CLIENTS_DATE, effect_period=Period(30)
    )
    declared = {"declared_on": (at + 4 * DAY).date()}
    with pytest.raises(EffectDayMissing):
        terminate(session, announced, at + 5 * DAY, **declared)
    with pytest.raises(EffectDayTooEarly):
        early = (at + 3 * DAY).date()
        terminate(session, announced, at + 5 * DAY, takes_effect_on=early, **declared)
    with pytest.raises(EffectDayTooLate, match="2026-04-02"):
        late = (at + 32 * DAY).date()
        terminate(session, announced, at + 5 * DAY, takes_effect_on=late, **declared)
    last = (at + 31 * DAY).date()
    terminate(session, announced, at + 5 * DAY, takes_effect_on=last, **declared)
    assert settlement_of(session).takes_effect_on == last


def test_a_termination_moves_with_a_postponed_commencement(session, at):
    announced = announce(session, at, takes_effect=TakesEffect.AT_COMMENCEMENT)
    with pytest.raises(EffectDayFixed):
        terminate(session, announced, at + DAY, takes_effect_on=(at + 3 * DAY).date())
    terminate(session, announced, at + 2 * DAY)
    postponed = (at + 90 * DAY).date()
    session.execute(update(ChangeRow).values(commencement_on=postponed))
    session.commit()
    close_windows(session, at=at + 70 * DAY)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    close_windows(session, at=at + 91 * DAY)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.TERMINATED
    assert end_of_monitoring(session) == postponed


def test_the_vendor_terminates_only_where_and_when_the_terms_let_it(session, at):
    by_vendor = {"terminated_by": TerminationParty.VENDOR}
    client_only = announce(
        session,
        at,
        takes_effect=TakesEffect.IMMEDIATELY,
        if_unresolved=IfUnresolved.CLIENT_MAY_TERMINATE,
    )
    with pytest.raises(VendorMayNotTerminate):
        terminate(session, client_only, at + 40 * DAY, **by_vendor)
    with pytest.raises(DeclaredInFuture):
        terminate(session, client_only, at + 2 * DAY, declared_on=(at + 3 * DAY).date())


def test_the_vendor_waits_for_the_accommodation_period(session, at):
    by_vendor = {"terminated_by": TerminationParty.VENDOR}
    announced = announce(session, at, takes_effect=TakesEffect.IMMEDIATELY)
    with pytest.raises(VendorTooEarly):
        terminate(session, announced, at + 31 * DAY, **by_vendor)
    terminate(session, announced, at + 40 * DAY, **by_vendor)
    assert settlement_of(session).terminated_by == TerminationParty.VENDOR


def test_data_is_owed_from_the_end_of_the_services(session, at):
    announced = announce(
        session,
        at,
        takes_effect=TakesEffect.IMMEDIATELY,
        data=DataAtEnd.CLIENT_CHOOSES,
        data_days=30,
    )
    case_id = announced.case_ids[0]
    assert find_data_return(session, case_id) is None
    assert count_owed_data(session).count == 0
    session.rollback()
    ended_at = at + 5 * DAY
    terminate(session, announced, ended_at)
    close_windows(session, at=ended_at + UNDO_LASTS)
    (owed,) = list_owed_data(session)
    counted = count_owed_data(session)
    session.rollback()
    assert owed.due_on == counted.first_due_on == (ended_at + 30 * DAY).date()
    assert owed.waits_for_choice and counted.count == 1
    _deal_with_data(session, case_id, ended_at)


def _deal_with_data(session: Session, case_id: int, ended_at: datetime) -> None:
    later = ended_at + 3 * DAY
    said = {"note": "by mail of the client", "at": later, **LEGAL}
    with pytest.raises(ChoiceMissing):
        record_data_returned(session, case_id, later.date(), **said)
    with pytest.raises(MoveNotAllowed):
        choose_data_return(session, case_id, DataAtEnd.UNSPECIFIED, **said)
    choose_data_return(session, case_id, DataAtEnd.RETURN, **said)
    choose_data_return(session, case_id, DataAtEnd.RETURN, **said)
    with pytest.raises(DoneInFuture):
        record_data_returned(session, case_id, (later + 2 * DAY).date(), **said)
    with pytest.raises(DoneBeforeEnd):
        record_data_returned(session, case_id, (ended_at - DAY).date(), **said)
    with pytest.raises(ProofMissing):
        record_data_returned(session, case_id, later.date(), **said, why_no_proof=" ")
    why = {"why_no_proof": "the client's own admin looked on"}
    record_data_returned(session, case_id, later.date(), **said, **why)
    record_data_returned(session, case_id, later.date(), **said, **why)
    with pytest.raises(MoveNotAllowed):
        choose_data_return(session, case_id, DataAtEnd.DESTROY, **said)
    assert count_owed_data(session).count == 0
    session.rollback()
    types = evidence_types(session)
    assert types.count("data_choice_recorded") == types.count("data_returned") == 1


def test_what_the_terms_fix_about_data_is_no_choice(session, at):
    announced = announce(session, at, takes_effect=TakesEffect.IMMEDIATELY, data=DataAtEnd.DESTROY)
    terminate(session, announced, at + 5 * DAY)
    close_windows(session, at=at + 5 * DAY + UNDO_LASTS)
    case_id = announced.case_ids[0]
    row = find_data_return(session, case_id)
    assert row is not None and (row.wanted, row.due_on) == (DataAtEnd.DESTROY, None)
    session.rollback()
    said = {"note": "as the client asked", "at": at + 6 * DAY, **LEGAL}
    with pytest.raises(MoveNotAllowed):
        choose_data_return(session, case_id, DataAtEnd.RETURN, **said)
    why = {"why_no_proof": "keys destroyed"}
    record_data_returned(session, case_id, (at + 6 * DAY).date(), **said, **why)
