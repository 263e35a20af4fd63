"""Private calendar addresses of mailboxes, kept as SHA-256 digests, and the notices they tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ContactRow,
    NoticeRow,
    PortalCalendarRow,
)

MOST_NOTICES = 500


@dataclass(frozen=True)
class PortalCalendar:
    """An address that is not revoked. language: in which its entries are told."""

    id: int
    mailbox: str
    language: str
    created_at: datetime


def find_portal_calendar(session: Session, mailbox: str) -> PortalCalendar | None:
    """The mailbox's address that opens something."""
    row = session.scalar(_open().where(PortalCalendarRow.mailbox == mailbox))
    return _calendar(row) if row is not None else None


def find_portal_calendar_of(session: Session, digest: str) -> PortalCalendar | None:
    row = session.scalar(_open().where(PortalCalendarRow.token_digest == digest))
    return _calendar(row) if row is not None else None


def append_portal_calendar(
    session: Session, mailbox: str, *, digest: str, language: str, at: datetime
) -> int:
    row = PortalCalendarRow(mailbox=mailbox, token_digest=digest, language=language, created_at=at)
    session.add(row)
    session.flush()
    return row.id


def lock_portal_calendars(session: Session, mailbox: str) -> Sequence[PortalCalendarRow]:
    """Those of the mailbox that open something, after one of its contacts, so that two renewals
    wait in line."""
    session.scalars(
        select(ContactRow.id)
        .where(func.lower(ContactRow.email) == mailbox)
        .order_by(ContactRow.id)
        .limit(1)
        .with_for_update(key_share=True)
    ).all()
    return session.scalars(
        _open()
        .where(PortalCalendarRow.mailbox == mailbox)
        .execution_options(populate_existing=True)
    ).all()


def list_notices_with_deadlines(
    session: Session, mailbox: str, *, since: datetime
) -> Sequence[int]:
    """Notices of all agreements that name the mailbox today, of every client, with a deadline
    after `since`; the latest."""
    contacts = select(ContactRow.id).where(func.lower(ContactRow.email) == mailbox)
    agreements = select(AgreementContactRow.agreement_id).where(
        AgreementContactRow.contact_id.in_(contacts), AgreementContactRow.ended_on.is_(None)
    )
    with_deadline = select(CaseRow.notice_id).where(
        CaseRow.agreement_id.in_(agreements), CaseRow.closes_at > since
    )
    return session.scalars(
        select(NoticeRow.id)
        .where(NoticeRow.id.in_(with_deadline))
        .order_by(NoticeRow.id.desc())
        .limit(MOST_NOTICES)
    ).all()


def _open() -> Any:
    return select(PortalCalendarRow).where(PortalCalendarRow.revoked_at.is_(None))


def _calendar(row: PortalCalendarRow) -> PortalCalendar:
    return PortalCalendar(row.id, row.mailbox, row.language, row.created_at)
