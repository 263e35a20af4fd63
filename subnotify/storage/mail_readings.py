"""How far the machine has read what clients may have answered by mail."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import AgreementRow, IncomingMailRow, MailboxReadingRow


def waits_for_person() -> ColumnElement[bool]:
    return IncomingMailRow.filed_at.is_(None)


def find_read_until(session: Session) -> datetime | None:
    """Every mail that our server took before this instant is read, and tied to its client.

    None where no place is read, or one of them not yet. A mail of an unknown client that waits
    for a person stops it: it may be an objection of anybody.
    """
    places, read, until = session.execute(
        select(
            func.count(),
            func.count(MailboxReadingRow.read_until_at),
            func.min(MailboxReadingRow.read_until_at),
        )
    ).one()
    if not places or read < places or until is None:
        return None
    oldest = find_oldest_untied(session)
    return until if oldest is None else min(until, oldest)


def find_oldest_untied(session: Session) -> datetime | None:
    """When the oldest mail of an unknown client came that waits for a person."""
    return session.scalar(
        select(func.min(IncomingMailRow.received_at)).where(
            waits_for_person(), IncomingMailRow.client_id.is_(None)
        )
    )


def list_waiting_agreements(session: Session, agreement_ids: Collection[int]) -> set[int]:
    """Those of these agreements of whose clients a mail lies unread."""
    rows = session.scalars(
        select(AgreementRow.id)
        .join(IncomingMailRow, IncomingMailRow.client_id == AgreementRow.client_id)
        .where(AgreementRow.id.in_(agreement_ids), waits_for_person())
        .distinct()
    )
    return set(rows)
