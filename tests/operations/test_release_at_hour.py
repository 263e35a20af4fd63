"""A release at its planned hour: kept, refused with an alarm, called off, never before its time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.confirm_late import confirm_late
from subnotify.operations.draft_release import edit_release
from subnotify.operations.release_at_hour import (
    HoursKept,
    call_off_release_hour,
    release_at_hour,
    set_release_hour,
)
from subnotify.operations.release_checks import (
    AlreadyReleased,
    LateNotConfirmed,
    OnePersonAlone,
    ReleaseNotApproved,
)
from subnotify.rules.release_hours import HourPassed, HourTooFar
from subnotify.rules.words import MessagePurpose, Role
from subnotify.storage.releases import get_release
from subnotify.storage.tables import (
    ContactRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    OperatorRow,
    ReleaseRow,
)
from tests.operations.rendering import one_text
from tests.operations.test_plan_release import SIX_WEEKS
from tests.support.release_world import BOTH, LEGAL, PARIS, PUBLISHER, ReleaseWorld

HOUR = timedelta(hours=1)
LEGAL_EMAIL = "legal@hexapode.example"


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    made = ReleaseWorld(session, at=at)
    made.add_agreement()
    session.add_all(
        OperatorRow(
            id=one.id,
            name=one.name,
            email=one.email,
            password_hash="x",
            roles=[role.value for role in one.roles],
            active=True,
            created_at=at,
        )
        for one in (PUBLISHER, LEGAL, BOTH)
    )
    session.commit()
    return made


@pytest.fixture
def release(world: ReleaseWorld) -> int:
    made = world.draft([world.add_change()])
    world.approve(made)
    return made


def plan(world: ReleaseWorld, release: int, hour: datetime, **given: object) -> None:
    set_release_hour(
        world.session,
        release,
        revision=get_release(world.session, release).revision,
        hour=hour,
        **{"by": PUBLISHER, "zone": PARIS, "at": world.at, **given},
    )


def run(world: ReleaseWorld, at: datetime) -> HoursKept:
    return release_at_hour(
        world.session, zone=PARIS, legal_email=LEGAL_EMAIL, one_person_release=False, at=at
    )


def state(session: Session, release: int) -> ReleaseRow:
    session.expire_all()
    row = session.get_one(ReleaseRow, release)
    session.refresh(row)
    session.rollback()
    return session.get_one(ReleaseRow, release)


def evidence(session: Session) -> list[str]:
    found = session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id))
    return [kind for kind in found if "hour" in kind or "release" in kind]


def test_it_is_released_once_at_its_hour_and_not_before(world, session, release, at):
    plan(world, release, at + 3 * HOUR)
    assert run(world, at + 3 * HOUR - timedelta(seconds=1)) == HoursKept(0, 0)
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 0
    session.rollback()
    assert run(world, at + 3 * HOUR) == HoursKept(1, 0)
    assert run(world, at + 4 * HOUR) == HoursKept(0, 0)
    row = state(session, release)
    assert (row.state, row.released_by, row.released_at) == ("released", "ines", at + 3 * HOUR)
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 1


def test_who_approved_cannot_plan_alone(world, release, at):
    with pytest.raises(OnePersonAlone):
        plan(world, release, at + HOUR, by=LEGAL)


def test_a_draft_cannot_be_planned(world, at):
    release = world.draft([world.add_change()])
    with pytest.raises(ReleaseNotApproved):
        plan(world, release, at + HOUR)


def test_the_dates_are_those_of_the_hour(world, session, at):
    """In time now, too late in nineteen days: legal has not confirmed that."""
    world.add_agreement(terms=SIX_WEEKS)
    release = world.draft([world.add_change()], commencement_on=(at + 50 * 24 * HOUR).date())
    world.approve(release)
    plan(world, release, at + HOUR)
    with pytest.raises(LateNotConfirmed):
        plan(world, release, at + 19 * 24 * HOUR)
    assert state(session, release).planned_for_at == at + HOUR


def test_legal_confirms_ahead_who_is_late_at_the_hour(world, session, at):
    late = world.add_agreement(terms=SIX_WEEKS)
    release = world.draft([world.add_change()], commencement_on=(at + 50 * 24 * HOUR).date())
    world.approve(release)
    hour = at + 19 * 24 * HOUR

    def confirm(*agreements: int, hour: datetime = hour, at: datetime = at) -> int:
        given = {"revision": 1, "hour": hour, "confirmed_late": agreements, "by": LEGAL}
        return confirm_late(session, release, zone=PARIS, at=at, **given)

    with pytest.raises(LateNotConfirmed):
        confirm()
    with pytest.raises(HourPassed):
        confirm(late, hour=at)
    with pytest.raises(HourTooFar):
        confirm(late, hour=at + 31 * 24 * HOUR)
    assert confirm(late, hour=at + HOUR) == 0, "nobody is late so early"
    assert confirm(late) == 1
    assert confirm(late) == 0
    assert get_release(session, release).confirmed_late == (late,)
    session.rollback()
    plan(world, release, hour)
    assert run(world, hour) == HoursKept(1, 0)
    assert evidence(session).count("release_late_confirmed") == 1
    with pytest.raises(AlreadyReleased):
        confirm(late, hour=hour + HOUR, at=hour)


def test_who_is_late_since_the_hour_was_planned_is_confirmed_ahead(world, session, at):
    """An agreement that is signed after the approval, too late for its lead time."""
    release = world.draft([world.add_change()], commencement_on=(at + 31 * 24 * HOUR).date())
    world.approve(release)
    plan(world, release, at + 3 * HOUR)
    late = world.add_agreement(terms=SIX_WEEKS)
    found = {"hour": at + 3 * HOUR, "confirmed_late": [late], "by": LEGAL, "zone": PARIS}
    assert confirm_late(session, release, revision=1, at=at + HOUR, **found) == 1
    assert run(world, at + 3 * HOUR) == HoursKept(1, 0)


def test_refused_at_its_hour_it_stays_approved_and_both_are_told(world, session, release, at):
    plan(world, release, at + HOUR)
    session.execute(update(ContactRow).values(email=None))
    session.commit()
    assert run(world, at + HOUR) == HoursKept(0, 1)
    assert run(world, at + 2 * HOUR) == HoursKept(0, 0)
    row = state(session, release)
    assert (row.state, row.hour_refused_at) == ("approved", at + HOUR)
    told = session.execute(
        select(MessageRow.to_address, MessageRow.purpose).order_by(MessageRow.id)
    ).all()
    assert [tuple(one) for one in told] == [
        (PUBLISHER.email, MessagePurpose.RELEASE_ALARM),
        (LEGAL_EMAIL, MessagePurpose.RELEASE_ALARM),
    ]
    mail = one_text(session, at + 2 * HOUR, MessagePurpose.RELEASE_ALARM)
    assert "cannot be served or computed are not those" in " ".join(mail.text.split())
    assert f"/desk/releases/{release}" in mail.text
    # Mended, another hour is planned and kept.
    session.execute(update(ContactRow).values(email="dpo@client.example"))
    session.commit()
    plan(world, release, at + 3 * HOUR, at=at + 2 * HOUR)
    assert run(world, at + 3 * HOUR) == HoursKept(1, 0)


def test_called_off_nothing_happens(world, session, release, at):
    plan(world, release, at + HOUR)
    assert call_off_release_hour(session, release, revision=1, by=LEGAL, at=at)
    assert not call_off_release_hour(session, release, revision=1, by=LEGAL, at=at)
    assert run(world, at + HOUR) == HoursKept(0, 0)
    assert state(session, release).state == "approved"


def test_an_edit_voids_the_hour_with_the_approval(world, session, release, at):
    plan(world, release, at + HOUR)
    edit_release(session, release, revision=1, change_ids=[1], texts=world.texts(), at=at)
    world.approve(release)
    assert run(world, at + HOUR) == HoursKept(0, 0)
    assert state(session, release).planned_for_at is None


def test_a_long_standstill_and_a_publisher_who_left_are_refused(world, session, release, at):
    plan(world, release, at + HOUR)
    assert run(world, at + 24 * HOUR) == HoursKept(0, 1)
    plan(world, release, at + 26 * HOUR, at=at + 25 * HOUR)
    session.execute(
        update(OperatorRow).where(OperatorRow.name == "ines").values(roles=[Role.ADMIN.value])
    )
    session.commit()
    assert run(world, at + 26 * HOUR) == HoursKept(0, 1)
    refusal = state(session, release).hour_refusal
    assert refusal["values"] == {"name": "ines"}


def test_each_step_is_on_record(world, session, release, at):
    plan(world, release, at + HOUR)
    call_off_release_hour(session, release, revision=1, by=LEGAL, at=at)
    plan(world, release, at + HOUR)
    session.execute(update(ContactRow).values(email=None))
    session.commit()
    run(world, at + HOUR)
    assert evidence(session) == [
        "release_approved",
        "release_hour_set",
        "release_hour_called_off",
        "release_hour_set",
        "release_hour_refused",
    ]
