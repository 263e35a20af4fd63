"""The whole queue of mail as a person looks at it: what is late, set aside, stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, MessagePurpose, MessageState, PauseCause
from subnotify.storage.mail_queue import QUEUE_ID, find_sender_refusal
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    ClockFreezeRow,
    MailboxReadingRow,
    MailQueueRow,
    MessageRow,
    NoticeRow,
    OutageRow,
    ServiceWatchRow,
)

# What should have been tried longer ago than this is late: a worker looks every few seconds.
LATE_AFTER = timedelta(minutes=15)
# A letter is set aside elsewhere: nobody sends it again from here.
_PARKED = (MessageRow.state == MessageState.PARKED, MessageRow.channel == Channel.EMAIL)
_WAITING = (MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What every page of the desk tells. cause: why all mail is paused, None while it runs.
    is_frozen: the clock is in doubt, and nothing closes. is_refused: mails wait because the mail
    host refuses us as the sender."""

    paused_at: datetime | None
    cause: PauseCause | None
    is_frozen: bool
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class LateMails:
    """oldest_due_at: when the mail that waits longest should have been tried. late: how many
    should have been a while ago. stuck: how many a worker claimed and never came back for."""

    oldest_due_at: datetime | None
    late: int
    stuck: int


@dataclass(frozen=True, slots=True)
class ParkedMail:
    """A mail that was set aside. reason: the words of the program or of the mail host.

    may_be_tried: it has an address, and belongs to the present serving of its notice.
    """

    id: int
    purpose: MessagePurpose
    to_address: str
    reason: str
    queued_at: datetime
    notice_id: int | None
    reference: str
    client_name: str
    may_be_tried: bool


@dataclass(frozen=True, slots=True)
class MailboxReading:
    """place: a folder or the pipe. failing_since_at: None while reading works."""

    place: str
    read_until_at: datetime | None
    tried_at: datetime | None
    failing_since_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class Watch:
    """last_up_at: None where the public address never answered. down_since: of an outage that
    lasts."""

    last_probe_at: datetime
    last_up_at: datetime | None
    longest_pause: timedelta
    down_since: datetime | None
    words: str

    def is_overdue(self, at: datetime) -> bool:
        """Nobody has asked for longer than may be."""
        return at - self.last_probe_at > self.longest_pause


def find_alarm(session: Session) -> Alarm | None:
    """What a person should know on every page, in one short query; None where all is well."""
    queue = MailQueueRow.id == QUEUE_ID
    row = session.execute(
        select(
            select(MailQueueRow.paused_at).where(queue).scalar_subquery().label("paused_at"),
            select(MailQueueRow.pause_cause).where(queue).scalar_subquery().label("cause"),
            select(MailQueueRow.refused_at).where(queue).scalar_subquery().label("refused_at"),
            exists().where(ClockFreezeRow.lifted_at.is_(None)).label("is_frozen"),
        )
    ).one()
    is_refused = row.refused_at is not None and find_sender_refusal(session) is not None
    if row.paused_at is None and not row.is_frozen and not is_refused:
        return None
    cause = PauseCause(row.cause) if row.paused_at is not None and row.cause else None
    return Alarm(row.paused_at, cause, bool(row.is_frozen), is_refused)


def count_late(session: Session, *, at: datetime) -> LateMails:
    """Of the mails that wait, those that should have been tried."""
    oldest, late = None, 0
    # One look along the index for each state, however long the queue is.
    for state in _WAITING:
        first, number = session.execute(
            select(func.min(MessageRow.next_attempt_at), func.count()).where(
                MessageRow.state == state, MessageRow.next_attempt_at <= at - LATE_AFTER
            )
        ).one()
        late += number
        oldest = min((x for x in (oldest, first) if x is not None), default=None)
    stuck = session.scalar(
        select(func.count()).where(
            MessageRow.state == MessageState.SENDING,
            MessageRow.claimed_until_at <= at - LATE_AFTER,
        )
    )
    return LateMails(oldest, late, stuck or 0)


def count_parked(session: Session) -> int:
    parked = select(func.count()).where(*_PARKED)
    return session.scalar(parked) or 0


def list_parked(session: Session, *, limit: int, offset: int = 0) -> list[ParkedMail]:
    """One page of the mails that were set aside, the newest first."""
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.purpose,
            MessageRow.to_address,
            MessageRow.last_reply,
            MessageRow.queued_at,
            MessageRow.notice_id,
            MessageRow.serving_number,
            NoticeRow.serving_number.label("present_serving"),
            NoticeRow.reference,
            ClientRow.name,
        )
        .outerjoin(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .outerjoin(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .outerjoin(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(*_PARKED)
        .order_by(MessageRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        ParkedMail(
            row.id,
            MessagePurpose(row.purpose),
            row.to_address or "",
            row.last_reply or "",
            row.queued_at,
            row.notice_id,
            row.reference or "",
            row.name or "",
            bool(row.to_address)
            and (row.purpose != MessagePurpose.NOTICE or row.serving_number == row.present_serving),
        )
        for row in rows
    ]


def list_readings(session: Session) -> list[MailboxReading]:
    """Every place where mail arrives, with how far it was read."""
    rows = session.scalars(select(MailboxReadingRow).order_by(MailboxReadingRow.place))
    return [
        MailboxReading(
            row.place, row.read_until_at, row.tried_at, row.failing_since_at, row.failure
        )
        for row in rows
    ]


def find_watch(session: Session) -> Watch | None:
    """What the probes of the public address say; None before the first."""
    row = session.execute(
        select(
            ServiceWatchRow.last_probe_at,
            ServiceWatchRow.last_up_at,
            ServiceWatchRow.longest_pause_seconds,
        )
    ).one_or_none()
    if row is None:
        return None
    outage = session.execute(
        select(OutageRow.began_at, OutageRow.words)
        .where(OutageRow.ended_at.is_(None))
        .order_by(OutageRow.began_at)
        .limit(1)
    ).one_or_none()
    return Watch(
        row.last_probe_at,
        row.last_up_at,
        timedelta(seconds=row.longest_pause_seconds),
        outage.began_at if outage else None,
        outage.words if outage else "",
    )
