"""Reads a file of time-limit questions, shaped like the worked cases of the tests.

Each entry of `cases` has `id`, `rule`, `trigger_instant` (ISO 8601 with offset), `timezone`,
`period`, `unit`, and may have `extra_days` (added after the period), `holiday_calendar` and
`deemed`. A negative period counts backwards. Other fields (expected results, sources) are left
to their readers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from subnotify.rules.deemed_receipt import deemed_receipt_at
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.periods import fits_rule, is_in_hours
from subnotify.rules.reading import Reader
from subnotify.rules.steps import Step, StepKind, TimeLimit
from subnotify.rules.terms import Counting, DeemedReceipt, Period
from subnotify.rules.terms_parts_reading import MOST_UNITS, read_counting, read_deemed_receipt
from subnotify.rules.terms_words import CountingRule, DeemedKind, Unit
from subnotify.rules.time_limits import (
    limit_backward,
    limit_from_instant,
    limit_hours_before,
    zone_of,
)

# How the file names what the terms call by the words of DESIGN section 6.
_DEEMED_KINDS = {
    "email_next_bd": DeemedKind.NEXT_BUSINESS_DAY,
    "post_bd": DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH,
    "post_days": DeemedKind.DAYS_AFTER_DISPATCH,
}


@dataclass(frozen=True)
class DeadlineCase:
    """One question. is_backward: the period counts back from the trigger."""

    id: str
    trigger_at: datetime
    period: Period
    counting: Counting
    is_backward: bool = False
    deemed: DeemedReceipt | None = None


@dataclass(frozen=True)
class DeadlineAnswer:
    """deemed_receipt_at: when the notice counts as received (UTC), where a clause deems it."""

    case: DeadlineCase
    limit: TimeLimit
    deemed_receipt_at: datetime | None
    steps: tuple[Step, ...]


def _is_any_calendar(name: str) -> bool:
    return True


def read_deadline_cases(
    data: object, reader: Reader, is_holiday_calendar: Callable[[str], bool] = _is_any_calendar
) -> list[DeadlineCase]:
    """The cases of a file, read as YAML; notes every problem in `reader`.

    is_holiday_calendar: whether a name is a calendar we have.
    """
    found = data.get("cases") if isinstance(data, Mapping) else data
    if found is None:
        reader.problem("cases", "The file has no cases.", "Write them under `cases:`.")
        return []
    entries = reader.sequence(found, "cases")
    read = (
        _read_case(entry, f"cases[{i}]", reader, is_holiday_calendar)
        for i, entry in enumerate(entries)
    )
    return [case for case in read if case is not None]


def _read_case(
    value: object, where: str, reader: Reader, is_holiday_calendar: Callable[[str], bool]
) -> DeadlineCase | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    name = reader.text(data.get("id"), f"{where}.id", required=True)
    where = f"{where} ({name})" if name else where
    counting = _read_counting(data, where, reader)
    if counting is not None and not is_holiday_calendar(counting.holiday_calendar):
        reader.problem(
            f"{where}.holiday_calendar",
            "There is no holiday calendar “%(value)s”.",
            "Write none, a country (FR) or a country and its part (FR-57).",
            value=counting.holiday_calendar,
        )
    trigger_at = _read_instant(data.get("trigger_instant"), f"{where}.trigger_instant", reader)
    period = _read_period(data, where, counting.rule if counting else None, reader)
    deemed = _read_deemed(data.get("deemed"), f"{where}.deemed", reader)
    if not name or counting is None or trigger_at is None or period is None:
        return None
    number = int(data["period"])
    backward = number < 0 or counting.rule is CountingRule.RETRO_1182_71
    return DeadlineCase(name, trigger_at, period, counting, backward, deemed)


def _read_counting(data: Mapping[str, Any], where: str, reader: Reader) -> Counting | None:
    own = Reader()
    found = read_counting(
        {
            "rule": data.get("rule"),
            "time_zone": data.get("timezone"),
            "holiday_calendar": data.get("holiday_calendar", "none"),
        },
        where,
        own,
        None,
    )
    # This file calls the zone by another name than the terms.
    zone, named = f"{where}.time_zone", f"{where}.timezone"
    for problem in own.problems:
        reader.problems.append(replace(problem, where=named) if problem.where == zone else problem)
    return found


def _read_period(
    data: Mapping[str, Any], where: str, rule: CountingRule | None, reader: Reader
) -> Period | None:
    number = reader.number(
        data.get("period"), f"{where}.period", least=-MOST_UNITS, most=MOST_UNITS
    )
    unit = reader.choice(data.get("unit"), f"{where}.unit", Unit)
    extra = 0
    if data.get("extra_days") is not None:
        extra = reader.number(data["extra_days"], f"{where}.extra_days", least=0, most=366) or 0
    if number is None or unit is None:
        return None
    plus = Period(extra) if extra else None
    if plus is not None and unit in (Unit.DAYS, Unit.HOURS):
        reader.problem(
            f"{where}.extra_days",
            "Extra days are added to weeks, months or years.",
            "Add them to the period instead.",
        )
        return None
    period = Period(abs(number), unit, plus)
    if rule is not None and not fits_rule(period, rule):
        reader.problem(
            f"{where}.unit",
            "The rule %(rule)s does not count %(unit)s.",
            "Write the unit the rule counts, or use another rule.",
            rule=rule.value,
            unit=unit.value,
        )
        return None
    return period


def _read_deemed(value: object, where: str, reader: Reader) -> DeemedReceipt | None:
    if not isinstance(value, Mapping):
        return read_deemed_receipt(value, where, reader)
    kind = value.get("kind")
    return read_deemed_receipt({**value, "kind": _DEEMED_KINDS.get(str(kind), kind)}, where, reader)


def _read_instant(value: object, where: str, reader: Reader) -> datetime | None:
    if isinstance(value, datetime):
        instant: datetime | None = value
    else:
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            instant = None
    if instant is None or instant.tzinfo is None:
        reader.problem(
            where,
            "“%(value)s” is not an instant.",
            'Write it in quotes with its offset, for example "2026-03-02T10:00:00+01:00".',
            value=value,
        )
        return None
    return instant


def answer_case(case: DeadlineCase, calendar: HolidayCalendar) -> DeadlineAnswer:
    """The limit that the case asks for. Raises TermsNotComputable where only a post office
    knows the day of receipt."""
    trigger_at = case.trigger_at
    local = trigger_at.astimezone(zone_of(case.counting.time_zone))
    steps = [Step(StepKind.TRIGGERED, local.date(), local.strftime("%H:%M"))]
    received_at = None
    if case.deemed is not None:
        received_at = deemed_receipt_at(trigger_at, case.deemed, case.counting.time_zone, calendar)
        trigger_at = received_at
        local = received_at.astimezone(zone_of(case.counting.time_zone))
        steps.append(Step(StepKind.DEEMED_RECEIVED, local.date(), local.strftime("%H:%M")))
    if case.is_backward and is_in_hours(case.period):
        limit = limit_hours_before(trigger_at, case.period.number, case.counting)
    elif case.is_backward:
        limit = limit_backward(local.date(), case.period, case.counting, calendar)
    else:
        limit = limit_from_instant(trigger_at, case.period, case.counting, calendar)
    return DeadlineAnswer(case, limit, received_at, (*steps, *limit.steps))
