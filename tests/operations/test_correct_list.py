"""Corrections of the list: two persons, no release, no window touched."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.correct_list import (
    AlreadyDecided,
    ChangeAnnounced,
    CorrectionWaits,
    IsAChange,
    ListMovedOn,
    NothingToCorrect,
    confirm_list_correction,
    propose_list_correction,
    refuse_list_correction,
)
from subnotify.operations.draft_removal import draft_removal
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.two_person_decisions import SecondPersonNeeded
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_words import ListStatus
from subnotify.rules.words import ChangeKind, CorrectionState, LocationKind
from subnotify.storage.list_corrections import get_correction, list_waiting_corrections
from subnotify.storage.registry import (
    get_subprocessor,
    get_vendor,
    latest_entries,
    list_draft_changes,
    list_entries_in_force,
)
from subnotify.storage.tables import CaseRow, ListEntryRow, ListPublicationRow
from tests.operations.desk_registry import facts_on_record
from tests.support.entries import find_entry_in_force
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario_facts import MIRADOR
from tests.support.transfers import clauses, framework

SEAT = Location("US", LocationKind.ESTABLISHMENT, (framework("Mirador Logs Inc."),))
FACTS = replace(MIRADOR, services=("mail",), locations=(SEAT,))
INES: dict[str, Any] = {"by": "ines", "actor": "operator:1"}
MARC: dict[str, Any] = {"by": "marc", "actor": "operator:2"}


@pytest.fixture
def world(session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.fixture
def mirador(world: ReleaseWorld) -> int:
    """On the list since 2021; its id."""
    number = world.add_listed("mirador")
    entry = world.session.scalars(select(ListEntryRow)).one()
    entry.facts = facts_to_mapping(FACTS)
    world.session.commit()
    return number


def save(world: ReleaseWorld, number: int, facts: SubprocessorFacts) -> None:
    save_draft_facts(world.session, number, facts, by="ines", at=world.at)


def propose(world: ReleaseWorld, number: int, facts: SubprocessorFacts, reason="new number") -> int:
    save(world, number, facts)
    return propose_list_correction(
        world.session, number, reason=reason, zone=PARIS, at=world.at, **INES
    )


def confirm(
    session: Session, correction: int, at: datetime, who: dict[str, Any] = MARC, **given: Any
) -> int:
    return confirm_list_correction(session, correction, zone=PARIS, at=at, **who, **given)


def test_a_second_person_lets_the_list_say_it(session, world, mirador, at):
    world.add_agreement()
    facts = replace(FACTS, contact="+33 1 23 45 67 89", guarantees_reviewed_on=date(2026, 3, 1))
    correction = propose(world, mirador, facts)
    # The proposal took the draft and its change over: nothing can be announced of it any more.
    assert list_draft_changes(session) == ()
    assert get_subprocessor(session, mirador).draft_facts is None
    assert [x.id for x in list_waiting_corrections(session)] == [correction]
    today = at.astimezone(PARIS).date()
    assert find_entry_in_force(session, mirador, today).facts.contact == FACTS.contact
    session.rollback()
    with pytest.raises(SecondPersonNeeded):
        confirm(session, correction, at, {"by": "renamed", "actor": "operator:1"})

    later = at + timedelta(days=1)
    assert confirm(session, correction, later) == 1
    on = later.astimezone(PARIS).date()
    entry = find_entry_in_force(session, mirador, on)
    assert (entry.facts.contact, entry.change_id) == ("+33 1 23 45 67 89", None)
    assert (entry.in_force_from_on, entry.since_on) == (on, date(2021, 1, 1))
    # Before, and in the whole history, the list said what it said.
    assert find_entry_in_force(session, mirador, today).facts.contact == FACTS.contact
    assert len(list_entries_in_force(session, on)) == 1
    assert latest_entries(session)[mirador].since_on == date(2021, 1, 1)
    vendor = get_vendor(session)
    assert (vendor.list_version, vendor.list_changed_at) == (1, later)
    publication = session.scalars(select(ListPublicationRow)).one()
    assert (publication.by, publication.note) == ("marc", "new number")
    assert session.scalars(select(CaseRow)).all() == []
    session.rollback()
    [said] = facts_on_record(session, "correction_confirmed")
    assert (said["by"], said["proposed_by"], said["reason"]) == ("marc", "ines", "new number")
    assert sorted(said["fields"]) == ["contact", "guarantees_reviewed_on"]
    with pytest.raises(AlreadyDecided):
        confirm(session, correction, later)
    # Corrected again the same day: the day is one entry's, not two's.
    again = propose(world, mirador, replace(facts, website="https://mirador.example/en"))
    confirm(session, again, later)
    [entry] = list_entries_in_force(session, on)
    assert (entry.facts.website, entry.since_on) == (
        "https://mirador.example/en",
        date(2021, 1, 1),
    )


def test_a_certification_looked_up_again_is_a_correction(session, world, mirador, at):
    checked = framework("Mirador Logs Inc.", checked_on=date(2026, 3, 1))
    facts = replace(FACTS, locations=(replace(SEAT, bases=(checked,)),))
    confirm(session, propose(world, mirador, facts), at)
    today = at.astimezone(PARIS).date()
    found = find_entry_in_force(session, mirador, today).facts
    assert found.locations[0].bases == (checked,)
    assert found.locations[0].assessed


def test_one_person_where_the_setting_allows_it_and_with_a_reason(session, world, mirador, at):
    correction = propose(world, mirador, replace(FACTS, contact="x@mirador.example"))
    with pytest.raises(ReasonMissing):
        confirm(session, correction, at, INES, one_person=True)
    confirm(session, correction, at, INES, one_person=True, one_person_reason="alone this week")
    assert get_correction(session, correction).decision_note == "alone this week"


def test_a_refusal_has_a_note_and_gives_the_draft_back(session, world, mirador, at):
    facts = replace(FACTS, contact="x@mirador.example")
    correction = propose(world, mirador, facts)
    with pytest.raises(ReasonMissing):
        refuse_list_correction(session, correction, note=" ", at=at, **MARC)
    refuse_list_correction(session, correction, note="ask them first", at=at, **MARC)
    stored = get_correction(session, correction)
    assert (stored.state, stored.decided_by, stored.decision_note) == (
        CorrectionState.REFUSED,
        "marc",
        "ask them first",
    )
    assert get_subprocessor(session, mirador).draft_facts == facts
    session.rollback()
    with pytest.raises(AlreadyDecided):
        refuse_list_correction(session, correction, note="again", at=at, **MARC)
    with pytest.raises(NotFound):
        refuse_list_correction(session, 999, note="none", at=at, **MARC)
    # What was drafted meanwhile is not overwritten.
    second = propose(world, mirador, facts)
    other = replace(FACTS, website="https://other.example")
    save(world, mirador, other)
    refuse_list_correction(session, second, note="no", at=at, **MARC)
    assert get_subprocessor(session, mirador).draft_facts == other


@pytest.mark.parametrize(
    "changed",
    [
        {"activities": local_text({"en": "Something else", "fr": "Autre chose"})},
        {"locations": (SEAT, Location("IN", LocationKind.SUPPORT, (clauses(),)))},
        {"locations": (replace(SEAT, bases=(clauses(),)),)},
    ],
)
def test_what_clients_are_told_of_is_no_correction(session, world, mirador, changed):
    with pytest.raises(IsAChange):
        propose(world, mirador, replace(FACTS, contact="x@mirador.example", **changed))
    assert list_waiting_corrections(session) == ()


def test_what_else_is_refused(session, world, mirador, at):
    with pytest.raises(NothingToCorrect):
        propose_list_correction(session, mirador, reason="x", zone=PARIS, at=at, **INES)
    with pytest.raises(ReasonMissing):
        propose(world, mirador, replace(FACTS, contact="x@mirador.example"), reason=" ")
    with pytest.raises(ProblemsFound):
        propose(world, mirador, replace(FACTS, contact=""))
    listed = framework("Mirador Logs Inc.")
    inactive = replace(listed.list_entry, status=ListStatus.INACTIVE)
    unlawful = replace(listed, list_entry=inactive)
    with pytest.raises(ProblemsFound):
        propose(world, mirador, replace(FACTS, locations=(replace(SEAT, bases=(unlawful,)),)))
    propose(world, mirador, replace(FACTS, contact="x@mirador.example"))
    with pytest.raises(CorrectionWaits):
        propose(world, mirador, replace(FACTS, contact="y@mirador.example"))


def test_the_list_that_moved_on_is_not_corrected_back(session, world, mirador, at):
    correction = propose(world, mirador, replace(FACTS, contact="x@mirador.example"))
    entry = session.scalars(select(ListEntryRow)).one()
    entry.facts = facts_to_mapping(replace(FACTS, website="https://newer.example"))
    session.commit()
    with pytest.raises(ListMovedOn):
        confirm(session, correction, at)


def test_an_announced_change_comes_first(session, world, mirador, at):
    """At its commencement the list says what was announced: a correction would be undone."""
    world.add_agreement()
    correction = propose(world, mirador, replace(FACTS, contact="x@mirador.example"))
    wider = (SEAT, Location("IE", LocationKind.HOSTING))
    save(world, mirador, replace(FACTS, locations=wider))
    [draft] = list_draft_changes(session)
    release = world.draft([draft.id])
    world.approve(release)
    world.release(release)
    with pytest.raises(ChangeAnnounced):
        confirm(session, correction, at)
    refuse_list_correction(session, correction, note="after the change", at=at, **MARC)
    with pytest.raises(ChangeAnnounced):
        propose(world, mirador, replace(FACTS, contact="x@mirador.example"))


def test_what_was_drafted_meanwhile_does_not_take_the_correction_back(session, world, mirador, at):
    world.add_agreement()
    rechecked = replace(
        SEAT,
        bases=(replace(SEAT.bases[0], reference="checked again"),),
    )
    corrected = replace(FACTS, contact="+33 1 23 45 67 89", locations=(rechecked,))
    correction = propose(world, mirador, corrected)
    moved = Location("DE", LocationKind.HOSTING)
    save(world, mirador, replace(FACTS, website="https://new.example", locations=(SEAT, moved)))
    confirm(session, correction, at)
    draft = get_subprocessor(session, mirador)
    assert draft.draft_facts == replace(
        corrected, website="https://new.example", locations=(rechecked, moved)
    )
    assert draft.drafted_by == "ines"
    [change] = list_draft_changes(session)
    assert change.kind is ChangeKind.AMENDMENT


def test_what_the_draft_says_otherwise_stays(session, world, mirador, at):
    correction = propose(world, mirador, replace(FACTS, contact="+33 1 23 45 67 89"))
    save(world, mirador, replace(FACTS, contact="privacy@m.example"))
    confirm(session, correction, at)
    assert get_subprocessor(session, mirador).draft_facts.contact == "privacy@m.example"


def test_a_drafted_removal_stays_one_and_says_the_correction(session, world, mirador, at):
    corrected = replace(FACTS, contact="+33 1 23 45 67 89")
    correction = propose(world, mirador, corrected)
    draft_removal(session, mirador, by="ines", at=at)
    confirm(session, correction, at)
    [change] = list_draft_changes(session)
    assert (change.kind, change.facts) == (ChangeKind.REMOVAL, corrected)


def test_refused_after_an_amendment_was_announced_it_does_not_undo_it(session, world, mirador, at):
    world.add_agreement()
    correction = propose(world, mirador, replace(FACTS, contact="+33 1 23 45 67 89"))
    wider = replace(FACTS, locations=(SEAT, Location("DE", LocationKind.HOSTING)))
    save(world, mirador, wider)
    [change] = list_draft_changes(session)
    session.rollback()
    release = world.draft([change.id])
    world.approve(release)
    world.release(release)
    refuse_list_correction(session, correction, note="wrong number", at=at, **MARC)
    drafted = get_subprocessor(session, mirador).draft_facts
    assert drafted == replace(wider, contact="+33 1 23 45 67 89")
    assert all(x.assessed == () for x in drafted.locations)
