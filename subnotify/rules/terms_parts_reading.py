"""Reads the parts of notice terms from plain data, naming every problem."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from subnotify.rules.periods import is_well_formed
from subnotify.rules.reading import Reader
from subnotify.rules.terms import (
    Counting,
    DeemedReceipt,
    Emergency,
    NoticeRule,
    Period,
    Provenance,
    Reading,
    Termination,
)
from subnotify.rules.terms_words import (
    COUNTS_DAYS,
    Closes,
    CountingRule,
    DataAtEnd,
    DeemedKind,
    FinancialEffect,
    RuleScope,
    RunsFrom,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
    Unit,
)

MOST_UNITS = 3660
_TERMINATION: Mapping[str, type[StrEnum]] = {
    "scope": TerminationScope,
    "takes_effect": TakesEffect,
    "financial_effect": FinancialEffect,
    "data": DataAtEnd,
}
# Unspecified fields that legal may read, and what they may be read as.
READABLE: Mapping[str, type[StrEnum]] = {
    "runs_from": RunsFrom,
    "objection_timely_when": TimelyWhen,
}
_NEEDS_KEY = frozenset({RuleScope.SERVICE, RuleScope.DATA_CATEGORY})


def read_counting(
    value: object, where: str, reader: Reader, start: Counting | None
) -> Counting | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("rule", "time_zone", "holiday_calendar"))
    rule = start.rule if start else None
    if "rule" in data or rule is None:
        rule = reader.choice(data.get("rule"), f"{where}.rule", CountingRule)
    zone = str(data.get("time_zone") or (start.time_zone if start else ""))
    calendar = data.get("holiday_calendar", start.holiday_calendar if start else "none")
    if not read_zone(zone, f"{where}.time_zone", reader) or rule is None:
        return None
    return Counting(rule, zone, str(calendar or "none"))


def read_zone(name: str, where: str, reader: Reader) -> bool:
    """Whether it is an IANA time zone; notes a problem if not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.problem(
            where,
            "“%(value)s” is not a time zone.",
            "Write an IANA name, for example Europe/Paris.",
            value=name,
        )
        return False
    return True


def read_set(value: object, where: str, kind: type[StrEnum], reader: Reader) -> tuple[StrEnum, ...]:
    """The values in the order written, each once."""
    items = reader.sequence([value] if isinstance(value, str) else value, where)
    read = (reader.choice(item, f"{where}[{i}]", kind) for i, item in enumerate(items))
    return tuple(dict.fromkeys(item for item in read if item is not None))


def read_period(value: object, where: str, reader: Reader) -> Period | None:
    """`{number: 15, unit: days}`, with `plus` for a second part; None stays None."""
    period = _read_part(value, where, reader)
    if period is not None and not is_well_formed(period):
        reader.problem(
            where,
            "The parts of this period cannot be added.",
            "Go from larger to smaller units (1 month plus 3 days); hours stand alone.",
        )
        return None
    return period


def _read_part(value: object, where: str, reader: Reader) -> Period | None:
    if value is None:
        return None
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("number", "unit", "plus"))
    number = reader.number(data.get("number"), f"{where}.number", least=0, most=MOST_UNITS)
    unit = reader.choice(data.get("unit", "days"), f"{where}.unit", Unit)
    plus = _read_part(data.get("plus"), f"{where}.plus", reader)
    return None if number is None or unit is None else Period(number, unit, plus)


def read_deemed_receipt(value: object, where: str, reader: Reader) -> DeemedReceipt | None:
    """`{kind: next_business_day, opening: "09:00", cutoff: "17:00"}`; None stays None."""
    if value is None:
        return None
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("kind", "opening", "cutoff", "days"))
    kind = reader.choice(data.get("kind"), f"{where}.kind", DeemedKind)
    opening = read_hour(data.get("opening"), f"{where}.opening", reader) or time(9)
    cutoff = read_hour(data.get("cutoff"), f"{where}.cutoff", reader)
    days: int | None = 0
    if data.get("days") is not None:
        days = reader.number(data["days"], f"{where}.days", least=0, most=366)
    elif kind in COUNTS_DAYS:
        # A number that is missing is not zero: the window would end too early.
        reader.problem(f"{where}.days", "This is missing.", "Fill it in.")
    return None if kind is None else DeemedReceipt(kind, opening, cutoff, days or 0)


def read_hour(value: object, where: str, reader: Reader) -> time | None:
    """A local time of the day: "17:30", or "8:30". A bare number is none: 9 may mean nine o'clock
    as well as nine minutes."""
    if value is None or value == "":
        return None
    text = str(value)
    try:
        if isinstance(value, int):
            raise ValueError(value)
        return time.fromisoformat(f"0{text}" if text[1:2] == ":" else text).replace(tzinfo=None)
    except ValueError:
        reader.problem(
            where,
            "“%(value)s” is not a time of the day.",
            'Write it in quotes as hours and minutes, for example "17:30".',
            value=value,
        )
        return None


