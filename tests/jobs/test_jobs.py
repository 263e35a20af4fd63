"""The jobs as a process runs them: results kept, failures kept, idle runs harmless."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from subnotify.cli import main
from subnotify.config import Settings, settings_from
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.jobs.embedded_runner import run_once, run_until_stopped
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.run_job import run_job
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.rules.words import CaseState, ConfirmationKind, HoldReason, MessageState, Outcome
from subnotify.storage.database import session_factory
from subnotify.storage.job_runs import list_job_runs
from subnotify.storage.outbox import count_by_state
from subnotify.storage.tables import ChangeRow, MessageRow, NoticeRow
from tests.operations.desk import LEGAL, case_of, standing_of
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


def settings(url: str, server: ScriptedSmtpServer) -> Settings:
    return settings_from(environment_for(url, smtp_port=server.port))


def test_a_change_goes_from_silence_to_the_list_and_its_closing_mail_out(
    session: Session,
    engine: Engine,
    database_url: str,
    smtp_server: ScriptedSmtpServer,
    at: datetime,
) -> None:
    announced = Scenario(session, at=at).announce()
    session.execute(update(ChangeRow).values(commences_by_itself=True))
    session.commit()
    # In the afternoon: no summary for legal goes then.
    later = at + 70 * DAY + timedelta(hours=6)
    for kind in ConfirmationKind:
        confirm_read(session, kind, later.date(), zone=PARIS, at=later, **LEGAL)
    context = JobContext(
        settings(database_url, smtp_server), session_factory(engine), clock=lambda: later
    )
    assert run_once(context) == []
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE
    change = session.get(ChangeRow, 1, populate_existing=True)
    session.rollback()
    assert change is not None
    assert change.commenced_at == later
    assert [mail.recipient for mail in smtp_server.mails] == ["dpo0@client1.example"]
    runs = list_job_runs(session)
    session.rollback()
    assert runs["close_windows"].result == (
        "closed 1 (accepted_by_silence 1), put on hold 0, otherwise moved 0"
    )
    assert runs["commence_changes"].result == "commenced 1"
    assert runs["send_messages"].result == "handed over 1"
    assert {run.failure for run in runs.values()} == {None}

    assert run_once(context) == []
    assert len(smtp_server.mails) == 1


def test_a_failure_is_recorded_and_the_next_run_goes_on(session: Session, engine: Engine, at):
    def fail() -> str:
        raise ValueError("the sky fell")

    sessions = session_factory(engine)
    assert run_job(sessions, "close_windows", fail, clock=lambda: at) is False
    assert run_job(sessions, "close_windows", lambda: "done", clock=lambda: at + DAY) is True
    run = list_job_runs(session)["close_windows"]
    assert (run.failure, run.failed_at) == ("ValueError: the sky fell", at)
    assert (run.result, run.started_at, run.finished_at) == ("done", at + DAY, at + DAY)


def test_the_sweep_judges_what_nobody_judged(session: Session, at: datetime) -> None:
    scenario = Scenario(session, at=at)
    handed_over, refused, queued = (scenario.announce(served=False) for _ in range(3))
    for announced, state in (
        (handed_over, MessageState.HANDED_OVER),
        (refused, MessageState.REJECTED),
    ):
        session.execute(
            update(MessageRow)
            .where(MessageRow.notice_id == announced.notice_id)
            .values(state=state, handed_over_at=at, last_reply="550 no such user")
        )
    session.commit()
    assert sweep_notices(session, legal_email="legal@vendor.example", at=at) == 2
    states = [session.get(NoticeRow, x.notice_id).state for x in (handed_over, refused, queued)]
    session.rollback()
    assert states == ["serving", "not_served", "queued"]
    assert standing_of(session, refused.case_ids[0]) == (
        CaseState.HOLD,
        [HoldReason.NOT_SERVED],
        None,
    )
    assert sweep_notices(session, legal_email="legal@vendor.example", at=at) == 0
    assert count_by_state(session)[MessageState.QUEUED] == 2  # the third notice, and the alarm


def test_runs_at_once_and_ends_when_asked(
    session: Session,
    engine: Engine,
    database_url: str,
    smtp_server: ScriptedSmtpServer,
    at: datetime,
) -> None:
    announced = Scenario(session, at=at).announce(served=False)
    stopped = threading.Event()
    # The server sets the event at the first mail: the run ends by what it waits for.
    smtp_server.on_stored = lambda _number: stopped.set()
    # In the afternoon: no summary for legal goes then, whatever day it is.
    context = JobContext(
        settings(database_url, smtp_server),
        session_factory(engine),
        clock=lambda: at + timedelta(hours=6),
        stop=stopped.is_set,
    )
    run_until_stopped(context, stopped)
    assert count_by_state(session) == {MessageState.HANDED_OVER: 1}
    session.rollback()
    assert case_of(session, announced.case_ids[0]).state == CaseState.WAITING
    runs = list_job_runs(session)
    assert runs["send_messages"].result == "handed over 1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(
    database_url: str, smtp_server: ScriptedSmtpServer, number: signal.Signals, tmp_path: Path
) -> None:
    environment = os.environ | environment_for(database_url, smtp_port=smtp_server.port)
    process = subprocess.Popen(
        [sys.executable, "-c", "from subnotify.cli import main; main()", "jobs", "run"],
        env=environment,
        # Outside the checkout, as an installed package runs.
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "the jobs run as" in line:
            break
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said


INTERRUPTED_WAIT = """
import os, signal, threading
from subnotify.jobs.embedded_runner import stop_on_signals
stopped = threading.Event()
with stop_on_signals(stopped):
    # Where `wait` is between taking the event's lock and letting it go.
    with stopped._cond:
        os.kill(os.getpid(), signal.SIGTERM)
    stopped.wait()
