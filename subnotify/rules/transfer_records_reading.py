"""Recorded bases as plain data: the `bases` of a location in a file, and in storage."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_records import (
    NONE_REQUIRED,
    ImpactAssessment,
    ListEntry,
    RecordedBasis,
)
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    FrameworkList,
    ListStatus,
    TransferRisk,
)

_FIELDS = (
    *("law", "code", "reference", "module", "signed_on", "list_entry", "impact_assessment"),
    *("conditions", "evidence", "expires_on"),
)
_ENTRY_FIELDS = (
    *("entity", "lists", "status", "covered_data", "checked_on", "next_certification_on"),
)
# In place of the conditions one by one.
ALL_CONDITIONS = "all"


def read_recorded_bases(
    value: object,
    where: str,
    reader: Reader,
    reference: TransferReference | None,
    on_record: Collection[str] = (),
) -> tuple[RecordedBasis, ...]:
    """The bases of a list of mappings; what is wrong is noted in `reader`.

    `conditions: all` confirms every condition or check that the reference has for the code.
    reference None: from our own storage, where a code that a newer reference dropped stays.
    on_record: codes that the reference need not know, because the registry has them already.
    """
    found = [
        _read_basis(item, f"{where}[{number}]", reader, reference, on_record)
        for number, item in enumerate(reader.sequence(value, where))
    ]
    return tuple(basis for basis in found if basis is not None)


def _read_basis(
    value: object,
    where: str,
    reader: Reader,
    reference: TransferReference | None,
    on_record: Collection[str],
) -> RecordedBasis | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _FIELDS)
    law = reader.choice(data.get("law"), f"{where}.law", ExportLaw)
    code = reader.text(data.get("code"), f"{where}.code", required=True, longest=200)
    known = reference is None or code in on_record or _is_known(code, reference)
    if code and not known:
        reader.problem(
            f"{where}.code",
            "“%(value)s” is no transfer basis that the reference data know.",
            "Write none_required, the id of an adequacy finding (EU-JP) or the code of a"
            " safeguard (scc_eu_2021_m3).",
            value=code,
        )
    entry, assessed = data.get("list_entry"), data.get("impact_assessment")
    evidence = reader.mapping(data.get("evidence") or {}, f"{where}.evidence") or {}
    basis = RecordedBasis(
        law=law or ExportLaw.EU_GDPR,
        code=code,
        reference=reader.text(data.get("reference"), f"{where}.reference", longest=200),
        module=reader.text(data.get("module"), f"{where}.module", longest=10),
        signed_on=reader.day(data.get("signed_on"), f"{where}.signed_on"),
        list_entry=None if entry is None else _read_entry(entry, f"{where}.list_entry", reader),
        impact_assessment=None
        if assessed is None
        else _read_assessment(assessed, f"{where}.impact_assessment", reader),
        conditions=_read_conditions(data, where, code, reader, reference),
        evidence=tuple(
            (name, reader.text(text, f"{where}.evidence.{name}")) for name, text in evidence.items()
        ),
        expires_on=reader.day(data.get("expires_on"), f"{where}.expires_on"),
    )
    return basis if law is not None and code else None


def _is_known(code: str, reference: TransferReference) -> bool:
    return (
        code == NONE_REQUIRED
        or reference.find_finding(code) is not None
        or reference.find_safeguard(code) is not None
    )


def _read_conditions(
    data: Mapping[str, Any],
    where: str,
    code: str,
    reader: Reader,
    reference: TransferReference | None,
) -> frozenset[str]:
    given = data.get("conditions")
    if given == ALL_CONDITIONS and reference is not None:
        finding, safeguard = reference.find_finding(code), reference.find_safeguard(code)
        texts = [condition.text for condition in safeguard.conditions] if safeguard else []
        return frozenset([*texts, *(finding.checks if finding else ())])
    listed = reader.sequence(given, f"{where}.conditions")
    return frozenset(
        reader.text(text, f"{where}.conditions[{number}]") for number, text in enumerate(listed)
    ) - {""}


def _read_entry(value: object, where: str, reader: Reader) -> ListEntry | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, _ENTRY_FIELDS)
    lists = [
        reader.choice(item, f"{where}.lists[{number}]", FrameworkList)
        for number, item in enumerate(reader.sequence(data.get("lists"), f"{where}.lists"))
    ]
    covered = [
        reader.choice(item, f"{where}.covered_data[{number}]", CoveredData)
        for number, item in enumerate(
            reader.sequence(data.get("covered_data"), f"{where}.covered_data")
        )
    ]
    status = reader.choice(data.get("status", "active"), f"{where}.status", ListStatus)
    return ListEntry(
        entity=reader.text(data.get("entity"), f"{where}.entity", longest=200),
        lists=frozenset(item for item in lists if item is not None),
        status=status or ListStatus.INACTIVE,
        covered_data=frozenset(item for item in covered if item is not None),
        checked_on=reader.day(data.get("checked_on"), f"{where}.checked_on"),
        next_certification_on=reader.day(
            data.get("next_certification_on"), f"{where}.next_certification_on"
        ),
    )


def _read_assessment(value: object, where: str, reader: Reader) -> ImpactAssessment | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("reference", "done_on", "result"))
    day = reader.day(data.get("done_on"), f"{where}.done_on")
    if data.get("done_on") in (None, ""):
        reader.problem(f"{where}.done_on", "This is missing.", "Write the day of the assessment.")
    result = reader.choice(data.get("result"), f"{where}.result", TransferRisk)
    reference = reader.text(data.get("reference"), f"{where}.reference", required=True)
    return None if day is None or result is None else ImpactAssessment(reference, day, result)


def basis_to_mapping(basis: RecordedBasis) -> dict[str, Any]:
    """The basis as plain data, in the shape that `read_recorded_bases` reads; gaps are left out."""
    mapping: dict[str, Any] = {
        "law": basis.law.value,
        "code": basis.code,
        "reference": basis.reference,
        "module": basis.module,
        "signed_on": _plain_day(basis.signed_on),
        "conditions": sorted(basis.conditions),
        "evidence": dict(basis.evidence),
        "expires_on": _plain_day(basis.expires_on),
    }
    if basis.list_entry is not None:
        mapping["list_entry"] = _entry_to_mapping(basis.list_entry)
    if basis.impact_assessment is not None:
        found = basis.impact_assessment
        mapping["impact_assessment"] = {
            "reference": found.reference,
            "done_on": _plain_day(found.done_on),
            "result": found.result.value,
        }
    return {name: value for name, value in mapping.items() if value}


def _entry_to_mapping(entry: ListEntry) -> dict[str, Any]:
    mapping = {
        "entity": entry.entity,
        "lists": sorted(item.value for item in entry.lists),
        "status": entry.status.value,
        "covered_data": sorted(item.value for item in entry.covered_data),
        "checked_on": _plain_day(entry.checked_on),
        "next_certification_on": _plain_day(entry.next_certification_on),
    }
    return {name: value for name, value in mapping.items() if value}


def _plain_day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
