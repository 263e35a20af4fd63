"""Give a mailbox a private calendar address, another one in its place, or none; and what it tells.

The address is the key: whoever has it reads the deadlines. It can be revoked at any time, and tells
nothing of an agreement that does not name the mailbox any more.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from subnotify.delivery.calendars import calendar_bytes
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.deadline_calendars import deadline_entry
from subnotify.operations.mail_calendars import deadline_of_case
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.sign_in import new_token
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_calendars import (
    append_portal_calendar,
    find_portal_calendar_of,
    list_notices_with_deadlines,
    lock_portal_calendars,
)
from subnotify.storage.registry import find_vendor
from subnotify.wording.calendars import calendar_name
from subnotify.wording.language import wording_for

# A deadline that has passed stays for a while, as people look back; a withdrawn one is cancelled.
TOLD_FOR = timedelta(days=90)


def renew_portal_calendar(
    session: Session, visit: PortalVisit, *, language: str, at: datetime
) -> str:
    """The token of a new address, of 256 bits, to be shown once; the address before it opens
    nothing any more. language: of the calendar's entries."""
    token, digest = new_token()
    with transaction(session):
        _revoke(session, visit, at)
        made = append_portal_calendar(
            session, visit.mailbox, digest=digest, language=language, at=at
        )
        _append(session, "portal_calendar_made", made, visit, at)
    return token


def revoke_portal_calendar(session: Session, visit: PortalVisit, *, at: datetime) -> bool:
    """The mailbox's address opens nothing any more. False where there was none."""
    with transaction(session):
        return _revoke(session, visit, at)


def fetch_portal_calendar(
    session: Session, digest: str, *, zone: str, public_url: str, at: datetime
) -> bytes:
    """The deadlines of all clients that the mailbox serves, METHOD:PUBLISH; it changes no row.

    zone: the vendor's, for agreements without one. Raises NotFound for an address that is unknown
    or revoked.
    """
    calendar, vendor = find_portal_calendar_of(session, digest), find_vendor(session)
    if calendar is None or vendor is None:
        raise NotFound
    ids = list_notices_with_deadlines(session, calendar.mailbox, since=at - TOLD_FOR)
    facts = load_mail_facts(session, ids, [])
    views = MailViews(facts, vendor.profile, {}, zone, Moulds(), at)
    host = urlsplit(public_url).hostname or "localhost"
    entries = []
    for notice_id in ids:
        notice = facts.notices[notice_id]
        w = views.wording(notice, calendar.language)
        for case in facts.cases.get(notice_id, []):
            told = deadline_of_case(notice, case, views, w)
            if told is not None:
                entries.append(deadline_entry(told, views.vendor.name, host, w, at=at))
    name = calendar_name(views.vendor.name, wording_for(calendar.language, zone))
    return calendar_bytes(name, entries)


def _revoke(session: Session, visit: PortalVisit, at: datetime) -> bool:
    rows = lock_portal_calendars(session, visit.mailbox)
    for row in rows:
        row.revoked_at = at
        _append(session, "portal_calendar_revoked", row.id, visit, at)
    return bool(rows)


def _append(
    session: Session, type: str, calendar_id: int, visit: PortalVisit, at: datetime
) -> None:
    append_evidence(
        session,
        type,
        actor="client",
        object_type="portal_calendar",
        object_id=calendar_id,
        content={"mailbox": visit.mailbox, "portal_session_id": visit.session_id},
        at=at,
    )
