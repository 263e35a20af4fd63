"""How far the pipe counts as read: hours behind, and not at all after an outage of ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.config import settings_from
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.operations.read_mailbox import take_up_places
from subnotify.operations.read_pipe import LAG, read_pipe
from subnotify.rules.words import OutageCause
from subnotify.storage.database import session_factory
from subnotify.storage.mail_readings import PIPE, find_read_until
from subnotify.storage.tables import MailboxReadingRow, OutageRow, ServiceWatchRow
from tests.support.returned import BASE
from tests.support.settings import environment_for

HOUR = timedelta(hours=1)


@pytest.fixture
def pipe(session: Session, at: datetime) -> Iterator[Session]:
    take_up_places(session, [PIPE])
    session.add(
        ServiceWatchRow(
            id=1,
            first_probe_at=at - 10 * HOUR,
            last_probe_at=at,
            last_up_at=at,
            longest_pause_seconds=600,
            tolerated_seconds=3600,
        )
    )
    session.commit()
    yield session


def read_until(session: Session) -> datetime | None:
    found = find_read_until(session)
    session.rollback()
    return found


def test_it_lags_behind(pipe, at):
    assert read_pipe(pipe, at=at) == at - LAG
    assert read_until(pipe) == at - LAG
    # Never back again.
    read_pipe(pipe, at=at - HOUR)
    assert read_until(pipe) == at - LAG


@pytest.mark.parametrize("ended", [None, 1])
def test_an_outage_of_ours_leaves_the_mark(pipe, at, ended):
    assert read_pipe(pipe, at=at - HOUR) == at - HOUR - LAG
    pipe.add(
        OutageRow(
            cause=OutageCause.UNREACHABLE.value,
            began_at=at - 5 * HOUR,
            ended_at=None if ended is None else at - 4 * HOUR,
        )
    )
    pipe.commit()
    assert read_pipe(pipe, at=at) is None
    assert read_until(pipe) == at - HOUR - LAG


def test_what_nobody_probed_is_unknown(pipe, at):
    assert read_pipe(pipe, at=at + HOUR) is None
    watch = pipe.scalars(select(ServiceWatchRow)).one()
    watch.first_probe_at = at - HOUR
    pipe.commit()
    assert read_pipe(pipe, at=at) is None
    pipe.delete(watch)
    pipe.commit()
    assert read_pipe(pipe, at=at) is None
    assert read_until(pipe) is None


def test_the_job_says_what_is_set_up(database_url, engine, session, at):
    (job,) = [job for job in JOBS if job.name == "read_mailbox"]
    environment = environment_for(database_url)

    def run(**more: str) -> str:
        given = {f"SUBNOTIFY_{name}": value for name, value in more.items()}
        settings = settings_from(environment | given)
        return job.work(JobContext(settings, session_factory(engine), clock=lambda: at))

    def places() -> set[str]:
        found = set(session.scalars(select(MailboxReadingRow.place)))
        session.rollback()
        return found

    assert run() == "nothing to read is set up"
    imap = {
        "RETURN_ADDRESS": BASE,
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": "1",
        "IMAP_SECURITY": "none",
        "IMAP_USERNAME": "notices",
        "IMAP_PASSWORD": "secret",
        "IMAP_FOLDERS": "INBOX, Junk",
    }
    said = run(MAIL_PIPE="yes", **imap)
    assert (
        "the mailbox cannot be read: no connection to 127.0.0.1:1" in said
        and "the pipe is read" not in said
    )
    folders = {f"imap:127.0.0.1:notices:{folder}" for folder in ("INBOX", "Junk")}
    assert places() == {PIPE, *folders}
    assert run(RETURN_ADDRESS=BASE, MAIL_PIPE="yes") == "nothing new is known of the pipe"
    assert places() == {PIPE}
    assert run() == "nothing to read is set up"
    assert places() == set()
