"""The import file, read whole from plain data: every entry, or every problem at once.

Sections: vendor, services, subprocessors, clients (with their contacts), agreements (with their
services, contacts and notice terms). All are optional; what a section leaves out stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from subnotify.rules.errors import ProblemsFound
from subnotify.rules.reading import Reader
from subnotify.rules.registry_entries import (
    AgreementEntry,
    AgreementService,
    ClientEntry,
    ContactEntry,
    Designation,
    KnownKeys,
    RegistryFile,
    ServiceEntry,
    SubprocessorEntry,
)
from subnotify.rules.registry_references import check_references
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import read_facts
from subnotify.rules.terms_reading import read_terms
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.vendor import read_laws, read_vendor
from subnotify.rules.words import ContactKind

SECTIONS = ("vendor", "services", "subprocessors", "clients", "agreements")
LONGEST_NOTES = 10_000
# Of an entry, but not of what the list says.
_NOT_LISTED = ("replaces", "internal_notes")
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


def read_registry(
    data: object,
    known: KnownKeys,
    is_holiday_calendar: Callable[[str], bool],
    reference: TransferReference,
) -> RegistryFile:
    """The whole file, consistent in itself and with what is stored.

    is_holiday_calendar: whether a name that terms use is a calendar we have. reference: the
    transfer bases there are. Raises ProblemsFound
    with every problem; paths count from 0: `agreements[3].notice_contacts[0].contact`.
    """
    reader = Reader()
    content = reader.mapping(data, "file") or {}
    reader.known_fields(content, "file", SECTIONS)
    if not reader.problems and not any(content.get(section) for section in SECTIONS):
        reader.problem("file", "The file holds no entries.", "Add at least one section.")
    vendor = content.get("vendor")
    file = RegistryFile(
        vendor=read_vendor(vendor, "vendor", reader, reference) if vendor is not None else None,
        vendor_says=frozenset(vendor) if isinstance(vendor, Mapping) else frozenset(),
        services=_section(content, "services", _read_service, reader),
        subprocessors=_section(
            content,
            "subprocessors",
            partial(_read_subprocessor, reference=reference, codes=known.codes),
            reader,
        ),
        clients=_section(content, "clients", _read_client, reader),
        agreements=_section(content, "agreements", _read_agreement, reader),
    )
    if not reader.problems:
        check_references(file, known, is_holiday_calendar, reader)
    if reader.problems:
        raise ProblemsFound(tuple(reader.problems))
    return file


def _section(
    content: Mapping[str, Any],
    name: str,
    read: Callable[[Mapping[str, Any], str, Reader], K],
    reader: Reader,
) -> tuple[K, ...]:
    """The entries of a list of mappings, keys unique."""
    entries: list[K] = []
    for number, item in enumerate(reader.sequence(content.get(name), name)):
        where = f"{name}[{number}]"
        mapping = reader.mapping(item, where)
        if mapping is not None:
            entries.append(read(mapping, where, reader))
    _check_unique([entry.key for entry in entries], name, reader)
    return tuple(entries)


def _check_unique(keys: list[str], where: str, reader: Reader, part: str = "key") -> None:
    seen: set[str] = set()
    for number, key in enumerate(keys):
        if key and key in seen:
            reader.problem(
                f"{where}[{number}].{part}",
                "“%(key)s” is there twice.",
                "Give each entry a key of its own, or remove one of them.",
                key=key,
            )
        seen.add(key)


def _read_key(data: Mapping[str, Any], where: str, reader: Reader, name: str = "key") -> str:
    key = reader.text(data.get(name), f"{where}.{name}", required=True, longest=80)
    if key and not _KEY.fullmatch(key):
        reader.problem(
            f"{where}.{name}",
            "“%(value)s” is not a key.",
            "Write small letters, digits, dots, hyphens and underscores, for example acme-france.",
            value=key,
        )
        return ""
    return key


def _read_service(data: Mapping[str, Any], where: str, reader: Reader) -> ServiceEntry:
    reader.known_fields(data, where, ("key", "name"))
    return ServiceEntry(
        _read_key(data, where, reader),
        reader.text(data.get("name"), f"{where}.name", required=True, longest=200),
    )


def _read_subprocessor(
    data: Mapping[str, Any],
    where: str,
    reader: Reader,
    *,
    reference: TransferReference,
    codes: frozenset[str],
) -> SubprocessorEntry:
    key = _read_key(data, where, reader)
    listed = {name: value for name, value in data.items() if name not in _NOT_LISTED}
    facts = read_facts(listed, where, reader, reference, codes)
    replaces, notes = data.get("replaces"), data.get("internal_notes")
    return SubprocessorEntry(
        key,
        facts or SubprocessorFacts(name=""),
        _read_key(data, where, reader, "replaces") if replaces is not None else "",
        reader.text(notes, f"{where}.internal_notes", longest=LONGEST_NOTES)
        if notes is not None
        else None,
    )


def _read_client(data: Mapping[str, Any], where: str, reader: Reader) -> ClientEntry:
    reader.known_fields(data, where, ("key", "name", "country", "contacts"))
    country = reader.country(data.get("country"), f"{where}.country")
    contacts = []
    for number, item in enumerate(reader.sequence(data.get("contacts"), f"{where}.contacts")):
        contact = reader.mapping(item, f"{where}.contacts[{number}]")
        if contact is not None:
            contacts.append(_read_contact(contact, f"{where}.contacts[{number}]", reader))
    _check_unique([contact.key for contact in contacts], f"{where}.contacts", reader)
    return ClientEntry(
        key=_read_key(data, where, reader),
        name=reader.text(data.get("name"), f"{where}.name", required=True, longest=200),
        country=country,
        contacts=tuple(contacts),
    )


def _read_contact(data: Mapping[str, Any], where: str, reader: Reader) -> ContactEntry:
    names = ("key", "name", "role_title", "email", "postal_address", "phone")
    reader.known_fields(data, where, names)
    return ContactEntry(
        key=_read_key(data, where, reader),
        name=reader.text(data.get("name"), f"{where}.name", required=True, longest=200),
        role_title=reader.text(data.get("role_title"), f"{where}.role_title", longest=200),
        email=reader.email(data.get("email"), f"{where}.email"),
        postal_address=reader.text(data.get("postal_address"), f"{where}.postal_address"),
        phone=reader.text(data.get("phone"), f"{where}.phone", longest=60),
    )


_AGREEMENT_FIELDS = (
    *("key", "client", "reference", "language", "signed_on", "ended_on", "services"),
    *("notice_contacts", "copy_contacts", "terms", "laws"),
)


def _read_agreement(data: Mapping[str, Any], where: str, reader: Reader) -> AgreementEntry:
    reader.known_fields(data, where, _AGREEMENT_FIELDS)
    language = reader.text(data.get("language"), f"{where}.language", required=True)
    if language and language not in LANGUAGES:
        reader.problem(
            f"{where}.language",
            "“%(value)s” is not a language of the notices.",
            "Use one of: %(known)s.",
            value=language,
            known=", ".join(LANGUAGES),
        )
    services = tuple(
        _read_agreement_service(item, f"{where}.services[{number}]", reader)
        for number, item in enumerate(reader.sequence(data.get("services"), f"{where}.services"))
    )
    _check_unique([x.service for x in services], f"{where}.services", reader, "service")
    terms = data.get("terms")
    return AgreementEntry(
        key=_read_key(data, where, reader),
        client=_read_key(data, where, reader, "client"),
        reference=reader.text(
            data.get("reference"), f"{where}.reference", required=True, longest=200
        ),
        language=language,
        signed_on=reader.day(data.get("signed_on"), f"{where}.signed_on"),
        ended_on=reader.day(data.get("ended_on"), f"{where}.ended_on"),
        services=services,
        contacts=_read_designations(data, where, reader),
        terms=read_terms(terms, f"{where}.terms", reader) if terms is not None else None,
        laws=frozenset(read_laws(data["laws"], f"{where}.laws", reader))
        if data.get("laws") is not None
        else None,
    )


def _read_agreement_service(value: object, where: str, reader: Reader) -> AgreementService:
    if isinstance(value, str):
        return AgreementService(value.strip())
    data = reader.mapping(value, where) or {}
    reader.known_fields(data, where, ("service", "from_on", "until_on"))
    from_on = reader.day(data.get("from_on"), f"{where}.from_on")
    until_on = reader.day(data.get("until_on"), f"{where}.until_on")
    if from_on and until_on and until_on < from_on:
        reader.problem(
            f"{where}.until_on",
            "The service ends before it begins.",
            "Correct one of the two days.",
        )
    return AgreementService(
        reader.text(data.get("service"), f"{where}.service", required=bool(data)),
        from_on,
        until_on,
    )


def _read_designations(
    data: Mapping[str, Any], where: str, reader: Reader
) -> tuple[Designation, ...]:
    found: list[Designation] = []
    for section, kind in (
        ("notice_contacts", ContactKind.NOTICE),
        ("copy_contacts", ContactKind.COPY),
    ):
        path = f"{where}.{section}"
        for number, item in enumerate(reader.sequence(data.get(section), path)):
            designation = _read_designation(item, kind, f"{path}[{number}]", reader)
            if any(designation.contact == other.contact for other in found):
                reader.problem(
                    f"{path}[{number}].contact",
                    "“%(key)s” is there twice.",
                    "Name each contact once, as a notice contact or as a copy contact.",
                    key=designation.contact,
                )
            found.append(designation)
    return tuple(found)


def _read_designation(value: object, kind: ContactKind, where: str, reader: Reader) -> Designation:
    if isinstance(value, str):
        return Designation(value.strip(), kind)
    data = reader.mapping(value, where) or {}
    fields = ("contact", "clause", "designated_on", "letter_reference", "ended_on")
    reader.known_fields(data, where, fields)
    return Designation(
        contact=reader.text(data.get("contact"), f"{where}.contact", required=bool(data)),
        kind=kind,
        clause=reader.text(data.get("clause"), f"{where}.clause", longest=200),
        designated_on=reader.day(data.get("designated_on"), f"{where}.designated_on"),
        letter_reference=reader.text(
            data.get("letter_reference"), f"{where}.letter_reference", longest=200
        ),
        ended_on=reader.day(data.get("ended_on"), f"{where}.ended_on"),
    )
