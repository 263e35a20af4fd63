"""The database stops, is locked, or has no room left, in the middle of sending two hundred mails.

Nothing is handed over that is not recorded as attempted, and afterwards all goes on.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from subnotify.rules.words import MessageState
from subnotify.storage import migrate
from subnotify.storage.database import create_engine_for
from tests.faults.sending import Outbox
from tests.support.databases import make_run_folder
from tests.support.outbox import AT, SETTINGS
from tests.support.postgres import Cluster
from tests.support.smtp_server import ScriptedSmtpServer

MAILS = 200
IN_THE_MIDDLE = 75
UNMARKED = SETTINGS.batch_size * SETTINGS.flow.connections
LOCK_IT = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
"""
FULL_DISK = """
CREATE TABLE full_disk (is_full boolean);
INSERT INTO full_disk VALUES (false);
CREATE FUNCTION refuse_to_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT is_full FROM full_disk) THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
  END IF;
  RETURN NEW;
END $$;
"""
GROWING = ("messages", "attempts", "sealed_mails", "evidence")


def send_until(
    outbox: Outbox,
    server: ScriptedSmtpServer,
    happens: Callable[[], None],
    words: str,
    *,
    recorded: Callable[[], int] = lambda: IN_THE_MIDDLE,
) -> None:
    """It happens while the server takes the mail in the middle; the run fails with these words,
    and no more has left than may be without its result on record.

    recorded: how many results are on record then, where some still can be; no more than had left
    when it happened.
    """

    def at_mail(count: int) -> None:
        if count == IN_THE_MIDDLE:
            happens()

    outbox.timeout_seconds = 60
    outbox.queue(MAILS)
    server.on_stored = at_mail
    with pytest.raises(OperationalError, match=words):
        outbox.send()
    server.on_stored = None
    assert len(server.mails) >= IN_THE_MIDDLE
    assert len(server.mails) <= recorded() + UNMARKED


def all_goes_on(outbox: Outbox, *, failed_runs: int = 1) -> int:
    """How many mails arrived again: what had left without its result on record, and no other.

    failed_runs: those in which mails may have left.
    """
    outbox.at = AT + SETTINGS.lease
    outbox.send_all()
    found = outbox.check(most_repeats=failed_runs * UNMARKED)
    assert set(found.copies) <= set(found.unknown)
    return found.repeats


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of the test's own, which it may crash."""
    folder = make_run_folder()
    made = Cluster(folder / "pg")
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_postgresql_ends_and_starts_again(
    cluster: Cluster, smtp_server: ScriptedSmtpServer, mode: str
) -> None:
    """`immediate` is a crash: what it had not committed is gone, what it had is there."""
    url = cluster.url.render_as_string(hide_password=False)
    migrate.upgrade(url)
    engine = create_engine_for(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The test's servers do not wait for the disk; this one must keep what it says it has.
        connection.execute(text("ALTER DATABASE postgres SET synchronous_commit = on"))
    engine.dispose()
    outbox = Outbox(engine, smtp_server)
    send_until(outbox, smtp_server, lambda: cluster.stop(mode), "connection|terminat|shut")
    with pytest.raises(OperationalError):
        outbox.send()
    cluster.start_again()
    assert all_goes_on(outbox) >= 1
    engine.dispose()


def test_sqlite_is_locked_by_another_process_for_too_long(
    sqlite_url: str, smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subnotify.storage.database.LOCK_WAIT_SECONDS", 0.2)
    engine = create_engine_for(sqlite_url)
    outbox = Outbox(engine, smtp_server)
    path = str(engine.url.database)
    holders: list[subprocess.Popen[str]] = []

    def lock() -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", LOCK_IT, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"

    send_until(outbox, smtp_server, lock, "database is locked")
    with pytest.raises(OperationalError, match="database is locked"):
        outbox.send()
    holders[0].communicate("free it\n")
    assert all_goes_on(outbox) >= 1
    engine.dispose()


def test_sqlite_has_no_room_left(sqlite_url: str, smtp_server: ScriptedSmtpServer) -> None:
    """SQLite's own limit of pages: it fails as it does on a full disk."""
    engine = create_engine_for(sqlite_url)
    room = [2**30]

    def limit(connection: Connection) -> None:
        # A limit below the present size is the present size.
        connection.exec_driver_sql(f"PRAGMA max_page_count = {room[0]}")

    event.listen(engine, "begin", limit)
    outbox = Outbox(engine, smtp_server)

    # Free pages inside the file may still take results, and an attempt or two.
    def handed_over() -> int:
        return outbox.count(MessageState.HANDED_OVER)

    full = partial(room.__setitem__, 0, 1)
    send_until(outbox, smtp_server, full, "disk is full", recorded=handed_over)
    before = len(smtp_server.mails) - handed_over()
    with pytest.raises(OperationalError, match="disk is full"):
        outbox.send()
    assert len(smtp_server.mails) <= handed_over() + before + UNMARKED
    room[0] = 2**30
    all_goes_on(outbox, failed_runs=2)
    engine.dispose()


def test_postgresql_has_no_room_left(postgresql_url: str, smtp_server: ScriptedSmtpServer) -> None:
    """The tables refuse to grow with the error of a full disk (53100), as the server gives it."""
    engine = create_engine_for(postgresql_url)
    with engine.begin() as connection:
        connection.execute(text(FULL_DISK))
        for table in GROWING:
            connection.execute(
                text(
                    f"CREATE TRIGGER disk BEFORE INSERT OR UPDATE ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION refuse_to_grow()"
                )
            )

    def set_full(is_full: bool) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE full_disk SET is_full = :full"), {"full": is_full})

    outbox = Outbox(engine, smtp_server)
    send_until(outbox, smtp_server, lambda: set_full(True), "No space left on device")
    arrived = len(smtp_server.mails)
    with pytest.raises(OperationalError, match="No space left on device"):
        outbox.at = AT + SETTINGS.lease
        outbox.send()
    assert len(smtp_server.mails) == arrived
    set_full(False)
    assert all_goes_on(outbox) >= 1
    engine.dispose()
