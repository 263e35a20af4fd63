"""The removal of an entry: drafted, taken back, announced, and on its day off the list."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.commence_changes import commence_change
from subnotify.operations.discard_draft import discard_draft
from subnotify.operations.draft_removal import (
    ChangePending,
    DraftInTheWay,
    NotRemovable,
    draft_removal,
)
from subnotify.operations.preview_release import preview_release
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.texts import local_text
from subnotify.rules.words import CaseState, ChangeKind, NoticeState, Outcome
from subnotify.storage.registry import (
    get_subprocessor,
    list_draft_changes,
)
from subnotify.storage.tables import CaseRow, ChangeRow, ListEntryRow, NoticeRow
from tests.operations.desk import LEGAL, case_of, evidence_types
from tests.operations.desk_registry import facts_on_record
from tests.support.entries import find_entry_in_force
from tests.support.release_world import FIFTEEN, PARIS, ReleaseWorld, terms_of
from tests.support.scenario_facts import ORAGE

BY = {"by": "ines", "actor": "operator:1"}


@pytest.fixture
def world(session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def listed(world: ReleaseWorld, key: str = "orage", **changed: object) -> int:
    """Orage on the list, for the service mail; its id."""
    number = world.add_listed(key)
    facts = replace(ORAGE, **{"services": ("mail",), **changed})
    entry = world.session.scalars(
        select(ListEntryRow).where(ListEntryRow.subprocessor_id == number)
    ).one()
    entry.facts = facts_to_mapping(facts)
    world.session.commit()
    return number


def removal_of(world: ReleaseWorld, number: int) -> int:
    return draft_removal(world.session, number, by="ines", at=world.at)


def test_a_removal_is_drafted_and_taken_back(session, world, at):
    number = listed(world)
    change_id = removal_of(world, number)
    [draft] = list_draft_changes(session)
    assert (draft.id, draft.kind, draft.services) == (
        change_id,
        ChangeKind.REMOVAL,
        frozenset({"mail"}),
    )
    # Saving the facts as the list has them is no other intention.
    assert not save_draft_facts(session, number, draft.facts, by="ines", at=at)
    assert [x.kind for x in list_draft_changes(session)] == [ChangeKind.REMOVAL]
    discard_draft(session, number, at=at, **BY)
    assert list_draft_changes(session) == ()
    assert get_subprocessor(session, number).draft_facts is None
    [discarded] = facts_on_record(session, "draft_discarded")
    assert (discarded["by"], discarded["kind"], discarded["drafted_by"]) == (
        "ines",
        "removal",
        "ines",
    )


def test_other_facts_saved_over_it_make_it_an_amendment(session, world, at):
    number = listed(world)
    removal_of(world, number)
    facts = replace(ORAGE, services=("mail",), activities=local_text({"en": "Backups"}))
    assert save_draft_facts(session, number, facts, by="ines", at=at)
    assert [x.kind for x in list_draft_changes(session)] == [ChangeKind.AMENDMENT]


def test_what_cannot_be_removed(session, world, at):
    number = listed(world)
    draft = world.add_change("mirador")
    new = session.get_one(ChangeRow, draft).subprocessor_id
    session.rollback()
    with pytest.raises(NotRemovable):
        removal_of(world, new)
    with pytest.raises(NotFound):
        removal_of(world, 999)
    removal_of(world, number)
    with pytest.raises(DraftInTheWay):
        removal_of(world, number)
    release = world.draft([list_draft_changes(session)[-1].id])
    world.add_agreement()
    world.approve(release)
    world.release(release)
    with pytest.raises(ChangePending):
        removal_of(world, number)


def released_removal(world: ReleaseWorld, number: int, terms: NoticeTerms | str) -> CaseRow:
    world.add_agreement(terms=terms)
    release = world.draft([removal_of(world, number)])
    world.approve(release)
    world.release(release)
    case = world.session.scalars(select(CaseRow)).one()
    world.session.expunge(case)
    world.session.rollback()
    return case


def dispatch(session: Session, case_id: int, at: datetime) -> None:
    """The mails of the notice left."""
    with transaction(session):
        notice = session.get_one(NoticeRow, session.get_one(CaseRow, case_id).notice_id)
        notice.state, notice.dispatched_at = NoticeState.SERVING.value, at
        session.flush()
        apply_standings(session, [case_id], actor="job:test", at=at)


def test_where_the_terms_do_not_cover_removals_the_client_is_informed(session, world, at):
    number = listed(world)
    terms = replace(terms_of(FIFTEEN), changes_covered=frozenset({ChangeKind.ADDITION}))
    case = released_removal(world, number, terms)
    change_id = case.change_id
    dispatch(session, case.id, at)
    told = case_of(session, case.id)
    assert (told.state, told.outcome) == (CaseState.CLOSED.value, Outcome.INFORMED.value)
    assert (told.opens_at, told.closes_at) == (None, None)
    later = at + timedelta(days=61)
    commence_change(session, change_id, zone=PARIS, at=later, **LEGAL)
    on = later.astimezone(PARIS).date()
    assert find_entry_in_force(session, number, on) is None
    session.rollback()
    assert "change_commenced" in evidence_types(session)
    # It was in force until then, and can be drafted anew as an addition.
    assert find_entry_in_force(session, number, on - timedelta(days=1)) is not None


def test_where_the_terms_cover_removals_a_window_will_run(session, world, at):
    number = listed(world)
    terms = replace(terms_of(FIFTEEN), changes_covered=frozenset(ChangeKind))
    case = released_removal(world, number, terms)
    assert (case.state, case.outcome) == (CaseState.WAITING.value, None)


def problems(world: ReleaseWorld, release: int) -> list[str]:
    found = preview_release(world.session, release, zone=PARIS, at=world.at).problems
    world.session.rollback()
    return [x.message % dict(x.params) for x in found]


def test_an_entry_that_engages_another_one_stays_unless_both_go(session, world, at):
    number = listed(world)
    below = listed(world, "below", name="Below SAS", engaged_by="orage")
    first = removal_of(world, number)
    release = world.draft([first])
    assert problems(world, release) == [
        "Entries that stay on the list are engaged by this one: Below SAS."
    ]
    with pytest.raises(ProblemsFound):
        world.approve(release)
    both = removal_of(world, below)
    release = world.draft([both])
    assert problems(world, release) == []
    discard_draft(session, below, at=at, **BY)
    discard_draft(session, number, at=at, **BY)
    release = world.draft([removal_of(world, number), removal_of(world, below)])
    assert problems(world, release) == []


def test_an_entry_to_be_replaced_is_not_removed_too(session, world, at):
    replacement = world.add_change("mirador", replaces="old")
    old = session.get_one(ChangeRow, replacement).replaced_id
    session.rollback()
    release = world.draft([replacement, removal_of(world, old)])
    assert any("is to be replaced by" in x for x in problems(world, release))
