"""What an import file holds, as read: see registry_file.py for the reading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ContactKind


@dataclass(frozen=True)
class ServiceEntry:
    key: str
    name: str


@dataclass(frozen=True)
class SubprocessorEntry:
    """replaces: the key of the subprocessor on the list whose place it takes, or "".
    internal_notes None: the file does not say them."""

    key: str
    facts: SubprocessorFacts
    replaces: str = ""
    internal_notes: str | None = None


@dataclass(frozen=True)
class ContactEntry:
    key: str
    name: str
    role_title: str = ""
    email: str = ""
    postal_address: str = ""
    phone: str = ""


@dataclass(frozen=True)
class ClientEntry:
    key: str
    name: str
    country: str
    contacts: tuple[ContactEntry, ...] = ()


@dataclass(frozen=True)
class AgreementService:
    """A service bought from a day (included) until another (excluded); None: not limited."""

    service: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Designation:
    """A contact of an agreement. ended_on: from that day it is no longer one."""

    contact: str
    kind: ContactKind
    clause: str = ""
    designated_on: date | None = None
    letter_reference: str = ""
    ended_on: date | None = None


@dataclass(frozen=True)
class AgreementEntry:
    """terms, laws None: the file does not say them (unknown, or unchanged). laws: of the vendor's
    export laws those of this client's data; empty: all of them."""

    key: str
    client: str
    reference: str
    language: str
    signed_on: date | None = None
    ended_on: date | None = None
    services: tuple[AgreementService, ...] = ()
    contacts: tuple[Designation, ...] = ()
    terms: NoticeTerms | None = None
    laws: frozenset[ExportLaw] | None = None


@dataclass(frozen=True)
class RegistryFile:
    """vendor_says: the fields of the vendor that the file names; the others may stay."""

    vendor: VendorProfile | None = None
    vendor_says: frozenset[str] = frozenset()
    services: tuple[ServiceEntry, ...] = ()
    subprocessors: tuple[SubprocessorEntry, ...] = ()
    clients: tuple[ClientEntry, ...] = ()
    agreements: tuple[AgreementEntry, ...] = ()


@dataclass(frozen=True)
class KnownKeys:
    """What is stored already and may be referred to without being in the file."""

    services: frozenset[str] = frozenset()
    subprocessors: frozenset[str] = frozenset()
    contacts_by_client: Mapping[str, frozenset[str]] = field(default_factory=dict)
    laws: frozenset[ExportLaw] | None = None
    # Of transfer bases on record, whether the reference knows them still or not.
    codes: frozenset[str] = frozenset()
