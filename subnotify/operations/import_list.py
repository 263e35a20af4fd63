"""The vendor, its services and its subprocessors, from an import file."""

from sqlalchemy import select

from subnotify.operations.import_run import Effect, ImportRun, assign
from subnotify.operations.save_draft_facts import ListState, read_list_state, write_draft
from subnotify.rules.changes import same_facts
from subnotify.rules.registry_entries import RegistryFile, SubprocessorEntry
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.storage.registry import (
    VENDOR_ID,
    Subprocessor,
    get_subprocessor,
    list_subprocessors,
)
from subnotify.storage.registry_drafts import add_subprocessor, find_draft_change_row
from subnotify.storage.tables import ServiceRow, VendorRow


def import_vendor(run: ImportRun, file: RegistryFile) -> bool:
    """Keep the vendor's profile; whether its list is published already."""
    row = run.session.get(VendorRow, VENDOR_ID)
    if file.vendor is None:
        if row is None:
            run.problem(
                "file",
                "The vendor is not described yet.",
                "Add a section `vendor` with name and contact_email.",
            )
            run.raise_problems()
        return row is not None and row.first_published_at is not None
    profile = vendor_to_mapping(file.vendor)
    if row is None:
        run.session.add(VendorRow(id=VENDOR_ID, profile=profile, list_version=0))
        run.session.flush()
        run.note_all("vendor", "", {}, profile)
        run.count("vendor", Effect.NEW, "")
        return False
    run.note_all("vendor", "", row.profile, profile)
    differs = assign(row, profile=profile)
    run.count("vendor", Effect.CHANGED if differs else Effect.UNCHANGED, "")
    return row.first_published_at is not None


def import_services(run: ImportRun, file: RegistryFile) -> None:
    rows = {row.key: row for row in run.session.scalars(select(ServiceRow))}
    for entry in file.services:
        row = rows.get(entry.key)
        if row is None:
            run.session.add(ServiceRow(key=entry.key, name=entry.name))
            run.note("services", entry.key, "name", "", entry.name)
            run.count("services", Effect.NEW, entry.key)
        else:
            changed = run.assign("services", entry.key, row, name=entry.name)
            run.count("services", Effect.CHANGED if changed else Effect.UNCHANGED, entry.key)
    run.session.flush()


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
        changed = not _is_history(entry, subprocessor, state) and write_draft(
            run.session, subprocessor, entry.facts, replaced_id, state, by=run.by, at=run.at
        )
        if changed or entry.key in new:
            before = subprocessor.draft_facts or state.said(subprocessor.id)
            run.note_all(
                "subprocessors",
                entry.key,
                facts_to_mapping(before) if before else {},
                facts_to_mapping(entry.facts),
            )
            run.note("subprocessors", entry.key, "replaces", "", entry.replaces)
        is_new = entry.key in new
        effect = Effect.NEW if is_new else Effect.CHANGED if changed else Effect.UNCHANGED
        run.count("subprocessors", effect, entry.key)


def _is_history(entry: SubprocessorEntry, subprocessor: Subprocessor, state: ListState) -> bool:
    """The file still names an entry that left the list, as it was: nothing is announced anew."""
    former = state.former.get(subprocessor.id)
    drafted = subprocessor.draft_facts is not None
    return former is not None and not drafted and same_facts(former, entry.facts)


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
