"""Public holidays from the `holidays` library, behind the interface the rules receive."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.metadata import version

import holidays

from subnotify.rules.holidays import HolidayCalendar

VERSIONS = f"holidays {version('holidays')}, tzdata {version('tzdata')}"
_EVERY_YEAR = re.compile(r"(\d\d)-(\d\d)")
_KARFREITAG = "karfreitag"
_GOOD_FRIDAY = "Karfreitag"
_ADDED_NAME = "holiday named in the agreement"


class UnknownCalendar(ValueError):
    """The name is not "none", a country, or a country-subdivision that the library knows."""


class _NoHolidays:
    name = "none"
    version = VERSIONS

    def holiday_name(self, day: date) -> str | None:
        return None


class _LibraryCalendar:
    """One year's holidays are asked of the library once: a lookup is a dictionary's."""

    version = VERSIONS

    def __init__(self, name: str) -> None:
        country, _, subdivision = name.partition("-")
        try:
            days = holidays.country_holidays(country, subdiv=subdivision or None)
        except NotImplementedError as error:
            raise UnknownCalendar(name) from error
        # The country's own names: without a language the library follows the machine's.
        self._place = (country, subdivision or None, days.default_language)
        self._years: dict[int, dict[date, str]] = {}
        self.name = name

    def holiday_name(self, day: date) -> str | None:
        year = self._years.get(day.year)
        if year is None:
            country, subdivision, language = self._place
            found = holidays.country_holidays(
                country, subdiv=subdivision, years=day.year, expand=False, language=language
            )
            year = self._years[day.year] = dict(found)
        return year.get(day)


class _ExtendedCalendar:
    """Another calendar with the further holidays that an agreement names."""

    def __init__(self, name: str, base: HolidayCalendar, additions: list[str]) -> None:
        self.name = name
        self.version = base.version
        self._base = base
        # Germany keeps Good Friday in every Land.
        with_karfreitag = _KARFREITAG in additions
        self._good_fridays = get_calendar("DE" if with_karfreitag else "none")
        self._yearly = frozenset(x for x in additions if _EVERY_YEAR.fullmatch(x))
        once = set(additions) - self._yearly - {_KARFREITAG}
        self._once = frozenset(date.fromisoformat(x) for x in once)

    def holiday_name(self, day: date) -> str | None:
        found = self._base.holiday_name(day)
        if found is not None:
            return found
        if self._good_fridays.holiday_name(day) == _GOOD_FRIDAY:
            return _GOOD_FRIDAY
        if day in self._once or day.strftime("%m-%d") in self._yearly:
            return _ADDED_NAME
        return None


@lru_cache(maxsize=256)
def get_calendar(name: str) -> HolidayCalendar:
    """The calendar the terms name: "none", an ISO 3166-1 code, or country-subdivision ("FR-57").

    Further holidays follow after plus signs: "AT+karfreitag" (Good Friday, which Austria notified
    under art. 11 of the Basel Convention), "CH-ZH+01-02" (every year), "FR+2026-05-15" (once).
    Raises UnknownCalendar. Calendars are shared: they hold no state but the days.
    """
    base, *additions = name.split("+")
    calendar: HolidayCalendar = _NoHolidays() if base == "none" else _LibraryCalendar(base)
    if not additions:
        return calendar
    if not all(_is_addition(addition) for addition in additions):
        raise UnknownCalendar(name)
    return _ExtendedCalendar(name, calendar, additions)


# Where places differ enough that contracts name one: the form offers these parts.
_WITH_PARTS = ("FR", "DE", "CH", "AT", "GB", "ES", "US", "CA", "AU")


@lru_cache(maxsize=1)
def list_subdivisions() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Every country with a calendar, by its ISO 3166-1 code, with the parts that have their own.

    Parts as (code, name): ("57", "Moselle") of FR makes the calendar "FR-57".
    """
    known = holidays.list_supported_countries(include_aliases=False)
    return {
        country: _parts_of(country) if country in _WITH_PARTS else () for country in sorted(known)
    }


def _parts_of(country: str) -> tuple[tuple[str, str], ...]:
    place = holidays.country_holidays(country)
    names = place.get_subdivision_aliases()
    # French school zones have no holidays of their own.
    codes = [code for code in place.subdivisions if not code.startswith("Zone ")]
    # Of its names the longest: the others are abbreviations.
    return tuple((code, max(names.get(code) or [code], key=len)) for code in codes)


def _is_addition(text: str) -> bool:
    if text == _KARFREITAG:
        return True
    yearly = _EVERY_YEAR.fullmatch(text)
    try:
        date.fromisoformat(f"2024-{text}" if yearly else text)
    except ValueError:
        return False
    return yearly is not None or len(text) == len("2026-01-02")
