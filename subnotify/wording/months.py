"""Names of months and days of the week, as the headings of a calendar have them."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date, get_day_names

from subnotify.wording.language import Wording


def month_name(day: date, w: Wording) -> str:
    """The day's month and year: "March 2026"."""
    return format_date(day, "LLLL y", locale=w.locale)


def weekday_names(w: Wording) -> Sequence[tuple[str, str]]:
    """From Monday on: the whole name and a short one."""
    whole = get_day_names("wide", "stand-alone", w.locale)
    short = get_day_names("abbreviated", "stand-alone", w.locale)
    return [(whole[number], short[number]) for number in range(7)]
