"""When the wall clock is in doubt: more than a minute against any other clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.clock_jumps import Baseline, ClockReading, find_doubt
from subnotify.rules.troubles import Trouble

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
UPTIME = timedelta(days=12)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BASELINE = Baseline(AT, UPTIME)


def reading(
    *,
    wall: timedelta = HOUR,
    monotonic: timedelta = HOUR,
    database: timedelta | None = None,
    took: timedelta = timedelta(0),
) -> ClockReading:
    """Instants as they passed since the baseline."""
    return ClockReading(
        AT + wall,
        UPTIME + monotonic,
        None if database is None else AT + database,
        AT + wall + took,
    )


def _said(doubt: Trouble | None) -> str | None:
    return None if doubt is None else str(doubt)


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        (HOUR, None),
        (HOUR + MINUTE, None),
        (HOUR - MINUTE, None),
        (
            HOUR + MINUTE + SECOND,
            "the clock jumped forward by 0:01:01 against the monotonic clock",
        ),
        (HOUR - MINUTE - SECOND, "the clock jumped back by 0:01:01 against the monotonic clock"),
        (
            400 * 24 * HOUR,
            "the clock jumped forward by 399 days, 23:00:00 against the monotonic clock",
        ),
        (-HOUR, "the clock jumped back by 2:00:00 against the monotonic clock"),
    ],
)
def test_against_the_monotonic_clock(wall: timedelta, words: str | None) -> None:
    assert _said(find_doubt(BASELINE, reading(wall=wall), None)) == words


@pytest.mark.parametrize(
    ("database", "words"),
    [
        (None, None),
        (HOUR, None),
        (HOUR + MINUTE, None),
        (HOUR - MINUTE, None),
        (HOUR + 90 * SECOND, "the clock is 0:01:30 behind the database's clock"),
        (HOUR - 90 * SECOND, "the clock is 0:01:30 ahead of the database's clock"),
    ],
)
def test_against_the_databases_clock(database: timedelta | None, words: str | None) -> None:
    assert _said(find_doubt(BASELINE, reading(database=database), None)) == words


def test_a_database_that_takes_its_time_is_no_difference() -> None:
    slow = reading(database=HOUR + 5 * MINUTE, took=5 * MINUTE)
    assert find_doubt(BASELINE, slow, None) is None


@pytest.mark.parametrize(
    ("last_known", "words"),
    [
        (HOUR - 40 * HOUR, None),
        (HOUR + MINUTE, None),
        (
            HOUR + MINUTE + SECOND,
            "the clock is 0:01:01 behind 2026-03-02 09:01:01Z, when a worker ran",
        ),
    ],
)
def test_the_present_is_never_before_what_is_on_record(
    last_known: timedelta, words: str | None
) -> None:
    assert _said(find_doubt(BASELINE, reading(), AT + last_known)) == words


spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))
drifts = st.timedeltas(min_value=-timedelta(days=400), max_value=timedelta(days=400))


@given(passed=spans, drift=drifts)
def test_only_the_difference_counts_however_long_it_ran(
    passed: timedelta, drift: timedelta
) -> None:
    found = find_doubt(BASELINE, reading(wall=passed + drift, monotonic=passed), None)
    assert (found is not None) == (abs(drift) > MINUTE)
