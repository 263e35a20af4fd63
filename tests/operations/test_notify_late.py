"""Agreements that a change comes to concern after its release, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.commence_changes import GateShut, commence_change
from subnotify.operations.notify_late import notify_late
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.gates import count_unnotified
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
)
from tests.support.release_world import PARIS, ReleaseWorld

ALARM = "legal@hexapode.example"


@pytest.fixture
def world(session: Session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def released(world: ReleaseWorld, **given) -> int:
    change = world.add_change("orage", **given)
    release = world.draft([change])
    world.approve(release)
    world.release(release)
    return change


def notify(session: Session, at) -> int:
    return notify_late(session, zone=PARIS, legal_email=ALARM, at=at)


def test_an_agreement_signed_meanwhile_gets_a_notice_of_its_own(session, world, at):
    world.add_agreement()
    change = released(world)
    later = at + timedelta(days=3)
    assert notify(session, later) == 0
    new = world.add_agreement()
    session.commit()
    assert count_unnotified(session, [change], later.date()) == {change: 1}
    session.rollback()
    assert notify(session, later) == 1
    assert notify(session, later + timedelta(minutes=5)) == 0, "once"
    notice = session.scalars(select(NoticeRow).where(NoticeRow.agreement_id == new)).one()
    assert (notice.state, notice.created_at) == (NoticeState.QUEUED, later)
    case = session.scalars(select(CaseRow).where(CaseRow.agreement_id == new)).one()
    assert (case.state, case.notice_id, case.change_id) == (CaseState.WAITING, notice.id, change)
    message = session.scalars(select(MessageRow).where(MessageRow.notice_id == notice.id)).one()
    assert (message.state, message.next_attempt_at) == (MessageState.QUEUED, later)
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 2


def test_the_gate_waits_for_whom_nobody_notified(session, world, at):
    change = released(world)
    day = session.get_one(ChangeRow, change).commencement_on
    world.add_agreement()
    session.commit()
    due = at + timedelta(days=90)
    assert day is not None and due.date() > day
    with pytest.raises(GateShut):
        commence_change(session, change, zone=PARIS, by="Ines", actor="operator:1", at=due)
    session.execute(update(AgreementRow).values(ended_on=at.date()))
    session.commit()
    commence_change(session, change, zone=PARIS, by="Ines", actor="operator:1", at=due)
    assert session.get_one(ChangeRow, change).state == ChangeState.COMMENCED
    session.execute(update(AgreementRow).values(ended_on=None))
    session.commit()
    assert notify(session, due) == 0, "it is on the list that a new agreement gets"


def test_a_service_bought_meanwhile(session, world, at):
    agreement = world.add_agreement(services=("helpdesk",))
    change = released(world, services=("mail",))
    session.add(AgreementServiceRow(agreement_id=agreement, service_id=world.services["mail"].id))
    session.commit()
    assert notify(session, at + timedelta(days=1)) == 1
    assert session.scalars(select(CaseRow.change_id)).all() == [change]


def test_who_has_a_notice_of_the_release_gets_no_second_one_but_keeps_the_gate_shut(
    session, world, at
):
    agreement = world.add_agreement(services=("helpdesk",))
    first = world.add_change("orage", services=("helpdesk",))
    second = world.add_change("nuage", services=("mail",))
    release = world.draft([first, second])
    world.approve(release)
    world.release(release)
    session.add(AgreementServiceRow(agreement_id=agreement, service_id=world.services["mail"].id))
    session.commit()
    later = at + timedelta(days=1)
    assert notify(session, later) == 0
    assert count_unnotified(session, [first, second], later.date()) == {second: 1}


def test_legal_is_told_of_a_late_notice_that_cannot_be_served(session, world, at):
    released(world)
    world.add_agreement(people=())
    session.commit()
    notify(session, at + timedelta(days=1))
    case = session.scalars(select(CaseRow)).one()
    assert case.state == CaseState.HOLD
    alarm = session.scalars(
        select(MessageRow.to_address).where(MessageRow.purpose == MessagePurpose.DELIVERY_ALARM)
    ).all()
    assert alarm == [ALARM]
