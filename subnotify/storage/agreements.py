"""Clients, agreements and contacts, loaded whole for an import: few queries, however many rows."""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select
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


@dataclass
class ClientRows:
    """Clients by key; contacts by client id, then key."""

    clients: dict[str, ClientRow] = field(default_factory=dict)
    contacts: dict[int, dict[str, ContactRow]] = field(default_factory=lambda: defaultdict(dict))


@dataclass
class AgreementRows:
    """Agreements by key; by agreement id their services (by service id), their contacts (also
    those that ended) and their current terms."""

    agreements: dict[str, AgreementRow] = field(default_factory=dict)
    services: dict[int, dict[int, AgreementServiceRow]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    contacts: dict[int, list[AgreementContactRow]] = field(
        default_factory=lambda: defaultdict(list)
    )
    terms: dict[int, TermsVersionRow] = field(default_factory=dict)

    # By contact id: where the contact is a designated notice contact now.
    designated: dict[int, list[AgreementContactRow]] = field(
        default_factory=lambda: defaultdict(list)
    )


def load_client_rows(session: Session) -> ClientRows:
    rows = ClientRows()
    rows.clients = {row.key: row for row in session.scalars(select(ClientRow))}
    for contact in session.scalars(select(ContactRow)):
        rows.contacts[contact.client_id][contact.key] = contact
    return rows


def load_agreement_rows(session: Session) -> AgreementRows:
    rows = AgreementRows()
    rows.agreements = {row.key: row for row in session.scalars(select(AgreementRow))}
    for service in session.scalars(select(AgreementServiceRow)):
        rows.services[service.agreement_id][service.service_id] = service
    for contact in session.scalars(select(AgreementContactRow).order_by(AgreementContactRow.id)):
        rows.contacts[contact.agreement_id].append(contact)
        if contact.kind == ContactKind.NOTICE.value and contact.ended_on is None:
            rows.designated[contact.contact_id].append(contact)
    current = select(TermsVersionRow).where(TermsVersionRow.is_current)
    rows.terms = {row.agreement_id: row for row in session.scalars(current)}
    return rows


def service_ids(session: Session) -> dict[str, int]:
    """Service ids by key."""
    rows = session.execute(select(ServiceRow.key, ServiceRow.id))
    return {row.key: row.id for row in rows}
