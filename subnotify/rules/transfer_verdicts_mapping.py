"""Assessments as plain data: what frozen facts and evidence keep of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from subnotify.rules.transfer_verdicts import Assessment, Instrument, MissingFact
from subnotify.rules.transfer_words import Fact, Lawful, Reason, Rule


def assessment_to_mapping(assessment: Assessment) -> dict[str, Any]:
    """Everything the assessment says; what is empty is left out."""
    mapping: dict[str, Any] = {
        "lawful": assessment.lawful.value,
        "reason": assessment.reason.value,
        "rule": assessment.rule.value,
    }
    if (it := assessment.instrument) is not None:
        mapping["instrument"] = {
            "code": it.code,
            "name": it.name,
            "number": it.number,
            "countries": list(it.countries),
            "is_finding": it.is_finding,
        }
    if assessment.params:
        mapping["params"] = dict(assessment.params)
    if assessment.missing:
        mapping["missing"] = [
            {"fact": missing.fact.value, "detail": missing.detail} for missing in assessment.missing
        ]
    for name in ("lawful_until", "lapsed_on"):
        day = getattr(assessment, name)
        if day is not None:
            mapping[name] = day.isoformat()
    if assessment.is_eea_not_eu:
        mapping["is_eea_not_eu"] = True
    if assessment.trap:
        mapping["trap"] = assessment.trap
    return mapping


def assessment_from_mapping(data: Mapping[str, Any]) -> Assessment:
    """The assessment from our own storage; raises KeyError or ValueError if it is none."""
    it = data.get("instrument")
    return Assessment(
        lawful=Lawful(data["lawful"]),
        reason=Reason(data["reason"]),
        rule=Rule(data["rule"]),
        instrument=Instrument(**{**it, "countries": tuple(it["countries"])}) if it else None,
        params=tuple((data.get("params") or {}).items()),
        missing=tuple(
            MissingFact(Fact(item["fact"]), item["detail"]) for item in data.get("missing") or ()
        ),
        lawful_until=_day(data.get("lawful_until")),
        lapsed_on=_day(data.get("lapsed_on")),
        is_eea_not_eu=bool(data.get("is_eea_not_eu")),
        trap=data.get("trap", ""),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
