"""Adding a period to a day: units, month ends, and which unit fits which rule (DESIGN 7).

The day of the event is not counted: one day after Monday is Tuesday. A month or year ends on the
day of the same number, or on the last day of a month that has none (Reg. 1182/71 art. 3(2)(c),
code de procédure civile art. 641, BGB § 188(3), OR art. 77, Dodds v Walker [1981]): from the
28th of February one month goes to the 28th of March, not to its end.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from subnotify.rules.holidays import (
    ONE_DAY,
    SATURDAY,
    SUNDAY,
    HolidayCalendar,
    add_business_days,
    add_jours_ouvrables,
)
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import CountingRule, Unit

# A compound period is added from the largest unit to the smallest; hours stand alone.
_ORDER = (Unit.YEARS, Unit.MONTHS, Unit.WEEKS, Unit.DAYS, Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES)

# Units that leave days out, with the first weekday that never counts.
_WEEKEND_STARTS = {Unit.BUSINESS_DAYS: SATURDAY, Unit.JOURS_OUVRABLES: SUNDAY}

# Rules that fix the unit themselves.
_UNIT_OF_RULE = {
    CountingRule.CONTRACT_BD_COUNT: Unit.BUSINESS_DAYS,
    CountingRule.CONTRACT_JOURS_OUVRABLES: Unit.JOURS_OUVRABLES,
    CountingRule.CONTRACT_HOURS_ELAPSED: Unit.HOURS,
    CountingRule.EU_1182_71_HOURS: Unit.HOURS,
}


def parts_of(period: Period) -> Iterator[Period]:
    """The period and what is added after it, in order."""
    part: Period | None = period
    while part is not None:
        yield part
        part = part.plus


def is_in_hours(period: Period) -> bool:
    return period.unit is Unit.HOURS


def is_well_formed(period: Period) -> bool:
    """Whether the parts go from larger to smaller units; hours are never combined."""
    units = [part.unit for part in parts_of(period)]
    if Unit.HOURS in units:
        return len(units) == 1
    places = [_ORDER.index(unit) for unit in units]
    return all(earlier < later for earlier, later in pairwise(places))


def fits_rule(period: Period, rule: CountingRule) -> bool:
    """Whether the rule can count this period.

    A rule that counts business days, jours ouvrables or hours takes no other unit; every other
    rule takes all of them: it says what happens to the last day.
    """
    wanted = _UNIT_OF_RULE.get(rule)
    return wanted is None or all(part.unit is wanted for part in parts_of(period))


def add_period(day: date, period: Period, calendar: HolidayCalendar, *, direction: int = 1) -> date:
    """The last counted day of a period that starts with an event on `day`.

    direction -1 counts backwards. Hours have no day of their own: ValueError.
    """
    for part in parts_of(period):
        day = _add_part(day, part.number * direction, part.unit, calendar)
    return day


def skipped_holidays(
    day: date, period: Period, calendar: HolidayCalendar, *, direction: int = 1
) -> Iterator[tuple[date, str]]:
    """The holidays that a count of business days (or jours ouvrables) passed over, by name."""
    for part in parts_of(period):
        last = _add_part(day, part.number * direction, part.unit, calendar)
        weekend = _WEEKEND_STARTS.get(part.unit)
        while weekend is not None and day != last:
            day += direction * ONE_DAY
            name = calendar.holiday_name(day)
            if name is not None and day.weekday() < weekend:
                yield day, name
        day = last


def _add_part(day: date, number: int, unit: Unit, calendar: HolidayCalendar) -> date:
    match unit:
        case Unit.DAYS:
            return day + timedelta(days=number)
        case Unit.WEEKS:
            return day + timedelta(weeks=number)
        case Unit.MONTHS:
            return add_months(day, number)
        case Unit.YEARS:
            return add_months(day, 12 * number)
        case Unit.BUSINESS_DAYS:
            return add_business_days(day, number, calendar)
        case Unit.JOURS_OUVRABLES:
            return add_jours_ouvrables(day, number, calendar)
        case Unit.HOURS:
            raise ValueError("hours are added to an instant")


def add_months(day: date, number: int) -> date:
    """The same day of the month `number` months on, or that month's last day."""
    months = day.year * 12 + day.month - 1 + number
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
