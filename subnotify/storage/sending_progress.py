"""How far the mails of a release have come, and how fast mail leaves: counted, never listed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from subnotify.rules.sending_estimates import SendingSpeed
from subnotify.rules.words import Channel, MessagePurpose, MessageState, NoticeState, ReleaseState
from subnotify.storage.tables import AttemptRow, MessageRow, NoticeRow, ReleaseRow

# Neither left nor given up: what the end of sending waits for.
ON_THEIR_WAY = (
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.DEFERRED,
    MessageState.UNKNOWN,
)
HOUR = timedelta(hours=1)
# A rate is that of the last minutes in which anything was sent; after an hour it says nothing.
MEASURED = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MailCounts:
    """Mails by state. bounced: of those handed over, how many came back. superseded: of those
    cancelled, how many because their notice was served anew: another mail stands for each.

    next_due_at, last_due_at: when the first and the last of those on their way are tried next.
    """

    states: Mapping[MessageState, int]
    bounced: int = 0
    first_handed_over_at: datetime | None = None
    last_handed_over_at: datetime | None = None
    next_due_at: datetime | None = None
    last_due_at: datetime | None = None
    superseded: int = 0

    def count(self, *states: MessageState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """Without those that are not sent any more because the notice was served anew."""
        return sum(self.states.values()) - self.superseded

    @property
    def cancelled(self) -> int:
        """Not sent any more: nothing of what they announced stands."""
        return self.count(MessageState.CANCELLED) - self.superseded

    @property
    def left(self) -> int:
        """Neither left nor given up; those a person holds back among them."""
        return self.count(*ON_THEIR_WAY, MessageState.PAUSED)

    @property
    def on_their_way(self) -> int:
        return self.count(*ON_THEIR_WAY)

    @property
    def handed_over(self) -> int:
        return self.count(MessageState.HANDED_OVER)

    @property
    def deferred(self) -> int:
        """Tried, and to be tried again."""
        return self.count(MessageState.DEFERRED, MessageState.UNKNOWN)

    @property
    def failed(self) -> int:
        return self.count(MessageState.REJECTED, MessageState.PARKED)


@dataclass(frozen=True, slots=True)
class ReleaseProgress:
    """A release's notices by state, the mails that carry them, and all mails about them."""

    notices: Mapping[NoticeState, int]
    notice_mails: MailCounts
    all_mails: MailCounts

    @property
    def is_on_its_way(self) -> bool:
        return self.notice_mails.on_their_way > 0


def count_release(session: Session, release_id: int) -> ReleaseProgress:
    """The progress of one release; all zero for one that has no notices."""
    notices = session.execute(
        select(NoticeRow.state, func.count())
        .where(NoticeRow.release_id == release_id)
        .group_by(NoticeRow.state)
    )
    rows = session.execute(_mails().where(NoticeRow.release_id == release_id)).all()
    return ReleaseProgress(
        {NoticeState(state): number for state, number in notices},
        _counts(row for row in rows if row.is_notice),
        _counts(rows),
    )


def list_on_their_way(session: Session) -> list[int]:
    """Releases of which a notice mail is on its way or held back, the oldest first."""
    waiting = (*ON_THEIR_WAY, MessageState.PAUSED)
    return list(
        session.scalars(
            select(NoticeRow.release_id)
            .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
            .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
            .where(
                MessageRow.state.in_(waiting),
                MessageRow.channel == Channel.EMAIL,
                MessageRow.purpose == MessagePurpose.NOTICE,
                ReleaseRow.state == ReleaseState.RELEASED,
            )
            .group_by(NoticeRow.release_id)
            .order_by(NoticeRow.release_id)
        )
    )


def measure_speed(session: Session, *, at: datetime) -> SendingSpeed:
    """What the quota has left of the last hour, and the rate of the last minutes of sending.

    Attempts are counted, as the quota counts them; the rate is that of mails that came to a
    result, of all releases together.
    """
    used, first_used_at = session.execute(
        select(func.count(), func.min(AttemptRow.started_at)).where(
            AttemptRow.started_at > at - HOUR, AttemptRow.started_at <= at
        )
    ).one()
    last = session.scalar(
        select(func.max(AttemptRow.started_at)).where(AttemptRow.started_at <= at)
    )
    if last is None or at - last > FORGOTTEN_AFTER:
        return SendingSpeed(used, first_used_at)
    done, begun_at, ended_at = session.execute(
        select(
            func.count(), func.min(AttemptRow.started_at), func.max(AttemptRow.finished_at)
        ).where(AttemptRow.started_at > last - MEASURED, AttemptRow.finished_at.is_not(None))
    ).one()
    return SendingSpeed(used, first_used_at, done, begun_at, ended_at)


def count_largest_domain(session: Session, release_id: int | None = None) -> int:
    """How many mails on their way go to the recipients' domain that gets most of them; of one
    release, or of the whole queue."""
    domain = domain_of(session, MessageRow.to_address)
    query = (
        select(func.count())
        .select_from(MessageRow)
        .where(MessageRow.state.in_(ON_THEIR_WAY), MessageRow.channel == Channel.EMAIL)
    )
    if release_id is not None:
        query = query.join(NoticeRow, NoticeRow.id == MessageRow.notice_id).where(
            NoticeRow.release_id == release_id
        )
    largest = query.group_by(domain).order_by(func.count().desc()).limit(1)
    return session.scalar(largest) or 0


def domain_of(session: Session, address: Any) -> ColumnElement[str]:
    """What comes after the @ of an address, in small letters."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    at_sign = func.strpos(address, "@") if is_postgresql else func.instr(address, "@")
    return func.lower(func.substr(address, at_sign + 1))


def _mails() -> Any:
    """Mails about notices, grouped by whether they carry one and by state."""
    bounced = case((MessageRow.bounced_at.is_not(None), 1), else_=0)
    is_notice = MessageRow.purpose == MessagePurpose.NOTICE
    is_former = and_(
        is_notice,
        MessageRow.state == MessageState.CANCELLED,
        MessageRow.serving_number < NoticeRow.serving_number,
    )
    return (
        select(
            is_notice.label("is_notice"),
            MessageRow.state,
            func.count().label("number"),
            func.sum(bounced).label("bounced"),
            func.sum(case((is_former, 1), else_=0)).label("superseded"),
            func.min(MessageRow.handed_over_at).label("first_at"),
            func.max(MessageRow.handed_over_at).label("last_at"),
            func.min(MessageRow.next_attempt_at).label("next_at"),
            func.max(MessageRow.next_attempt_at).label("last_due_at"),
        )
        .select_from(NoticeRow)
        .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
        .where(MessageRow.channel == Channel.EMAIL)
        .group_by(is_notice, MessageRow.state)
    )


def _counts(found: Iterable[Row[Any]]) -> MailCounts:
    rows = list(found)
    states: dict[MessageState, int] = {}
    for row in rows:
        state = MessageState(row.state)
        states[state] = states.get(state, 0) + row.number
    moving = [row for row in rows if row.state in ON_THEIR_WAY]
    return MailCounts(
        states,
        bounced=sum(row.bounced for row in rows),
        first_handed_over_at=_earliest(row.first_at for row in rows),
        last_handed_over_at=_latest(row.last_at for row in rows),
        next_due_at=_earliest(row.next_at for row in moving),
        last_due_at=_latest(row.last_due_at for row in moving),
        superseded=sum(row.superseded for row in rows),
    )


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((x for x in instants if x is not None), default=None)


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((x for x in instants if x is not None), default=None)
