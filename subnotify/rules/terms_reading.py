"""Reads notice terms from plain data: a preset with what the agreement says differently."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import (
    Authorisation,
    Counting,
    CountingRule,
    DataAtEnd,
    FinancialEffect,
    MayCommence,
    NoticeTerms,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    Period,
    Provenance,
    RunsFrom,
    ServedWhen,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
    Termination,
    TerminationScope,
    TimelyWhen,
    Unit,
)
from subnotify.rules.words import ChangeKind, Channel, ProofKind

E = TypeVar("E", bound=StrEnum)

_ENUMS: Mapping[str, type[StrEnum]] = {
    "authorisation": Authorisation,
    "runs_from": RunsFrom,
    "served_when": ServedWhen,
    "objection_form": ObjectionForm,
    "objection_timely_when": TimelyWhen,
    "objection_grounds": ObjectionGrounds,
    "effect_of_silence": SilenceEffect,
    "silence_broken_by": SilenceBrokenBy,
    "effect_of_objection": ObjectionEffect,
    "may_commence": MayCommence,
}
_TERMINATION: Mapping[str, type[StrEnum]] = {
    "scope": TerminationScope,
    "takes_effect": TakesEffect,
    "financial_effect": FinancialEffect,
    "data": DataAtEnd,
}
_FLAGS = ("silence_irrevocable", "requires_agreement_dates")
_SETS: Mapping[str, type[StrEnum]] = {
    "changes_covered": ChangeKind,
    "channels": Channel,
    "proof_of_receipt": ProofKind,
}
_KNOWN = (
    *("preset", "lead_time", "objection_period", "counting", "termination", "provenance"),
    *("objection_address",),
    *_ENUMS,
    *_FLAGS,
    *_SETS,
)
_PROVABLE = frozenset(
    {ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY}
)


def read_terms(value: object, where: str, reader: Reader) -> NoticeTerms | None:
    """Notice terms from a mapping; None (with problems noted in `reader`) when unusable.

    `preset` names the starting point; every other field replaces the preset's. Without a preset,
    `counting` with a rule and a zone is required and everything unsaid is `unspecified`.
    """
    noted = len(reader.problems)
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _KNOWN)
    start = _starting_terms(data, where, reader)
    if start is None:
        return None
    changes: dict[str, Any] = {}
    for name, kind in _ENUMS.items():
        if name in data:
            changes[name] = reader.choice(data[name], f"{where}.{name}", kind)
    for name in _FLAGS:
        if name in data:
            changes[name] = reader.flag(data[name], f"{where}.{name}")
    for name, kind in _SETS.items():
        if name in data:
            changes[name] = _read_set(data[name], f"{where}.{name}", kind, reader)
    if "channels" in changes:
        changes["channels"] = tuple(sorted(changes["channels"]))
    for name in ("lead_time", "objection_period"):
        if name in data:
            changes[name] = _read_period(data[name], f"{where}.{name}", reader)
    if "termination" in data:
        changes["termination"] = _read_termination(
            start.termination, data["termination"], f"{where}.termination", reader
        )
    if "objection_address" in data:
        changes["objection_address"] = reader.text(
            data["objection_address"], f"{where}.objection_address"
        )
    changes["provenance"] = _read_provenance(data.get("provenance"), where, reader)
    if len(reader.problems) > noted:
        return None
    terms = replace(start, **changes)
    _check_consistency(terms, where, reader)
    return terms if len(reader.problems) == noted else None


def _starting_terms(data: Mapping[str, Any], where: str, reader: Reader) -> NoticeTerms | None:
    preset = data.get("preset") or ""
    if preset and preset not in PRESETS:
        reader.problem(
            f"{where}.preset",
            "The preset “%(value)s” is not known.",
            "Use one of: %(known)s; or leave the preset out and write the terms.",
            value=preset,
            known=", ".join(sorted(PRESETS)),
        )
        return None
    start = PRESETS.get(preset)
    if start is None and "counting" not in data:
        reader.problem(
            f"{where}.counting",
            "It is not said how days are counted.",
            "Add `counting:` with a rule and a time zone, or start from a preset.",
        )
        return None
    if "counting" in data:
        counting = _read_counting(
            data["counting"], f"{where}.counting", reader, start.counting if start else None
        )
        if counting is None:
            return None
        start = replace(start, counting=counting) if start else NoticeTerms(counting=counting)
    return start


def _read_counting(
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
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.problem(
            f"{where}.time_zone",
            "“%(value)s” is not a time zone.",
            "Write an IANA name, for example Europe/Paris.",
            value=zone,
        )
        return None
    if rule is None:
        return None
    return Counting(rule, zone, str(calendar or "none"))


def _read_set(value: object, where: str, kind: type[StrEnum], reader: Reader) -> frozenset[StrEnum]:
    items = reader.sequence([value] if isinstance(value, str) else value, where)
    read = (reader.choice(item, f"{where}[{i}]", kind) for i, item in enumerate(items))
    return frozenset(item for item in read if item is not None)


def _read_period(value: object, where: str, reader: Reader) -> Period | None:
    """`{number: 15, unit: days}`; None stays None (the clause states none)."""
    if value is None:
        return None
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("number", "unit"))
    number = reader.number(data.get("number"), f"{where}.number", least=0, most=3660)
    unit = reader.choice(data.get("unit", "days"), f"{where}.unit", Unit)
    return None if number is None or unit is None else Period(number, unit)


def _read_termination(start: Termination, value: object, where: str, reader: Reader) -> Termination:
    data = reader.mapping(value, where)
    if data is None:
        return start
    reader.known_fields(data, where, (*_TERMINATION, "data_days"))
    changes: dict[str, Any] = {
        name: reader.choice(data[name], f"{where}.{name}", kind)
        for name, kind in _TERMINATION.items()
        if name in data
    }
    if data.get("data_days") is not None:
        changes["data_days"] = reader.number(
            data["data_days"], f"{where}.data_days", least=0, most=3660
        )
    return replace(start, **changes)


def _read_provenance(value: object, where: str, reader: Reader) -> Provenance:
    if value is None:
        return Provenance()
    path = f"{where}.provenance"
    data = reader.mapping(value, path)
    if data is None:
        return Provenance()
    reader.known_fields(data, path, ("clause", "quotation", "read_by", "read_on", "reading"))
    texts = {
        name: reader.text(data.get(name), f"{path}.{name}", longest=10_000)
        for name in ("clause", "quotation", "read_by", "reading")
    }
    return Provenance(**texts, read_on=reader.day(data.get("read_on"), f"{path}.read_on"))


def _check_consistency(terms: NoticeTerms, where: str, reader: Reader) -> None:
    if not terms.proof_of_receipt <= _PROVABLE:
        reader.problem(
            f"{where}.proof_of_receipt",
            "Only facts outside the vendor's reach prove receipt.",
            "Use recipient_server, acknowledgement or registered_delivery.",
        )
    specific = terms.authorisation is Authorisation.SPECIFIC
    if specific and terms.effect_of_silence is SilenceEffect.DEEMED_ACCEPTED:
        reader.problem(
            f"{where}.effect_of_silence",
            "Specific authorisation is never given by silence.",
            "Use deemed_refused, or general authorisation if the clause says so.",
        )


def terms_from_mapping(data: Mapping[str, Any]) -> NoticeTerms:
    """Terms from our own storage; raises ValueError if they are not valid."""
    reader = Reader()
    terms = read_terms(data, "terms", reader)
    if terms is None:
        raise ValueError("; ".join(str(problem) for problem in reader.problems))
    return terms
