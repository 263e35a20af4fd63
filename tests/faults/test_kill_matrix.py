"""kill -9 at every step of two hundred mails: before connecting, after DATA, after the 250.

A process of its own is really killed, by the server's thread that serves it, when the server
reaches that step of that mail. The whole matrix is long; a sample of it runs each time.
"""

import signal
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from sqlalchemy import Engine

from subnotify.storage.attempts import SENDER_STOPPED
from tests.faults.sending import Outbox
from tests.support import send_worker
from tests.support.databases import Databases
from tests.support.outbox import AT, SETTINGS, queue_notices
from tests.support.processes import Killable
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import session_on

MAILS = 200
STEPS = {"connect": "on_connected", "data": "on_data", "stored": "on_stored"}
# Over how many connections, at which step, at which mail.
SAMPLE = [
    *[(1, "connect", 1), (1, "data", 1), (1, "data", 101), (1, "stored", 100)],
    *[(1, "stored", MAILS), (4, "connect", 1), (4, "data", 60), (4, "stored", 150)],
]
MATRIX = [
    (connections, step, number)
    for connections in (1, 4)
    for step in ("data", "stored")
    for number in range(1, MAILS + 1)
]


@pytest.fixture(scope="module")
def queued_url(databases: Databases) -> Callable[[str], str]:
    """`queued_url("sqlite")`: a database with the mails queued, to copy; made once a process."""

    @cache
    def make(kind: str) -> str:
        url = databases.migrated(kind)
        with session_on(url) as session:
            queue_notices(session, MAILS)
        return url

    return make


@pytest.fixture
def database_url(
    databases: Databases, database_kind: str, queued_url: Callable[[str], str]
) -> Iterator[str]:
    """A database of the test's own in which the mails are queued."""
    url = databases.copied(queued_url(database_kind))
    yield url
    databases.drop(url)


def start_worker_to_be_killed(
    url: str, server: ScriptedSmtpServer, connections: int, step: str, number: int
) -> Killable:
    """Killed when the server comes to this step for the `number`th time."""
    worker = Killable(send_worker.main, url, str(server.port), AT.isoformat(), str(connections))

    def kill(reached: int) -> None:
        if reached >= number:
            worker.kill_now()

    setattr(server, STEPS[step], kill)
    worker.start()
    return worker


def check_killed(
    url: str, engine: Engine, server: ScriptedSmtpServer, connections: int, step: str, number: int
) -> None:
    outbox = Outbox(engine, server, timeout_seconds=30)
    worker = start_worker_to_be_killed(url, server, connections, step, number)
    assert worker.wait() == -signal.SIGKILL
    server.on_connected = server.on_data = server.on_stored = None
    # What is claimed waits for its lease; then it is repeated with the same bytes, and named.
    outbox.at = AT + SETTINGS.lease
    outbox.send_all()
    found = outbox.check(most_repeats=connections * SETTINGS.batch_size)
    assert {reply for said in found.unknown.values() for reply in said} == {SENDER_STOPPED}
    if step == "connect":
        assert found.copies == {}
    if step == "stored":
        assert found.repeats >= 1


@pytest.mark.parametrize(("connections", "step", "number"), SAMPLE)
def test_killed(
    database_url: str,
    engine: Engine,
    smtp_server: ScriptedSmtpServer,
    connections: int,
    step: str,
    number: int,
) -> None:
    check_killed(database_url, engine, smtp_server, connections, step, number)


@pytest.mark.full
@pytest.mark.parametrize(("connections", "step", "number"), [x for x in MATRIX if x not in SAMPLE])
def test_killed_at_every_step(
    database_url: str,
    engine: Engine,
    smtp_server: ScriptedSmtpServer,
    connections: int,
    step: str,
    number: int,
) -> None:
    check_killed(database_url, engine, smtp_server, connections, step, number)
