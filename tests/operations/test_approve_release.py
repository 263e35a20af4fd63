"""Before a release goes out: drafts, approvals of one revision, and what is refused."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.draft_release import discard_release, edit_release
from subnotify.operations.release_checks import (
    ChangeNotAvailable,
    ContentChanged,
    LateNotConfirmed,
    OnePersonAlone,
    ReleaseNotApproved,
    StaleRevision,
    UnservableChanged,
)
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import Emergency, Period
from subnotify.rules.terms_words import Unit
from subnotify.rules.texts import local_text
from subnotify.rules.words import ReleaseState
from subnotify.storage.releases import get_release
from subnotify.storage.tables import (
    ChangeRow,
    ContactRow,
    NoticeRow,
    SubprocessorRow,
)
from tests.support.release_world import (
    BOTH,
    PUBLISHER,
    REGISTERED,
    ReleaseWorld,
)
from tests.support.scenario import terms_of
from tests.support.scenario_facts import ORAGE


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def ready(world: ReleaseWorld, *change_ids: int, confirmed: tuple[int, ...] = ()) -> int:
    release = world.draft(change_ids)
    world.approve(release, confirmed=confirmed)
    return release


def test_the_list_that_legal_confirmed_must_be_the_present_one(
    world: ReleaseWorld, session: Session
):
    agreement = world.add_agreement()
    release = ready(world, world.add_change())
    session.execute(ContactRow.__table__.update().values(email=None))
    session.commit()
    with pytest.raises(UnservableChanged) as refused:
        world.release(release)
    assert "Client 001 (DPA-1)" in str(refused.value)
    assert count(session, NoticeRow) == 0
    assert get_release(session, release).state is ReleaseState.APPROVED
    with pytest.raises(ReleaseNotApproved):
        world.release(world.draft([world.add_change("other")]))
    assert agreement


def test_legal_confirms_exactly_the_unservable(world: ReleaseWorld):
    agreement = world.add_agreement(people=())
    release = world.draft([world.add_change()])
    with pytest.raises(UnservableChanged):
        world.approve(release)
    world.approve(release, confirmed=[agreement])


def test_two_persons_or_one_with_a_reason(world: ReleaseWorld, session: Session):
    world.add_agreement()
    release = world.draft([world.add_change()])
    world.approve(release, by=BOTH)
    with pytest.raises(OnePersonAlone):
        world.release(release, by=BOTH)
    with pytest.raises(OnePersonAlone):
        world.release(release, by=BOTH, one_person_reason="Holiday")
    with pytest.raises(ReasonMissing):
        world.release(release, by=BOTH, one_person_release=True, one_person_reason="  ")
    world.release(release, by=BOTH, one_person_release=True, one_person_reason=" Holiday ")
    assert get_release(session, release).one_person_reason == "Holiday"


def test_an_edit_voids_the_approval_and_a_stale_one_is_refused(
    world: ReleaseWorld, session: Session, at: datetime
):
    world.add_agreement()
    change = world.add_change()
    release = ready(world, change)
    texts = world.texts(commencement_on=date(2026, 9, 1))
    assert edit_release(session, release, revision=1, change_ids=[change], texts=texts, at=at) == 2
    assert get_release(session, release).approved_by is None
    with pytest.raises(ReleaseNotApproved):
        world.release(release)
    with pytest.raises(StaleRevision):
        edit_release(session, release, revision=1, change_ids=[change], texts=texts, at=at)


def test_facts_changed_after_the_approval_are_not_released(world: ReleaseWorld, session: Session):
    world.add_agreement()
    change = world.add_change()
    release = ready(world, change)
    subprocessor = session.get_one(ChangeRow, change).subprocessor_id
    row = session.get_one(SubprocessorRow, subprocessor)
    other = replace(ORAGE, services=("mail",), address="Elsewhere 1")
    row.draft_facts = facts_to_mapping(other)
    session.commit()
    with pytest.raises(ContentChanged):
        world.release(release)


def test_gaps_block_approval_and_release(world: ReleaseWorld):
    world.add_agreement(terms=REGISTERED)
    gapless = replace(ORAGE, contact="", agreement_signed_on=None)
    release = world.draft([world.add_change(facts=gapless)], commencement_on=date(2020, 1, 1))
    with pytest.raises(ProblemsFound) as found:
        world.approve(release)
    where = {problem.where for problem in found.value.problems}
    assert where == {"commencement_on", "changes.orage.contact", "changes.orage.agreement"}


def test_a_change_is_in_one_release_at_a_time(world: ReleaseWorld, session: Session, at: datetime):
    change = world.add_change()
    first = world.draft([change])
    with pytest.raises(ChangeNotAvailable):
        world.draft([change])
    discard_release(session, first, revision=1, by=PUBLISHER, at=at)
    assert world.draft([change]) != first


SIX_WEEKS = replace(terms_of(REGISTERED), lead_time=Period(6, Unit.WEEKS))
IN_SIX_WEEKS = date(2026, 4, 13)


def test_who_is_told_late_is_confirmed_by_name(world: ReleaseWorld, session: Session):
    late, _ = world.add_agreement(terms=SIX_WEEKS), world.add_agreement()
    release = world.draft([world.add_change()], commencement_on=IN_SIX_WEEKS - timedelta(days=1))
    with pytest.raises(LateNotConfirmed, match=r"Client 001 \(DPA-1\)"):
        world.approve(release)
    world.approve(release, late=[late])
    assert get_release(session, release).confirmed_late == (late,)
    world.release(release)


def test_a_day_that_passes_can_make_notice_late(world: ReleaseWorld):
    world.add_agreement(terms=SIX_WEEKS)
    release = world.draft([world.add_change()], commencement_on=IN_SIX_WEEKS)
    world.approve(release)
    world.at += timedelta(days=1)
    with pytest.raises(LateNotConfirmed):
        world.release(release)
    world.at -= timedelta(days=1)
    world.release(release)


def test_nobody_is_late_in_an_emergency_that_the_terms_allow(world: ReleaseWorld):
    allowed = replace(SIX_WEEKS, emergency_replacement=Emergency(True))
    world.add_agreement(terms=allowed)
    forbidden = world.add_agreement(terms=SIX_WEEKS)
    why = local_text({"en": "The old one was breached.", "fr": "L'ancien a été compromis."})
    release = world.draft(
        [world.add_change()], commencement_on=world.at.date() + timedelta(days=2), emergency=why
    )
    world.approve(release, late=[forbidden])
    world.release(release)


def test_an_emergency_is_written_in_the_languages_of_its_clients(world: ReleaseWorld):
    world.add_agreement(language="fr")
    why = local_text({"en": "The old one was breached."})
    release = world.draft([world.add_change()], emergency=why)
    with pytest.raises(ProblemsFound, match=r"emergency\.fr"):
        world.approve(release)
