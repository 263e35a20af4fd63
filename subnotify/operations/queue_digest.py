"""The morning's summary for legal, on working days; on others only for what cannot wait."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import literal, null, select
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.operations.queue_alarms import columns_to_legal
from subnotify.operations.queue_messages import insert_messages, logical_key
from subnotify.operations.transaction import transaction
from subnotify.rules.digests import DigestMorning, find_morning
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.words import MessagePurpose
from subnotify.storage.database import begin_read_only
from subnotify.storage.digest_counts import list_ending, load_digest_counts
from subnotify.storage.registry import find_vendor
from subnotify.storage.tables import MessageRow


def queue_digest(session: Session, *, zone: ZoneInfo, legal_email: str, at: datetime) -> bool:
    """Queue the summary of this morning, once; whether it was queued now.

    zone: the vendor's, in which it is morning from 7:00 to noon. Only when something needs a
    person; on a day off (weekend, holiday of the vendor's country) only when a clock of such a
    case ends before the morning of the next working day. It is counted when the mail is written.
    None before there is a vendor to write for.
    """
    begin_read_only(session)
    try:
        vendor = find_vendor(session)
        if vendor is None:
            return False
        morning = find_morning(zone, _calendar(vendor.profile.country), at=at)
        if morning is None or not _is_due(session, morning, zone, at):
            return False
    finally:
        session.rollback()
    with transaction(session):
        return bool(
            insert_messages(
                session,
                select(
                    *columns_to_legal(
                        MessagePurpose.LEGAL_DIGEST,
                        logical_key("legal_digest", literal(morning.on.isoformat())),
                        notice_id=null(),
                        case_id=null(),
                        response_id=null(),
                        serving_number=literal(1),
                        address=legal_email,
                        at=at,
                    )
                ),
            )
        )


def _is_due(session: Session, morning: DigestMorning, zone: ZoneInfo, at: datetime) -> bool:
    key = f"legal_digest:{morning.on.isoformat()}"
    queued = session.scalar(select(MessageRow.id).where(MessageRow.logical_key == key))
    if queued is not None:
        return False
    if not morning.is_workday:
        return bool(list_ending(session, at, morning.next_at))
    return load_digest_counts(session, zone=zone, at=at).needs_person(morning.on)


def _calendar(country: str) -> HolidayCalendar:
    """Of the vendor's country; none where it is unknown."""
    try:
        return get_calendar(country or "none")
    except UnknownCalendar:
        return get_calendar("none")
