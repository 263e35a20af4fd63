"""Public holidays from the `holidays` library, behind the interface the rules receive."""

from datetime import date
from functools import lru_cache
from importlib.metadata import version

import holidays

from subnotify.rules.windows import HolidayCalendar

_VERSIONS = f"holidays {version('holidays')}, tzdata {version('tzdata')}"


class UnknownCalendar(ValueError):
    """The name is not "none", a country, or a country-subdivision that the library knows."""


class _NoHolidays:
    name = "none"
    version = _VERSIONS

    def holiday_name(self, day: date) -> str | None:
        return None


class _LibraryCalendar:
    def __init__(self, name: str) -> None:
        country, _, subdivision = name.partition("-")
        try:
            days = holidays.country_holidays(country, subdiv=subdivision or None)
            # The country's own names: without a language the library follows the machine's.
            self._days = holidays.country_holidays(
                country, subdiv=subdivision or None, language=days.default_language
            )
        except NotImplementedError as error:
            raise UnknownCalendar(name) from error
        self.name = name
        self.version = _VERSIONS

    def holiday_name(self, day: date) -> str | None:
        return self._days.get(day)


@lru_cache(maxsize=256)
def get_calendar(name: str) -> HolidayCalendar:
    """The calendar the terms name: "none", an ISO 3166-1 code, or country-subdivision ("FR-57").

    Raises UnknownCalendar. Calendars are shared: they hold no state but the days.
    """
    return _NoHolidays() if name == "none" else _LibraryCalendar(name)
