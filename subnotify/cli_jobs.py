"""`subnotify jobs ...`: what runs by itself."""

import json
import logging
import threading
from collections.abc import Sequence

import click

from subnotify import clock
from subnotify.cli_jobs_status import read_status, status_as_data, status_lines
from subnotify.cli_session import open_session, read_settings
from subnotify.jobs.catalogue import JOBS, Job, JobContext
from subnotify.jobs.embedded_runner import run_once, run_until_stopped, stop_on_signals
from subnotify.jobs.worker_memory import collect_garbage_rarely
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.pause_sending import pause_queue, resume_queue
from subnotify.rules.errors import RuleError
from subnotify.storage.database import begin_read_only, create_engine_for, session_factory
from subnotify.storage.job_runs import list_job_runs

BY = "the command line"


@click.group()
def jobs() -> None:
    """Sending, closing windows, commencing changes."""


@jobs.command("run")
@click.option("--once", is_flag=True, help="Run each job once, then end.")
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice([job.name for job in JOBS]),
    metavar="JOB",
    help="Run this job and no other (may be repeated), beside a worker that runs them all.",
)
def run(once: bool, names: tuple[str, ...]) -> None:
    """Run the jobs until Ctrl-C or SIGTERM; the present batch is finished first."""
    settings = read_settings()
    chosen = [job for job in JOBS if not names or job.name in names]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # It announces every run; what the jobs did is in `jobs status`.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    engine = create_engine_for(settings.database_url)
    collect_garbage_rarely()
    stopped = threading.Event()
    context = JobContext(settings, session_factory(engine), stop=stopped.is_set)
    try:
        with stop_on_signals(stopped):
            if once:
                _run_once(context, chosen)
            else:
                click.echo("the jobs run; end them with Ctrl-C", err=True)
                run_until_stopped(context, stopped, jobs=chosen)
    finally:
        engine.dispose()


@jobs.command("unfreeze")
@click.option("--reason", required=True, help="Why the clock is right now; it stays on record.")
def unfreeze(reason: str) -> None:
    """Say that the clock is right (again): closing and commencing go on."""
    with open_session() as session:
        try:
            lifted = lift_clock_freeze(session, note=reason, by=BY, actor="command", at=clock.now())
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"lifted {len(lifted)}")


def _run_once(context: JobContext, jobs: Sequence[Job]) -> None:
    failed = run_once(context, jobs=jobs)
    with context.session_factory() as session:
        runs = list_job_runs(session)
    for job in jobs:
        done = runs.get(job.name)
        if done is not None:
            click.echo(f"{job.name}: {done.failure if job.name in failed else done.result}")
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")


@jobs.command("pause")
@click.option("--reason", required=True, help="Why nothing may be sent; it stays on record.")
def pause(reason: str) -> None:
    """Stop all mail until somebody lets it go on. One release is paused on the desk."""
    with open_session() as session:
        try:
            stopped = pause_queue(session, reason=reason, by=BY, actor="command", at=clock.now())
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo("all mail is paused" if stopped else "all mail was paused already")


@jobs.command("resume")
@click.option("--reason", required=True, help="Why mail may be sent again; it stays on record.")
def resume(reason: str) -> None:
    """Let all mail go on, whatever stopped it."""
    with open_session() as session:
        try:
            ended = resume_queue(session, reason=reason, by=BY, actor="command", at=clock.now())
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo("mail is sent again" if ended else "mail was not paused")


@jobs.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(as_json: bool) -> None:
    """What the jobs did last, how far releases are sent, and what stands still.

    Ends with exit code 1 where something needs a person: refused credentials, a clock in doubt, a
    mailbox that cannot be read, a job that fails.
    """
    settings = read_settings()
    with open_session() as session:
        # Never waits behind a worker that writes.
        begin_read_only(session)
        found = read_status(session, settings, at=clock.now())
    if as_json:
        click.echo(json.dumps(status_as_data(found), ensure_ascii=False))
    else:
        for line in status_lines(found):
            click.echo(line)
        for what in found.needs_person:
            click.echo(f"needs a person: {what}", err=True)
    if found.needs_person:
        raise SystemExit(1)
