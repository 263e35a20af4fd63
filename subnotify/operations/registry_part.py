"""One client's part of the registry, as a person keeps it on the desk.

What is entered goes the way of an import file's entry: the same reader checks it, and the same
functions keep it, so that one set of rules holds for both.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.import_agreements import import_agreements
from subnotify.operations.import_clients import import_clients
from subnotify.operations.import_run import ImportRun
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.rules.errors import NotFound, Problem, ProblemsFound
from subnotify.rules.registry_entries import KnownKeys
from subnotify.rules.registry_file import read_registry
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ContactKind
from subnotify.storage.agreements import AgreementRows, ClientRows, service_ids
from subnotify.storage.client_rows import (
    load_rows_of_client,
    lock_client,
    lock_client_of_agreement,
)
from subnotify.storage.registry import find_vendor
from subnotify.storage.tables import AgreementContactRow, AgreementRow, ClientRow, ContactRow

Plain = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """id: of what was kept. is_changed: False where all of it was on record already."""

    id: int
    is_changed: bool


@dataclass
class RegistryPart:
    """The locked rows of one client, in the caller's transaction."""

    run: ImportRun
    client: ClientRow
    clients: ClientRows
    agreements: AgreementRows

    @property
    def contacts(self) -> Mapping[str, ContactRow]:
        return self.clients.contacts[self.client.id]

    def get_contact(self, contact_id: int) -> ContactRow:
        """A contact of this client. Raises NotFound."""
        for row in self.contacts.values():
            if row.id == contact_id:
                return row
        raise NotFound

    def get_agreement(self, agreement_id: int) -> AgreementRow:
        """An agreement of this client. Raises NotFound."""
        for row in self.agreements.agreements.values():
            if row.id == agreement_id:
                return row
        raise NotFound

    def current_contacts(self, agreement_id: int) -> list[AgreementContactRow]:
        """Its notice and copy contacts whose time has not ended."""
        return [x for x in self.agreements.contacts[agreement_id] if x.ended_on is None]

    def key_of(self, contact_id: int) -> str:
        return self.get_contact(contact_id).key


def open_part(
    session: Session, client_id: int, *, by: str, at: datetime, zone: ZoneInfo
) -> RegistryPart:
    """Lock a client and load what belongs to it. zone: the vendor's. Raises NotFound."""
    return _part(session, lock_client(session, client_id), by, at, zone)


def open_part_of_agreement(
    session: Session, agreement_id: int, *, by: str, at: datetime, zone: ZoneInfo
) -> RegistryPart:
    """Lock an agreement's client, likewise. Raises NotFound."""
    return _part(session, lock_client_of_agreement(session, agreement_id), by, at, zone)


def _part(
    session: Session, client: ClientRow, by: str, at: datetime, zone: ZoneInfo
) -> RegistryPart:
    return RegistryPart(
        new_run(session, by=by, at=at, zone=zone), client, *load_rows_of_client(session, client)
    )


def new_run(session: Session, *, by: str, at: datetime, zone: ZoneInfo) -> ImportRun:
    vendor = find_vendor(session)
    is_published = vendor is not None and vendor.first_published_at is not None
    return ImportRun(
        session, by=by, at=at, today=at.astimezone(zone).date(), is_published=is_published
    )


def keep_entries(
    run: ImportRun, data: Plain, clients: ClientRows, agreements: AgreementRows
) -> None:
    """Keep plain entries of `clients` and `agreements`; evidence gathers in `run`.

    Raises ProblemsFound, whose `where` is the name of the field entered: "email".
    """
    vendor = find_vendor(run.session)
    known = KnownKeys(
        laws=frozenset(vendor.profile.laws if vendor is not None else ExportLaw),
        services=frozenset(service_ids(run.session)),
        contacts_by_client={
            key: frozenset(clients.contacts[row.id]) for key, row in clients.clients.items()
        },
    )
    try:
        # Terms, the only place of a holiday calendar, are entered elsewhere.
        file = read_registry(data, known, lambda _name: True, reference_in_use(run.session))
        changed = import_clients(run, file, clients, agreements)
        import_agreements(run, file, clients, agreements, changed)
        run.raise_problems()
    except ProblemsFound as found:
        raise ProblemsFound(tuple(_at_field(x) for x in found.problems)) from None


def keep_in_part(part: RegistryPart, data: Plain) -> None:
    """keep_entries for the rows of one client."""
    keep_entries(part.run, data, part.clients, part.agreements)


def _at_field(problem: Problem) -> Problem:
    name = re.sub(r"\[\d+\]", "", problem.where).rsplit(".", 1)[-1]
    return Problem(name, problem.message, problem.remedy, problem.params)


def append_gathered(run: ImportRun, own: Iterable[NewEvidence], *, actor: str) -> None:
    """Record what happened: what the import's functions gathered, then what the step says."""
    append_evidence_many(run.session, [*run.evidence, *own], actor=actor, at=run.at)


def client_entry(client: ClientRow, **changed: Any) -> Plain:
    """The client as the entry of a file, without contacts. changed: fields to replace or add."""
    return {"key": client.key, "name": client.name, "country": client.country, **changed}


def agreement_entry(
    part: RegistryPart, agreement: AgreementRow, *, without: Collection[int] = ()
) -> Plain:
    """The agreement as the entry of a file, with the contacts that stand; services and terms are
    left out, so they stay. without: ids of contacts to leave out."""
    entry: Plain = {
        "key": agreement.key,
        "client": part.client.key,
        "reference": agreement.reference,
        "language": agreement.language,
        "signed_on": agreement.signed_on,
        "ended_on": agreement.ended_on,
    }
    for kind in ContactKind:
        entry[f"{kind.value}_contacts"] = [
            designation_entry(part.key_of(row.contact_id), row)
            for row in part.current_contacts(agreement.id)
            if row.kind == kind.value and row.contact_id not in without
        ]
    return entry


def designation_entry(key: str, row: AgreementContactRow) -> Plain:
    return {
        "contact": key,
        "clause": row.clause,
        "designated_on": row.designated_on,
        "letter_reference": row.letter_reference,
    }


def require_past(day: date | None, where: str, today: date) -> list[Problem]:
    """A day that must be given and not lie ahead; the problems with it."""
    if day is None:
        return [Problem(where, "This day is missing.", "Give it.")]
    if day > today:
        return [
            Problem(
                where,
                "This day has not come yet.",
                "Record it on that day or later.",
            )
        ]
    return []
