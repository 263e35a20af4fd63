"""Whether the wall clock can be trusted to say that a time limit is over.

A clock that is wrong by more than a minute may close a window before its end, so whatever time
alone would conclude waits until a person has looked.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from subnotify.rules.troubles import Trouble, TroubleCode

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
) -> Trouble | None:
    """Why the wall clock is in doubt, with the difference; None where it is not.

    last_known_at: the latest instant that any worker wrote to the database; the present is never
    before it. Exactly a minute is tolerated.
    """
    return (
        _against_monotonic(baseline, reading)
        or _against_database(reading)
        or _against_record(reading, last_known_at)
    )


def _against_monotonic(baseline: Baseline, reading: ClockReading) -> Trouble | None:
    passed = reading.monotonic - baseline.monotonic
    ahead = (reading.wall_at - baseline.wall_at) - passed
    if abs(ahead) <= TOLERATED:
        return None
    if ahead > timedelta(0):
        return Trouble(TroubleCode.CLOCK_JUMPED_FORWARD, {"length": _seconds(ahead)})
    return Trouble(TroubleCode.CLOCK_JUMPED_BACK, {"length": _seconds(ahead)})


def _against_database(reading: ClockReading) -> Trouble | None:
    there = reading.database_at
    if there is None:
        return None
    if there > reading.wall_after_at + TOLERATED:
        behind = there - reading.wall_after_at
        return Trouble(TroubleCode.CLOCK_BEHIND_DATABASE, {"length": _seconds(behind)})
    if there < reading.wall_at - TOLERATED:
        ahead = reading.wall_at - there
        return Trouble(TroubleCode.CLOCK_AHEAD_OF_DATABASE, {"length": _seconds(ahead)})
    return None


def _against_record(reading: ClockReading, last_known_at: datetime | None) -> Trouble | None:
    if last_known_at is None or last_known_at <= reading.wall_after_at + TOLERATED:
        return None
    behind = last_known_at - reading.wall_after_at
    known = last_known_at.astimezone(UTC).isoformat(timespec="seconds")
    return Trouble(TroubleCode.CLOCK_BEHIND_RECORD, {"length": _seconds(behind), "instant": known})


def _seconds(difference: timedelta) -> int:
    return round(abs(difference).total_seconds())
