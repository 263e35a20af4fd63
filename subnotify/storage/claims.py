"""Claims of due mails: who sends what, until when nobody else may, and how much may leave now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, MessagePurpose, MessageState
from subnotify.storage.domain_slots import DueMail, take_slots
from subnotify.storage.id_lists import among
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.plain_rows import plain_rows
from subnotify.storage.tables.agreements import ContactRow
from subnotify.storage.tables.mail import AttemptRow, MessageRow
from subnotify.storage.tables.notices import NoticeRow

_MESSAGES = cast(Table, MessageRow.__table__)
HOUR = timedelta(hours=1)
_COLUMNS = (
    MessageRow.id,
    MessageRow.logical_key,
    MessageRow.purpose,
    MessageRow.notice_id,
    MessageRow.case_id,
    MessageRow.response_id,
    MessageRow.contact_id,
    ContactRow.name,
    NoticeRow.release_id,
    MessageRow.to_address,
    MessageRow.language,
    MessageRow.serving_number,
    MessageRow.attempt_count,
    MessageRow.queued_at,
    MessageRow.next_attempt_at,
    MessageRow.slot_at,
    MessageRow.message_id_header,
    MessageRow.envelope_from,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """found: how many mails were due and looked at; messages: those that may leave now;
    next_slot_at: the first slot of those that their domain's pace puts off."""

    found: int
    messages: list[OutgoingMessage]
    next_slot_at: datetime | None = None


def claim_due(
    session: Session,
    *,
    by: str,
    until: datetime,
    limit: int,
    pace: timedelta | None = None,
    at: datetime,
) -> Claim:
    """Claim up to `limit` emails that are due at `at` for the runner `by`, until `until`.

    Due are queued, deferred and unknown ones whose next attempt has come (or has no time: those
    go first), and those whose runner let its lease expire; these come back as `unknown`. Two
    runners never get the same message. pace: the least time between two mails to one domain;
    those beyond it become due with their slot instead.
    """
    due = _lock_due(session, by, limit, at)
    if not due:
        return Claim(0, [])
    next_slot_at = None
    if pace is not None:
        mails = [DueMail(x, row.to_address or "", row.slot_at) for x, (row, _) in due.items()]
        ready, next_slot_at = take_slots(session, mails, pace=pace, at=at)
        found, due = len(due), {x: one for x, one in due.items() if x in ready}
    else:
        found = len(due)
    if due:
        session.execute(
            update(_MESSAGES)
            .where(among(MessageRow.id, due))
            .values(state=MessageState.SENDING, claimed_by=by, claimed_until_at=until)
        )
    return Claim(found, [_outgoing(row, state) for row, state in due.values()], next_slot_at)


def quota_left(session: Session, *, per_hour: int, at: datetime) -> tuple[int, datetime | None]:
    """How many attempts may begin at `at`, with those of the hour before counted; and where that
    is none, when the next one may. The caller holds the queue's lock, or two would count alike.

    Those of the hour after `at` count as well: the clocks of two workers differ a little. Later
    ones were dated by a clock that ran ahead; sending would stand still until they are reached.
    """
    recent = and_(AttemptRow.started_at > at - HOUR, AttemptRow.started_at <= at + HOUR)
    # In one statement: between two, a worker's claims might become attempts and be missed by both.
    begun = session.scalars(select(_count_attempts(recent) + _count_claims(at))).one()
    if begun < per_hour:
        return per_hour - begun, None
    oldest = session.scalar(
        select(AttemptRow.started_at)
        .where(recent)
        .order_by(AttemptRow.started_at)
        .offset(begun - per_hour)
        .limit(1)
    )
    return 0, (oldest or at) + HOUR


def _count_attempts(condition: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(AttemptRow).where(condition).scalar_subquery()


def _count_claims(at: datetime) -> ScalarSelect[int]:
    """Mails that another worker builds at this moment: their attempts begin now."""
    has_begun = exists().where(AttemptRow.message_id == MessageRow.id, AttemptRow.result.is_(None))
    claimed = select(func.count()).where(
        MessageRow.state == MessageState.SENDING, MessageRow.claimed_until_at > at, ~has_begun
    )
    return claimed.scalar_subquery()


def _outgoing(row: Any, state: MessageState) -> OutgoingMessage:
    return OutgoingMessage(
        id=row.id,
        logical_key=row.logical_key,
        purpose=MessagePurpose(row.purpose),
        state=state,
        notice_id=row.notice_id,
        case_id=row.case_id,
        response_id=row.response_id,
        contact_id=row.contact_id,
        contact_name=row.name or "",
        release_id=row.release_id,
        to_address=row.to_address,
        language=row.language,
        serving_number=row.serving_number,
        attempt_count=row.attempt_count,
        queued_at=row.queued_at,
        next_attempt_at=row.next_attempt_at,
        message_id_header=row.message_id_header,
        envelope_from=row.envelope_from,
    )


def _lock_due(
    session: Session, by: str, limit: int, at: datetime
) -> dict[int, tuple[Any, MessageState]]:
    """Due messages with the state they are known in, by id, locked against other runners.

    One short query for each state, so that each runs along the index on (state, next attempt)
    however long the queue is.
    """
    urgent = MessageRow.next_attempt_at.is_(None)
    due = MessageRow.next_attempt_at <= at
    expired = and_(
        or_(MessageRow.claimed_until_at.is_(None), MessageRow.claimed_until_at <= at),
        # What this run itself still has in hand, however late, is nobody's left-over.
        or_(MessageRow.claimed_by.is_(None), MessageRow.claimed_by != by),
    )
    looks: list[tuple[MessageState, MessageState, ColumnElement[bool]]] = [
        (MessageState.SENDING, MessageState.UNKNOWN, and_(expired, or_(urgent, due))),
        (MessageState.QUEUED, MessageState.QUEUED, urgent),
        (MessageState.UNKNOWN, MessageState.UNKNOWN, or_(urgent, due)),
        (MessageState.DEFERRED, MessageState.DEFERRED, or_(urgent, due)),
        (MessageState.QUEUED, MessageState.QUEUED, due),
    ]
    found: dict[int, tuple[Any, MessageState]] = {}
    for state, known_as, condition in looks:
        if len(found) >= limit:
            break
        rows = session.execute(
            select(*_COLUMNS)
            .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
            .outerjoin(NoticeRow, NoticeRow.id == MessageRow.notice_id)
            .where(MessageRow.state == state, MessageRow.channel == Channel.EMAIL, condition)
            .order_by(MessageRow.next_attempt_at, MessageRow.id)
            .limit(limit - len(found))
            .with_for_update(key_share=True, skip_locked=True, of=MessageRow)
        )
        found |= {row.id: (row, known_as) for row in plain_rows(rows)}
    return found
