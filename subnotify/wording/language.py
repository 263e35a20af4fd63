"""Words and forms of one language: what functions below the web take to speak to people.

`Wording` is passed as an argument, never looked up: a mail to a French client is built in French
whatever the language of the request or the job that builds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Day
from datetime import time as Time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.support import NullTranslations

from subnotify.rules.time_limits import zone_of
from subnotify.wording.catalogue import supported_language, translations_for

_DATE_PATTERNS = {
    "en": {"long": "d MMMM y", "weekday": "EEEE d MMMM y", "short": "d MMM y", "yearly": "d MMMM"},
    "fr": {"long": "d MMMM y", "weekday": "EEEE d MMMM y", "short": "d MMM y", "yearly": "d MMMM"},
}

_TIME_PATTERNS = {"en": "HH:mm", "fr": "H\u00a0'h'\u00a0mm"}
_SECOND_PATTERNS = {"en": "HH:mm:ss", "fr": "H\u00a0'h'\u00a0mm\u00a0'min'\u00a0ss\u00a0's'"}


def _filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its values; one full stop at its end where the last value brings its own
    ("Inc.")."""
    said = text % values if values else text
    is_doubled = text.endswith(")s.") and said.endswith("..") and not said.endswith("...")
    return said[:-1] if is_doubled else said


