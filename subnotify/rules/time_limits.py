"""Time limits by stated legal rules, with every step named (DESIGN section 7).

Order: trigger instant, deemed receipt, local date, the period (the day of the event is not
counted), rolled over Saturdays, Sundays and holidays as the rule says, in a loop; the limit ends
at the start of the next local day, exclusive. Where authorities differ, every reading is
computed. `data/deadline-cases.yaml` of the tests holds worked cases with their sources.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from subnotify.rules.holidays import ONE_DAY, SATURDAY, SUNDAY, HolidayCalendar, is_business_day
from subnotify.rules.periods import add_period, is_in_hours, parts_of, skipped_holidays
from subnotify.rules.steps import DateReading, ReadingName, Step, StepKind, TimeLimit
from subnotify.rules.terms import Counting, Period
from subnotify.rules.terms_words import CountingRule, Unit

_ROLLS_SATURDAY = frozenset(
    {
        CountingRule.CONTRACT_ROLL_BD,
        CountingRule.EU_1182_71,
        CountingRule.FR_CPC_640_642,
        CountingRule.DE_BGB_187_193,
        CountingRule.BASEL_1972,
        CountingRule.BE_CJ_52_54,
    }
)
_ROLLS = _ROLLS_SATURDAY | {CountingRule.CH_OR_77_78}
_EU = frozenset({CountingRule.EU_1182_71, CountingRule.EU_1182_71_HOURS})
_SINGLE_DAYS = frozenset({Unit.DAYS, Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES})
MIN_WORKING_DAYS = 2  # Reg. 1182/71 art. 3(5)


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name, from the `tzdata` package, whose version results record.

    The machine's own files, which `ZoneInfo(name)` would take first, may be older or newer. Raises
    ZoneInfoNotFoundError; terms are checked when they are read.
    """
    known = ZoneInfo(name)  # refuses what is no name of a zone
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except FileNotFoundError:
        return known


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC.

    Where midnight does not exist (the clock jumps over it) the day starts at the jump; where it
    happens twice, at the first one.
    """
    naive = datetime.combine(day, time(0))
    early = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == naive:
        return early
    # In the gap fold=0 applies the offset before the jump, which lands exactly on the jump when
    # midnight is its start, and after it otherwise: search the jump between the two readings.
    low = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = early
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).date() < day:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def first_instant_of_day(day: date, *zones: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; of the zones that it may be a day of the earliest:
    what has to come in time came then."""
    return min(start_of_day(day, zone) for zone in zones)


def last_instant_of_day(day: date, *zones: ZoneInfo) -> datetime:
    """The last instant of a local day, in UTC; of the zones that it may be a day of the latest.

    A day alone names no hour, and perhaps no zone: no window that opens by it may open earlier
    than by the latest reading.
    """
    ends = (start_of_day(day + ONE_DAY, zone) for zone in zones)
    return max(ends) - timedelta(microseconds=1)


def limit_from_instant(
    trigger_at: datetime, period: Period, counting: Counting, calendar: HolidayCalendar
) -> TimeLimit:
    """The limit of a period that an event at `trigger_at` (aware) starts.

    Steps begin with the count; what the trigger was is for the caller to say.
    """
    zone = zone_of(counting.time_zone)
    if is_in_hours(period):
        return _limit_in_hours(trigger_at, period.number, counting.rule, zone)
    return limit_from_day(trigger_at.astimezone(zone).date(), period, counting, calendar)


