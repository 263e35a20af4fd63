"""The engine against the worked cases, against a paper calendar, and in what must always hold."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.deadline_files import DeadlineCase, answer_case, read_deadline_cases
from subnotify.rules.periods import fits_rule, parts_of
from subnotify.rules.reading import Reader
from subnotify.rules.steps import StepKind, TimeLimit
from subnotify.rules.terms import Counting, Period
from subnotify.rules.terms_words import CountingRule, Unit
from subnotify.rules.time_limits import (
    limit_backward,
    limit_from_day,
    limit_from_instant,
    limit_hours_before,
    start_of_day,
    zone_of,
)
from tests.support import paper_calendar
from tests.support.limit_strategies import (
    CALENDARS,
    DAYS,
    INSTANTS,
    PERIODS,
    ZONES,
    day_period,
)
from tests.support.paper_calendar import CASES

DAY = timedelta(days=1)
PARIS = zone_of("Europe/Paris")
BY_ID = {case["id"]: case for case in CASES}
IN_HOURS = {CountingRule.CONTRACT_HOURS_ELAPSED, CountingRule.EU_1182_71_HOURS}
FORWARD = [rule for rule in CountingRule if rule not in IN_HOURS]
ROLLING = [rule for rule in FORWARD if paper_calendar.ROLLS[rule.value]]
RULES = st.sampled_from(FORWARD)


def questions() -> list[DeadlineCase]:
    reader = Reader()
    cases = read_deadline_cases({"cases": CASES}, reader)
    assert not reader.problems
    return cases


@pytest.mark.parametrize("case", questions(), ids=lambda case: case.id)
def test_worked_case(case: DeadlineCase) -> None:
    expected = BY_ID[case.id]
    answer = answer_case(case, get_calendar(case.counting.holiday_calendar))
    limit = answer.limit
    assert limit.nominal_last_day.isoformat() == expected["nominal_last_day"]
    assert limit.last_day.isoformat() == expected["expected_last_day"]
    assert limit.ends_at == datetime.fromisoformat(expected["expected_deadline_utc"])
    assert limit.ends_at == datetime.fromisoformat(expected["expected_deadline_instant"])
    assert limit.is_contested == expected["contested"]
    received = answer.deemed_receipt_at
    stated = expected.get("deemed_receipt")
    assert received == (datetime.fromisoformat(stated) if stated else None)
    effective = expected.get("earliest_effective_date")
    assert effective in (None, (limit.last_day + DAY).isoformat())


def test_there_are_sixty_nine_worked_cases() -> None:
    assert len(questions()) == len(CASES) == 69
    # A window to accept a registered letter: no case asks for it, the paper calendar does.
    without = set(CountingRule) - {CountingRule.FR_R53_3_WINDOW}
    assert {case.counting.rule for case in questions()} == without


@pytest.mark.parametrize("case", questions(), ids=lambda case: case.id)
def test_the_named_rule_is_the_first_reading(case: DeadlineCase) -> None:
    limit = answer_case(case, get_calendar(case.counting.holiday_calendar)).limit
    first = limit.readings[0]
    assert (first.last_day, first.ends_at) == (limit.last_day, limit.ends_at)
    assert limit.latest.ends_at == max(reading.ends_at for reading in limit.readings)
    assert len({reading.last_day for reading in limit.readings}) == len(limit.readings)
    assert len({reading.name for reading in limit.readings}) == len(limit.readings)


def limit_of(
    event: date, period: Period, rule: CountingRule, calendar: str, zone: str = "Europe/Paris"
) -> TimeLimit:
    counting = Counting(rule, zone, calendar)
    return limit_from_day(event, period, counting, get_calendar(calendar))


def parts(period: Period) -> list[tuple[int, str]]:
    return [(part.number, part.unit.value) for part in parts_of(period)]


@given(at=INSTANTS, period=PERIODS, rule=RULES, calendar=CALENDARS, zone=ZONES)
def test_forward_limits_agree_with_a_paper_calendar(
    at: datetime, period: Period, rule: CountingRule, calendar: str, zone: str
) -> None:
    assume(fits_rule(period, rule))
    days, place = get_calendar(calendar), zone_of(zone)
    limit = limit_from_instant(at, period, Counting(rule, zone, calendar), days)
    event = at.astimezone(place).date()
    holiday = days.holiday_name
    assert limit.nominal_last_day == paper_calendar.counted(event, parts(period), holiday)
    last = paper_calendar.last_day(event, parts(period), rule.value, holiday)
    assert limit.last_day == last
    assert limit.ends_at == paper_calendar.end_of_day(last, place)
    latest = paper_calendar.latest_day(event, parts(period), rule.value, holiday)
    assert limit.latest.last_day == latest
    assert limit.latest.ends_at == paper_calendar.end_of_day(latest, place)


@given(event=DAYS, unit=st.sampled_from([Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES]), data=st.data())
def test_counts_that_leave_days_out_agree_with_a_paper_calendar(
    event: date, unit: Unit, data: st.DataObject
) -> None:
    """The rules that take one unit only are rare among random periods."""
    rules = {
        Unit.BUSINESS_DAYS: CountingRule.CONTRACT_BD_COUNT,
        Unit.JOURS_OUVRABLES: CountingRule.CONTRACT_JOURS_OUVRABLES,
    }
    number, calendar = data.draw(st.integers(0, 90)), data.draw(CALENDARS)
    holiday = get_calendar(calendar).holiday_name
    limit = limit_of(event, Period(number, unit), rules[unit], calendar)
    assert limit.last_day == paper_calendar.counted(event, [(number, unit.value)], holiday)
    named = {step.day for step in limit.steps if step.kind is StepKind.NOT_COUNTED_HOLIDAY}
    passed = [event + n * DAY for n in range(1, (limit.last_day - event).days + 1)]
    weekend = 6 if unit is Unit.BUSINESS_DAYS else 7
    assert named == {day for day in passed if day.isoweekday() < weekend and holiday(day)}


@given(event=DAYS, number=st.integers(0, 6), unit=st.sampled_from([Unit.DAYS, Unit.WEEKS]))
def test_two_working_days_agree_with_a_paper_calendar(event: date, number: int, unit: Unit) -> None:
    rule, holiday = CountingRule.EU_1182_71, get_calendar("DE-BY").holiday_name
    limit = limit_of(event, Period(number, unit), rule, "DE-BY")
    last = paper_calendar.last_day(event, [(number, unit.value)], rule.value, holiday)
    assert limit.last_day == last


def test_one_working_day_is_a_period_of_one_day() -> None:
    """Friday and one business day: Monday, like Friday and one day; art. 3(5) starts at two."""
    counting = Counting(CountingRule.EU_1182_71, "Europe/Paris", "FR")
    for unit, last_day in (
        (Unit.DAYS, "2026-06-15"),
        (Unit.BUSINESS_DAYS, "2026-06-15"),
        (Unit.JOURS_OUVRABLES, "2026-06-15"),
    ):
        limit = limit_from_day(date(2026, 6, 12), Period(1, unit), counting, get_calendar("FR"))
        assert limit.last_day.isoformat() == last_day


@given(event=DAYS, period=PERIODS, calendar=CALENDARS, rule=RULES)
def test_backward_limits_agree_with_a_paper_calendar_and_are_never_moved(
    event: date, period: Period, calendar: str, rule: CountingRule
) -> None:
    assume(rule is not CountingRule.UK_CLEAR_DAYS)
    days = get_calendar(calendar)
    limit = limit_backward(event, period, Counting(rule, "Europe/Paris", calendar), days)
    expected = paper_calendar.counted(event, parts(period), days.holiday_name, sign=-1)
    assert limit.last_day == limit.nominal_last_day == expected
    assert not limit.is_contested


@given(event=DAYS, number=st.integers(0, 400))
def test_clear_days_leave_out_both_ends(event: date, number: int) -> None:
    counting = Counting(CountingRule.UK_CLEAR_DAYS, "Europe/London")
    limit = limit_backward(event, Period(number), counting, get_calendar("none"))
    assert (event - limit.last_day).days - 1 == number


@given(event=DAYS, period=PERIODS, rule=st.sampled_from(ROLLING), calendar=CALENDARS)
def test_a_rolled_last_day_is_never_earlier_and_never_a_day_that_rolls(
    event: date, period: Period, rule: CountingRule, calendar: str
) -> None:
    limit = limit_of(event, period, rule, calendar)
    assert limit.last_day >= limit.nominal_last_day
    rolls = paper_calendar.ROLLS[rule.value]
    weekday = limit.last_day.isoweekday()
    assert not (weekday == 7 and "sun" in rolls) and not (weekday == 6 and "sat" in rolls)
    assert get_calendar(calendar).holiday_name(limit.last_day) is None


@given(event=DAYS, longer=PERIODS, rule=RULES, calendar=CALENDARS, less=st.integers(0, 40))
def test_a_longer_period_never_ends_earlier(
    event: date, longer: Period, rule: CountingRule, calendar: str, less: int
) -> None:
    assume(fits_rule(longer, rule))
    shorter = Period(max(longer.number - less, 0), longer.unit, longer.plus)
    bare = Period(longer.number, longer.unit)
    ends = limit_of(event, longer, rule, calendar).ends_at
    assert limit_of(event, shorter, rule, calendar).ends_at <= ends
    assert limit_of(event, bare, rule, calendar).ends_at <= ends


@given(event=DAYS, later=st.integers(0, 40), period=PERIODS, rule=RULES, calendar=CALENDARS)
def test_a_later_trigger_never_ends_earlier(
    event: date, later: int, period: Period, rule: CountingRule, calendar: str
) -> None:
    assume(fits_rule(period, rule))
    first = limit_of(event, period, rule, calendar)
    second = limit_of(event + later * DAY, period, rule, calendar)
    assert first.ends_at <= second.ends_at
    assert first.latest.ends_at <= second.latest.ends_at
    counting = Counting(rule, "Europe/Paris", calendar)
    days = get_calendar(calendar)
    back = [limit_backward(event + n * DAY, period, counting, days).ends_at for n in (0, later)]
    assert back[0] <= back[1]


@given(at=INSTANTS, number=st.integers(0, 1000), zone=ZONES)
def test_hours_elapse_on_the_clock_of_the_world(at: datetime, number: int, zone: str) -> None:
    period = Period(number, Unit.HOURS)
    elapsed, regulation = (
        limit_from_instant(at, period, Counting(rule, zone), get_calendar("none"))
        for rule in (CountingRule.CONTRACT_HOURS_ELAPSED, CountingRule.EU_1182_71_HOURS)
    )
    assert elapsed.ends_at - at == timedelta(hours=number)
    # The hour of the event is not counted: at most one hour more, from a full local hour.
    assert timedelta(0) < regulation.ends_at - elapsed.ends_at <= timedelta(hours=1)
    counted_from = regulation.ends_at - timedelta(hours=number)
    started, counted = (x.astimezone(zone_of(zone)) for x in (at, counted_from))
    # Lord Howe changes its clock by half an hour: an hour over the change ends at 02:30.
    if started.utcoffset() == counted.utcoffset():
        assert counted.strftime("%M:%S") == "00:00"
    last_instant = (elapsed.ends_at - timedelta(microseconds=1)).astimezone(zone_of(zone))
    assert elapsed.last_day == last_instant.date()
    before = limit_hours_before(at, number, Counting(CountingRule.EU_1182_71, zone))
    assert at - before.ends_at == timedelta(hours=number)


def test_hours_over_a_change_of_the_clock() -> None:
    counting = Counting(CountingRule.CONTRACT_HOURS_ELAPSED, "Europe/Paris")
    at = datetime.fromisoformat("2026-03-28T12:00:00+01:00")
    limit = limit_from_instant(at, Period(24, Unit.HOURS), counting, get_calendar("none"))
    assert (
        limit.ends_at.astimezone(zone_of("Europe/Paris")).isoformat().startswith("2026-03-29T13:00")
    )
    assert [step.detail for step in limit.steps] == ["24", "13:00"]


@given(event=DAYS, period=PERIODS, calendar=CALENDARS)
def test_readings_are_named_only_where_they_differ(
    event: date, period: Period, calendar: str
) -> None:
    limit = limit_of(event, period, CountingRule.CH_OR_77_78, calendar)
    other = limit_of(event, period, CountingRule.CONTRACT_ROLL_BD, calendar)
    assert limit.is_contested == (limit.last_day != other.last_day)
    assert limit.latest.last_day == other.last_day
    for reading in limit.readings:
        assert reading.ends_at == paper_calendar.end_of_day(reading.last_day, PARIS)
    told = [step.day for step in limit.steps if step.kind is StepKind.OTHER_READING]
    assert told == [reading.last_day for reading in limit.readings[1:]]
    austria = limit_of(event, period, CountingRule.BASEL_1972, "AT")
    assert not austria.is_contested


@given(day=DAYS, zone=ZONES)
def test_a_day_starts_where_the_one_before_it_ends(day: date, zone: str) -> None:
    place = zone_of(zone)
    start = start_of_day(day, place)
    assert start == paper_calendar.end_of_day(day - DAY, place)
    assert (start - timedelta(microseconds=1)).astimezone(place).date() < day


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        # 00:00 is skipped: the day begins at 01:00.
        ("Atlantic/Azores", "2027-03-28", "2027-03-28T01:00+00:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00+00:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00+00:00"),
        # 00:00 comes twice: the day begins with the first.
        ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00+00:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00+00:00"),
        # A day that the island never had begins with the next one.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00+00:00"),
    ],
)
def test_days_whose_midnight_is_missing_or_comes_twice(zone: str, day: str, start: str) -> None:
    found = start_of_day(date.fromisoformat(day), zone_of(zone))
    assert found == datetime.fromisoformat(start)
    assert found.tzinfo is UTC


def test_a_midnight_in_the_midst_of_a_jump() -> None:
    """No zone of today jumps from 23:30 to 00:30; the rules of one are made up here."""
    real = files("tzdata").joinpath("zoneinfo/Etc/UTC").read_bytes()
    made_up = real.replace(b"UTC0\n", b"AAA0BBB,M3.2.0/23:30,M11.1.0\n")
    zone = ZoneInfo.from_file(BytesIO(made_up))
    jump = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    assert jump.astimezone(zone).strftime("%a %H:%M") == "Mon 00:30"
    assert start_of_day(date(2026, 3, 9), zone) == jump


@given(event=DAYS, period=day_period(), calendar=CALENDARS, rule=RULES)
def test_steps_begin_with_the_count_and_end_with_the_end(
    event: date, period: Period, calendar: str, rule: CountingRule
) -> None:
    assume(fits_rule(period, rule))
    steps = limit_of(event, period, rule, calendar).steps
    assert steps[0].kind is StepKind.DAY_ONE and steps[0].day == event + DAY
    assert steps[-1].kind is StepKind.CLOSES
    rolled = [step.day for step in steps if step.kind.value.startswith("rolled_")]
    assert rolled == [rolled[0] + n * DAY for n in range(len(rolled))] if rolled else True
