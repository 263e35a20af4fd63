"""Name a contact in an agreement, as a notice contact or for copies, or end such a naming.

The rules are the import's (operations/import_designations.py): once the list is published, who
is designated for notices changes by registered letter; what no longer holds is ended, not deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.keep_contact import letter_problems
from subnotify.operations.registry_part import (
    Kept,
    Plain,
    RegistryPart,
    agreement_entry,
    append_gathered,
    keep_in_part,
    open_part_of_agreement,
    require_past,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, Problem, ProblemsFound
from subnotify.rules.words import ContactKind
from subnotify.storage.tables import AgreementContactRow


@dataclass(frozen=True)
class Naming:
    """A contact of an agreement to be. on: since when it is one, for a copy contact no matter.

    ends: ids of designations that end on that day, by the same letter.
    """

    contact_id: int
    kind: ContactKind
    clause: str = ""
    on: date | None = None
    letter_reference: str = ""
    ends: tuple[int, ...] = ()


def designate_contact(
    session: Session,
    agreement_id: int,
    naming: Naming,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Name a contact of the agreement's client. The same again changes nothing.

    zone: the vendor's. Raises ProblemsFound at contact_id, on, letter_reference or ends, and
    NotFound for a contact or designation of somebody else's.
    """
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        current = part.current_contacts(agreement_id)
        contact = part.get_contact(naming.contact_id)
        present = next((x for x in current if x.contact_id == contact.id), None)
        named = [_get(part, agreement_id, x) for x in naming.ends]
        ending = [x for x in named if x.ended_on is None]
        if present is not None and present.kind == naming.kind.value:
            return _already(agreement_id, present, naming)
        _require_possible(part, agreement_id, naming, present, ending)
        keep_in_part(part, {"agreements": [_entry(part, agreement_id, naming, ending)]})
        append_gathered(part.run, [], actor=actor)
        return Kept(agreement_id, is_changed=True)


def end_designation(
    session: Session,
    agreement_id: int,
    designation_id: int,
    ended_on: date | None,
    *,
    letter_reference: str = "",
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """From `ended_on` the contact is none of the agreement any more. One that has ended stays.

    letter_reference: asked for when a notice contact ends. Raises ProblemsFound at ended_on or
    letter_reference, and NotFound.
    """
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        row = _get(part, agreement_id, designation_id)
        if row.ended_on is not None:
            return Kept(agreement_id, is_changed=False)
        problems = require_past(ended_on, "ended_on", part.run.today)
        if part.run.is_published and row.kind == ContactKind.NOTICE.value:
            problems += _letter_problems(part, agreement_id, letter_reference, [row])
        if problems:
            raise ProblemsFound(tuple(problems))
        entry = agreement_entry(part, part.get_agreement(agreement_id), without=[row.contact_id])
        entry[f"{row.kind}_contacts"].append(_ended(part, row, ended_on, letter_reference))
        keep_in_part(part, {"agreements": [entry]})
        append_gathered(part.run, [], actor=actor)
        return Kept(agreement_id, is_changed=True)


def _get(part: RegistryPart, agreement_id: int, designation_id: int) -> AgreementContactRow:
    for row in part.agreements.contacts[agreement_id]:
        if row.id == designation_id:
            return row
    raise NotFound


def _already(agreement_id: int, present: AgreementContactRow, naming: Naming) -> Kept:
    """It is named so already: the same request again, or one that the record contradicts."""
    said = (present.clause, present.letter_reference)
    if said == (naming.clause, naming.letter_reference):
        return Kept(agreement_id, is_changed=False)
    raise ProblemsFound(
        (
            Problem(
                "contact_id",
                "This contact is named so in the agreement already.",
                "Choose another one; or end the present naming first.",
            ),
        )
    )


def _require_possible(
    part: RegistryPart,
    agreement_id: int,
    naming: Naming,
    present: AgreementContactRow | None,
    ending: Sequence[AgreementContactRow],
) -> None:
    problems: list[Problem] = []
    touched = [*ending, *([present] if present else [])]
    changed = [x for x in touched if x.kind == ContactKind.NOTICE.value]
    is_designation = naming.kind is ContactKind.NOTICE or bool(changed)
    if is_designation or naming.on is not None:
        problems += require_past(naming.on, "on", part.run.today)
    if part.run.is_published and is_designation:
        problems += _letter_problems(part, agreement_id, naming.letter_reference, changed)
    if any(x.contact_id == naming.contact_id for x in ending):
        problems.append(
            Problem("ends", "A contact cannot take its own place.", "Choose another contact.")
        )
    if problems:
        raise ProblemsFound(tuple(problems))


def _letter_problems(
    part: RegistryPart, agreement_id: int, reference: str, changed: Sequence[AgreementContactRow]
) -> list[Problem]:
    name = part.get_agreement(agreement_id).reference
    return letter_problems(reference, [x.letter_reference for x in changed], [name])


def _entry(
    part: RegistryPart,
    agreement_id: int,
    naming: Naming,
    ending: Sequence[AgreementContactRow],
) -> Plain:
    entry = agreement_entry(
        part,
        part.get_agreement(agreement_id),
        without=[naming.contact_id, *(x.contact_id for x in ending)],
    )
    entry[f"{naming.kind.value}_contacts"].append(
        {
            "contact": part.key_of(naming.contact_id),
            "clause": naming.clause,
            "designated_on": naming.on,
            "letter_reference": naming.letter_reference,
        }
    )
    for row in ending:
        ended = _ended(part, row, naming.on or part.run.today, naming.letter_reference)
        entry[f"{row.kind}_contacts"].append(ended)
    return entry


def _ended(
    part: RegistryPart, row: AgreementContactRow, ended_on: date | None, letter: str
) -> Plain:
    return {
        "contact": part.key_of(row.contact_id),
        "ended_on": ended_on,
        "letter_reference": letter,
    }
