"""One client's rows, locked for whoever changes them: the same shape as a whole import's."""

from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import ContactKind
from subnotify.storage.agreements import AgreementRows, ClientRows
from subnotify.storage.registry import VENDOR_ID
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ContactRow,
    VendorRow,
)
from subnotify.storage.tables.base import Base

Row = TypeVar("Row", bound=Base)


def lock_client(session: Session, client_id: int) -> ClientRow:
    """The client as it is now; nobody else changes it, its contacts or its agreements meanwhile.

    Raises NotFound.
    """
    query = select(ClientRow).where(ClientRow.id == client_id)
    row = session.scalar(_now(query).with_for_update(key_share=True))
    if row is None:
        raise NotFound
    return row


def lock_client_of_agreement(session: Session, agreement_id: int) -> ClientRow:
    """Its client, locked; an agreement never moves to another one. Raises NotFound."""
    client_id = session.scalar(
        select(AgreementRow.client_id).where(AgreementRow.id == agreement_id)
    )
    if client_id is None:
        raise NotFound
    return lock_client(session, client_id)


def lock_registry(session: Session) -> None:
    """Nobody else adds a client or an agreement meanwhile: their keys are unique."""
    session.execute(
        select(VendorRow.id).where(VendorRow.id == VENDOR_ID).with_for_update(key_share=True)
    )


def load_rows_of_client(session: Session, client: ClientRow) -> tuple[ClientRows, AgreementRows]:
    """The client with its contacts, and its agreements with their services and contacts.

    Their terms are left out: what is kept through these rows never touches them.
    """
    people = ClientRows(clients={client.key: client})
    contacts = _now(select(ContactRow).where(ContactRow.client_id == client.id))
    for contact in session.scalars(contacts):
        people.contacts[client.id][contact.key] = contact
    rows = AgreementRows()
    agreements = _now(select(AgreementRow).where(AgreementRow.client_id == client.id))
    rows.agreements = {row.key: row for row in session.scalars(agreements)}
    ids = [row.id for row in rows.agreements.values()]
    services = select(AgreementServiceRow).where(AgreementServiceRow.agreement_id.in_(ids))
    for service in session.scalars(_now(services)):
        rows.services[service.agreement_id][service.service_id] = service
    named = select(AgreementContactRow).where(AgreementContactRow.agreement_id.in_(ids))
    for one in session.scalars(_now(named).order_by(AgreementContactRow.id)):
        rows.contacts[one.agreement_id].append(one)
        if one.kind == ContactKind.NOTICE.value and one.ended_on is None:
            rows.designated[one.contact_id].append(one)
    return people, rows


def _now(query: Select[Row]) -> Select[Row]:
    """As the database has it, not as it was read before the lock."""
    return query.execution_options(populate_existing=True)
