"""Runs the jobs of the catalogue on one machine, with APScheduler in memory.

Nothing is kept in the scheduler: what is to be done is in the tables.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from queue import SimpleQueue
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from subnotify import clock as system_clock
from subnotify.jobs.catalogue import JOBS, Job, JobContext
from subnotify.operations.run_job import run_job

log = logging.getLogger(__name__)

_LOOK_AT_CLOCK_SECONDS = 5.0


def run_once(context: JobContext, *, jobs: Sequence[Job] = JOBS) -> list[str]:
    """Run each of these jobs once, in this order; the names of those that failed."""
    return [job.name for job in jobs if not _run(job, context)]


def run_until_stopped(
    context: JobContext, stopped: threading.Event, *, jobs: Sequence[Job] = JOBS
) -> None:
    """Run the jobs at their intervals until `stopped` is set; then end after the present batches.

    `context.stop` should ask the same event. A job never overlaps with itself; runs missed while
    one was long are made up for by one.
    """
    with running(context, jobs=jobs):
        stopped.wait()
        log.info("stopping: the present batches are finished first")


@contextmanager
def running(context: JobContext, *, jobs: Sequence[Job] = JOBS) -> Iterator[None]:
    """The jobs run beside the block; its end waits for the batches that are under way."""
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    # Each job at once, then at its interval; a little apart, so that closings precede sending.
    begin = context.clock()
    for place, job in enumerate(jobs):
        scheduler.add_job(
            _run,
            "interval",
            args=(job, context),
            id=job.name,
            seconds=job.every_seconds,
            next_run_time=begin + timedelta(seconds=0.2 * place),
        )
    scheduler.start()
    ended = threading.Event()
    follower = threading.Thread(target=follow_clock, args=(scheduler, ended), name="clock")
    follower.start()
    log.info("the jobs run as %s", context.runner)
    try:
        yield
    finally:
        ended.set()
        follower.join()
        scheduler.shutdown(wait=True)


def follow_clock(
    scheduler: BackgroundScheduler,
    ended: threading.Event,
    *,
    clock: Callable[[], datetime] = system_clock.now,
    every_seconds: float = _LOOK_AT_CLOCK_SECONDS,
) -> None:
    """Let the jobs go on after the wall clock was set back, until `ended` is set.

    The scheduler plans by the wall clock: set back by an hour, it would run nothing for an hour,
    and neither send nor probe nor notice the jump. The waits here go by the monotonic clock.
    """
    before = clock()
    while not ended.wait(every_seconds):
        at = clock()
        if at < before:
            log.warning("the clock went back from %s: the jobs are planned anew", before)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=system_clock.now())
        before = at


def _run(job: Job, context: JobContext) -> bool:
    if context.stop():
        return True
    return run_job(
        context.session_factory, job.name, lambda: job.work(context), clock=context.clock
    )


@contextmanager
def stop_on_signals(stopped: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stopped` while the block runs (in the main thread).

    The handler only notes the signal, and a thread passes it on: `Event.set` in a handler waits
    for ever where it interrupts the same event's `wait`; `SimpleQueue.put` never does.
    """
    noted: SimpleQueue[bool] = SimpleQueue()

    def stop(_number: int, _frame: FrameType | None) -> None:
        noted.put(True)

    def pass_on() -> None:
        if noted.get():
            stopped.set()

    watcher = threading.Thread(target=pass_on, name="signals", daemon=True)
    watcher.start()
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
        noted.put(False)
        watcher.join()
