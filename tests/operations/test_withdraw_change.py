"""Withdrawing a change, and letting it commence by itself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.set_commencement import set_commencement
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.words import (
    ChangeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
)
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    EvidenceRow,
    MessageRow,
    OutcomeRow,
    ResponseRow,
    SettlementRow,
)
from tests.support.release_world import LEGAL, PUBLISHER, ReleaseWorld


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.fixture
def released(world: ReleaseWorld) -> tuple[int, int]:
    """A released release with one change and two cases."""
    world.add_agreement()
    world.add_agreement()
    change = world.add_change()
    release = world.draft([change])
    world.approve(release)
    world.release(release)
    return release, change


def withdraw(world: ReleaseWorld, released: tuple[int, int], reason: str = "Not needed") -> int:
    later = world.at + timedelta(days=1)
    return withdraw_change(world.session, *released, reason=reason, by=LEGAL, at=later)


def test_open_cases_close_and_a_termination_stands(
    world: ReleaseWorld, released: tuple[int, int], session: Session
):
    terminated, open_case = session.scalars(select(CaseRow).order_by(CaseRow.id))
    objection = ResponseRow(
        reference="R-1",
        notice_id=terminated.notice_id,
        case_id=terminated.id,
        kind=ResponseKind.OBJECTION.value,
        channel=ResponseChannel.REGISTERED_POST.value,
        state=ResponseState.EFFECTIVE.value,
        received_at=world.at,
        digest="0" * 64,
    )
    session.add(objection)
    session.flush()
    settlement = SettlementRow(
        case_id=terminated.id,
        response_id=objection.id,
        kind=SettlementKind.TERMINATED.value,
        takes_effect_on=world.at.date() + timedelta(days=40),
        decided_at=world.at,
        decided_by="marc",
    )
    session.add(settlement)
    # Both clients have the notice.
    session.execute(update(MessageRow).values(state="handed_over", handed_over_at=world.at))
    session.commit()
    assert withdraw(world, released) == 2
    session.expire_all()
    assert session.get_one(ChangeRow, released[1]).state == ChangeState.WITHDRAWN
    assert open_case.outcome == Outcome.CHANGE_WITHDRAWN
    assert terminated.outcome is None
    # One mail to each, no other: also where the termination stands.
    told = session.execute(
        select(MessageRow.purpose, MessageRow.notice_id).where(MessageRow.purpose != "notice")
    ).all()
    assert sorted(told) == [
        ("withdrawn", terminated.notice_id),
        ("withdrawn", open_case.notice_id),
    ]
    kinds = set(session.scalars(select(EvidenceRow.type)))
    assert "change_withdrawn" in kinds


def test_it_needs_a_reason_and_an_announced_change(
    world: ReleaseWorld, released: tuple[int, int], session: Session
):
    with pytest.raises(ReasonMissing):
        withdraw(world, released, "  ")
    withdraw(world, released)
    with pytest.raises(MoveNotAllowed):
        withdraw(world, released)
    with pytest.raises(NotFound):
        withdraw(world, (released[0] + 1, released[1]))


def test_what_has_commenced_is_not_withdrawn(
    world: ReleaseWorld, released: tuple[int, int], session: Session
):
    session.get_one(ChangeRow, released[1]).state = ChangeState.COMMENCED.value
    session.commit()
    with pytest.raises(MoveNotAllowed):
        withdraw(world, released)


def test_commencing_by_itself_is_set_and_taken_back(
    world: ReleaseWorld, released: tuple[int, int], session: Session
):
    for by_itself in (True, True, False):
        set_commencement(session, *released, by_itself=by_itself, by=PUBLISHER, at=world.at)
        assert session.get_one(ChangeRow, released[1]).commences_by_itself is by_itself
    said = session.scalars(select(EvidenceRow.id).where(EvidenceRow.type == "commencement_set"))
    assert len(said.all()) == 2
    withdraw(world, released)
    with pytest.raises(MoveNotAllowed):
        set_commencement(session, *released, by_itself=True, by=PUBLISHER, at=world.at)


def test_who_had_answered_is_told_once_and_whose_agreement_ended_is_not(
    world: ReleaseWorld, released: tuple[int, int], session: Session
):
    accepted, ended = session.scalars(select(CaseRow).order_by(CaseRow.id))
    for case, outcome in ((accepted, Outcome.ACCEPTED), (ended, Outcome.AGREEMENT_ENDED)):
        case.state, case.outcome, case.outcome_at = "closed", outcome.value, world.at
        session.add(
            OutcomeRow(case_id=case.id, number=1, outcome=outcome, at=world.at, by="x", note="")
        )
    session.execute(update(MessageRow).values(state="handed_over", handed_over_at=world.at))
    session.commit()
    withdraw(world, released)
    session.expire_all()
    told = session.execute(
        select(MessageRow.purpose, MessageRow.notice_id).where(MessageRow.purpose != "notice")
    ).all()
    assert told == [("withdrawn", accepted.notice_id)]
    # An outcome is recorded once.
    assert [accepted.outcome, ended.outcome] == ["accepted", "agreement_ended"]
