"""What the probes of the public address found, and whether the clock is in doubt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from subnotify.rules.outages import Outage, ServiceRecord
from subnotify.rules.words import OutageCause
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import ClockFreezeRow, JobRunRow, OutageRow, ServiceWatchRow

WATCH_ID = 1


@dataclass(frozen=True)
class ClockFreeze:
    """The clock is in doubt: nothing closes until a person lifts this.

    noticed_at: by the clock in doubt. words: by how much it differs, and from what (a fact as
    `rules/troubles.py` stores it; words of before as they were).
    """

    id: int
    noticed_at: datetime
    runner: str
    words: str


def ask_database(session: Session) -> None:
    """Raises what the database raises where it does not answer, or was never migrated."""
    session.execute(select(ServiceWatchRow.id).limit(1))


def find_service_record(session: Session, *, since: datetime) -> ServiceRecord | None:
    """What is known of the time from `since` on; None before the first probe."""
    watch = session.execute(
        select(
            ServiceWatchRow.last_probe_at,
            ServiceWatchRow.longest_pause_seconds,
            ServiceWatchRow.tolerated_seconds,
        ).where(ServiceWatchRow.id == WATCH_ID)
    ).one_or_none()
    if watch is None:
        return None
    rows = session.execute(
        select(OutageRow.began_at, OutageRow.ended_at)
        .where(or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > since))
        .order_by(OutageRow.began_at)
    )
    return ServiceRecord(
        outages=tuple(Outage(row.began_at, row.ended_at) for row in rows),
        last_probe_at=watch.last_probe_at,
        longest_pause=timedelta(seconds=watch.longest_pause_seconds),
        tolerated=timedelta(seconds=watch.tolerated_seconds),
    )


def take_watch(
    session: Session, *, longest_pause: timedelta, tolerated: timedelta, at: datetime
) -> ServiceWatchRow:
    """The one row, locked, with these limits; the first time it is made, with `at` as the first
    probe."""
    limits = {
        "longest_pause_seconds": int(longest_pause.total_seconds()),
        "tolerated_seconds": int(tolerated.total_seconds()),
    }
    insert_once(
        session,
        ServiceWatchRow,
        [{"id": WATCH_ID, "first_probe_at": at, "last_probe_at": at, **limits}],
    )
    watch = session.scalars(
        select(ServiceWatchRow)
        .where(ServiceWatchRow.id == WATCH_ID)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    for name, value in limits.items():
        setattr(watch, name, value)
    return watch


def list_open_outages(session: Session) -> list[OutageRow]:
    """Those that last; of the caller's locked watch, so that nobody else ends them meanwhile."""
    lasting = select(OutageRow).where(OutageRow.ended_at.is_(None)).order_by(OutageRow.id)
    return list(session.scalars(lasting.execution_options(populate_existing=True)))


def append_outage(
    session: Session,
    cause: OutageCause,
    *,
    began_at: datetime,
    ended_at: datetime | None,
    words: str,
) -> int:
    """Its id."""
    row = OutageRow(cause=cause.value, began_at=began_at, ended_at=ended_at, words=words)
    session.add(row)
    session.flush()
    return row.id


def list_open_freezes(session: Session) -> list[ClockFreeze]:
    """The oldest first; normally none."""
    rows = session.scalars(
        select(ClockFreezeRow).where(ClockFreezeRow.lifted_at.is_(None)).order_by(ClockFreezeRow.id)
    )
    return [ClockFreeze(row.id, row.noticed_at, row.runner, row.words) for row in rows]


def has_open_freeze(session: Session) -> bool:
    is_open = select(ClockFreezeRow.id).where(ClockFreezeRow.lifted_at.is_(None))
    return session.scalar(is_open.limit(1)) is not None


def lock_freezes(session: Session) -> None:
    """Nobody else freezes or lifts until the transaction ends. (SQLite has one writer anyway.)"""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE clock_freezes IN SHARE ROW EXCLUSIVE MODE"))


def find_last_lifted(session: Session) -> int:
    """The id of the newest freeze that was lifted; 0 where none was."""
    return (
        session.scalar(
            select(func.coalesce(func.max(ClockFreezeRow.id), 0)).where(
                ClockFreezeRow.lifted_at.is_not(None)
            )
        )
        or 0
    )


def append_freeze(session: Session, *, words: str, runner: str, at: datetime) -> int:
    """Its id."""
    row = ClockFreezeRow(noticed_at=at, runner=runner, words=words, lift_note="")
    session.add(row)
    session.flush()
    return row.id


def lift_freezes(session: Session, *, by: str, note: str, at: datetime) -> list[int]:
    """Lift all that are open; their ids, none where another was faster."""
    lifted = session.scalars(
        update(ClockFreezeRow)
        .where(ClockFreezeRow.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=by, lift_note=note)
        .returning(ClockFreezeRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted(lifted)


def find_last_known_instant(session: Session) -> datetime | None:
    """The latest instant that a worker wrote: of its last probe, or of a run of a job."""
    jobs = session.execute(
        select(
            func.max(JobRunRow.started_at),
            func.max(JobRunRow.finished_at),
            func.max(JobRunRow.failed_at),
        )
    ).one()
    probe = session.scalar(
        select(ServiceWatchRow.last_probe_at).where(ServiceWatchRow.id == WATCH_ID)
    )
    return max((x for x in (*jobs, probe) if x is not None), default=None)


def forget_future(session: Session, *, at: datetime) -> None:
    """Take back what a clock that ran ahead wrote of times that are yet to come."""
    for row, names in (
        (ServiceWatchRow, ("first_probe_at", "last_probe_at", "last_up_at")),
        (OutageRow, ("began_at", "ended_at")),
        (JobRunRow, ("started_at", "finished_at", "failed_at")),
    ):
        for name in names:
            column = getattr(row, name)
            session.execute(
                update(row)
                .where(column > at)
                .values({name: at})
                .execution_options(synchronize_session=False)
            )


def read_database_clock(session: Session) -> datetime | None:
    """The present instant by the database's own clock; None where it has none (SQLite)."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    return session.scalar(select(func.clock_timestamp()))
