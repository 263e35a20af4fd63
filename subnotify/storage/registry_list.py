"""Writes the list: its entries and the record of each publication."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.storage.registry import VENDOR_ID
from subnotify.storage.tables import ListEntryRow, ListPublicationRow, VendorRow


def lock_vendor(session: Session) -> VendorRow:
    """The vendor's row, kept from other writers until the transaction ends. Raises NotFound."""
    row = session.scalar(
        select(VendorRow).where(VendorRow.id == VENDOR_ID).with_for_update(key_share=True)
    )
    if row is None:
        raise NotFound
    return row


def append_list_entry(
    session: Session,
    subprocessor_id: int,
    facts: SubprocessorFacts,
    *,
    in_force_from_on: date,
    change_id: int | None,
    at: datetime,
) -> None:
    """The list says `facts` from that day on."""
    session.add(
        ListEntryRow(
            subprocessor_id=subprocessor_id,
            facts=facts_to_mapping(facts),
            in_force_from_on=in_force_from_on,
            in_force_until_on=None,
            phased_out_from_on=None,
            change_id=change_id,
            published_at=at,
        )
    )


def append_list_version(
    session: Session, vendor: VendorRow, *, by: str, note: str, at: datetime
) -> int:
    """The list changed: its next version, recorded; the number of that version."""
    vendor.list_version += 1
    vendor.list_changed_at = at
    if vendor.first_published_at is None:
        vendor.first_published_at = at
    session.add(ListPublicationRow(list_version=vendor.list_version, at=at, by=by, note=note))
    session.flush()
    return vendor.list_version