"""


def test_a_signal_that_meets_the_wait_at_its_lock_still_ends_it() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED_WAIT], check=False, timeout=30)
    assert done.returncode == 0


def test_status_before_and_after_a_run(
    database_url: str, smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_for(database_url, smtp_port=smtp_server.port).items():
        monkeypatch.setenv(name, value)
    before = CliRunner().invoke(main, ["jobs", "status"])
    assert before.exit_code == 0, before.output
    assert "outbox: empty" in before.output
    assert all(job.name in before.output for job in JOBS)

    ran = CliRunner().invoke(main, ["jobs", "run", "--once"])
    assert ran.exit_code == 0, ran.output
    assert "commence_changes: commenced 0" in ran.output
    listed = json.loads(CliRunner().invoke(main, ["jobs", "status", "--json"]).output)
    assert [job["name"] for job in listed["jobs"]] == [job.name for job in JOBS]
    assert all(job["finished_at"].endswith("Z") for job in listed["jobs"])
    assert listed["outbox"] == {}


def test_a_failing_job_is_told_by_the_exit_code(
    database_url: str, monkeypatch: pytest.MonkeyPatch, smtp_server: ScriptedSmtpServer
) -> None:
    for name, value in environment_for(database_url, smtp_port=smtp_server.port).items():
        monkeypatch.setenv(name, value)

    def fail(*_args: object, **_named: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("subnotify.jobs.catalogue.sweep_notices", fail)
    ran = CliRunner().invoke(main, ["jobs", "run", "--once"])
    assert ran.exit_code == 1
    assert "failed: sweep_notices" in ran.output
    assert "close_windows: closed 0" in ran.output


def test_only_the_jobs_that_were_named_run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, smtp_server: ScriptedSmtpServer
) -> None:
    for name, value in environment_for(database_url, smtp_port=smtp_server.port).items():
        monkeypatch.setenv(name, value)
    ran = CliRunner().invoke(main, ["jobs", "run", "--once", "--only", "send_messages"])
    assert ran.exit_code == 0, ran.output
    listed = json.loads(CliRunner().invoke(main, ["jobs", "status", "--json"]).output)
    finished = {job["name"] for job in listed["jobs"] if job["finished_at"]}
    assert finished == {"send_messages"}

    unknown = CliRunner().invoke(main, ["jobs", "run", "--only", "send_everything"])
    assert unknown.exit_code == 2
    assert "send_messages" in unknown.output
