"""Withdrawing a change, and letting it commence by itself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.set_commencement import set_commencement
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.words import (
    ChangeState,
    NoticeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
)
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    SettlementRow,
)
from tests.support.release_world import LEGAL, PUBLISHER, Person, ReleaseWorld


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


def test_a_change_of_many_clients_is_withdrawn_part_by_part(
    world: ReleaseWorld, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mail is cancelled, each notice judged."""
    for number in range(7):
        people = [Person(address=f"dpo{number}-{place}@client.example") for place in range(2)]
        world.add_agreement(people=people)
    change = world.add_change()
    release = world.draft([change])
    world.approve(release)
    world.release(release)
    monkeypatch.setattr("subnotify.operations.withdraw_change.CHUNK", 2)
    assert withdraw(world, (release, change)) == 7
    states = session.scalars(select(MessageRow.state)).all()
    assert states == ["cancelled"] * 14
    assert set(session.scalars(select(CaseRow.outcome))) == {Outcome.CHANGE_WITHDRAWN}
    assert set(session.scalars(select(NoticeRow.state))) == {NoticeState.NOT_SERVED}
    cancelled = select(EvidenceRow.id).where(EvidenceRow.type == "message_cancelled")
    assert len(session.scalars(cancelled).all()) == 14


@pytest.mark.parametrize("is_sent", [True, False])
def test_statements_of_a_withdrawal_do_not_grow_with_its_clients(
    world: ReleaseWorld, session: Session, engine: Engine, is_sent: bool
) -> None:
    def statements(key: str, agreements: int) -> int:
        for _ in range(agreements):
            world.add_agreement()
        change = world.add_change(key)
        release = world.draft([change])
        world.approve(release)
        world.release(release)
        session.execute(update(AgreementServiceRow).values(until_on=world.at.date()))
        if is_sent:
            left = {"state": "handed_over", "handed_over_at": world.at}
            session.execute(update(MessageRow).values(left))
        session.commit()
        said: list[str] = []

        def note(*given: object) -> None:
            said.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert withdraw(world, (release, change)) == agreements
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(said)

    assert statements("few", 2) == statements("many", 12)
