"""`subnotify mail receive`: the mail server's pipe loses nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from subnotify import clock
from subnotify.cli import main
from subnotify.delivery.mail_tags import TagKind
from subnotify.rules.words import IncomingSource, TagStanding
from subnotify.storage.tables import IncomingMailRow
from tests.support.returned import BASE, reply_to, tagged
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.web_client import session_on

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SUBNOTIFY_RETURN_ADDRESS", BASE)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return CliRunner()


def received(raw: bytes, ago: timedelta) -> bytes:
    trace = "Received: from a.example by mx.vendor.example; " + format_datetime(NOW - ago)
    return trace.encode() + b"\r\n" + raw


def test_a_mail_is_stored_once_and_dated_by_our_server(
    run: CliRunner, database_url: str, at: datetime
) -> None:
    with session_on(database_url) as session:
        announced = Scenario(session, at=at).announce()
    # The address of the envelope alone has the tag.
    raw = received(reply_to(announced, "We object.", tag=None), timedelta(hours=2))
    to = tagged(TagKind.REPLY, announced.message_ids[0])
    for _ in range(2):
        done = run.invoke(main, ["mail", "receive", "--recipient", to], input=raw)
        assert done.exit_code == 0, done.output
    with session_on(database_url) as session:
        (row,) = session.scalars(select(IncomingMailRow)).all()
        assert (row.source, row.tag) == (IncomingSource.PIPE, TagStanding.VALID)
        assert row.received_at == NOW - timedelta(hours=2)
        assert row.collected_at == NOW
        assert row.notice_id == announced.notice_id


@pytest.mark.parametrize("ago", [timedelta(days=6), timedelta(hours=-1)])
def test_a_trace_that_cannot_be_right_is_not_believed(
    run: CliRunner, database_url: str, ago: timedelta
) -> None:
    done = run.invoke(main, ["mail", "receive"], input=received(b"Subject: x\r\n\r\nHi\r\n", ago))
    assert done.exit_code == 0, done.output
    with session_on(database_url) as session:
        assert session.scalars(select(IncomingMailRow.received_at)).one() == NOW


def test_whatever_is_wrong_on_our_side_is_tried_again(
    run: CliRunner, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    raw = b"Subject: x\r\n\r\nHi\r\n"
    assert run.invoke(main, ["mail", "receive"], input=b"").exit_code == 75
    assert run.invoke(main, ["mail", "receive", "--to", "x"], input=raw).exit_code == 75
    with monkeypatch.context() as patch:
        patch.delenv("SUBNOTIFY_SEAL_KEY")
        assert run.invoke(main, ["mail", "receive"], input=raw).exit_code == 75
    with monkeypatch.context() as patch:
        patch.setenv("SUBNOTIFY_DATABASE_URL", f"sqlite:///{tmp_path}/absent/x.sqlite")
        assert run.invoke(main, ["mail", "receive"], input=raw).exit_code == 75
    with monkeypatch.context() as patch:
        patch.setenv("SUBNOTIFY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        assert run.invoke(main, ["mail", "receive"], input=raw).exit_code == 75
    assert run.invoke(main, ["mail", "receive"], input=raw).exit_code == 0
    with session_on(database_url) as session:
        assert session.scalar(select(func.count()).select_from(IncomingMailRow)) == 1


def test_as_the_mail_server_runs_it(database_url: str, tmp_path: Path) -> None:
    """A process of its own, with an environment of its own."""

    def pipe(url: str) -> subprocess.CompletedProcess[bytes]:
        environment = environment_for(url) | {"PATH": os.defpath}
        command = [sys.executable, "-m", "subnotify", "mail", "receive", "--recipient", BASE]
        return subprocess.run(
            command,
            input=b"Subject: x\r\n\r\nHi\r\n",
            env=environment,
            cwd=ROOT,
            capture_output=True,
            timeout=60,
        )

    refused = pipe(f"sqlite:///{tmp_path}/absent/x.sqlite")
    assert refused.returncode == 75
    # The mail server quotes the beginning.
    assert refused.stderr.startswith(b"try again later: OperationalError: ")
    done = pipe(database_url)
    assert (done.returncode, done.stdout) == (0, b"stored as mail 1\n"), done.stderr
    with session_on(database_url) as session:
        assert session.scalar(select(func.count()).select_from(IncomingMailRow)) == 1