def limit_from_day(
    event_day: date, period: Period, counting: Counting, calendar: HolidayCalendar
) -> TimeLimit:
    """The same for an event on a local day. Raises ValueError for a period in hours."""
    nominal = add_period(event_day, period, calendar)
    steps = [
        Step(StepKind.DAY_ONE, event_day + ONE_DAY),
        *_not_counted(event_day, period, calendar),
        Step(StepKind.LAST_COUNTED, nominal, period_code(period)),
    ]
    rule = counting.rule
    last_day = nominal
    if rule in _ROLLS:
        last_day = _roll(nominal, calendar, steps, saturdays=rule in _ROLLS_SATURDAY)
    else:
        steps.append(_kept(nominal, calendar))
    if rule is CountingRule.EU_1182_71 and _is_two_days_or_more(period):
        last_day = _with_two_working_days(event_day, last_day, calendar, steps)
    others = _other_readings(nominal, rule, calendar)
    return _limit(nominal, last_day, others, counting, steps)


def limit_backward(
    event_day: date, period: Period, counting: Counting, calendar: HolidayCalendar
) -> TimeLimit:
    """The last day on which to act, counted back from an event on a local day; never rolled.

    Sources: Reg. 1182/71 art. 3(4) second subparagraph, Basel Convention art. 1. Under
    `uk-clear-days` neither end counts, so one day more goes by. Raises ValueError for hours.
    """
    nominal = add_period(event_day, period, calendar, direction=-1)
    if counting.rule is CountingRule.UK_CLEAR_DAYS:
        one_more = Period(1, tuple(parts_of(period))[-1].unit)
        is_days = one_more.unit in (Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES)
        nominal = add_period(nominal, one_more if is_days else Period(1), calendar, direction=-1)
    skipped = _not_counted(event_day, period, calendar, direction=-1)
    steps = [*skipped, Step(StepKind.COUNTED_BACK, nominal, period_code(period))]
    return _limit(nominal, nominal, (), counting, steps)


def limit_hours_before(instant: datetime, hours: int, counting: Counting) -> TimeLimit:
    """The limit that many hours before an instant, to the second."""
    zone = zone_of(counting.time_zone)
    return _limit_in_hours(instant, -hours, CountingRule.CONTRACT_HOURS_ELAPSED, zone)


def limit_before(event_day: date, counting: Counting) -> TimeLimit:
    """The limit that ends when the local day `event_day` begins."""
    last_day = event_day - ONE_DAY
    steps = [Step(StepKind.AT_COMMENCEMENT, last_day)]
    return _limit(last_day, last_day, (), counting, steps)


def _not_counted(
    event_day: date, period: Period, calendar: HolidayCalendar, *, direction: int = 1
) -> Iterator[Step]:
    for day, name in skipped_holidays(event_day, period, calendar, direction=direction):
        yield Step(StepKind.NOT_COUNTED_HOLIDAY, day, name)


def period_code(period: Period) -> str:
    """ "1 months 15 days": what a step keeps of a period."""
    return " ".join(f"{part.number} {part.unit.value}" for part in parts_of(period))


def _limit(
    nominal: date,
    last_day: date,
    others: tuple[tuple[str, str, date], ...],
    counting: Counting,
    steps: list[Step],
) -> TimeLimit:
    zone = zone_of(counting.time_zone)
    ends_at = start_of_day(last_day + ONE_DAY, zone)
    name = counting.rule.value
    readings = []
    for own, other, day in others:
        name = own
        readings.append(DateReading(other, day, start_of_day(day + ONE_DAY, zone)))
        steps.append(Step(StepKind.OTHER_READING, day, other))
    steps.append(Step(StepKind.CLOSES, last_day, counting.time_zone))
    named = DateReading(name, last_day, ends_at)
    return TimeLimit(nominal, last_day, ends_at, (named, *readings), tuple(steps))


def _roll(day: date, calendar: HolidayCalendar, steps: list[Step], *, saturdays: bool) -> date:
    """The first day on which a period may end; notes every day passed over."""
    while True:
        holiday = calendar.holiday_name(day)
        weekday = day.weekday()
        if weekday == SUNDAY:
            steps.append(Step(StepKind.ROLLED_SUNDAY, day))
        elif weekday == SATURDAY and saturdays:
            steps.append(Step(StepKind.ROLLED_SATURDAY, day))
        elif holiday is not None:
            steps.append(Step(StepKind.ROLLED_HOLIDAY, day, holiday))
        else:
            steps.append(Step(StepKind.WORKING_DAY, day))
            return day
        day += ONE_DAY


