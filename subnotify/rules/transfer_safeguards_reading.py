"""Reads the safeguards of the reference data, and by which recorded fact each condition is met."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_findings_reading import interval_between
from subnotify.rules.transfer_reference import Condition, Interval, Safeguard
from subnotify.rules.transfer_words import ConditionKind, ExportLaw
from subnotify.rules.words import VendorRole

_FIELDS = (
    *("code", "name", "law", "legal_basis", "exporter_role", "importer_role", "subprocessing"),
    *("is_transfer_tool", "valid_from", "valid_until", "no_new_contract_from", "ended"),
    *("approved", "scheme", "version", "conditions", "evidence", "why", "why_not_external"),
    *("note", "confidence", "from_memory", "source"),
)

# The reference says conditions in sentences. What one of these words gives away is met by a fact
# with a field of its own; every other condition is confirmed by a person, so that a sentence
# written otherwise in a newer reference asks for more, never for less.
_KINDS = (
    ("assessment", ConditionKind.IMPACT_ASSESSMENT),
    ("own group", ConditionKind.OWN_GROUP),
    ("right module", ConditionKind.MODULE),
    # No release commences without the client's authorisation.
    ("client's authorisation obtained", ConditionKind.MET),
    # A warning, met by recording this instrument instead.
    ("alone are not valid", ConditionKind.MET),
)
_CLAUSES = "scc_eu_2021_"
# What a vendor may rest on for data of its own, though no client's data.
_FOR_CONTROLLERS = frozenset({"bcr_c", "uk_old_scc", "ch_old_scc"})
# Rules for processors bind a group for its clients' data only.
_FOR_PROCESSORS_ONLY = frozenset({"bcr_p", "uk_bcr_p"})


def read_safeguard(value: object, where: str, reader: Reader) -> Safeguard | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _FIELDS)
    law = reader.choice(data.get("law", ExportLaw.EU_GDPR), f"{where}.law", ExportLaw)
    conditions = _read_conditions(data, where, reader)

    def text(name: str, *, required: bool = False) -> str:
        return reader.text(data.get(name), f"{where}.{name}", required=required)

    code = text("code", required=True)
    return Safeguard(
        code=code,
        name=text("name", required=True),
        law=law or ExportLaw.EU_GDPR,
        interval=_read_interval(data, where, reader),
        **_read_roles(data, code, where, reader),
        legal_basis=text("legal_basis"),
        no_new_contract_from=reader.day(
            data.get("no_new_contract_from"), f"{where}.no_new_contract_from"
        ),
        conditions=conditions,
        evidence=tuple(
            reader.text(x, f"{where}.evidence[{n}]", required=True)
            for n, x in enumerate(reader.sequence(data.get("evidence"), f"{where}.evidence"))
        ),
        own_group_only="bcr" in code.split("_")
        or any(condition.kind is ConditionKind.OWN_GROUP for condition in conditions),
        asks_module=any(condition.kind is ConditionKind.MODULE for condition in conditions),
        # The Court asks it of whatever stands in for an adequacy decision (C-311/18, 92 and 134;
        # UK GDPR art. 46(1A); FADP art. 16(2)); the reference says it of some. Not of what had no
        # new contracts soon after: an instrument of the days before.
        asks_assessment=data.get("no_new_contract_from") is None,
        why_not=text("why") or text("why_not_external"),
        note=text("note"),
        confidence=text("confidence"),
        source=text("source"),
    )


def with_first_signatures(safeguards: Iterable[Safeguard]) -> list[Safeguard]:
    """From when each could be signed: since it exists.

    What stands on the clauses of Decision 2021/914 could be signed as soon as they could, also
    where Switzerland or the United Kingdom recognised it later.
    """
    listed = list(safeguards)
    firsts = [x.interval.first for x in listed if x.code.startswith(_CLAUSES)]
    clauses_from = min((day for day in firsts if day is not None), default=None)
    return [
        replace(x, signable_from=clauses_from if x.asks_module else x.interval.first)
        for x in listed
    ]


def _read_interval(data: Mapping[str, Any], where: str, reader: Reader) -> Interval:
    """A scheme that had to be approved counts from its approval."""
    first, approved, last = (
        reader.day(data.get(name), f"{where}.{name}")
        for name in ("valid_from", "approved", "valid_until")
    )
    return interval_between(first or approved, last, where, reader)


def _read_roles(data: Mapping[str, Any], code: str, where: str, reader: Reader) -> dict[str, Any]:
    """For which roles it is made; what is made for none is no standing basis."""
    subprocessing = _read_subprocessing(data, where, reader)
    exporter = _read_role(data, "exporter_role", where, reader)
    for_controllers = code in _FOR_CONTROLLERS or (
        subprocessing and exporter is None and code not in _FOR_PROCESSORS_ONLY
    )
    is_tool = reader.flag(data.get("is_transfer_tool"), f"{where}.is_transfer_tool", default=True)
    return {
        "subprocessing": subprocessing,
        "exporter": exporter,
        "importer": _read_role(data, "importer_role", where, reader),
        "for_controllers": for_controllers,
        "never": not is_tool or not (subprocessing or exporter or for_controllers),
    }


def _read_subprocessing(data: Mapping[str, Any], where: str, reader: Reader) -> bool:
    if data.get("subprocessing") is None:
        reader.problem(f"{where}.subprocessing", "This is missing.", "Write true or false.")
    return reader.flag(data.get("subprocessing"), f"{where}.subprocessing")


def _read_role(data: Mapping[str, Any], name: str, where: str, reader: Reader) -> VendorRole | None:
    if data.get(name) is None:
        return None
    return reader.choice(data[name], f"{where}.{name}", VendorRole)


def _read_conditions(data: Mapping[str, Any], where: str, reader: Reader) -> tuple[Condition, ...]:
    listed = reader.sequence(data.get("conditions"), f"{where}.conditions")
    texts = [
        reader.text(x, f"{where}.conditions[{n}]", required=True) for n, x in enumerate(listed)
    ]
    return tuple(Condition(text, _kind_of(text)) for text in texts)


def _kind_of(text: str) -> ConditionKind:
    lowered = text.casefold()
    return next((kind for word, kind in _KINDS if word in lowered), ConditionKind.CONFIRMED)