def read_rules(value: object, where: str, reader: Reader) -> tuple[NoticeRule, ...]:
    rules = (
        _read_rule(item, f"{where}[{number}]", reader)
        for number, item in enumerate(reader.sequence(value, where))
    )
    return tuple(rule for rule in rules if rule is not None)


def _read_rule(value: object, where: str, reader: Reader) -> NoticeRule | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    known = ("applies_to", "lead_time", "objection_period", "closes", "notice_only")
    reader.known_fields(data, where, (*known, "requires_agreement_dates"))
    name, _, key = str(data.get("applies_to", "any")).partition(":")
    scope = reader.choice(name, f"{where}.applies_to", RuleScope)
    closes = reader.choice(data.get("closes", "period"), f"{where}.closes", Closes)
    if scope is None or closes is None:
        return None
    if (scope in _NEEDS_KEY) != bool(key.strip()):
        reader.problem(
            f"{where}.applies_to",
            "It is not said to which service or data category the rule applies.",
            "Write service:KEY or data_category:NAME; the other scopes have no key.",
        )
        return None
    return NoticeRule(
        applies_to=scope,
        key=key.strip(),
        lead_time=read_period(data.get("lead_time"), f"{where}.lead_time", reader),
        objection_period=read_period(
            data.get("objection_period"), f"{where}.objection_period", reader
        ),
        closes=closes,
        notice_only=reader.flag(data.get("notice_only"), f"{where}.notice_only"),
        requires_agreement_dates=reader.flag(
            data.get("requires_agreement_dates"), f"{where}.requires_agreement_dates"
        ),
    )


def read_termination(start: Termination, value: object, where: str, reader: Reader) -> Termination:
    data = reader.mapping(value, where)
    if data is None:
        return start
    known = (*_TERMINATION, "data_days", "exercise_within", "effect_period")
    reader.known_fields(data, where, known)
    changes: dict[str, Any] = {
        name: reader.choice(data[name], f"{where}.{name}", kind)
        for name, kind in _TERMINATION.items()
        if name in data
    }
    if "data_days" in data:
        days = data["data_days"]
        path = f"{where}.data_days"
        changes["data_days"] = (
            None if days is None else reader.number(days, path, least=0, most=MOST_UNITS)
        )
    for name in ("exercise_within", "effect_period"):
        if name in data:
            changes[name] = read_period(data[name], f"{where}.{name}", reader)
    return replace(start, **changes)


def read_emergency(value: object, where: str, reader: Reader) -> Emergency:
    if value is None:
        return Emergency()
    data = reader.mapping(value, where)
    if data is None:
        return Emergency()
    reader.known_fields(data, where, ("allowed", "terms"))
    allowed = data.get("allowed")
    if allowed is not None:
        allowed = reader.flag(allowed, f"{where}.allowed")
    return Emergency(allowed, reader.text(data.get("terms"), f"{where}.terms", longest=10_000))


def read_readings(value: object, where: str, reader: Reader) -> dict[str, Reading]:
    """`{runs_from: {value: receipt, by: ..., on: ..., why: ...}}`."""
    if value is None:
        return {}
    data = reader.mapping(value, where)
    if data is None:
        return {}
    reader.known_fields(data, where, tuple(READABLE))
    read = {}
    for name, kind in READABLE.items():
        if name in data:
            reading = _read_reading(data[name], f"{where}.{name}", kind, reader)
            if reading is not None:
                read[name] = reading
    return read


def _read_reading(value: object, where: str, kind: type[StrEnum], reader: Reader) -> Reading | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("value", "by", "on", "why"))
    chosen = reader.choice(data.get("value"), f"{where}.value", kind)
    by = reader.text(data.get("by"), f"{where}.by", required=True, longest=200)
    why = reader.text(data.get("why"), f"{where}.why", required=True)
    on = reader.day(data.get("on"), f"{where}.on")
    if on is None:
        reader.text(data.get("on"), f"{where}.on", required=True)
    if chosen == "unspecified":
        reader.problem(
            f"{where}.value", "A reading says what the field means.", "Choose another value."
        )
    if chosen is None or not by or not why or on is None:
        return None
    return Reading(chosen.value, by, on, why)


def read_provenance(value: object, where: str, reader: Reader) -> Provenance:
    if value is None:
        return Provenance()
    data = reader.mapping(value, where)
    if data is None:
        return Provenance()
    names = ("clause", "quotation", "read_by", "reading", "signed_version")
    reader.known_fields(data, where, (*names, "read_on"))
    texts = {name: reader.text(data.get(name), f"{where}.{name}", longest=10_000) for name in names}
    return Provenance(**texts, read_on=reader.day(data.get("read_on"), f"{where}.read_on"))
