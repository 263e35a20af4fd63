"""The scheduler plans by the wall clock; set back, it must not wait until that is caught up."""

import threading
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from subnotify.jobs.embedded_runner import follow_clock

HOUR = timedelta(hours=1)


def test_jobs_go_on_at_once_after_the_clock_was_set_back(at: datetime) -> None:
    ran, ended = threading.Event(), threading.Event()
    instants = iter([at, at + HOUR, at])

    def clock() -> datetime:
        found = next(instants, None)
        if found is None:
            ended.set()
        return found or at

    scheduler = BackgroundScheduler(timezone="UTC")
    # As the job stands once the clock went back by an hour: planned for an hour from now.
    planned_at = datetime.now(UTC) + HOUR
    scheduler.add_job(ran.set, "interval", seconds=5, next_run_time=planned_at)
    scheduler.start()
    try:
        follow_clock(scheduler, ended, clock=clock, every_seconds=0.001)
        assert ran.wait(10)
        [job] = scheduler.get_jobs()
        assert job.next_run_time < planned_at - HOUR / 2
    finally:
        scheduler.shutdown()


def test_a_clock_that_goes_on_leaves_the_plan_alone(at: datetime) -> None:
    ran, ended = threading.Event(), threading.Event()
    instants = iter([at, at, at + timedelta(seconds=5), at + HOUR])

    def clock() -> datetime:
        found = next(instants, None)
        if found is None:
            ended.set()
        return found or at + HOUR

    scheduler = BackgroundScheduler(timezone="UTC")
    planned_at = datetime.now(UTC) + HOUR
    scheduler.add_job(ran.set, "interval", seconds=5, next_run_time=planned_at)
    scheduler.start()
    try:
        follow_clock(scheduler, ended, clock=clock, every_seconds=0.001)
        assert not ran.is_set()
        [job] = scheduler.get_jobs()
        assert job.next_run_time == planned_at
    finally:
        scheduler.shutdown()
