"""A second computation of time limits, which shares no code with the first but the holidays.

It does what a person does with a paper calendar: crosses off day after day, moves a month on and
steps back until the day exists, and looks at the clock minute by minute to find when a day is
over. What each rule does with the last day is read from the rules table of the worked cases.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

FILE = yaml.safe_load((Path(__file__).parent.parent / "data/deadline-cases.yaml").read_text())
CASES = FILE["cases"]
# What a rule moves, in words of the file: "sat", "sun", "holiday".
ROLLS = {
    name: {str(what).split()[0] for what in rule.get("roll", ()) if isinstance(rule["roll"], list)}
    for name, rule in FILE["rules"].items()
}
Holiday = Callable[[date], str | None]
DAY = timedelta(days=1)
ONE_BY_ONE = ("days", "business_days", "jours_ouvrables")


def counted(day: date, parts: Sequence[tuple[int, str]], holiday: Holiday, sign: int = 1) -> date:
    """The last counted day of a period, written as (number, unit) from large to small."""
    for number, unit in parts:
        if unit in ("months", "years"):
            day = month_on(day, sign * number * (12 if unit == "years" else 1))
            continue
        left = number * 7 if unit == "weeks" else number
        while left:
            day += sign * DAY
            left -= counts(day, unit, holiday)
    return day


def counts(day: date, unit: str, holiday: Holiday) -> bool:
    """Whether a day is crossed off in this unit."""
    if unit == "business_days":
        return day.isoweekday() <= 5 and not holiday(day)
    if unit == "jours_ouvrables":
        return day.isoweekday() <= 6 and not holiday(day)
    return True


def month_on(day: date, months: int) -> date:
    """Turn the leaves of the calendar, then look for the number, and step back if it is missing."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def moved(day: date, rolls: set[str], holiday: Holiday) -> date:
    """The first day from here on that the rule lets be the last."""
    while (
        ("sat" in rolls and day.isoweekday() == 6)
        or ("sun" in rolls and day.isoweekday() == 7)
        or ("holiday" in rolls and holiday(day))
    ):
        day += DAY
    return day


def last_day(event: date, parts: Sequence[tuple[int, str]], rule: str, holiday: Holiday) -> date:
    """The last day under a rule that counts forward in days or more."""
    day = moved(counted(event, parts, holiday), ROLLS[rule], holiday)
    is_one_day = len(parts) == 1 and parts[0][0] < 2 and parts[0][1] in ONE_BY_ONE
    if rule == "eu-1182-71" and not is_one_day:
        while (
            sum(counts(event + n * DAY, "business_days", holiday) for n in _after(event, day)) < 2
        ):
            day += DAY
    return day


def _after(event: date, day: date) -> range:
    return range(1, (day - event).days + 1)


def latest_day(event: date, parts: Sequence[tuple[int, str]], rule: str, holiday: Holiday) -> date:
    """The later of the views where authorities differ: a Saturday in Switzerland."""
    own = last_day(event, parts, rule, holiday)
    if rule != "ch-or-77-78":
        return own
    return max(own, moved(counted(event, parts, holiday), {"sat", "sun", "holiday"}, holiday))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first minute (UTC) whose local date is later: every minute is looked at."""
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=8)
    while instant.astimezone(zone).date() > day:
        instant -= timedelta(hours=1)
    while (instant + timedelta(hours=1)).astimezone(zone).date() <= day:
        instant += timedelta(hours=1)
    while instant.astimezone(zone).date() <= day:
        instant += timedelta(minutes=1)
    return instant
