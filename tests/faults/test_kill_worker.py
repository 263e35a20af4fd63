"""kill -9 of the worker while it sends: nothing lost, repeats are the same mail and are named."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.rules.words import AttemptResult, MessageState
from subnotify.storage.attempts import SENDER_STOPPED
from subnotify.storage.database import session_factory
from subnotify.storage.outbox import count_by_state
from subnotify.storage.tables import AttemptRow, MessageRow, SealedMailRow
from tests.support.outbox import AT, SETTINGS, load_texts, queue_notices
from tests.support.smtp_server import ScriptedSmtpServer

MAILS = 120
ROOT = Path(__file__).parents[2]


def _start_worker(url: str, server: ScriptedSmtpServer) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.send_worker", url, str(server.port)]
    return subprocess.Popen([*command, AT.isoformat()], cwd=ROOT)


def _send_the_rest(engine: Engine, server: ScriptedSmtpServer, after: timedelta) -> SendReport:
    smtp = SmtpSettings(server.host, server.port, Security.NONE, timeout_seconds=30)
    return send_messages(
        session_factory(engine),
        open_courier=lambda: SmtpConnection(smtp),
        load_texts=load_texts,
        settings=SETTINGS,
        runner="next",
        clock=lambda: AT + after,
    )


def _kill_at(
    moment: str, number: int, url: str, server: ScriptedSmtpServer
) -> subprocess.Popen[bytes]:
    """Start a worker and kill it at the `number`th mail: before its bytes, or after they are
    stored, before the worker learns of it. (The thread that serves it does the killing.)"""
    started: list[subprocess.Popen[bytes]] = []

    def kill(reached: int) -> None:
        if reached == number:
            started[0].send_signal(signal.SIGKILL)
            started[0].wait()

    if moment == "connect":
        server.on_connected = kill
    elif moment == "data":
        server.on_data = kill
    else:
        server.on_stored = kill
    started.append(_start_worker(url, server))
    return started[0]


@pytest.mark.parametrize(
    ("moment", "number"),
    [("connect", 1), ("data", 1), ("data", 14), ("stored", 1), ("stored", 10), ("stored", 97)],
)
def test_killed_worker(
    database_url: str, engine: Engine, smtp_server: ScriptedSmtpServer, moment: str, number: int
) -> None:
    sessions = session_factory(engine)
    with sessions() as session:
        queue_notices(session, MAILS)
    worker = _kill_at(moment, number, database_url, smtp_server)
    assert worker.wait(60) == -signal.SIGKILL
    smtp_server.forget_rules()
    smtp_server.on_connected = smtp_server.on_data = smtp_server.on_stored = None
    before = len(smtp_server.mails)
    stored_before = number if moment == "stored" else number - 1
    assert before == stored_before

    # While the lease runs, what the killed worker claimed stays where it is; the others go out.
    with sessions() as session:
        marked = count_by_state(session).get(MessageState.HANDED_OVER, 0)
    report = _send_the_rest(engine, smtp_server, timedelta(minutes=1))
    claimed_by_killed = MAILS - report.handed_over - marked
    assert report.repeated == 0
    # What was claimed at once and is under way, and the next that is ready meanwhile.
    assert 0 < claimed_by_killed <= 9 * SETTINGS.batch_size < MAILS
    assert before - marked <= SETTINGS.batch_size

    report = _send_the_rest(engine, smtp_server, SETTINGS.lease)
    assert report.handed_over == claimed_by_killed
    # Killed while a claim was being built, it had begun no attempt of those mails.
    assert 0 < report.repeated <= claimed_by_killed

    with sessions() as session:
        assert count_by_state(session) == {MessageState.HANDED_OVER: MAILS}
        assert session.scalar(select(func.count()).select_from(SealedMailRow)) == MAILS
        query = select(MessageRow.to_address, MessageRow.message_id_header)
        headers = {address: header for address, header in session.execute(query)}  # noqa: C416
        unknown = session.execute(
            select(MessageRow.to_address, AttemptRow.reply)
            .join(AttemptRow, AttemptRow.message_id == MessageRow.id)
            .where(AttemptRow.result == AttemptResult.UNKNOWN)
        ).all()
    copies = Counter(mail.recipient for mail in smtp_server.mails)
    assert set(copies) == set(headers)
    repeated = {address for address, number_of in copies.items() if number_of > 1}
    assert len(repeated) <= SETTINGS.batch_size
    assert repeated <= {address for address, _ in unknown}
    assert {reply for _, reply in unknown} == {SENDER_STOPPED}
    for address, header in headers.items():
        mails = smtp_server.mails_to(address)
        assert {mail.parsed["Message-ID"] for mail in mails} == {header}
        assert len({mail.raw for mail in mails}) == 1
