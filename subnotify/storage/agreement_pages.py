"""Agreements as the desk lists them, a page at a time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    ServiceRow,
    TermsVersionRow,
)
from subnotify.storage.tables.base import Json


@dataclass(frozen=True)
class ListedContact:
    name: str
    email: str | None
    kind: ContactKind


@dataclass(frozen=True)
class ListedAgreement:
    """terms: as stored, None while they are unknown; not_computable: a code, None if they are."""

    id: int
    client_id: int
    client: str
    reference: str
    language: str
    ended_on: date | None
    services: tuple[str, ...]
    contacts: tuple[ListedContact, ...]
    terms: Json | None
    not_computable: str | None


def count_agreements(session: Session, search: str = "") -> int:
    """How many have these letters in their reference or key, or in their client's name."""
    query = select(func.count(AgreementRow.id)).join(
        ClientRow, ClientRow.id == AgreementRow.client_id
    )
    return session.scalar(query.where(_matches(search))) or 0


def list_agreements(
    session: Session, search: str = "", *, skip: int, most: int
) -> tuple[ListedAgreement, ...]:
    """Agreements by client and reference, `most` of them after the first `skip`."""
    found = session.execute(
        select(AgreementRow, ClientRow.name, TermsVersionRow)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(
            TermsVersionRow,
            (TermsVersionRow.agreement_id == AgreementRow.id) & TermsVersionRow.is_current,
        )
        .where(_matches(search))
        .order_by(ClientRow.name, AgreementRow.reference, AgreementRow.id)
        .offset(skip)
        .limit(most)
    ).all()
    ids = [agreement.id for agreement, _, _ in found]
    services, contacts = _services(session, ids), _contacts(session, ids)
    return tuple(
        ListedAgreement(
            id=agreement.id,
            client_id=agreement.client_id,
            client=client,
            reference=agreement.reference,
            language=agreement.language,
            ended_on=agreement.ended_on,
            services=tuple(services[agreement.id]),
            contacts=tuple(contacts[agreement.id]),
            terms=terms.terms if terms else None,
            not_computable=terms.not_computable if terms else None,
        )
        for agreement, client, terms in found
    )


def _matches(search: str) -> ColumnElement[bool]:
    letters = search.strip()
    # SQLite's lower() knows no accents: what was typed as it is stored is found there, too.
    return or_(
        func.lower(ClientRow.name).contains(letters.lower(), autoescape=True),
        ClientRow.name.contains(letters, autoescape=True),
        func.lower(AgreementRow.reference).contains(letters.lower(), autoescape=True),
        AgreementRow.key.contains(letters.lower(), autoescape=True),
    )


def _services(session: Session, agreement_ids: list[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(AgreementServiceRow.agreement_id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .where(AgreementServiceRow.agreement_id.in_(agreement_ids))
        .order_by(ServiceRow.name)
    )
    for agreement_id, name in rows:
        names[agreement_id].append(name)
    return names


def _contacts(session: Session, agreement_ids: list[int]) -> dict[int, list[ListedContact]]:
    contacts: dict[int, list[ListedContact]] = defaultdict(list)
    rows = session.execute(
        select(
            AgreementContactRow.agreement_id,
            ContactRow.name,
            ContactRow.email,
            AgreementContactRow.kind,
        )
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            AgreementContactRow.agreement_id.in_(agreement_ids),
            AgreementContactRow.ended_on.is_(None),
        )
        .order_by(AgreementContactRow.kind.desc(), AgreementContactRow.id)
    )
    for agreement_id, name, email, kind in rows:
        contacts[agreement_id].append(ListedContact(name, email, ContactKind(kind)))
    return contacts
