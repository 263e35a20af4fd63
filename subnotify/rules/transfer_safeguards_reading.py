"""Reads the safeguards of the reference data, and by which recorded fact each condition is met."""

from collections.abc import Mapping
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_findings_reading import interval_between
from subnotify.rules.transfer_reference import Condition, Safeguard
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
# What a vendor may rest on for data of its own, though no client's data.
_FOR_CONTROLLERS = frozenset({"bcr_c", "uk_old_scc", "ch_old_scc"})
# Rules for processors bind a group for its clients' data only.
_FOR_PROCESSORS_ONLY = frozenset({"bcr_p", "uk_bcr_p"})


def read_safeguard(value: object, where: str, reader: Reader) -> Safeguard | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _FIELDS)
    code = reader.text(data.get("code"), f"{where}.code", required=True, longest=60)
    law = reader.choice(data.get("law", ExportLaw.EU_GDPR), f"{where}.law", ExportLaw)
    subprocessing = _read_subprocessing(data, where, reader)
    exporter = _read_role(data, "exporter_role", where, reader)
    conditions = _read_conditions(data, where, reader)
    why = data.get("why") or data.get("why_not_external")
    day = {
        name: reader.day(data.get(name), f"{where}.{name}")
        for name in ("valid_from", "approved", "valid_until", "no_new_contract_from")
    }
    own_group_only = "bcr" in code.split("_") or any(
        condition.kind is ConditionKind.OWN_GROUP for condition in conditions
    )
    for_controllers = code in _FOR_CONTROLLERS or (
        subprocessing and exporter is None and code not in _FOR_PROCESSORS_ONLY
    )
    is_tool = reader.flag(data.get("is_transfer_tool"), f"{where}.is_transfer_tool", default=True)
    return Safeguard(
        code=code,
        name=reader.text(data.get("name"), f"{where}.name", required=True),
        law=law or ExportLaw.EU_GDPR,
        interval=interval_between(
            day["valid_from"] or day["approved"], day["valid_until"], where, reader
        ),
        subprocessing=subprocessing,
        legal_basis=reader.text(data.get("legal_basis"), f"{where}.legal_basis"),
        exporter=exporter,
        importer=_read_role(data, "importer_role", where, reader),
        no_new_contract_from=day["no_new_contract_from"],
        conditions=conditions,
        evidence=tuple(
            reader.text(x, f"{where}.evidence[{n}]", required=True)
            for n, x in enumerate(reader.sequence(data.get("evidence"), f"{where}.evidence"))
        ),
        own_group_only=own_group_only,
        for_controllers=for_controllers,
        never=not is_tool or not (subprocessing or exporter or for_controllers),
        asks_module=any(c.kind is ConditionKind.MODULE for c in conditions),
        asks_assessment=_asks_assessment(code, data, conditions),
        why_not=reader.text(why, f"{where}.why"),
        note=reader.text(data.get("note"), f"{where}.note"),
        confidence=reader.text(data.get("confidence"), f"{where}.confidence"),
        source=reader.text(data.get("source"), f"{where}.source"),
    )


def _asks_assessment(code: str, data: Mapping[str, Any], conditions: tuple[Condition, ...]) -> bool:
    """Clause 14 of Decision 2021/914 asks it of all modules; the reference says it of one."""
    return (
        code.startswith("scc_eu_2021")
        or "tia_date" in (data.get("evidence") or ())
        or any(c.kind is ConditionKind.IMPACT_ASSESSMENT for c in conditions)
    )


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
