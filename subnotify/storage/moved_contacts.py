"""Contacts whose address changed: to whom it matters, and of which client they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind
from subnotify.storage.tables import AgreementContactRow, AgreementRow, ClientRow, ContactRow


@dataclass(frozen=True)
class Addressee:
    """language: of the first agreement that names the contact; kind: as that one names it."""

    contact_id: int
    language: str
    kind: ContactKind


def list_addressees(
    session: Session, contact_ids: Collection[int], *, on: date
) -> dict[int, Addressee]:
    """Those of these contacts that an agreement names which runs on that day, by contact.

    A designation as notice contact goes before one as copy contact.
    """
    rows = session.execute(
        select(AgreementContactRow.contact_id, AgreementRow.language, AgreementContactRow.kind)
        .join(AgreementRow, AgreementRow.id == AgreementContactRow.agreement_id)
        .where(
            AgreementContactRow.contact_id.in_(contact_ids),
            AgreementContactRow.ended_on.is_(None),
            or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on > on),
        )
        .order_by(AgreementRow.id)
    )
    found: dict[int, Addressee] = {}
    for contact_id, language, kind in sorted(rows, key=lambda row: row.kind != ContactKind.NOTICE):
        found.setdefault(contact_id, Addressee(contact_id, language, ContactKind(kind)))
    return found


def list_client_names(session: Session, contact_ids: Collection[int]) -> dict[int, str]:
    """The client's name of each of these contacts."""
    if not contact_ids:
        return {}
    rows = session.execute(
        select(ContactRow.id, ClientRow.name)
        .join(ClientRow, ClientRow.id == ContactRow.client_id)
        .where(ContactRow.id.in_(contact_ids))
    )
    return {row.id: row.name for row in rows}
