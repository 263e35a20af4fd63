"""Objection windows: from the trigger to the deadline, with every step named (DESIGN section 7).

Order: trigger instant, local date in the agreement's zone, the period added (the day of the event
is not counted), rolled over Saturdays, Sundays and holidays where the rule says so, in a loop;
the window closes at the start of the next local day, exclusive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.terms import (
    POSTAL_GRACE_BUSINESS_DAYS,
    CountingRule,
    NoticeTerms,
    RunsFrom,
    TimelyWhen,
    not_computable,
)
from subnotify.rules.words import Timeliness

SATURDAY = 5


class HolidayCalendar(Protocol):
    """Public holidays of one place. The rules receive it; they never look one up."""

    @property
    def name(self) -> str:
        """The calendar as the terms name it: "none", "FR", "FR-57"."""

    @property
    def version(self) -> str:
        """Where the days come from, with the version, for the record."""

    def holiday_name(self, day: date) -> str | None:
        """The holiday that falls on `day`, or None."""


class StepKind(StrEnum):
    """What happened to the date; the layers above write it out as a sentence."""

    DISPATCHED = "dispatched"  # at, zone
    RECEIVED = "received"  # at, zone
    DAY_ONE = "day_one"  # day
    LAST_COUNTED = "last_counted"  # day, number
    ROLLED_SATURDAY = "rolled_saturday"  # day
    ROLLED_SUNDAY = "rolled_sunday"  # day
    ROLLED_HOLIDAY = "rolled_holiday"  # day, name
    WORKING_DAY = "working_day"  # day
    NO_ROLL = "no_roll"  # day
    EXTENDED = "extended"  # day
    CLOSES = "closes"  # day, zone: until 24:00 of that day


@dataclass(frozen=True)
class Step:
    kind: StepKind
    day: date
    detail: str = ""


@dataclass(frozen=True)
class Window:
    """An objection window under one version of notice terms.

    opens_at: the trigger. closes_at: the first instant that is too late (UTC). last_day: the last
    local day on which the client may act. silence_after_at: closes_at plus grace.
    """

    opens_at: datetime
    closes_at: datetime
    nominal_last_day: date
    last_day: date
    silence_after_at: datetime
    time_zone: str
    rule: str
    steps: tuple[Step, ...]
    versions: str


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name; the terms were checked when they were read."""
    return ZoneInfo(name)


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


def add_business_days(day: date, number: int, calendar: HolidayCalendar) -> date:
    """The day that is `number` working days (Monday to Friday, no holiday) after `day`."""
    while number > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and calendar.holiday_name(day) is None:
            number -= 1
    return day


def compute_window(terms: NoticeTerms, trigger_at: datetime, calendar: HolidayCalendar) -> Window:
    """The objection window of a notice whose trigger (dispatch or receipt) was at `trigger_at`.

    Raises TermsNotComputable where the engine has no rule for these terms. Sources: code de
    procédure civile art. 640 to 642 for `fr-cpc-640-642`; the contract alone for
    `contract-calendar`, which never rolls.
    """
    reason = not_computable(terms)
    if reason is not None or terms.objection_period is None:
        raise TermsNotComputable(reason or "no_objection_period")
    zone = zone_of(terms.counting.time_zone)
    event_day = trigger_at.astimezone(zone).date()
    number = terms.objection_period.number
    nominal = event_day + timedelta(days=number)
    received = terms.runs_from is RunsFrom.RECEIPT
    steps = [
        Step(
            StepKind.RECEIVED if received else StepKind.DISPATCHED,
            event_day,
            trigger_at.astimezone(zone).strftime("%H:%M"),
        ),
        Step(StepKind.DAY_ONE, event_day + timedelta(days=1)),
        Step(StepKind.LAST_COUNTED, nominal, str(number)),
    ]
    last_day = nominal
    if terms.counting.rule is CountingRule.FR_CPC_640_642:
        last_day = _roll_forward(nominal, calendar, steps)
    else:
        steps.append(Step(StepKind.NO_ROLL, last_day))
    return _window(terms, trigger_at, nominal, last_day, calendar, steps)


def started_at(window: Window, trigger_at: datetime) -> Window:
    """The same window for another trigger on the same local day: only the hour differs."""
    hour = trigger_at.astimezone(zone_of(window.time_zone)).strftime("%H:%M")
    first = replace(window.steps[0], detail=hour)
    steps = (first, *window.steps[1:])
    return replace(window, opens_at=trigger_at.astimezone(UTC), steps=steps)


