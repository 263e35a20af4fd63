"""A worker whose clock jumps: it sends and probes on, and closes nothing until a person looked."""

from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from subnotify import clock
from subnotify.cli import main
from subnotify.config import settings_from
from subnotify.jobs.catalogue import JobContext
from subnotify.jobs.embedded_runner import run_once
from subnotify.operations.transaction import transaction
from subnotify.rules.words import CaseState, MessageState, Outcome
from subnotify.storage.database import session_factory
from subnotify.storage.job_runs import list_job_runs
from subnotify.storage.service_watch import append_freeze, list_open_freezes
from subnotify.storage.tables import ChangeRow, MessageRow
from tests.operations.desk import confirm_all, standing_of
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer

FROZEN = "frozen: the clock is 21 days, 0:00:00 ahead of the database's clock"
CONCLUDING = ("close_windows", "judge_countries", "commence_changes", "end_phased_out")


def results(session: Session) -> dict[str, str | None]:
    found = {name: run.result for name, run in list_job_runs(session).items()}
    session.rollback()
    return found


def test_a_clock_ahead_of_the_databases_closes_nothing_and_mail_goes_on(
    session: Session,
    engine: Engine,
    database_url: str,
    smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    at: datetime,
) -> None:
    quiet = Scenario(session, at=at).announce(copies=1)
    copy = update(MessageRow).where(MessageRow.id == quiet.message_ids[1])
    session.execute(copy.values(state=MessageState.QUEUED, handed_over_at=None))
    session.execute(update(ChangeRow).values(commences_by_itself=True))
    session.commit()
    later = at + timedelta(days=70)
    confirm_all(session, later)
    database_at = [later - timedelta(days=21)]
    settings = settings_from(environment_for(database_url, smtp_port=smtp_server.port))
    context = JobContext(
        settings,
        session_factory(engine),
        clock=lambda: later,
        database_clock=lambda _session: database_at[0],
    )
    assert run_once(context) == []
    found = results(session)
    assert {found[name] for name in CONCLUDING} == {FROZEN}
    assert found["watch_clock"] == FROZEN
    assert "handed over" in (found["send_messages"] or "")
    assert len(smtp_server.mails_to("dpo1@client1.example")) == 1
    assert standing_of(session, quiet.case_ids[0])[0] is CaseState.OPEN

    # The database's clock was the wrong one: it is set, and a person says so.
    database_at[0] = later
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["jobs", "unfreeze", "--reason", "its time server was off"])
    assert (done.exit_code, done.output) == (0, "lifted 1\n")
    assert run_once(context) == []
    found = results(session)
    assert found["watch_clock"] == "the clocks agree"
    assert found["close_windows"] == (
        "closed 1 (accepted_by_silence 1), put on hold 0, otherwise moved 0"
    )
    assert found["commence_changes"] == "commenced 1"
    assert standing_of(session, quiet.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE


def test_unfreezing_needs_a_freeze_and_a_reason(
    database_url: str, session: Session, monkeypatch: pytest.MonkeyPatch, at: datetime
) -> None:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    refused = CliRunner().invoke(main, ["jobs", "unfreeze", "--reason", "to be sure"])
    assert refused.exit_code == 1
    assert "The clock is not in doubt" in refused.output
    with transaction(session):
        append_freeze(session, words="the clock jumped", runner="worker:1", at=at)
    without = CliRunner().invoke(main, ["jobs", "unfreeze", "--reason", "  "])
    assert without.exit_code == 1
    assert len(list_open_freezes(session)) == 1


def test_the_real_clocks_agree(engine: Engine, database_url: str) -> None:
    context = JobContext(settings_from(environment_for(database_url)), session_factory(engine))
    with context.session_factory() as session:
        finding = context.clock_watch.look(session)
    assert finding.frozen is None
    assert abs(clock.now() - finding.at) < timedelta(minutes=1)
    assert clock.monotonic() > timedelta(0)
