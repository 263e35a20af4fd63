"""Transfer mechanisms that the vendor itself states: its own certification, clauses it signed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.texts import (
    NO_TEXT,
    LocalText,
    local_text,
    local_text_to_plain,
    read_local_text,
)
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import VendorRole

BOTH_ROLES = (VendorRole.PROCESSOR, VendorRole.CONTROLLER)
_DAYS = ("effective_on", "until_on", "modified_on")
_TEXTS = ("title", "comment")
_URLS = ("details_url", "document_url")
_FIELDS = ("law", "use", "code", "roles", "replaced_by", *_TEXTS, *_URLS, *_DAYS)


class MechanismUse(StrEnum):
    """For which transfers a mechanism stands, in the order of the chart. Values are stored."""

    SUBPROCESSORS = "subprocessors"
    INTERCOMPANY = "intercompany"
    HR = "hr"
    SELF_CERTIFICATION = "self_certification"
    CLIENTS = "clients"


@dataclass(frozen=True)
class Mechanism:
    """A mechanism that the vendor states, or what it says of one on which entries rest.

    code: a finding's id or a safeguard's code of the reference data; "": none that they know, told
    by its title. roles: of the vendor, in which it applies. details_url: a page about it;
    document_url: the document itself. effective_on: since when; until_on: the last day, where the
    vendor gave it up. replaced_by: the code of what took its place. modified_on: the day on which
    what is said here was last changed.
    """

    law: ExportLaw
    use: MechanismUse
    code: str = ""
    title: LocalText = NO_TEXT
    roles: tuple[VendorRole, ...] = BOTH_ROLES
    comment: LocalText = NO_TEXT
    details_url: str = ""
    document_url: str = ""
    effective_on: date | None = None
    until_on: date | None = None
    replaced_by: str = ""
    modified_on: date | None = None


def read_mechanisms(
    value: object, where: str, reader: Reader, reference: TransferReference
) -> tuple[Mechanism, ...]:
    """The list `vendor.mechanisms` of an import file; what is not valid is a problem each."""
    read: list[Mechanism] = []
    seen: set[object] = set()
    for number, item in enumerate(reader.sequence(value, where)):
        path = f"{where}[{number}]"
        mechanism = _read_mechanism(item, path, reader, reference)
        if mechanism is None:
            continue
        name = (mechanism.law, mechanism.use, mechanism.code or mechanism.title)
        if name in seen:
            reader.problem(path, "This mechanism is there twice.", "Remove one of the two.")
        seen.add(name)
        read.append(mechanism)
    return tuple(read)


def _read_mechanism(
    value: object, where: str, reader: Reader, reference: TransferReference
) -> Mechanism | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _FIELDS)
    code = reader.text(data.get("code"), f"{where}.code", longest=60)
    known_law = _law_of(code, f"{where}.code", reader, reference)
    use = reader.choice(data.get("use"), f"{where}.use", MechanismUse)
    law = known_law
    if data.get("law") is not None:
        law = _read_law(data["law"], f"{where}.law", known_law, reader)
    said: dict[str, Any] = {
        **{x: read_local_text(data.get(x), f"{where}.{x}", reader) for x in _TEXTS},
        **{x: reader.url(data.get(x), f"{where}.{x}") for x in _URLS},
        **{x: reader.day(data.get(x), f"{where}.{x}") for x in _DAYS},
    }
    if not code and not said["title"]:
        reader.problem(f"{where}.code", "This is missing.", "Name it by a code or a title.")
    if not code and data.get("law") is None:
        reader.problem(f"{where}.law", "This is missing.", "A title of your own needs its law.")
    replaced_by = reader.text(data.get("replaced_by"), f"{where}.replaced_by", longest=60)
    _law_of(replaced_by, f"{where}.replaced_by", reader, reference)
    roles = _read_roles(data.get("roles"), f"{where}.roles", reader)
    if law is None or use is None:
        return None
    return Mechanism(law, use, code, roles=roles, replaced_by=replaced_by, **said)


def _law_of(
    code: str, where: str, reader: Reader, reference: TransferReference
) -> ExportLaw | None:
    """The law of a code; one that the reference does not know is a problem."""
    found = reference.find_finding(code) or reference.find_safeguard(code)
    if found is not None:
        return found.law
    if code:
        reader.problem(
            where,
            "“%(code)s” is no code of the reference data.",
            "Write a finding's id or a safeguard's code, or leave it out and give a title.",
            code=code,
        )
    return None


def _read_law(
    value: object, where: str, known: ExportLaw | None, reader: Reader
) -> ExportLaw | None:
    """The law that the file names; known: that of the code, which need not be written."""
    law = reader.choice(value, where, ExportLaw)
    if law is not None and known is not None and law is not known:
        reader.problem(
            where,
            "This mechanism belongs to another law (%(law)s).",
            "Correct it, or leave it out.",
            law=known.value,
        )
    return law


def _read_roles(value: object, where: str, reader: Reader) -> tuple[VendorRole, ...]:
    """Both where the file names none."""
    named = [
        reader.choice(item, f"{where}[{number}]", VendorRole)
        for number, item in enumerate(reader.sequence(value, where))
    ]
    return tuple(role for role in BOTH_ROLES if role in named) or BOTH_ROLES


def with_modified_days(
    stated: Iterable[Mechanism], before: Sequence[Mechanism], on: date
) -> tuple[Mechanism, ...]:
    """Each with the day on which it was last changed: as stated, else as it was before where it
    says the same, else `on`."""
    known = {replace(mechanism, modified_on=None): mechanism.modified_on for mechanism in before}
    return tuple(
        mechanism
        if mechanism.modified_on is not None
        else replace(mechanism, modified_on=known.get(mechanism) or on)
        for mechanism in stated
    )


def mechanism_to_mapping(mechanism: Mechanism) -> dict[str, Any]:
    """As plain data in the shape of an import file; what is empty is left out."""
    mapping: dict[str, Any] = {
        "law": mechanism.law.value,
        "use": mechanism.use.value,
        "code": mechanism.code,
        "roles": [role.value for role in mechanism.roles],
        "replaced_by": mechanism.replaced_by,
        **{name: local_text_to_plain(getattr(mechanism, name)) for name in _TEXTS},
        **{name: getattr(mechanism, name) for name in _URLS},
        **{
            name: day.isoformat() for name in _DAYS if (day := getattr(mechanism, name)) is not None
        },
    }
    return {name: value for name, value in mapping.items() if value or name == "roles"}


def mechanism_from_mapping(data: Mapping[str, Any]) -> Mechanism:
    """From our own storage."""
    said: dict[str, Any] = {
        **{name: local_text(data.get(name, "")) for name in _TEXTS},
        **{name: data.get(name, "") for name in _URLS},
        **{name: date.fromisoformat(data[name]) for name in _DAYS if name in data},
    }
    return Mechanism(
        law=ExportLaw(data["law"]),
        use=MechanismUse(data["use"]),
        code=data.get("code", ""),
        roles=tuple(VendorRole(role) for role in data["roles"]),
        replaced_by=data.get("replaced_by", ""),
        **said,
    )