@dataclass(frozen=True)
class Wording:
    """Texts, dates, numbers and country names in one language and time zone.

    `language` is a supported code (`en`, `fr`); `zone` is the zone in which instants are told.
    """

    language: str
    zone: ZoneInfo

    @property
    def translations(self) -> NullTranslations:
        return translations_for(self.language)

    @property
    def locale(self) -> Locale:
        """Babel's locale: British English forms (day before month) or French."""
        return _locale("en_GB" if self.language == "en" else "fr_FR")

    def gettext(self, message: str, **values: object) -> str:
        """The message in this language; `%(name)s` places are filled from `values`."""
        text = str(self.translations.gettext(message))
        return _filled(text, values)

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        """The form that `n` asks for; `%(n)s` is filled with n in the language's digits."""
        text = self.translations.ngettext(singular, plural, n)
        return _filled(text, {"n": self.number(n), **values})

    def pgettext(self, context: str, message: str, **values: object) -> str:
        """Like gettext, for a word that means different things in different places."""
        text = str(self.translations.pgettext(context, message))
        return _filled(text, values)

    def npgettext(self, context: str, singular: str, plural: str, n: int, **values: object) -> str:
        text = self.translations.npgettext(context, singular, plural, n)
        return _filled(text, {"n": self.number(n), **values})

    def in_zone(self, zone: ZoneInfo | str) -> "Wording":
        """The same language, telling instants in another IANA zone."""
        return Wording(self.language, zone_of(zone) if isinstance(zone, str) else zone)

    def date(self, day: Day, form: str = "long") -> str:
        """A date in words. Form: long (2 March 2026), weekday (with the day's name), short,
        yearly (without the year)."""
        written = format_date(day, _DATE_PATTERNS[self.language][form], locale=self.locale)
        if self.language == "fr" and day.day == 1:
            # CLDR writes "1 mars"; French writes the first of a month as an ordinal.
            written = written.replace("1 ", "1er ", 1)
        return written

    def local(self, instant: datetime) -> datetime:
        """The aware instant in this wording's zone; a naive one raises ValueError."""
        if instant.tzinfo is None:
            raise ValueError("an instant must say its zone")
        return instant.astimezone(self.zone)

    def time(self, instant: datetime) -> str:
        """Hours and minutes in the zone, on a 24-hour clock."""
        return self.clock(self.local(instant).time())

    def clock(self, moment: Time) -> str:
        """A time of day: `09:05`, in French `9 h 05` with no-break spaces."""
        return str(format_time(moment, _TIME_PATTERNS[self.language], locale=self.locale))

    def exact_clock(self, moment: Time) -> str:
        """The same, with seconds where there are any: for the end of a period in hours."""
        if not moment.second:
            return self.clock(moment)
        return str(format_time(moment, _SECOND_PATTERNS[self.language], locale=self.locale))

    def date_time(self, instant: datetime, form: str = "long") -> str:
        """An instant in the zone, with the zone's name: `2 March 2026 at 14:05 (Europe/Paris)`."""
        return self.gettext(
            "%(date)s at %(time)s (%(zone)s)",
            date=self.date(self.local(instant).date(), form),
            time=self.time(instant),
            zone=self.zone_name(),
        )

    def until(self, closes_at: datetime) -> str:
        """An exclusive end as people read it: the whole last day, or an hour of a day.

        An end at local midnight is told as the day before, "24:00": nobody reads "1 April, 00:00"
        as "the whole of 31 March".
        """
        last_day, is_whole_day = self.last_day(closes_at)
        if is_whole_day:
            return self.gettext(
                "%(date)s, 24:00 (%(zone)s)",
                date=self.date(last_day, "weekday"),
                zone=self.zone_name(),
            )
        local_end = self.local(closes_at)
        return self.gettext(
            "%(date)s at %(time)s (%(zone)s)",
            date=self.date(local_end.date(), "weekday"),
            time=self.exact_clock(local_end.time()),
            zone=self._zone_at(local_end),
        )

    def last_day_words(self, closes_at: datetime, form: str = "long") -> str:
        """The last day of an exclusive end for a short line; with the hour where it has one."""
        last_day, is_whole_day = self.last_day(closes_at)
        if is_whole_day:
            return self.date(last_day, form)
        return self.gettext(
            "%(date)s at %(time)s",
            date=self.date(last_day, form),
            time=self.exact_clock(self.local(closes_at).time()),
        )

    def _zone_at(self, local: datetime) -> str:
        """The zone's name; in an hour that the clock shows twice, which of the two it is."""
        if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
            return self.zone_name()
        offset = local.strftime("%z")
        return f"{self.zone_name()}, UTC{offset[:3]}:{offset[3:]}"

    def last_day(self, closes_at: datetime) -> tuple[Day, bool]:
        """The last local day before an exclusive end, and whether it counts in full."""
        local_end = self.local(closes_at)
        last_instant = (closes_at.astimezone(UTC) - timedelta(microseconds=1)).astimezone(self.zone)
        return last_instant.date(), last_instant.date() < local_end.date()

    def days_left(self, closes_at: datetime, *, at: datetime) -> int:
        """Calendar days from the local day of `at` to the last day: 0 on the last day, then -1."""
        if at >= closes_at:
            return -1
        return (self.last_day(closes_at)[0] - self.local(at).date()).days

    def zone_name(self) -> str:
        return "UTC" if self.zone.key in ("UTC", "Etc/UTC") else self.zone.key

    def country(self, code: str) -> str:
        """A country's name from its ISO 3166-1 alpha-2 code; an unknown code is returned as is."""
        return str(self.locale.territories.get(code.upper(), code))

    def language_name(self, code: str) -> str:
        """A language's name in this language; an unknown code is returned as is."""
        try:
            return Locale.parse(code).get_display_name(self.locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def number(self, value: int | float) -> str:
        return format_decimal(value, locale=self.locale)

    def listed(self, items: Sequence[str], style: str = "standard") -> str:
        """`a, b and c`; style `or` gives `a, b or c`. Nothing gives an empty string."""
        forms = {"standard": "standard", "or": "or"}
        return format_list(list(items), style=forms[style], locale=self.locale)  # type: ignore[arg-type]

    def series(self, parts: Sequence[str]) -> str:
        """Phrases that may hold commas themselves, set apart: `a, b; c`."""
        return self.gettext("; ").join(parts)

    def named(self, name: str, text: str) -> str:
        """A text after its name: `Seat: is missing`, in French with the space before the colon."""
        return self.gettext("%(name)s:", name=name) + f" {text}"


@lru_cache(maxsize=2)
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier)


@lru_cache(maxsize=1024)
def wording_for(language: str | None, zone: str = "UTC") -> Wording:
    """The wording of the nearest supported language, in an IANA zone.

    An unknown zone raises zoneinfo.ZoneInfoNotFoundError: a time told in the wrong zone is worse
    than none.
    """
    return Wording(supported_language(language), zone_of(zone))
