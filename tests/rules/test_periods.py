"""Adding periods to days: ends of months, compounds, and which unit fits which rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.periods import (
    add_months,
    add_period,
    fits_rule,
    is_in_hours,
    is_well_formed,
    parts_of,
    skipped_holidays,
)
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import CountingRule, Unit
from tests.support import paper_calendar
from tests.support.limit_strategies import CALENDARS, DAYS, PERIODS

NONE = get_calendar("none")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        # Dodds v Walker: four months from 30 September end on 30 January, not on 31.
        ("2026-09-30", 4, "2027-01-30"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(
    day: str, months: int, expected: str
) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(day=DAYS, months=st.integers(-60, 60))
def test_months_agree_with_the_leaves_of_a_calendar(day: date, months: int) -> None:
    found = add_months(day, months)
    assert found == paper_calendar.month_on(day, months)
    # Never in the month after: the 31st plus one month is not the 3rd of the one that follows.
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months


@given(day=DAYS, period=PERIODS, calendar=CALENDARS)
def test_the_day_of_the_event_is_not_counted(day: date, period: Period, calendar: str) -> None:
    days = get_calendar(calendar)
    end = add_period(day, period, days)
    assert end >= day
    assert (end == day) == all(part.number == 0 for part in parts_of(period))


def test_one_day_after_monday_is_tuesday() -> None:
    assert add_period(date(2026, 3, 2), Period(1), NONE) == date(2026, 3, 3)
    assert add_period(date(2026, 3, 6), Period(1, Unit.BUSINESS_DAYS), NONE) == date(2026, 3, 9)
    assert add_period(date(2026, 3, 6), Period(1, Unit.JOURS_OUVRABLES), NONE) == date(2026, 3, 7)
    assert add_period(date(2026, 3, 2), Period(2, Unit.WEEKS), NONE) == date(2026, 3, 16)


def test_compounds_are_added_from_the_largest_unit() -> None:
    # One month and fifteen days from 31 January: 28 February, then 15 March.
    period = Period(1, Unit.MONTHS, Period(15))
    assert add_period(date(2027, 1, 31), period, NONE) == date(2027, 3, 15)
    # Extra days of an agreement come after the month, and run over a weekend.
    three_more = Period(1, Unit.MONTHS, Period(3, Unit.BUSINESS_DAYS))
    assert add_period(date(2026, 2, 13), three_more, NONE) == date(2026, 3, 18)


@given(day=DAYS, number=st.integers(0, 300), unit=st.sampled_from([Unit.DAYS, Unit.WEEKS]))
def test_days_counted_back_undo_days_counted_forward(day: date, number: int, unit: Unit) -> None:
    there = add_period(day, Period(number, unit), NONE)
    assert add_period(there, Period(number, unit), NONE, direction=-1) == day


@given(day=DAYS, number=st.integers(1, 60), calendar=CALENDARS, direction=st.sampled_from([1, -1]))
def test_business_days_leave_out_weekends_and_every_named_holiday(
    day: date, number: int, calendar: str, direction: int
) -> None:
    days, period = get_calendar(calendar), Period(number, Unit.BUSINESS_DAYS)
    end = add_period(day, period, days, direction=direction)
    named = dict(skipped_holidays(day, period, days, direction=direction))
    passed = [day + direction * timedelta(n) for n in range(1, abs((end - day).days) + 1)]
    weekdays = [x for x in passed if x.isoweekday() < 6]
    assert len(weekdays) - len(named) == number
    assert all(days.holiday_name(x) == name for x, name in named.items())


def test_only_the_part_in_business_days_passes_holidays_over() -> None:
    period = Period(1, Unit.MONTHS, Period(2, Unit.BUSINESS_DAYS))
    # 3 March plus a month is Good Friday itself; two business days on lies Easter Monday.
    named = list(skipped_holidays(date(2026, 3, 3), period, get_calendar("DE")))
    assert named == [(date(2026, 4, 6), "Ostermontag")]
    assert list(skipped_holidays(date(2026, 3, 3), Period(60), get_calendar("DE"))) == []


def test_hours_are_no_days() -> None:
    assert is_in_hours(Period(72, Unit.HOURS))
    with pytest.raises(ValueError, match="instant"):
        add_period(date(2026, 3, 2), Period(72, Unit.HOURS), NONE)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(1, Unit.YEARS, Period(2, Unit.MONTHS, Period(3))), True),
        (Period(3, Unit.DAYS, Period(1, Unit.MONTHS)), False),
        (Period(1, Unit.MONTHS, Period(1, Unit.MONTHS)), False),
        (Period(72, Unit.HOURS), True),
        (Period(1, Unit.DAYS, Period(12, Unit.HOURS)), False),
        (Period(12, Unit.HOURS, Period(1, Unit.DAYS)), False),
        (Period(2, Unit.DAYS, Period(1, Unit.BUSINESS_DAYS)), True),
    ],
)
def test_periods_go_from_larger_to_smaller_units(period: Period, expected: bool) -> None:
    assert is_well_formed(period) is expected


@given(period=PERIODS, rule=st.sampled_from(CountingRule))
def test_a_rule_that_fixes_the_unit_takes_no_other(period: Period, rule: CountingRule) -> None:
    only = {
        CountingRule.CONTRACT_BD_COUNT: {Unit.BUSINESS_DAYS},
        CountingRule.CONTRACT_JOURS_OUVRABLES: {Unit.JOURS_OUVRABLES},
        CountingRule.CONTRACT_HOURS_ELAPSED: {Unit.HOURS},
        CountingRule.EU_1182_71_HOURS: {Unit.HOURS},
    }.get(rule)
    units = {part.unit for part in parts_of(period)}
    assert fits_rule(period, rule) == (only is None or units == only)
    for unit in only or ():
        assert fits_rule(Period(3, unit), rule)
