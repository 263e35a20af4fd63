"""The queue of all mail: whether anything is sent at all. One row, locked by whoever claims."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import PauseCause
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables.mail import MailQueueRow

QUEUE_ID = 1


@dataclass(frozen=True, slots=True)
class QueuePause:
    """Nothing is sent since `at`. `by`: an operator's name, or "" where the mail host's refusal of
    our sign-in stopped it; then `next_sign_in_at` says when it is tried again, `sign_ins` how
    often it was in vain since, and `note` quotes the host."""

    at: datetime
    by: str
    cause: PauseCause
    note: str
    next_sign_in_at: datetime | None
    sign_ins: int


def find_pause(session: Session) -> QueuePause | None:
    """The pause of the whole queue, or None while it runs."""
    return _read(session, lock=False)


def lock_queue(session: Session, *, shared: bool = False) -> QueuePause | None:
    """The pause, with the queue locked until the transaction ends: who claims or pauses holds it,
    so a quota is never overshot and nothing is claimed after a pause was committed.

    shared: with others that claim, where no quota is counted.
    """
    insert_once(session, MailQueueRow, [{"id": QUEUE_ID, "sign_ins": 0}])
    return _read(session, lock=True, shared=shared)


def pause_queue(
    session: Session,
    *,
    by: str,
    cause: PauseCause,
    note: str,
    next_sign_in_at: datetime | None = None,
    at: datetime,
) -> bool:
    """Stop the whole queue; whether it ran before. What is already begun ends.

    A person's pause takes the place of one for refused credentials, which would end by itself;
    in any other case the pause there is stays as it is.
    """
    before = lock_queue(session)
    if before is None or (before.cause, cause) == (PauseCause.CREDENTIALS, PauseCause.OPERATOR):
        _write(
            session,
            paused_at=at,
            paused_by=by,
            pause_cause=cause,
            pause_note=note,
            next_sign_in_at=next_sign_in_at,
            sign_ins=0,
        )
    return before is None


def put_off_sign_in(session: Session, *, next_sign_in_at: datetime) -> None:
    """The sign-in is tried once more now: when next, should that be in vain."""
    _write(session, next_sign_in_at=next_sign_in_at, sign_ins=MailQueueRow.sign_ins + 1)


def note_refusal(session: Session, reply: str) -> None:
    """What the host said to the last try, if the pause is still for refused credentials."""
    session.execute(
        update(MailQueueRow)
        .where(
            MailQueueRow.id == QUEUE_ID,
            MailQueueRow.pause_cause == PauseCause.CREDENTIALS,
        )
        .values(pause_note=reply)
    )


def resume_queue(session: Session, *, only: PauseCause | None = None) -> QueuePause | None:
    """Let the queue run again; the pause that ended, None if it ran.

    only: a pause of another cause stays, and None is returned.
    """
    before = lock_queue(session)
    if before is not None and only not in (None, before.cause):
        return None
    if before is not None:
        _write(
            session,
            paused_at=None,
            paused_by=None,
            pause_cause=None,
            pause_note=None,
            next_sign_in_at=None,
            sign_ins=0,
        )
    return before


def _read(session: Session, *, lock: bool, shared: bool = False) -> QueuePause | None:
    query = select(
        MailQueueRow.paused_at,
        MailQueueRow.paused_by,
        MailQueueRow.pause_cause,
        MailQueueRow.pause_note,
        MailQueueRow.next_sign_in_at,
        MailQueueRow.sign_ins,
    ).where(MailQueueRow.id == QUEUE_ID)
    if lock:
        # As a share it keeps a pause out, and lets others claim.
        query = query.with_for_update(key_share=not shared, read=shared)
    row = session.execute(query).one_or_none()
    if row is None or row.paused_at is None:
        return None
    return QueuePause(
        row.paused_at,
        row.paused_by or "",
        PauseCause(row.pause_cause),
        row.pause_note or "",
        row.next_sign_in_at,
        row.sign_ins,
    )


def _write(session: Session, **values: Any) -> None:
    session.execute(update(MailQueueRow).where(MailQueueRow.id == QUEUE_ID).values(**values))
