"""Amendments of the list after their release: who is told, what the list says, what is undone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.commence_changes import GateShut, commence_change
from subnotify.operations.draft_change import draft_new_subprocessor
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.notify_late import notify_late
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.locations import Location
from subnotify.rules.releases import notifies
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping, facts_to_mapping
from subnotify.rules.words import CaseState, ChangeKind, LocationKind, Outcome, VendorRole
from subnotify.storage.registry import (
    latest_entries,
    list_draft_changes,
    list_entries_in_force,
)
from subnotify.storage.tables import CaseRow, ChangeRow, ListEntryRow
from tests.operations.desk import LEGAL, case_of
from tests.support.entries import find_entry_in_force
from tests.support.release_world import PARIS, PUBLISHER, ReleaseWorld
from tests.support.scenario_facts import ORAGE

WIDER = (*ORAGE.locations, Location("IE", LocationKind.SUPPORT))
FACTS = replace(ORAGE, services=("mail",))


@pytest.fixture
def world(session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.fixture
def orage(world: ReleaseWorld) -> int:
    """On the list since 2021, for the service mail; its id."""
    number = world.add_listed("orage")
    world.session.scalars(select(ListEntryRow)).one().facts = facts_to_mapping(FACTS)
    world.session.commit()
    return number


def announce(world: ReleaseWorld, number: int, facts: SubprocessorFacts) -> int:
    """Draft, approve and release an amendment; the id of the change."""
    save_draft_facts(world.session, number, facts, by="ines", at=world.at)
    [draft] = list_draft_changes(world.session)
    world.session.rollback()
    assert draft.kind is ChangeKind.AMENDMENT
    release = world.draft([draft.id], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    return draft.id


def cases(session: Session) -> list[CaseRow]:
    rows = list(session.scalars(select(CaseRow).order_by(CaseRow.id)))
    session.rollback()
    return rows


def test_the_release_freezes_what_the_list_said(session, world, orage, at):
    world.add_agreement()
    change_id = announce(world, orage, replace(FACTS, locations=WIDER))
    change = session.get_one(ChangeRow, change_id)
    before = facts_from_mapping(change.before_facts)
    assert before == FACTS
    assert all(place.assessed for place in before.locations)
    assert facts_from_mapping(change.facts).locations == WIDER


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (VendorRole.PROCESSOR, VendorRole.CONTROLLER),
        (VendorRole.CONTROLLER, VendorRole.PROCESSOR),
    ],
)
def test_a_change_of_role_is_told_in_both_directions(session, world, orage, at, before, after):
    session.scalars(select(ListEntryRow)).one().facts = facts_to_mapping(
        replace(FACTS, role=before)
    )
    session.commit()
    assert notifies(replace(FACTS, role=after), replace(FACTS, role=before))
    world.add_agreement()
    announce(world, orage, replace(FACTS, role=after))
    assert len(cases(session)) == 1
    # So is who buys the service while it is announced.
    world.add_agreement()
    assert notify_late(session, zone=PARIS, legal_email="l@v.example", at=at + timedelta(1)) == 1
    assert len(cases(session)) == 2


def test_of_a_recipient_nobody_is_told(session, world, orage, at):
    own = replace(FACTS, role=VendorRole.CONTROLLER)
    session.scalars(select(ListEntryRow)).one().facts = facts_to_mapping(own)
    session.commit()
    world.add_agreement()
    announce(world, orage, replace(own, locations=WIDER))
    assert cases(session) == []


def test_who_keeps_the_old_entry_finds_it_beside_the_new_one(session, world, orage, at):
    world.add_agreement()
    change_id = announce(world, orage, replace(FACTS, locations=WIDER))
    day = at + timedelta(days=61)
    with pytest.raises(GateShut):
        commence_change(session, change_id, zone=PARIS, at=day, **LEGAL)
    [case] = cases(session)
    gate_out_client(session, case.id, note="France only", at=day, **LEGAL)
    commence_change(session, change_id, zone=PARIS, at=day, **LEGAL)
    on = day.astimezone(PARIS).date()
    old, new = list_entries_in_force(session, on)
    assert (old.facts.locations, old.phased_out_from_on) == (FACTS.locations, on)
    assert (new.facts.locations, new.phased_out_from_on) == (WIDER, None)
    # Everybody who asks for the one entry gets the new one.
    assert find_entry_in_force(session, orage, on) == new
    assert latest_entries(session)[orage] == new
    session.rollback()

    # The next amendment ends the new entry, and leaves the kept one alone.
    world.at = day
    moved = (*WIDER, Location("PT", LocationKind.HOSTING))
    second = announce(world, orage, replace(FACTS, locations=moved))
    later = day + timedelta(days=61)
    gate_out_client(session, cases(session)[-1].id, note="France only", at=later, **LEGAL)
    commence_change(session, second, zone=PARIS, at=later, **LEGAL)
    entries = list_entries_in_force(session, later.astimezone(PARIS).date())
    assert [x.facts.locations for x in entries] == [FACTS.locations, WIDER, moved]
    assert [x.phased_out_from_on is None for x in entries] == [False, False, True]


def test_withdrawn_the_list_says_what_it_said(session, world, orage, at):
    world.add_agreement()
    change_id = announce(world, orage, replace(FACTS, locations=WIDER))
    release_id = session.get_one(ChangeRow, change_id).release_id
    session.rollback()
    withdraw_change(session, release_id, change_id, reason="not after all", by=PUBLISHER, at=at)
    [case] = cases(session)
    told = case_of(session, case.id)
    assert (told.state, told.outcome) == (CaseState.CLOSED.value, Outcome.CHANGE_WITHDRAWN.value)
    entry = find_entry_in_force(session, orage, (at + timedelta(days=90)).date())
    assert entry.facts.locations == FACTS.locations
    session.rollback()
    # It can be announced again.
    announce(world, orage, replace(FACTS, locations=WIDER))


def test_who_is_only_kept_comes_back_as_an_addition(session, world, orage, at):
    """Its clients but one would otherwise be told of an amendment, which not all terms cover."""
    kept = session.scalars(select(ListEntryRow)).one()
    kept.phased_out_from_on = at.date()
    session.commit()
    save_draft_facts(session, orage, replace(FACTS, contact="new@orage.example"), by="i", at=at)
    [draft] = list_draft_changes(session)
    assert draft.kind is ChangeKind.ADDITION
    session.rollback()
    world.add_agreement()
    release = world.draft([draft.id])
    world.approve(release)
    world.release(release)
    assert session.get_one(ChangeRow, draft.id).before_facts is None


def test_what_has_left_the_list_since_it_was_drafted_is_not_amended(session, world, orage, at):
    world.add_agreement()
    save_draft_facts(session, orage, replace(FACTS, locations=WIDER), by="i", at=at)
    [draft] = list_draft_changes(session)
    assert draft.kind is ChangeKind.AMENDMENT
    session.scalars(select(ListEntryRow)).one().in_force_until_on = at.date()
    session.commit()
    release = world.draft([draft.id])
    with pytest.raises(ProblemsFound) as refused:
        world.approve(release)
    assert [x.where for x in refused.value.problems] == ["changes.orage.kind"]
    session.rollback()
    # As the message says: saved again, it is an addition.
    save_draft_facts(session, orage, replace(FACTS, locations=WIDER), by="i", at=at)
    [again] = list_draft_changes(session)
    assert (again.id, again.kind) == (draft.id, ChangeKind.ADDITION)
    session.rollback()
    world.approve(release)


def test_a_draft_that_misses_a_service_of_the_list_is_saved_anew(session, world, orage, at):
    """What the entry to be replaced helps to provide has grown since: its clients are told too."""
    facts = replace(FACTS, name="Pluie SAS")
    pluie = draft_new_subprocessor(session, "pluie", facts, replaces_id=orage, by="ines", at=at)
    [draft] = list_draft_changes(session)
    session.rollback()
    entry = session.scalars(select(ListEntryRow)).one()
    entry.facts = facts_to_mapping(replace(FACTS, services=("mail", "helpdesk")))
    session.commit()
    release = world.draft([draft.id])
    with pytest.raises(ProblemsFound) as refusal:
        world.approve(release)
    assert [x.where for x in refusal.value.problems] == ["changes.pluie.services"]
    assert save_draft_facts(session, pluie, facts, by="ines", at=at)
    world.approve(release)
    assert not save_draft_facts(session, pluie, facts, by="ines", at=at)
