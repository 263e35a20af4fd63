"""What the jobs did last, as `subnotify jobs status` shows it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import JobRunRow

LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class JobRun:
    """The last start, the last finish with its result, the last failure; None: never yet."""

    name: str
    started_at: datetime | None
    finished_at: datetime | None
    result: str | None
    failed_at: datetime | None
    failure: str | None


def list_job_runs(session: Session) -> dict[str, JobRun]:
    """By the job's name."""
    rows = session.scalars(select(JobRunRow))
    return {
        row.name: JobRun(
            row.name, row.started_at, row.finished_at, row.result, row.failed_at, row.failure
        )
        for row in rows
    }


def note_start(session: Session, name: str, *, at: datetime) -> None:
    insert_once(session, JobRunRow, [{"name": name}])
    _set(session, name, started_at=at)


def note_finish(session: Session, name: str, result: str, *, at: datetime) -> None:
    _set(session, name, finished_at=at, result=result[:LONGEST_TEXT])


def note_failure(session: Session, name: str, failure: str, *, at: datetime) -> None:
    _set(session, name, failed_at=at, failure=failure[:LONGEST_TEXT])


def _set(session: Session, name: str, **values: datetime | str) -> None:
    session.execute(update(JobRunRow).where(JobRunRow.name == name).values(**values))
