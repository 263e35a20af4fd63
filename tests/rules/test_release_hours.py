"""Which hours a release can be planned for."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.release_hours import (
    MOST_DAYS_AHEAD,
    STALE_AFTER,
    HourMissed,
    HourPassed,
    HourTooFar,
    NoSuchHour,
    planned_instant,
    refuse_stale_hour,
)

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_an_hour_is_told_in_the_vendors_zone() -> None:
    assert planned_instant(date(2026, 3, 3), time(9, 30), PARIS, at=AT) == datetime(
        2026, 3, 3, 8, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("day", "moment", "error"),
    [
        (date(2026, 3, 2), time(9), HourPassed),  # this very instant
        (date(2026, 3, 1), time(12), HourPassed),
        (date(2026, 4, 2), time(12), HourTooFar),
        (date(2026, 3, 29), time(2, 30), NoSuchHour),
    ],
)
def test_refused_hours(day: date, moment: time, error: type[Exception]) -> None:
    with pytest.raises(error):
        planned_instant(day, moment, PARIS, at=AT)


def test_an_hour_that_comes_twice_is_the_first() -> None:
    at = datetime(2026, 10, 20, tzinfo=UTC)
    found = planned_instant(date(2026, 10, 25), time(2, 30), PARIS, at=at)
    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(day=st.dates(date(2026, 2, 1), date(2026, 5, 1)), moment=st.times())
def test_what_is_taken_lies_ahead_and_is_the_hour_that_was_written(day: date, moment: time) -> None:
    try:
        found = planned_instant(day, moment, PARIS, at=AT)
    except (HourPassed, HourTooFar, NoSuchHour):
        return
    assert AT < found <= AT + timedelta(days=MOST_DAYS_AHEAD)
    assert found.astimezone(PARIS).replace(tzinfo=None) == datetime.combine(day, moment)


def test_an_hour_long_over_is_missed() -> None:
    refuse_stale_hour(AT, at=AT + STALE_AFTER)
    with pytest.raises(HourMissed):
        refuse_stale_hour(AT, at=AT + STALE_AFTER + timedelta(seconds=1))
