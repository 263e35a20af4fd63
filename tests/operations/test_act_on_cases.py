"""One step for many cases: each is judged anew, and what it does not fit is left out and told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.act_on_cases import (
    AlreadyOwned,
    CaseGone,
    CaseIsClosed,
    NothingToRead,
    TooManyAtOnce,
    UnknownOwner,
    assign_cases,
    clear_hold_of_cases,
    read_replies_of_cases,
)
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.tables import CaseRow, EvidenceRow, OperatorRow, ResponseRow
from tests.operations.desk import LEGAL, add_response, case_of, evidence_types, standing_of
from tests.support.scenario import Scenario

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    lucie = OperatorRow(
        name="Lucie", email="lucie@vendor.example", password_hash="x", roles=[], created_at=at
    )
    session.add(lucie)
    return Scenario(session, at=at)


def test_cases_get_an_owner_and_a_stale_one_is_left_out(session, scenario, at):
    cases = [scenario.announce().case_ids[0] for _ in range(4)]
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == cases[1])
        .values(state="closed", outcome="accepted", outcome_at=at)
    )
    session.execute(update(CaseRow).where(CaseRow.id == cases[2]).values(owner="Lucie"))
    session.commit()
    report = assign_cases(session, [*cases, 999], "Lucie", at=at, **LEGAL)
    assert report.done == [cases[0], cases[3]]
    assert {one.case_id: type(one.why) for one in report.left_out} == {
        cases[1]: CaseIsClosed,
        cases[2]: AlreadyOwned,
        999: CaseGone,
    }
    assert [case_of(session, x).owner for x in cases] == ["Lucie", None, "Lucie", "Lucie"]
    assert evidence_types(session).count("case_assigned") == 2
    assert assign_cases(session, cases[:1], None, at=at, **LEGAL).done == [cases[0]]
    assert case_of(session, cases[0]).owner is None
    last = select(EvidenceRow.object_id).order_by(EvidenceRow.id.desc()).limit(1)
    assert session.scalar(last) == cases[0]


def test_who_is_no_operator_gets_none_and_too_many_are_refused(session, scenario, at):
    case_id = scenario.announce().case_ids[0]
    with pytest.raises(UnknownOwner):
        assign_cases(session, [case_id], "Nobody", at=at, **LEGAL)
    with pytest.raises(TooManyAtOnce):
        assign_cases(session, range(501), "Lucie", at=at, **LEGAL)
    assert case_of(session, case_id).owner is None


def test_what_waits_is_read_case_by_case(session, scenario, at):
    asked, other = scenario.announce(), scenario.announce()
    with transaction(session):
        add_response(session, asked.notice_id, None, "question", at + DAY, text="Where?")
        apply_standings(session, asked.case_ids, actor="client:notice:1", at=at + DAY)
    cases = [*asked.case_ids, *other.case_ids]
    report = read_replies_of_cases(session, cases, at=at + DAY, **LEGAL)
    assert report.done == list(asked.case_ids)
    assert [type(one.why) for one in report.left_out] == [NothingToRead]
    assert session.scalars(select(ResponseRow.read_by)).all() == [LEGAL["by"]]
    session.rollback()
    again = read_replies_of_cases(session, cases, at=at + DAY, **LEGAL)
    assert again.done == []


def test_a_hold_is_cleared_where_the_rules_allow_it(session, scenario, at):
    held, other = scenario.announce(), scenario.announce()
    with transaction(session):
        add_response(session, held.notice_id, None, "objection", at + DAY, disowned_at=at + 2 * DAY)
        apply_standings(session, held.case_ids, actor="client:notice:1", at=at + 2 * DAY)
    reason = HoldReason.RESPONSE_DISOWNED
    assert reason in standing_of(session, held.case_ids[0])[1]
    cases = [*held.case_ids, *other.case_ids]
    with pytest.raises(ReasonMissing):
        clear_hold_of_cases(session, cases, reason, note=" ", at=at + 3 * DAY, **LEGAL)
    report = clear_hold_of_cases(session, cases, reason, note="called", at=at + 3 * DAY, **LEGAL)
    assert report.done == list(held.case_ids)
    assert [type(one.why) for one in report.left_out] == [MoveNotAllowed]
    assert reason not in standing_of(session, held.case_ids[0])[1]
    assert standing_of(session, other.case_ids[0])[0] is CaseState.OPEN
    never = clear_hold_of_cases(
        session, cases, HoldReason.REPLIES_NOT_READ, note="x", at=at + 3 * DAY, **LEGAL
    )
    assert never.done == []
