"""The public holidays of one place, as the rules receive them; they never look one up."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Protocol

SATURDAY = 5
SUNDAY = 6
ONE_DAY = timedelta(days=1)


class HolidayCalendar(Protocol):
    """Public holidays of one place."""

    @property
    def name(self) -> str:
        """The calendar as the terms name it: "none", "FR", "FR-57"."""

    @property
    def version(self) -> str:
        """Where the days come from, with the version, for the record."""

    def holiday_name(self, day: date) -> str | None:
        """The holiday that falls on `day`, or None."""


def is_business_day(day: date, calendar: HolidayCalendar) -> bool:
    """Monday to Friday, except holidays (jour ouvré)."""
    return day.weekday() < SATURDAY and calendar.holiday_name(day) is None


def is_jour_ouvrable(day: date, calendar: HolidayCalendar) -> bool:
    """Monday to Saturday, except holidays."""
    return day.weekday() < SUNDAY and calendar.holiday_name(day) is None


def add_business_days(day: date, number: int, calendar: HolidayCalendar) -> date:
    """The day that is `number` business days after `day`; before it where negative."""
    return _add_days(day, number, calendar, is_business_day)


def add_jours_ouvrables(day: date, number: int, calendar: HolidayCalendar) -> date:
    """The same in jours ouvrables."""
    return _add_days(day, number, calendar, is_jour_ouvrable)


def _add_days(
    day: date,
    number: int,
    calendar: HolidayCalendar,
    counts: Callable[[date, HolidayCalendar], bool],
) -> date:
    step = ONE_DAY if number >= 0 else -ONE_DAY
    left = abs(number)
    while left > 0:
        day += step
        if counts(day, calendar):
            left -= 1
    return day
