"""Clients as the desk lists them, and one client with its contacts and agreements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import ContactKind
from subnotify.storage.concerned import agreement_is_active
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    ServiceRow,
    TermsVersionRow,
)


@dataclass(frozen=True)
class ListedClient:
    """agreements: those that run on the day asked for; ended: the others."""

    id: int
    key: str
    name: str
    country: str
    contacts: int
    agreements: int
    ended: int


@dataclass(frozen=True)
class Named:
    """A naming of a contact in an agreement that stands."""

    agreement_id: int
    reference: str
    kind: ContactKind


@dataclass(frozen=True)
class ClientContact:
    id: int
    key: str
    name: str
    role_title: str
    email: str | None
    postal_address: str
    phone: str
    named: tuple[Named, ...]

    @property
    def designated_in(self) -> tuple[Named, ...]:
        """Where it is a notice contact: what it is reached by changes by letter there."""
        return tuple(x for x in self.named if x.kind is ContactKind.NOTICE)


@dataclass(frozen=True)
class ClientAgreement:
    """terms_are_known: it has a version of notice terms; not_computable: why no date follows."""

    id: int
    reference: str
    language: str
    signed_on: date | None
    ended_on: date | None
    services: tuple[str, ...]
    terms_are_known: bool
    not_computable: str | None


@dataclass(frozen=True)
class ClientFile:
    id: int
    key: str
    name: str
    country: str
    created_at: datetime
    contacts: tuple[ClientContact, ...]
    agreements: tuple[ClientAgreement, ...]


def count_clients(session: Session, search: str = "") -> int:
    """How many clients have these letters in their name or key."""
    return session.scalar(select(func.count(ClientRow.id)).where(_matches(search))) or 0


def list_clients(
    session: Session, search: str = "", *, on: date, skip: int, most: int
) -> tuple[ListedClient, ...]:
    """Clients by name, `most` of them after the first `skip`; agreements counted on the day `on`.

    Three queries, however many clients there are.
    """
    rows = session.scalars(
        select(ClientRow)
        .where(_matches(search))
        .order_by(ClientRow.name, ClientRow.id)
        .offset(skip)
        .limit(most)
    ).all()
    ids = [row.id for row in rows]
    contacts = _counts(session, _count_by_client(ContactRow.client_id, ids))
    signed = _count_by_client(AgreementRow.client_id, ids)
    running = _counts(session, signed.where(agreement_is_active(on)))
    ended = _counts(session, signed.where(~agreement_is_active(on)))
    return tuple(
        ListedClient(
            id=row.id,
            key=row.key,
            name=row.name,
            country=row.country,
            contacts=contacts.get(row.id, 0),
            agreements=running.get(row.id, 0),
            ended=ended.get(row.id, 0),
        )
        for row in rows
    )


def get_client_file(session: Session, client_id: int) -> ClientFile:
    """One client with its contacts and agreements. Raises NotFound."""
    row = session.get(ClientRow, client_id)
    if row is None:
        raise NotFound
    return ClientFile(
        id=row.id,
        key=row.key,
        name=row.name,
        country=row.country,
        created_at=row.created_at,
        contacts=_contacts(session, client_id),
        agreements=_agreements(session, client_id),
    )


def _matches(search: str) -> ColumnElement[bool]:
    letters = search.strip()
    # SQLite's lower() knows no accents: what was typed as it is stored is found there, too.
    return or_(
        func.lower(ClientRow.name).contains(letters.lower(), autoescape=True),
        ClientRow.name.contains(letters, autoescape=True),
        ClientRow.key.contains(letters.lower(), autoescape=True),
    )


def _count_by_client(column: Any, ids: list[int]) -> Select[int, int]:
    return select(column, func.count()).where(column.in_(ids)).group_by(column)


def _counts(session: Session, query: Select[int, int]) -> dict[int, int]:
    return dict(session.execute(query).all())


def _contacts(session: Session, client_id: int) -> tuple[ClientContact, ...]:
    named: dict[int, list[Named]] = defaultdict(list)
    rows = session.execute(
        select(
            AgreementContactRow.contact_id,
            AgreementContactRow.agreement_id,
            AgreementRow.reference,
            AgreementContactRow.kind,
        )
        .join(AgreementRow, AgreementRow.id == AgreementContactRow.agreement_id)
        .where(AgreementRow.client_id == client_id, AgreementContactRow.ended_on.is_(None))
        .order_by(AgreementRow.reference, AgreementContactRow.id)
    )
    for contact_id, agreement_id, reference, kind in rows:
        named[contact_id].append(Named(agreement_id, reference, ContactKind(kind)))
    contacts = session.scalars(
        select(ContactRow)
        .where(ContactRow.client_id == client_id)
        .order_by(ContactRow.name, ContactRow.id)
    )
    return tuple(
        ClientContact(
            id=row.id,
            key=row.key,
            name=row.name,
            role_title=row.role_title,
            email=row.email,
            postal_address=row.postal_address,
            phone=row.phone,
            named=tuple(named[row.id]),
        )
        for row in contacts
    )


def _agreements(session: Session, client_id: int) -> tuple[ClientAgreement, ...]:
    services: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(AgreementServiceRow.agreement_id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .join(AgreementRow, AgreementRow.id == AgreementServiceRow.agreement_id)
        .where(AgreementRow.client_id == client_id)
        .order_by(ServiceRow.name)
    )
    for agreement_id, name in rows:
        services[agreement_id].append(name)
    found = session.execute(
        select(AgreementRow, TermsVersionRow.id, TermsVersionRow.not_computable)
        .outerjoin(
            TermsVersionRow,
            (TermsVersionRow.agreement_id == AgreementRow.id) & TermsVersionRow.is_current,
        )
        .where(AgreementRow.client_id == client_id)
        .order_by(AgreementRow.reference, AgreementRow.id)
    )
    return tuple(
        ClientAgreement(
            id=row.id,
            reference=row.reference,
            language=row.language,
            signed_on=row.signed_on,
            ended_on=row.ended_on,
            services=tuple(services[row.id]),
            terms_are_known=terms_id is not None,
            not_computable=not_computable,
        )
        for row, terms_id, not_computable in found
    )
