"""A client adds, in the portal, an address that gets copies of an agreement's notices.

It opens no window and turns no notice away: who is designated changes as the agreement says. Only a
notice contact of the agreement may do it, and every notice contact on file is told by mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.registry_part import (
    Kept,
    RegistryPart,
    agreement_entry,
    append_gathered,
    client_entry,
    keep_in_part,
    open_part_of_agreement,
)
from subnotify.operations.tell_old_address import tell_of_copy_contact
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.keys import key_from_name
from subnotify.rules.portal import COPIES_COUNT_FOR, copy_contact_problems, mailbox_key
from subnotify.rules.words import ContactKind
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_contacts import (
    ContactsOfAgreement,
    count_copies_added,
    get_contacts_of_agreement,
)
from subnotify.storage.portal_notices import get_portal_agreement
from subnotify.storage.tables import ContactRow


@dataclass(frozen=True)
class CopyContact:
    """As entered, without white space at the ends."""

    name: str
    email: str


def check_copy_contact(
    session: Session, visit: PortalVisit, agreement_id: int, asked: CopyContact, *, at: datetime
) -> ContactsOfAgreement:
    """The agreement with its contacts, where the address can be added now; changes nothing.

    Raises NotFound for an agreement that the mailbox does not see, and ProblemsFound at "email".
    """
    found = get_contacts_of_agreement(session, visit, agreement_id)
    _require_possible(session, agreement_id, found.emails, found.is_notice_contact, asked, at)
    return found


def add_copy_contact(
    session: Session,
    visit: PortalVisit,
    agreement_id: int,
    asked: CopyContact,
    *,
    zone: ZoneInfo,
    at: datetime,
) -> Kept:
    """Name the address in the agreement and tell its notice contacts; sent twice, it is done once.

    zone: the vendor's. Raises as check_copy_contact.
    """
    with transaction(session):
        get_portal_agreement(session, visit, agreement_id)
        by = visit.mailbox
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        named = {row.id: row for row in part.contacts.values()}
        standing = [(named[x.contact_id], x.kind) for x in part.current_contacts(agreement_id)]
        if any(kind == ContactKind.COPY.value and _is_same(row, asked) for row, kind in standing):
            return Kept(agreement_id, is_changed=False)
        told = [row for row, kind in standing if kind == ContactKind.NOTICE.value]
        is_notice = any(mailbox_key(row.email or "") == visit.mailbox for row in told)
        emails = [row.email or "" for row, _ in standing]
        _require_possible(session, agreement_id, emails, is_notice, asked, at)
        _keep(part, agreement_id, asked)
        language = part.get_agreement(agreement_id).language
        tell_of_copy_contact(session, told, language=language, at=at)
        fact = NewEvidence(
            "copy_contact_added",
            "agreement",
            agreement_id,
            {"by": by, "name": asked.name, "email": asked.email, "told": len(told)},
        )
        append_gathered(part.run, [fact], actor=f"client:agreement:{agreement_id}")
        return Kept(agreement_id, is_changed=True)


def _require_possible(
    session: Session,
    agreement_id: int,
    emails: Sequence[str],
    is_notice_contact: bool,
    asked: CopyContact,
    at: datetime,
) -> None:
    problems = copy_contact_problems(
        asked.email,
        emails,
        is_notice_contact=is_notice_contact,
        lately=count_copies_added(session, agreement_id, since=at - COPIES_COUNT_FOR),
    )
    if problems:
        raise ProblemsFound(problems)


def _keep(part: RegistryPart, agreement_id: int, asked: CopyContact) -> None:
    key = _key(part, asked)
    entry = agreement_entry(part, part.get_agreement(agreement_id))
    entry[f"{ContactKind.COPY.value}_contacts"].append({"contact": key})
    contacts = (
        [] if key in part.contacts else [{"key": key, "name": asked.name, "email": asked.email}]
    )
    client = client_entry(part.client, contacts=contacts)
    keep_in_part(part, {"clients": [client], "agreements": [entry]})


def _key(part: RegistryPart, asked: CopyContact) -> str:
    """Of the contact that is on file under this name and address already, else a free one."""
    base, number = key_from_name(asked.name, "contact"), 0
    for key, row in part.contacts.items():
        if _is_same(row, asked):
            return key
    while (key := f"{base}-{number}" if number else base) in part.contacts:
        number += 1
    return key


def _is_same(row: ContactRow, asked: CopyContact) -> bool:
    return row.name == asked.name and mailbox_key(row.email or "") == mailbox_key(asked.email)
