"""The one place where the package reads the clock."""

import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> timedelta:
    """Since some moment: nobody can set this clock, and it goes on while the machine sleeps.

    Where the system has no such clock, it may stand still in sleep; then waking up looks like a
    jump of the wall clock, and a person is asked once too often.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
    return timedelta(seconds=time.monotonic())
