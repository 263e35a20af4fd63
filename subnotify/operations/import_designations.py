"""The contacts of an agreement, from an import file.

A designated notice contact is changed as the agreement says, by registered letter: once the list
is published, the file must give the letter's reference. A row that no longer holds is ended, not
deleted, so that it stays known who was designated when.
"""

from collections.abc import Mapping, Sequence

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_run import ImportRun, assign
from subnotify.operations.strike_out_letters import StruckOut
from subnotify.rules.registry_entries import AgreementEntry, Designation
from subnotify.rules.words import ContactKind
from subnotify.storage.tables import AgreementContactRow, ContactRow

_RECORDED = ("clause", "designated_on", "letter_reference")


def import_designations(
    run: ImportRun,
    entry: AgreementEntry,
    where: str,
    agreement_id: int,
    contacts: Mapping[str, ContactRow],
    rows: list[AgreementContactRow],
    changed_contacts: frozenset[int],
    *,
    is_new: bool,
) -> bool:
    """Keep the contacts of one agreement; whether anything changed.

    rows: its stored contacts, grown in place. changed_contacts: those whose own data changed by
    letter, so that they are designated anew. Problems are noted in `run`.
    """
    needs_letter = run.is_published and not is_new
    changed = False
    for designation in entry.contacts:
        contact_id = contacts[designation.contact].id
        path = f"{where}.{designation.kind.value}_contacts"
        current = _find_current(rows, contact_id)
        if designation.ended_on is not None:
            _note_all(run, entry, current, designation, ("ended_on",) if current else ())
            changed |= _end(run, designation, current, path, needs_letter=needs_letter)
            continue
        is_kind = current is not None and current.kind == designation.kind.value
        if current is not None and is_kind and contact_id not in changed_contacts:
            changed |= _correct(run, entry, current, designation)
            continue
        # Of a contact whose own data changed the letter has been asked for already.
        if needs_letter and contact_id not in changed_contacts:
            _ask_if_designated(run, designation, current, path)
        _note_all(run, entry, current, designation, ("kind", *_RECORDED))
        if current is not None:
            _strike_out(run, current, designation, changed_contacts)
            current.ended_on = run.today
        rows.append(_designate(run, designation, agreement_id, contact_id, record=needs_letter))
        changed = True
    _refuse_absence(run, entry, where, contacts, rows)
    return changed


def _strike_out(
    run: ImportRun,
    current: AgreementContactRow,
    designation: Designation,
    changed_contacts: frozenset[int],
) -> None:
    """What letters to a notice contact were to serve. They do not from the day of the new letter
    on, as far as it names one; what the record says of the old one is no day of the new."""
    if current.kind != ContactKind.NOTICE.value:
        return
    named_on = designation.designated_on
    since = named_on if named_on not in (None, current.designated_on) else run.today
    is_whole = designation.kind is not ContactKind.NOTICE
    if is_whole or current.contact_id in changed_contacts:
        run.struck_out.append(
            StruckOut(
                current.agreement_id,
                current.contact_id,
                min(since or run.today, run.today),
                is_whole=is_whole,
            )
        )


def _note_all(
    run: ImportRun,
    entry: AgreementEntry,
    current: AgreementContactRow | None,
    designation: Designation,
    names: Sequence[str],
) -> None:
    for name in names:
        before = getattr(current, name) if current else ""
        where = f"contacts.{designation.contact}.{name}"
        run.note("agreements", entry.key, where, before, getattr(designation, name))


def _correct(
    run: ImportRun,
    entry: AgreementEntry,
    current: AgreementContactRow,
    designation: Designation,
) -> bool:
    """The record of the same designation; whether it differed."""
    _note_all(run, entry, current, designation, _RECORDED)
    return assign(
        current,
        clause=designation.clause,
        designated_on=designation.designated_on,
        letter_reference=designation.letter_reference,
    )


def _ask_if_designated(
    run: ImportRun, designation: Designation, current: AgreementContactRow | None, path: str
) -> None:
    """A notice contact that comes, or becomes a copy contact, needs its letter."""
    kinds = {designation.kind.value, current.kind if current else ""}
    if ContactKind.NOTICE.value in kinds and not designation.letter_reference:
        _ask_for_letter(run, designation, path)


def _find_current(rows: list[AgreementContactRow], contact_id: int) -> AgreementContactRow | None:
    found = (row for row in rows if row.contact_id == contact_id and row.ended_on is None)
    return next(found, None)


def _end(
    run: ImportRun,
    designation: Designation,
    current: AgreementContactRow | None,
    path: str,
    *,
    needs_letter: bool,
) -> bool:
    """End a designation that stands; one that already ended, or never was, stays as it is."""
    if current is None or designation.ended_on is None:
        return False
    if designation.ended_on > run.today:
        run.problem(
            path,
            "“%(contact)s” would end on a day that has not come yet.",
            "Import the end on that day or later.",
            contact=designation.contact,
        )
    is_notice = current.kind == ContactKind.NOTICE.value
    letter = designation.letter_reference
    if needs_letter and is_notice and letter in ("", current.letter_reference):
        _ask_for_letter(run, designation, path)
    current.ended_on = designation.ended_on
    if is_notice:
        run.struck_out.append(
            StruckOut(current.agreement_id, current.contact_id, designation.ended_on, is_whole=True)
        )
    run.evidence.append(
        NewEvidence(
            "contact_ended",
            "agreement",
            current.agreement_id,
            {
                "by": run.by,
                "contact": designation.contact,
                "kind": current.kind,
                "ended_on": designation.ended_on,
                "letter": letter,
            },
        )
    )
    return True


def _designate(
    run: ImportRun,
    designation: Designation,
    agreement_id: int,
    contact_id: int,
    *,
    record: bool,
) -> AgreementContactRow:
    row = AgreementContactRow(
        agreement_id=agreement_id,
        contact_id=contact_id,
        kind=designation.kind.value,
        clause=designation.clause,
        designated_on=designation.designated_on,
        letter_reference=designation.letter_reference,
        ended_on=None,
    )
    run.session.add(row)
    if record:
        run.evidence.append(
            NewEvidence(
                "contact_designated",
                "agreement",
                agreement_id,
                {
                    "by": run.by,
                    "contact": designation.contact,
                    "kind": designation.kind,
                    "clause": designation.clause,
                    "designated_on": designation.designated_on,
                    "letter": designation.letter_reference,
                },
            )
        )
    return row


def _ask_for_letter(run: ImportRun, designation: Designation, path: str) -> None:
    run.problem(
        path,
        "“%(contact)s” changes who is designated for notices, and a designated contact is changed"
        " by registered letter.",
        "Give the letter_reference of the new letter.",
        contact=designation.contact,
    )


def _refuse_absence(
    run: ImportRun,
    entry: AgreementEntry,
    where: str,
    contacts: Mapping[str, ContactRow],
    rows: list[AgreementContactRow],
) -> None:
    """A designated contact that the file leaves out: meant to end, or forgotten? Never guessed."""
    named = {x.contact for x in entry.contacts if x.kind is ContactKind.NOTICE}
    if not named:
        return
    designated = {
        row.contact_id
        for row in rows
        if row.kind == ContactKind.NOTICE.value and row.ended_on is None
    }
    for key, contact in contacts.items():
        if contact.id in designated and key not in named:
            run.problem(
                f"{where}.notice_contacts",
                "“%(contact)s” is designated in this agreement, and the file leaves it out.",
                "Name it too; or end it with ended_on and the letter_reference of the letter.",
                contact=key,
            )
