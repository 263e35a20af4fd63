"""What stands still until a person acts: mail, its reading, the public pages, the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import PauseCause
from subnotify.storage.mail_queue import SenderRefusal, find_pause, find_sender_refusal
from subnotify.storage.tables import (
    ClockFreezeRow,
    MailboxReadingRow,
    OutageRow,
    ServiceWatchRow,
)
from subnotify.storage.unopened_mails import count_unopened

LATELY = timedelta(days=1)
MOST_DOWNTIMES = 10


@dataclass(frozen=True)
class Pause:
    """Nothing is sent since `at`. by: an operator's name, "" where the mail host refuses us."""

    at: datetime
    cause: PauseCause
    by: str


@dataclass(frozen=True)
class Failing:
    """A place of incoming mail that cannot be read."""

    place: str
    since_at: datetime
    words: str


@dataclass(frozen=True)
class Downtime:
    """ended_at: None while it lasts."""

    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Standstill:
    """is_frozen: the clock is in doubt, and no window closes until a person lifts that. unopened:
    mails of ours that wait because no seal key opens them. refusal: mails of ours wait because
    the host refuses us as their sender."""

    pause: Pause | None = None
    failing: Sequence[Failing] = ()
    downtimes: Sequence[Downtime] = ()
    is_frozen: bool = False
    unopened: int = 0
    refusal: SenderRefusal | None = None

    @property
    def is_any(self) -> bool:
        stands = self.pause or self.refusal or self.is_frozen or self.unopened
        return bool(stands or self.failing or self.downtimes)


def find_standstill(session: Session, *, at: datetime) -> Standstill:
    """What stands still at `at`, and downtimes of the last day that were longer than tolerated."""
    pause = find_pause(session)
    frozen = select(func.count()).where(ClockFreezeRow.lifted_at.is_(None))
    return Standstill(
        pause=Pause(pause.at, pause.cause, pause.by) if pause else None,
        failing=_failing(session),
        downtimes=_downtimes(session, at),
        is_frozen=bool(session.scalar(frozen)),
        unopened=count_unopened(session).count,
        refusal=find_sender_refusal(session),
    )


def _failing(session: Session) -> list[Failing]:
    rows = session.scalars(
        select(MailboxReadingRow)
        .where(MailboxReadingRow.failing_since_at.is_not(None))
        .order_by(MailboxReadingRow.failing_since_at)
    )
    return [
        Failing(row.place, row.failing_since_at, row.failure)
        for row in rows
        if row.failing_since_at
    ]


def _downtimes(session: Session, at: datetime) -> list[Downtime]:
    """Those that last, and those of the last day that were longer than is tolerated."""
    seconds = session.scalar(select(func.max(ServiceWatchRow.tolerated_seconds))) or 0
    rows = session.execute(
        select(OutageRow.began_at, OutageRow.ended_at)
        .where(or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > at - LATELY))
        .order_by(OutageRow.began_at)
    )
    return [
        Downtime(began_at, ended_at)
        for began_at, ended_at in rows
        if ended_at is None or (ended_at - began_at).total_seconds() > seconds
    ][:MOST_DOWNTIMES]