def extend_window(
    terms: NoticeTerms, window: Window, last_day: date, calendar: HolidayCalendar
) -> Window:
    """The same window with a later last day. A day that is not later changes nothing."""
    if last_day <= window.last_day:
        return window
    steps = [*window.steps[:-1], Step(StepKind.EXTENDED, last_day)]
    return _window(terms, window.opens_at, window.nominal_last_day, last_day, calendar, steps)


def _window(
    terms: NoticeTerms,
    opens_at: datetime,
    nominal: date,
    last_day: date,
    calendar: HolidayCalendar,
    steps: list[Step],
) -> Window:
    zone = zone_of(terms.counting.time_zone)
    steps.append(Step(StepKind.CLOSES, last_day, terms.counting.time_zone))
    return Window(
        opens_at=opens_at.astimezone(UTC),
        closes_at=start_of_day(last_day + timedelta(days=1), zone),
        nominal_last_day=nominal,
        last_day=last_day,
        silence_after_at=_end_of_grace(terms, last_day, zone, calendar),
        time_zone=terms.counting.time_zone,
        rule=terms.counting.rule.value,
        steps=tuple(steps),
        versions=calendar.version,
    )


def _roll_forward(day: date, calendar: HolidayCalendar, steps: list[Step]) -> date:
    while True:
        holiday = calendar.holiday_name(day)
        if day.weekday() == SATURDAY:
            steps.append(Step(StepKind.ROLLED_SATURDAY, day))
        elif day.weekday() > SATURDAY:
            steps.append(Step(StepKind.ROLLED_SUNDAY, day))
        elif holiday is not None:
            steps.append(Step(StepKind.ROLLED_HOLIDAY, day, holiday))
        else:
            steps.append(Step(StepKind.WORKING_DAY, day))
            return day
        day += timedelta(days=1)


def _end_of_grace(
    terms: NoticeTerms, last_day: date, zone: ZoneInfo, calendar: HolidayCalendar
) -> datetime:
    """closes_at plus grace: one local day, or ten working days where post may still bring one."""
    if terms.needs_opened_post:
        last_grace_day = add_business_days(last_day, POSTAL_GRACE_BUSINESS_DAYS, calendar)
    else:
        last_grace_day = last_day + timedelta(days=1)
    return start_of_day(last_grace_day + timedelta(days=1), zone)


def judge_timeliness(
    terms: NoticeTerms, window: Window | None, *, received_at: datetime, dispatched_on: date | None
) -> Timeliness:
    """Whether an objection came in time.

    A dispatch date counts up to and including the last day; a receipt must be before closes_at.
    Where the terms do not say which decides, or say it and the other date contradicts it
    (in time by dispatch, late by receipt, or the reverse), it is disputed (DESIGN section 3 item
    2). Without a window nothing is late: the client may object as soon as it knows.
    """
    if window is None:
        return Timeliness.NO_WINDOW
    by_receipt = received_at < window.closes_at
    if dispatched_on is None:
        if by_receipt:
            return Timeliness.IN_TIME
        # Nobody recorded the dispatch, and dispatch (perhaps) decides: never silently late.
        decides = terms.objection_timely_when
        return Timeliness.LATE if decides is TimelyWhen.RECEIVED else Timeliness.DISPUTED
    by_dispatch = dispatched_on <= window.last_day
    if by_dispatch == by_receipt:
        return Timeliness.IN_TIME if by_receipt else Timeliness.LATE
    return Timeliness.DISPUTED


def window_to_mapping(window: Window) -> dict[str, Any]:
    return {
        "opens_at": window.opens_at.isoformat(),
        "closes_at": window.closes_at.isoformat(),
        "nominal_last_day": window.nominal_last_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "silence_after_at": window.silence_after_at.isoformat(),
        "time_zone": window.time_zone,
        "rule": window.rule,
        "versions": window.versions,
        "steps": [
            {"kind": step.kind.value, "day": step.day.isoformat(), "detail": step.detail}
            for step in window.steps
        ],
    }


def window_from_mapping(data: Mapping[str, Any]) -> Window:
    return Window(
        opens_at=datetime.fromisoformat(data["opens_at"]),
        closes_at=datetime.fromisoformat(data["closes_at"]),
        nominal_last_day=date.fromisoformat(data["nominal_last_day"]),
        last_day=date.fromisoformat(data["last_day"]),
        silence_after_at=datetime.fromisoformat(data["silence_after_at"]),
        time_zone=data["time_zone"],
        rule=data["rule"],
        versions=data["versions"],
        steps=tuple(
            Step(StepKind(step["kind"]), date.fromisoformat(step["day"]), step["detail"])
            for step in data["steps"]
        ),
    )
