"""The entries of the list, from an import file: what differs becomes a draft."""

from collections import Counter
from typing import Any

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_run import Effect, ImportRun
from subnotify.operations.save_draft_facts import ListState, read_list_state, write_draft
from subnotify.rules.changes import same_facts
from subnotify.rules.locations import Location
from subnotify.rules.registry_entries import RegistryFile, SubprocessorEntry
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.transfer_records_reading import basis_to_mapping
from subnotify.rules.words import ChangeKind
from subnotify.storage.registry import Subprocessor, get_subprocessor, list_subprocessors
from subnotify.storage.registry_drafts import add_subprocessor, find_draft_change_row
from subnotify.storage.tables import SubprocessorRow

SECTION = "subprocessors"


def import_subprocessors(run: ImportRun, file: RegistryFile) -> None:
    """Differences become drafts; once the list is published, draft changes."""
    if not file.subprocessors:
        return
    state = read_list_state(run.session)
    stored = {x.key: x for x in list_subprocessors(run.session)}
    new = {x.key for x in file.subprocessors} - set(stored)
    for key in sorted(new):
        stored[key] = get_subprocessor(run.session, add_subprocessor(run.session, key))
    for number, entry in enumerate(file.subprocessors):
        replaced_id = _replaced_id(run, entry, number, stored, state)
        subprocessor = stored[entry.key]
        is_new = entry.key in new
        changed = _write(run, subprocessor, entry, replaced_id, state)
        if changed or is_new:
            _note_facts(run, subprocessor, entry, state)
        changed = _keep_notes(run, subprocessor, entry) or changed
        effect = Effect.NEW if is_new else Effect.CHANGED if changed else Effect.UNCHANGED
        run.count(SECTION, effect, entry.key)


def _write(
    run: ImportRun,
    subprocessor: Subprocessor,
    entry: SubprocessorEntry,
    replaced_id: int | None,
    state: ListState,
) -> bool:
    if _is_history(entry, subprocessor, state) or _is_leaving(run, entry, subprocessor, state):
        return False
    return write_draft(
        run.session, subprocessor, entry.facts, replaced_id, state, by=run.by, at=run.at
    )


def _note_facts(
    run: ImportRun, subprocessor: Subprocessor, entry: SubprocessorEntry, state: ListState
) -> None:
    before = subprocessor.draft_facts or state.said(subprocessor.id)
    run.note_all(
        SECTION, entry.key, noted_facts(before) if before else {}, noted_facts(entry.facts)
    )
    run.note(SECTION, entry.key, "replaces", "", entry.replaces)


def noted_facts(facts: SubprocessorFacts) -> dict[str, Any]:
    """The facts as differences name them: a location by kind and place, a basis by its law.

    `locations[hosting US].EU_GDPR.signed_on`; a second basis of one law is `EU_GDPR (2)`. So a
    location that moved in the list is none, and a law whose basis is another shows what was and
    what is. What was assessed is left out: it follows from the rest.
    """
    places: Counter[str] = Counter()
    noted = facts_to_mapping(facts)
    del noted["locations"]
    for location in facts.locations:
        name = f"{location.kind.value} {location.organisation or location.country}"
        places[name] += 1
        noted[f"locations[{_numbered(name, places[name])}]"] = _noted_location(location)
    return noted


def _noted_location(location: Location) -> dict[str, Any]:
    # Also of one without bases it is told that it is there.
    noted: dict[str, Any] = {
        "organisation": location.organisation,
        "country": location.country,
    }
    laws: Counter[str] = Counter()
    for basis in location.bases:
        plain = basis_to_mapping(basis)
        law = plain.pop("law")
        laws[law] += 1
        noted[_numbered(law, laws[law])] = plain
    return noted


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _keep_notes(run: ImportRun, subprocessor: Subprocessor, entry: SubprocessorEntry) -> bool:
    """The vendor's own notes, where the file has them; they are no part of any draft.

    On record is who and when, as in the registry.
    """
    if entry.internal_notes is None:
        return False
    row = run.session.get_one(SubprocessorRow, subprocessor.id)
    is_changed = run.assign(SECTION, entry.key, row, internal_notes=entry.internal_notes)
    if is_changed:
        kept = NewEvidence("internal_notes_kept", "subprocessor", row.id, {"by": run.by})
        run.evidence.append(kept)
    return is_changed


def _is_history(entry: SubprocessorEntry, subprocessor: Subprocessor, state: ListState) -> bool:
    """The file still names an entry that left the list, as it was: nothing is announced anew."""
    former = state.former.get(subprocessor.id)
    drafted = subprocessor.draft_facts is not None
    return former is not None and not drafted and same_facts(former, entry.facts)


def _is_leaving(
    run: ImportRun, entry: SubprocessorEntry, subprocessor: Subprocessor, state: ListState
) -> bool:
    """It is drafted to leave the list, and the file names it as the list still does."""
    said = state.said(subprocessor.id)
    change = find_draft_change_row(run.session, subprocessor.id)
    is_removal = change is not None and change.kind == ChangeKind.REMOVAL.value
    return is_removal and said is not None and same_facts(said, entry.facts)


def _replaced_id(
    run: ImportRun,
    entry: SubprocessorEntry,
    number: int,
    stored: dict[str, Subprocessor],
    state: ListState,
) -> int | None:
    """The entry it would replace; what the draft already replaces where the file is silent."""
    subprocessor = stored[entry.key]
    if not entry.replaces:
        change = find_draft_change_row(run.session, subprocessor.id)
        return change.replaced_id if change else None
    if state.said(subprocessor.id) is not None or subprocessor.id in state.former:
        # The replacement was announced, perhaps long ago: the line is history.
        return None
    replaced_id = stored[entry.replaces].id
    if replaced_id not in state.in_force:
        run.problem(
            f"subprocessors[{number}].replaces",
            "“%(key)s” is not on the published list, so nothing can replace it.",
            "Remove this line, or name an entry that is in force.",
            key=entry.replaces,
        )
        return None
    return replaced_id
