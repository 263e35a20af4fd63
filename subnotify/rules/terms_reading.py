"""Reads notice terms from plain data: a preset with what the agreement says differently."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from subnotify.rules.country_groups import COUNTRY_GROUPS, expand_country
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_parts_reading import (
    read_counting,
    read_deemed_receipt,
    read_emergency,
    read_period,
    read_provenance,
    read_readings,
    read_rules,
    read_set,
    read_termination,
)
from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    IfUnresolved,
    LeadBefore,
    MayCommence,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    RunsFrom,
    ServedWhen,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.rules.words import ChangeKind, Channel, ProofKind

ENUM_FIELDS: Mapping[str, type[StrEnum]] = {
    "authorisation": Authorisation,
    "lead_time_before": LeadBefore,
    "closes": Closes,
    "runs_from": RunsFrom,
    "channel_choice": ChannelChoice,
    "served_when": ServedWhen,
    "objection_form": ObjectionForm,
    "objection_timely_when": TimelyWhen,
    "objection_grounds": ObjectionGrounds,
    "effect_of_silence": SilenceEffect,
    "silence_broken_by": SilenceBrokenBy,
    "effect_of_objection": ObjectionEffect,
    "if_unresolved": IfUnresolved,
    "may_commence": MayCommence,
}
_FLAGS = ("silence_irrevocable", "requires_agreement_dates")
_SETS: Mapping[str, type[StrEnum]] = {
    "changes_covered": ChangeKind,
    "channels": Channel,
    "copy_channels": Channel,
    "proof_of_receipt": ProofKind,
}
_PERIODS = ("lead_time", "objection_period", "accommodation_period", "deemed_accepted_after")
_PARTS: Mapping[str, Callable[[object, str, Reader], Any]] = {
    "notice_rules": read_rules,
    "deemed_receipt": read_deemed_receipt,
    "emergency_replacement": read_emergency,
    "readings": read_readings,
    **dict.fromkeys(_PERIODS, read_period),
}
_LISTS = ("closed_grounds", "allowed_countries")
_KNOWN = (
    *("preset", "counting", "termination", "provenance"),
    *("objection_address", "receipt_fallback_days"),
    *ENUM_FIELDS,
    *_FLAGS,
    *_SETS,
    *_PARTS,
    *_LISTS,
)
_PROVABLE = frozenset(
    {
        ProofKind.RECIPIENT_SERVER,
        ProofKind.ACKNOWLEDGEMENT,
        ProofKind.REGISTERED_DELIVERY,
        ProofKind.DEEMED,
    }
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
    changes = {**_read_closed_sets(data, where, reader), **_read_texts(data, where, reader)}
    for name, read in _PARTS.items():
        if name in data:
            changes[name] = read(data[name], f"{where}.{name}", reader)
    if "termination" in data:
        changes["termination"] = read_termination(
            start.termination, data["termination"], f"{where}.termination", reader
        )
    changes["provenance"] = read_provenance(data.get("provenance"), f"{where}.provenance", reader)
    if len(reader.problems) > noted:
        return None
    terms = replace(start, **changes)
    _refuse_the_unlawful(terms, where, reader)
    return terms if len(reader.problems) == noted else None


def _read_closed_sets(data: Mapping[str, Any], where: str, reader: Reader) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, kind in ENUM_FIELDS.items():
        if name in data:
            changes[name] = reader.choice(data[name], f"{where}.{name}", kind)
    for name in _FLAGS:
        if name in data:
            changes[name] = reader.flag(data[name], f"{where}.{name}")
    for name, kind in _SETS.items():
        if name in data:
            values = read_set(data[name], f"{where}.{name}", kind, reader)
            ordered = tuple(sorted(values)) if name == "channels" else frozenset(values)
            changes[name] = ordered
    return changes


def _read_texts(data: Mapping[str, Any], where: str, reader: Reader) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "objection_address" in data:
        changes["objection_address"] = reader.text(
            data["objection_address"], f"{where}.objection_address"
        )
    if "receipt_fallback_days" in data:
        days = data["receipt_fallback_days"]
        path = f"{where}.receipt_fallback_days"
        # Null is said, too: it takes back what a preset says.
        changes["receipt_fallback_days"] = (
            None if days is None else reader.number(days, path, least=1, most=366)
        )
    if "closed_grounds" in data:
        path = f"{where}.closed_grounds"
        items = reader.sequence(data["closed_grounds"], path)
        texts = (reader.text(x, f"{path}[{i}]", required=True) for i, x in enumerate(items))
        changes["closed_grounds"] = tuple(texts)
    if "allowed_countries" in data:
        path = f"{where}.allowed_countries"
        items = reader.sequence(data["allowed_countries"], path)
        changes["allowed_countries"] = frozenset[str]().union(
            *(_read_country(x, f"{path}[{i}]", reader) for i, x in enumerate(items))
        )
    return changes


def _read_country(value: object, where: str, reader: Reader) -> frozenset[str]:
    """A country, or those of a group: a contract may say "EU"."""
    if value in COUNTRY_GROUPS:
        return expand_country(str(value))
    code = reader.country(value, where)
    return frozenset({code}) if code else frozenset()


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
        counting = read_counting(
            data["counting"], f"{where}.counting", reader, start.counting if start else None
        )
        if counting is None:
            return None
        start = replace(start, counting=counting) if start else NoticeTerms(counting=counting)
    return start


def _refuse_the_unlawful(terms: NoticeTerms, where: str, reader: Reader) -> None:
    """What no agreement can mean. What contradicts itself is accepted and listed instead."""
    if not terms.proof_of_receipt <= _PROVABLE:
        reader.problem(
            f"{where}.proof_of_receipt",
            "Only facts outside the vendor's reach prove receipt.",
            "Use recipient_server, acknowledgement or registered_delivery.",
        )
    if ProofKind.DEEMED in terms.proof_of_receipt and terms.deemed_receipt is None:
        reader.problem(
            f"{where}.proof_of_receipt",
            "The clause proves receipt by itself only where it says when.",
            "Add `deemed_receipt:`, or choose another proof.",
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
