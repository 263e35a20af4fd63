"""Who is on file for the agreements that a mailbox sees."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind
from subnotify.storage.id_lists import among
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_notices import PortalAgreement, list_portal_agreements
from subnotify.storage.tables import AgreementContactRow, ContactRow


@dataclass(frozen=True)
class PortalContact:
    """since_on: designated since, None where nothing on record says so."""

    name: str
    role_title: str
    email: str
    kind: ContactKind
    clause: str
    since_on: date | None


@dataclass(frozen=True)
class ContactsOfAgreement:
    agreement: PortalAgreement
    contacts: tuple[PortalContact, ...]


def list_portal_contacts(session: Session, visit: PortalVisit) -> tuple[ContactsOfAgreement, ...]:
    """By agreement, those to whom notices go before those who get copies. Two queries."""
    agreements = list_portal_agreements(session, visit)
    rows = session.execute(
        select(AgreementContactRow, ContactRow)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            among(AgreementContactRow.agreement_id, [x.id for x in agreements]),
            AgreementContactRow.ended_on.is_(None),
        )
        .order_by(AgreementContactRow.kind.desc(), ContactRow.name, ContactRow.id)
    ).all()
    found: dict[int, list[PortalContact]] = {}
    for named, contact in rows:
        found.setdefault(named.agreement_id, []).append(
            PortalContact(
                contact.name,
                contact.role_title,
                contact.email or "",
                ContactKind(named.kind),
                named.clause,
                named.designated_on,
            )
        )
    return tuple(ContactsOfAgreement(x, tuple(found.get(x.id, ()))) for x in agreements)
