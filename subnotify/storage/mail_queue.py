"""The queue of all mail: whether anything is sent at all. One row, locked by whoever claims."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import AttemptResult, MessageState, PauseCause
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables.mail import AttemptRow, MailQueueRow, MessageRow

QUEUE_ID = 1
_RUNNING = {
    "paused_at": None,
    "paused_by": None,
    "pause_cause": None,
    "pause_note": None,
    "next_sign_in_at": None,
    "sign_ins": 0,
}
_REFUSED_FOR_GOOD = 500
_SIGN_IN = ("connect", "ehlo", "starttls", "auth")
_WAITING_FOR_MENDING = (MessageState.DEFERRED, MessageState.SENDING, MessageState.PAUSED)


@dataclass(frozen=True, slots=True)
class QueuePause:
    """Nothing is sent since `at`. `by`: an operator's name, or "" where the mail host's refusal of
    our sign-in stopped it; then `next_sign_in_at` says when it is tried again, `sign_ins` how
    often it was in vain since, and `note` quotes the host. `lifted`: how often before a sign-in
    that worked ended such a pause, and the host then took no mail."""

    at: datetime
    by: str
    cause: PauseCause
    note: str
    next_sign_in_at: datetime | None
    sign_ins: int
    lifted: int = 0


@dataclass(frozen=True, slots=True)
class SenderRefusal:
    """The host has refused mails because of us, their sender, since `at`; its words."""

    at: datetime
    reply: str


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


def resume_queue(session: Session) -> QueuePause | None:
    """Let the queue run again because a person says so; the pause that ended, None if it ran."""
    before = lock_queue(session)
    if before is not None:
        _write(session, **_RUNNING, lifted=0)
    return before


def lift_sign_in_pause(session: Session) -> QueuePause | None:
    """Let the queue run again after a sign-in that worked; the pause that ended, None where it ran
    or a person stopped it. It is counted until the host takes a mail: a sign-in alone proves
    little."""
    before = lock_queue(session)
    if before is None or before.cause is not PauseCause.CREDENTIALS:
        return None
    _write(session, **_RUNNING, lifted=MailQueueRow.lifted + 1)
    return before


def count_lifted(session: Session) -> int:
    """How often a sign-in that worked ended a pause since the host last took a mail."""
    return session.scalar(select(MailQueueRow.lifted).where(MailQueueRow.id == QUEUE_ID)) or 0


def note_taken(session: Session) -> SenderRefusal | None:
    """The host took a mail: the next pause is a first one. What it said against us as the sender
    is forgotten once no mail waits for that, and returned."""
    row = session.execute(
        select(MailQueueRow.lifted, MailQueueRow.refused_at).where(MailQueueRow.id == QUEUE_ID)
    ).one_or_none()
    if row is None:
        return None
    if row.lifted:
        _write(session, lifted=0)
    if row.refused_at is None or find_sender_refusal(session) is not None:
        return None
    reply = session.scalar(select(MailQueueRow.refused_reply).where(MailQueueRow.id == QUEUE_ID))
    _write(session, refused_at=None, refused_reply=None)
    return SenderRefusal(row.refused_at, reply or "")


def note_sender_refusal(session: Session, reply: str, *, at: datetime) -> bool:
    """The host refuses us as the sender, since `at` unless that is known; whether it is news."""
    insert_once(session, MailQueueRow, [{"id": QUEUE_ID, "sign_ins": 0}])
    is_news = find_sender_refusal(session) is None
    since = {"refused_at": at} if is_news else {}
    _write(session, refused_reply=reply, **since)
    return is_news


def find_sender_refusal(session: Session) -> SenderRefusal | None:
    """What the host says against us as the sender, while a mail waits for that to be mended."""
    row = session.execute(
        select(MailQueueRow.refused_at, MailQueueRow.refused_reply).where(
            MailQueueRow.id == QUEUE_ID, MailQueueRow.refused_at.is_not(None)
        )
    ).one_or_none()
    if row is None or not session.scalar(select(_any_refused())):
        return None
    return SenderRefusal(row.refused_at, row.refused_reply or "")


def _any_refused() -> ColumnElement[bool]:
    """A mail waits though one of its last attempts was refused for good, beyond the sign-in: what
    speaks of the mail itself is rejected, not put off. It may be under way again just now."""
    late = AttemptRow.number >= MessageRow.attempt_count - 1
    return exists().where(
        MessageRow.state.in_(_WAITING_FOR_MENDING),
        AttemptRow.message_id == MessageRow.id,
        late,
        AttemptRow.result == AttemptResult.DEFERRED,
        AttemptRow.code >= _REFUSED_FOR_GOOD,
        AttemptRow.verb.not_in(_SIGN_IN),
    )


def _read(session: Session, *, lock: bool, shared: bool = False) -> QueuePause | None:
    query = select(
        MailQueueRow.paused_at,
        MailQueueRow.paused_by,
        MailQueueRow.pause_cause,
        MailQueueRow.pause_note,
        MailQueueRow.next_sign_in_at,
        MailQueueRow.sign_ins,
        MailQueueRow.lifted,
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
        row.lifted,
    )


def _write(session: Session, **values: Any) -> None:
    session.execute(update(MailQueueRow).where(MailQueueRow.id == QUEUE_ID).values(**values))