def _kept(day: date, calendar: HolidayCalendar) -> Step:
    """The step of a rule that moves nothing, saying what day it left alone."""
    holiday = calendar.holiday_name(day)
    if holiday is not None:
        return Step(StepKind.NOT_ROLLED_HOLIDAY, day, holiday)
    if day.weekday() == SATURDAY:
        return Step(StepKind.NOT_ROLLED_SATURDAY, day)
    if day.weekday() == SUNDAY:
        return Step(StepKind.NOT_ROLLED_SUNDAY, day)
    return Step(StepKind.NO_ROLL, day)


def _is_two_days_or_more(period: Period) -> bool:
    """A single working day is a period of one day, too."""
    return period.plus is not None or period.unit not in _SINGLE_DAYS or period.number > 1


def _with_two_working_days(
    event_day: date, last_day: date, calendar: HolidayCalendar, steps: list[Step]
) -> date:
    """Reg. 1182/71 art. 3(5): a period of two days or more has at least two working days."""
    if (last_day - event_day).days > 30:
        return last_day  # no calendar has thirty days off; the count below would be idle
    day = event_day
    found = 0
    while day < last_day:
        day += ONE_DAY
        found += is_business_day(day, calendar)
        if found >= MIN_WORKING_DAYS:
            return last_day
    while found < MIN_WORKING_DAYS:
        day += ONE_DAY
        found += is_business_day(day, calendar)
    steps.append(Step(StepKind.TWO_WORKING_DAYS, day))
    return day


def _other_readings(
    nominal: date, rule: CountingRule, calendar: HolidayCalendar
) -> tuple[tuple[str, str, date], ...]:
    """(name of the rule's own reading, name of the other, its last day) where they differ.

    Swiss contract periods: OR 78 rolls Sundays and holidays; whether SR 173.110.3 and the Basel
    Convention put Saturday on a par with a holiday for them too is contested.
    """
    if rule is CountingRule.CH_OR_77_78:
        own, other, saturdays = ReadingName.CH_OR_78, ReadingName.CH_SATURDAY, True
    elif rule is CountingRule.BASEL_1972 and calendar.name.startswith("CH"):
        own, other, saturdays = ReadingName.BASEL_1972, ReadingName.CH_OR_78, False
    else:
        return ()
    day = _roll(nominal, calendar, [], saturdays=saturdays)
    same = _roll(nominal, calendar, [], saturdays=not saturdays)
    return () if day == same else ((own.value, other.value, day),)


def _limit_in_hours(
    trigger_at: datetime, number: int, rule: CountingRule, zone: ZoneInfo
) -> TimeLimit:
    """Hours elapse on the clock of the world, also over a change of the local one.

    Under Reg. 1182/71 art. 3(1) the hour of the event is not counted: the next full local hour
    starts the period. Other rules count to the second. Neither is extended (art. 3(4) speaks of
    periods expressed otherwise than in hours).
    """
    start = trigger_at.astimezone(UTC)
    local = trigger_at.astimezone(zone)
    steps = []
    if rule in _EU:
        into_hour = timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        start += timedelta(hours=1) - into_hour
        counted = start.astimezone(zone)
        steps.append(Step(StepKind.HOUR_EXCLUDED, counted.date(), counted.strftime("%H:%M")))
    ends_at = start + timedelta(hours=number)
    last_day = (ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    steps.append(Step(StepKind.HOURS_END, last_day, str(number)))
    end = ends_at.astimezone(zone)
    steps.append(Step(StepKind.CLOSES_AT, end.date(), end.strftime("%H:%M:%S").removesuffix(":00")))
    named = DateReading(rule.value, last_day, ends_at)
    return TimeLimit(last_day, last_day, ends_at, (named,), tuple(steps))
