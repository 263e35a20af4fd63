"""What is stuck or missing in the outbox, found set-based."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.mail_queue import find_pause
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.sending_pauses import WAITING
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    UtcDateTime,
)
from subnotify.storage.tables.mail import DomainSlotRow, MailQueueRow

STUCK_AFTER = timedelta(hours=1)
# Four times the lease of a runner.
LONGEST_CLAIM = timedelta(hours=1)

_MESSAGES = cast(Table, MessageRow.__table__)
_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "contact_id", "contact_kind"),
    *("serving_number", "to_address", "language", "state", "queued_at", "next_attempt_at"),
    "attempt_count",
)


@dataclass(frozen=True, slots=True)
class OutboxState:
    """stuck: due for more than an hour, while nothing holds mail back; parked: set aside for a
    person; oldest_due_at: since when the longest waiting one is due."""

    stuck: int
    parked: int
    oldest_due_at: datetime | None


def queue_missing_notices(session: Session, *, on: date, at: datetime) -> int:
    """Queue a mail for each designated contact with an address that has none of the present
    serving of a notice which is still on its way; how many.

    Once every mail of a notice was handed over, its contacts are complete: who is designated
    later gets the notice when it is served anew. Nothing is missing of a notice of which nothing
    stands any more.
    """
    statement = insert_or_nothing(session, MessageRow).from_select(_COLUMNS, _missing(on, at))
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    return _rows(session.execute(statement, execution_options={"preserve_rowcount": True}))


def free_unclaimed(session: Session) -> int:
    """Make due what counts as being sent although no runner holds it; how many."""
    unclaimed = or_(MessageRow.claimed_by.is_(None), MessageRow.claimed_until_at.is_(None))
    due_later = MessageRow.next_attempt_at.is_not(None)
    return _rows(
        session.execute(
            update(_MESSAGES)
            .where(MessageRow.state == MessageState.SENDING, unclaimed, due_later)
            .values(claimed_by=None, claimed_until_at=None, next_attempt_at=None)
        )
    )


def free_unpaused(session: Session) -> int:
    """Let go what a pause holds back that is over; how many."""
    still_paused = exists().where(
        NoticeRow.id == MessageRow.notice_id,
        ReleaseRow.id == NoticeRow.release_id,
        ReleaseRow.sending_paused_at.is_not(None),
    )
    before = func.coalesce(MessageRow.paused_from, literal(MessageState.QUEUED.value))
    return _rows(
        session.execute(
            update(_MESSAGES)
            .where(MessageRow.state == MessageState.PAUSED, ~still_paused)
            .values(state=before, paused_from=None)
        )
    )


def make_future_mail_due(session: Session, *, at: datetime) -> int:
    """Make due at `at` what waits for a later time, after a clock that ran ahead may have set it;
    how many mails.

    Nobody can tell a retry planned by that clock from one that is rightly later, and one retry
    too early does no harm. What a runner holds is freed if it holds it for longer than any
    runner may. Domains get their slots anew. The queue's row first, as whoever claims does; a
    mail that is being written at this moment gets its time from there.
    """
    next_sign_in = update(MailQueueRow).where(MailQueueRow.next_sign_in_at > at)
    session.execute(next_sign_in.values(next_sign_in_at=at))
    waiting = (*WAITING, MessageState.PAUSED, MessageState.SENDING)
    later = and_(MessageRow.state.in_(waiting), MessageRow.next_attempt_at > at)
    due = _write_unlocked(session, later, next_attempt_at=at, slot_at=None)
    held_too_long = MessageRow.claimed_until_at > at + LONGEST_CLAIM
    held = and_(MessageRow.state == MessageState.SENDING, held_too_long)
    _write_unlocked(session, held, claimed_until_at=at)
    session.execute(update(DomainSlotRow).where(DomainSlotRow.next_at > at).values(next_at=at))
    return due


def find_outbox_state(session: Session, *, at: datetime) -> OutboxState:
    """How the mails of the outbox stand at `at`; nothing is stuck while all mail is paused."""
    due = and_(
        MessageRow.state.in_(WAITING),
        MessageRow.channel == Channel.EMAIL,
        func.coalesce(MessageRow.next_attempt_at, MessageRow.queued_at) <= at,
    )
    since = func.coalesce(MessageRow.next_attempt_at, MessageRow.queued_at)
    stuck, oldest = session.execute(
        select(
            func.count().filter(since <= at - STUCK_AFTER),
            func.min(since, type_=UtcDateTime()),
        ).where(due)
    ).one()
    set_aside = and_(MessageRow.state == MessageState.PARKED, MessageRow.channel == Channel.EMAIL)
    parked = session.scalar(select(func.count()).where(set_aside))
    paused = find_pause(session) is not None
    return OutboxState(0 if paused else stuck, parked or 0, oldest)


def _missing(on: date, at: datetime) -> Select[*tuple[Any, ...]]:
    has_one = exists().where(
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.contact_id == AgreementContactRow.contact_id,
        MessageRow.purpose == MessagePurpose.NOTICE,
        MessageRow.serving_number == NoticeRow.serving_number,
    )
    key: ColumnElement[str] = literal("notice:")
    for part in (NoticeRow.id, ":", AgreementContactRow.contact_id, ":email:"):
        key = key.concat(part if isinstance(part, str) else sql_cast(part, String()))
    return (
        select(
            key.concat(sql_cast(NoticeRow.serving_number, String())),
            literal(MessagePurpose.NOTICE.value),
            literal(Channel.EMAIL.value),
            NoticeRow.id,
            AgreementContactRow.contact_id,
            literal(ContactKind.NOTICE.value),
            NoticeRow.serving_number,
            ContactRow.email,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            literal(at, UtcDateTime()),
            literal(at, UtcDateTime()),
            literal(0),
        )
        .distinct()
        .select_from(NoticeRow)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            NoticeRow.state.in_((NoticeState.QUEUED.value, NoticeState.SERVING.value)),
            NoticeRow.dispatched_at.is_(None),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            contact_is_designated(on),
            func.coalesce(ContactRow.email, "") != "",
            ~has_one,
            ~is_overtaken(NoticeRow.id),
        )
    )


def _write_unlocked(session: Session, which: ColumnElement[bool], **values: Any) -> int:
    ids = select(MessageRow.id).where(which).with_for_update(key_share=True, skip_locked=True)
    return _rows(session.execute(update(_MESSAGES).where(MessageRow.id.in_(ids)).values(values)))


def _rows(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
