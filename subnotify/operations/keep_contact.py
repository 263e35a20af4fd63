"""Add a contact of a client, or change one; a designated notice contact changes by letter.

The agreement says who is told, and by which address: once the list is published, name, email and
postal address of a designated contact are changed by registered letter only (DESIGN section 10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.registry_part import (
    Kept,
    Plain,
    RegistryPart,
    agreement_entry,
    append_gathered,
    client_entry,
    designation_entry,
    keep_in_part,
    open_part,
    require_past,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.keys import key_from_name
from subnotify.storage.tables import AgreementContactRow, ContactRow

DESIGNATING = ("name", "email", "postal_address")
"""What a notice is addressed by."""


@dataclass(frozen=True)
class ContactFacts:
    name: str
    role_title: str = ""
    email: str = ""
    postal_address: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Letter:
    """The registered letter that changes who is designated. on: the day from which it counts."""

    reference: str = ""
    on: date | None = None


def add_contact(
    session: Session,
    client_id: int,
    facts: ContactFacts,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Add a contact; it is designated nowhere yet. The same again adds nothing.

    zone: the vendor's. Raises ProblemsFound at the fields' names, and NotFound.
    """
    with transaction(session):
        part = open_part(session, client_id, by=by, at=at, zone=zone)
        key, known = _free_key(part, facts)
        if known is not None:
            return Kept(known.id, is_changed=False)
        keep_in_part(part, {"clients": [_client_with(part, key, facts)]})
        row = part.contacts[key]
        append_gathered(part.run, [_fact("contact_recorded", part, row, None)], actor=actor)
        return Kept(row.id, is_changed=True)


def change_contact(
    session: Session,
    client_id: int,
    contact_id: int,
    facts: ContactFacts,
    letter: Letter,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Change a contact. letter: asked for where a designated notice contact changes; it is then
    designated anew in each agreement that names it, and the old values stay in the evidence.

    Raises ProblemsFound at the fields' names, letter_reference or letter_on; NotFound.
    """
    with transaction(session):
        part = open_part(session, client_id, by=by, at=at, zone=zone)
        row = part.get_contact(contact_id)
        before = _shown(row)
        data: Plain = {"clients": [_client_with(part, row.key, facts)]}
        designations = part.agreements.designated.get(row.id, [])
        if part.run.is_published and designations and _designates_anew(row, facts):
            _require_letter(part, designations, letter)
            data["agreements"] = [_designated_anew(part, row, x, letter) for x in designations]
        keep_in_part(part, data)
        is_changed = before != _shown(row)
        if is_changed:
            fact = _fact("contact_changed", part, row, before)
            append_gathered(part.run, [fact], actor=actor)
        return Kept(contact_id, is_changed)


def _client_with(part: RegistryPart, key: str, facts: ContactFacts) -> Plain:
    return client_entry(part.client, contacts=[{"key": key, **asdict(facts)}])


def _free_key(part: RegistryPart, facts: ContactFacts) -> tuple[str, ContactRow | None]:
    """The key to use, and the contact that has it already where it is the very same one."""
    base, number = key_from_name(facts.name, "contact"), 0
    while True:
        key = f"{base}-{number}" if number else base
        row = part.contacts.get(key)
        if row is None or _shown(row) == asdict(facts):
            return key, row
        number += 1


def _designates_anew(row: ContactRow, facts: ContactFacts) -> bool:
    before, after = _shown(row), asdict(facts)
    return any(before[name] != after[name] for name in DESIGNATING)


def _designated_anew(
    part: RegistryPart, row: ContactRow, designation: AgreementContactRow, letter: Letter
) -> Plain:
    """The agreement's entry in which the contact is named by this letter."""
    agreement = part.get_agreement(designation.agreement_id)
    entry = agreement_entry(part, agreement, without=[row.id])
    named = designation_entry(row.key, designation)
    entry["notice_contacts"] = [
        *entry["notice_contacts"],
        {**named, "designated_on": letter.on, "letter_reference": letter.reference},
    ]
    return entry


def _require_letter(
    part: RegistryPart, designations: Sequence[AgreementContactRow], letter: Letter
) -> None:
    names = [part.get_agreement(x.agreement_id).reference for x in designations]
    problems = letter_problems(letter.reference, [x.letter_reference for x in designations], names)
    problems += require_past(letter.on, "letter_on", part.run.today)
    if problems:
        raise ProblemsFound(tuple(problems))


def letter_problems(
    reference: str, on_record: Sequence[str], agreements: Sequence[str]
) -> list[Problem]:
    """What is wrong with the reference of a letter that changes who is designated.

    on_record: the letters of the designations that it changes; agreements: their references.
    """
    if not reference:
        return [
            Problem(
                "letter_reference",
                "A designated notice contact (%(agreements)s) changes by registered letter only.",
                "Give the reference of the letter.",
                (("agreements", ", ".join(sorted(agreements))),),
            )
        ]
    if reference in on_record:
        return [
            Problem(
                "letter_reference",
                "This letter is the one on record for the present designation.",
                "Give the reference of the new letter.",
            )
        ]
    return []


def _shown(row: ContactRow) -> dict[str, str]:
    return {
        "name": row.name,
        "role_title": row.role_title,
        "email": row.email or "",
        "postal_address": row.postal_address,
        "phone": row.phone,
    }


def _fact(
    type: str, part: RegistryPart, row: ContactRow, before: Mapping[str, str] | None
) -> NewEvidence:
    content = {
        "by": part.run.by,
        "client": part.client.key,
        "contact": row.key,
        "before": before,
        "after": _shown(row),
    }
    return NewEvidence(type, "contact", row.id, content)
