"""kill -9 between the parts of a release: all of it is there, or nothing, and its mails leave once.

Notices, cases and messages are one transaction, so the parts are: each of them, the evidence, the
commit, and the first sending.
"""

import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ReleaseState
from subnotify.storage.releases import get_release
from subnotify.storage.tables import CaseRow, EvidenceRow, MessageRow, NoticeRow
from tests.support.fault_checks import check_fault
from tests.support.processes import installation
from tests.support.release_world import Person, ReleaseWorld
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.sockets import free_port

LEASE = timedelta(minutes=15)
PARTS = ("insert_notices", "insert_cases", "insert_messages", "append_evidence")
TABLES = (NoticeRow, CaseRow, MessageRow)
# The process kills itself before one of its steps, or after the commit.
KILLED = """
import os, signal, sys
from datetime import datetime
from subnotify.operations import release_changes
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.release_world import ReleaseWorld

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

part = sys.argv[4]
if part != "committed":
    assert hasattr(release_changes, part)
    setattr(release_changes, part, kill)
world = ReleaseWorld.__new__(ReleaseWorld)
world.at = datetime.fromisoformat(sys.argv[3])
with session_factory(create_engine_for(sys.argv[1]))() as world.session:
    world.release(int(sys.argv[2]))
kill()
"""


def release_killed(url: str, release: int, part: str, at: datetime) -> None:
    command = [sys.executable, "-c", KILLED, url, str(release), at.isoformat(), part]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def counts(session: Session) -> list[int | None]:
    found = [session.scalar(select(func.count()).select_from(x)) for x in TABLES]
    session.rollback()
    return found


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_left_and_the_next_try_releases(
    session: Session, database_url: str, at: datetime, part: str
):
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    release = world.draft([world.add_change()])
    world.approve(release)
    session.rollback()
    release_killed(database_url, release, part, at)
    assert counts(session) == [0, 0, 0]
    assert get_release(session, release).state is ReleaseState.APPROVED
    made = world.release(release)
    assert (made.number, made.notices) == ("2026-001", 1)
    released = select(func.count()).where(EvidenceRow.type == "release_released")
    assert session.scalar(released) == 1


def test_killed_after_the_commit_and_again_while_its_first_mails_leave(
    session: Session, database_url: str, smtp_server: ScriptedSmtpServer, at: datetime
):
    """The mails are in the outbox; a worker killed in the middle leaves them to the next."""
    world = ReleaseWorld(session, at=at)
    addresses = [f"dpo{number}@client.example" for number in range(12)]
    for address in addresses:
        world.add_agreement(people=(Person(address=address),))
    release = world.draft([world.add_change()])
    world.approve(release)
    session.rollback()
    release_killed(database_url, release, "committed", at)
    assert get_release(session, release).state is ReleaseState.RELEASED
    assert counts(session) == [12, 12, 12]

    public_url = f"http://127.0.0.1:{free_port()}"
    environment = environment_for(database_url, public_url=public_url, smtp_port=smtp_server.port)
    with installation(environment) as running:
        running.start(at)
        smtp_server.on_stored = lambda count: count == 5 and running.kill_worker_now()
        with pytest.raises((EOFError, ConnectionError)):
            running.run_jobs(at)
        smtp_server.on_stored = None
        running.kill_worker()
        running.start_worker(at + LEASE)
        running.run_jobs(at + LEASE)
    found = check_fault(session, smtp_server.mails, most_repeats=100)
    assert {mail.recipient for mail in smtp_server.mails} >= set(addresses)
    assert found.repeats >= 1
    assert set(found.copies) <= set(found.unknown)
