"""Who is on file for the agreements that a mailbox sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.portal import mailbox_key
from subnotify.rules.words import ContactKind
from subnotify.storage.id_lists import among
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_notices import (
    PortalAgreement,
    get_portal_agreement,
    list_portal_agreements,
)
from subnotify.storage.tables import AgreementContactRow, ContactRow, EvidenceRow


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
    """is_notice_contact: the mailbox is one of the agreement, and may add copy contacts."""

    agreement: PortalAgreement
    contacts: tuple[PortalContact, ...]
    is_notice_contact: bool

    @property
    def emails(self) -> list[str]:
        return [one.email for one in self.contacts]


def list_portal_contacts(session: Session, visit: PortalVisit) -> tuple[ContactsOfAgreement, ...]:
    """By agreement, those to whom notices go before those who get copies. Two queries."""
    return _load(session, visit, list_portal_agreements(session, visit))


def get_contacts_of_agreement(
    session: Session, visit: PortalVisit, agreement_id: int
) -> ContactsOfAgreement:
    """Raises NotFound for one that is not the current client's, or does not name the mailbox."""
    return _load(session, visit, [get_portal_agreement(session, visit, agreement_id)])[0]


def count_copies_added(session: Session, agreement_id: int, *, since: datetime) -> int:
    """How many copy contacts were added in the portal after this instant."""
    query = select(func.count(EvidenceRow.id)).where(
        EvidenceRow.object_type == "agreement",
        EvidenceRow.object_id == agreement_id,
        EvidenceRow.type == "copy_contact_added",
        EvidenceRow.at > since,
    )
    return session.scalar(query) or 0


def _load(
    session: Session, visit: PortalVisit, agreements: Sequence[PortalAgreement]
) -> tuple[ContactsOfAgreement, ...]:
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
    return tuple(_of(x, found.get(x.id, ()), visit.mailbox) for x in agreements)


def _of(
    agreement: PortalAgreement, contacts: Sequence[PortalContact], mailbox: str
) -> ContactsOfAgreement:
    designated = {mailbox_key(x.email) for x in contacts if x.kind is ContactKind.NOTICE}
    return ContactsOfAgreement(agreement, tuple(contacts), mailbox in designated)
