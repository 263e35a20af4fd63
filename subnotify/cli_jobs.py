"""`subnotify jobs ...`: what runs by itself."""

import json
import logging
import threading
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.jobs.embedded_runner import run_once, run_until_stopped, stop_on_signals
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.rules.errors import RuleError
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.job_runs import JobRun, list_job_runs
from subnotify.storage.outbox import count_by_state


@click.group()
def jobs() -> None:
    """Sending, closing windows, commencing changes."""


@jobs.command("run")
@click.option("--once", is_flag=True, help="Run each job once, then end.")
def run(once: bool) -> None:
    """Run the jobs until Ctrl-C or SIGTERM; the present batch is finished first."""
    settings = read_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # It announces every run; what the jobs did is in `jobs status`.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    engine = create_engine_for(settings.database_url)
    stopped = threading.Event()
    context = JobContext(settings, session_factory(engine), stop=stopped.is_set)
    try:
        with stop_on_signals(stopped):
            if once:
                _run_once(context)
            else:
                click.echo("the jobs run; end them with Ctrl-C", err=True)
                run_until_stopped(context, stopped)
    finally:
        engine.dispose()


@jobs.command("unfreeze")
@click.option("--reason", required=True, help="Why the clock is right now; it stays on record.")
def unfreeze(reason: str) -> None:
    """Say that the clock is right (again): closing and commencing go on."""
    with open_session() as session:
        try:
            lifted = lift_clock_freeze(
                session, note=reason, by="the command line", actor="command", at=clock.now()
            )
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"lifted {len(lifted)}")


def _run_once(context: JobContext) -> None:
    failed = run_once(context)
    with context.session_factory() as session:
        runs = list_job_runs(session)
    for job in JOBS:
        done = runs.get(job.name)
        if done is not None:
            click.echo(f"{job.name}: {done.failure if job.name in failed else done.result}")
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")


@jobs.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(as_json: bool) -> None:
    """What each job did last, and what is in the outbox."""
    with open_session() as session:
        runs = list_job_runs(session)
        outbox = {state.value: n for state, n in sorted(count_by_state(session).items())}
    known = [runs.get(job.name, JobRun(job.name, *[None] * 5)) for job in JOBS]
    if as_json:
        listed = [_plain(asdict(one)) for one in known]
        click.echo(json.dumps({"jobs": listed, "outbox": outbox}, ensure_ascii=False))
        return
    rows = [("job", "started", "finished", "result")]
    rows += [
        (one.name, _moment(one.started_at), _moment(one.finished_at), one.result or "-")
        for one in known
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    for row in rows:
        columns = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*columns, row[3]]))
    for one in known:
        if one.failed_at is not None:
            click.echo(f"{one.name} failed last at {_moment(one.failed_at)}: {one.failure}")
    counts = ", ".join(f"{state} {number}" for state, number in outbox.items())
    click.echo(f"outbox: {counts or 'empty'}")


def _moment(instant: datetime | None) -> str:
    return "-" if instant is None else instant.strftime("%Y-%m-%d %H:%M:%SZ")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for key, value in values.items()
    }
