"""Holidays as tests would have them: the library's, with days added or taken away."""

from collections.abc import Callable, Mapping
from datetime import date

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.holidays import HolidayCalendar

NEWER = "holidays 9.9, tzdata 2030.1"


class OtherHolidays:
    """A calendar that knows better. added: names by day; removed: days that are none any more."""

    def __init__(
        self,
        base: HolidayCalendar,
        version: str,
        added: Mapping[date, str],
        removed: frozenset[date],
    ) -> None:
        self.name = base.name
        self.version = version
        self._base, self._added, self._removed = base, added, removed

    def holiday_name(self, day: date) -> str | None:
        if day in self._removed:
            return None
        return self._added.get(day) or self._base.holiday_name(day)


def other_holidays(
    *days: date, removed: frozenset[date] = frozenset(), version: str = NEWER
) -> Callable[[str], HolidayCalendar]:
    """What gives every calendar with these days added; pass it as `calendar_of`."""
    added = dict.fromkeys(days, "Jour de deuil")
    return lambda name: OtherHolidays(get_calendar(name), version, added, removed)
