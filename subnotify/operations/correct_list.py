"""Correct what the list records of an entry, without a release: a telephone number, a basis looked
at again. One person proposes it with a reason, another one confirms it.

A correction opens no window and touches none: what clients may object to is a change, and is
refused here (rules/changes.py says which difference is which).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.save_draft_facts import read_list_state, write_draft
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import SecondPersonNeeded, is_same_person
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.changes import differences, material_differences, same_facts, with_correction
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.publication_gaps import publication_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping, facts_to_mapping
from subnotify.rules.words import ChangeKind, CorrectionState
from subnotify.storage.announcements import list_announced_changes
from subnotify.storage.list_corrections import find_waiting_correction, lock_correction
from subnotify.storage.registry import get_subprocessor
from subnotify.storage.registry_drafts import (
    clear_draft_facts,
    find_draft_change_row,
    remove_draft_change,
    set_draft_facts,
)
from subnotify.storage.registry_list import append_list_entry, append_list_version, lock_vendor
from subnotify.storage.tables import ListCorrectionRow, ListEntryRow


class NothingToCorrect(RuleError):
    message = "Nothing is drafted that differs from the list."


class IsAChange(RuleError):
    message = (
        "This is a change of the list: clients are told of it first. Draft a release that announces"
        " it."
    )


class ChangeAnnounced(RuleError):
    message = (
        "A change of this entry is announced: the list will say what was announced from that day"
        " on. Correct it afterwards, or withdraw the change first."
    )


class CorrectionWaits(RuleError):
    message = "A correction of this entry waits for another person already."


class AlreadyDecided(RuleError):
    message = "This correction was confirmed or refused already."


class ListMovedOn(RuleError):
    message = (
        "The list has changed since this correction was proposed. Refuse it, and propose it anew."
    )


def propose_list_correction(
    session: Session,
    subprocessor_id: int,
    *,
    reason: str,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> int:
    """Propose the draft of an entry as a correction of the list; its id.

    The draft becomes the proposal: a new one may be written meanwhile. zone: the vendor's. Raises
    NothingToCorrect, IsAChange, ChangeAnnounced, CorrectionWaits, ProblemsFound (gaps, a transfer
    that is not lawful today; paths begin with `facts.`), ReasonMissing, NotFound.
    """
    with transaction(session):
        lock_vendor(session)
        why = written_reason(reason)
        subprocessor = get_subprocessor(session, subprocessor_id)
        entry = _entry_in_force(session, subprocessor_id)
        facts = subprocessor.draft_facts
        if facts is None or entry is None:
            raise NothingToCorrect
        if find_waiting_correction(session, subprocessor_id) is not None:
            raise CorrectionWaits
        before = facts_from_mapping(entry.facts)
        _checked(session, subprocessor_id, before, facts, on=at.astimezone(zone).date())
        row = ListCorrectionRow(
            subprocessor_id=subprocessor_id,
            before_facts=facts_to_mapping(before),
            facts=facts_to_mapping(facts),
            reason=why,
            state=CorrectionState.PROPOSED.value,
            proposed_at=at,
            proposed_by=by,
            proposed_actor=actor,
        )
        session.add(row)
        remove_draft_change(session, subprocessor_id)
        clear_draft_facts(session, [subprocessor_id])
        session.flush()
        fields = [x.field for x in differences(before, facts)]
        _evidence(session, "correction_proposed", row, {"fields": fields, "by": by}, actor, at)
        return row.id


def confirm_list_correction(
    session: Session,
    correction_id: int,
    *,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
    one_person: bool = False,
    one_person_reason: str = "",
) -> int:
    """Let the list say the correction from today (the vendor's day) on; the list's version.

    one_person: the setting that lets whoever proposed it confirm it too, with a reason on record.
    Raises AlreadyDecided, SecondPersonNeeded, ReasonMissing, ListMovedOn, and what proposing
    raises; NotFound.
    """
    with transaction(session):
        vendor = lock_vendor(session)
        row = _undecided(session, correction_id)
        alone = is_same_person(row, by, actor)
        if alone and not one_person:
            raise SecondPersonNeeded
        note = written_reason(one_person_reason) if alone else ""
        today = at.astimezone(zone).date()
        entry = _entry_in_force(session, row.subprocessor_id)
        before, facts = facts_from_mapping(row.before_facts), facts_from_mapping(row.facts)
        if entry is None or not same_facts(facts_from_mapping(entry.facts), before):
            raise ListMovedOn
        said = _checked(session, row.subprocessor_id, before, facts, on=today)
        _follow(session, entry, said, today, at)
        version = append_list_version(session, vendor, by=by, note=row.reason, at=at)
        _carry_into_draft(session, row.subprocessor_id, before, facts, at)
        _decide(row, CorrectionState.CONFIRMED, note, by, at)
        content = _confirmed_content(row, version, before, said)
        _evidence(session, "correction_confirmed", row, content, actor, at)
        return version


def refuse_list_correction(
    session: Session, correction_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """Refuse a correction with a note; whoever proposed it may take it back so.

    What was proposed is a draft again where nothing else was drafted meanwhile, on top of what the
    list says or announces by now. Raises AlreadyDecided, ReasonMissing, NotFound.
    """
    with transaction(session):
        state = read_list_state(session)
        row = _undecided(session, correction_id)
        _decide(row, CorrectionState.REFUSED, written_reason(note), by, at)
        subprocessor = get_subprocessor(session, row.subprocessor_id)
        said = state.said(row.subprocessor_id)
        if said is not None and subprocessor.draft_facts is None:
            before, facts = facts_from_mapping(row.before_facts), facts_from_mapping(row.facts)
            again, by_whom = with_correction(said, before, facts), row.proposed_by
            write_draft(session, subprocessor, again, None, state, by=by_whom, at=at)
        content = {"note": row.decision_note, "by": by, "proposed_by": row.proposed_by}
        _evidence(session, "correction_refused", row, content, actor, at)


def _checked(
    session: Session,
    subprocessor_id: int,
    before: SubprocessorFacts,
    facts: SubprocessorFacts,
    *,
    on: date,
) -> SubprocessorFacts:
    """The facts assessed on that day, where they correct the list and are complete and lawful."""
    if same_facts(before, facts):
        raise NothingToCorrect
    if material_differences(before, facts):
        raise IsAChange
    if any(x.subprocessor_id == subprocessor_id for x in list_announced_changes(session)):
        raise ChangeAnnounced
    assessed = EntryAssessor(session).assess(facts, on=on)
    if gaps := publication_gaps(assessed, "facts"):
        raise ProblemsFound(gaps)
    return assessed


def _entry_in_force(session: Session, subprocessor_id: int) -> ListEntryRow | None:
    """What the list says of it now, but for an entry that one client alone keeps."""
    return session.scalar(
        select(ListEntryRow)
        .where(
            ListEntryRow.subprocessor_id == subprocessor_id,
            ListEntryRow.in_force_until_on.is_(None),
            ListEntryRow.phased_out_from_on.is_(None),
        )
        .order_by(ListEntryRow.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _follow(
    session: Session, entry: ListEntryRow, facts: SubprocessorFacts, today: date, at: datetime
) -> None:
    """The entry ends today, and one that says these facts begins."""
    entry.in_force_until_on = max(today, entry.in_force_from_on)
    append_list_entry(
        session,
        entry.subprocessor_id,
        facts,
        in_force_from_on=entry.in_force_until_on,
        change_id=None,
        at=at,
    )


def _carry_into_draft(
    session: Session,
    subprocessor_id: int,
    before: SubprocessorFacts,
    facts: SubprocessorFacts,
    at: datetime,
) -> None:
    """What was drafted since the proposal began with the list uncorrected, and would undo it."""
    subprocessor = get_subprocessor(session, subprocessor_id)
    if subprocessor.draft_facts is None:
        return
    drafted = with_correction(subprocessor.draft_facts, before, facts)
    by = subprocessor.drafted_by or ""
    change = find_draft_change_row(session, subprocessor_id)
    if change is not None and change.kind == ChangeKind.REMOVAL.value:
        set_draft_facts(session, subprocessor_id, drafted, by=by, at=at)
        return
    write_draft(session, subprocessor, drafted, None, read_list_state(session), by=by, at=at)


def _confirmed_content(
    row: ListCorrectionRow, version: int, before: SubprocessorFacts, said: SubprocessorFacts
) -> dict[str, Any]:
    return {
        "list_version": version,
        "by": row.decided_by,
        "proposed_by": row.proposed_by,
        "one_person_reason": row.decision_note or None,
        "fields": [x.field for x in differences(before, said)],
        "facts": facts_to_mapping(said),
    }


def _undecided(session: Session, correction_id: int) -> ListCorrectionRow:
    row = lock_correction(session, correction_id)
    if row.state != CorrectionState.PROPOSED.value:
        raise AlreadyDecided
    return row


def _decide(
    row: ListCorrectionRow, state: CorrectionState, note: str, by: str, at: datetime
) -> None:
    row.state, row.decision_note = state.value, note
    row.decided_by, row.decided_at = by, at


def _evidence(
    session: Session,
    fact: str,
    row: ListCorrectionRow,
    content: Mapping[str, Any],
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        fact,
        actor=actor,
        object_type="subprocessor",
        object_id=row.subprocessor_id,
        content={"correction": row.id, "reason": row.reason, **content},
        at=at,
    )
