"""Whether the wall clock can be trusted to say that a time limit is over.

A clock that is wrong by more than a minute may close a window before its end, so whatever time
alone would conclude waits until a person has looked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERATED = timedelta(minutes=1)


@dataclass(frozen=True)
class ClockReading:
    """Clocks read one after the other.

    wall_at, then monotonic (of a clock that nobody sets), then the database's own clock where it
    has one, then the wall again: asking the database takes its time.
    """

    wall_at: datetime
    monotonic: timedelta
    database_at: datetime | None
    wall_after_at: datetime


@dataclass(frozen=True)
class Baseline:
    """Wall and monotonic clock when they were last taken to be right."""

    wall_at: datetime
    monotonic: timedelta


def find_doubt(
    baseline: Baseline, reading: ClockReading, last_known_at: datetime | None
) -> str | None:
    """Why the wall clock is in doubt, in words with the difference; None where it is not.

    last_known_at: the latest instant that any worker wrote to the database; the present is never
    before it. Exactly a minute is tolerated.
    """
    return (
        _against_monotonic(baseline, reading)
        or _against_database(reading)
        or _against_record(reading, last_known_at)
    )


def _against_monotonic(baseline: Baseline, reading: ClockReading) -> str | None:
    passed = reading.monotonic - baseline.monotonic
    ahead = (reading.wall_at - baseline.wall_at) - passed
    if abs(ahead) <= TOLERATED:
        return None
    way = "forward" if ahead > timedelta(0) else "back"
    return f"the clock jumped {way} by {_length(ahead)} against the monotonic clock"


def _against_database(reading: ClockReading) -> str | None:
    there = reading.database_at
    if there is None:
        return None
    if there > reading.wall_after_at + TOLERATED:
        behind = there - reading.wall_after_at
        return f"the clock is {_length(behind)} behind the database's clock"
    if there < reading.wall_at - TOLERATED:
        ahead = reading.wall_at - there
        return f"the clock is {_length(ahead)} ahead of the database's clock"
    return None


def _against_record(reading: ClockReading, last_known_at: datetime | None) -> str | None:
    if last_known_at is None or last_known_at <= reading.wall_after_at + TOLERATED:
        return None
    behind = last_known_at - reading.wall_after_at
    known = last_known_at.strftime("%Y-%m-%d %H:%M:%SZ")
    return f"the clock is {_length(behind)} behind {known}, when a worker ran"


def _length(difference: timedelta) -> str:
    return str(timedelta(seconds=round(abs(difference).total_seconds())))
