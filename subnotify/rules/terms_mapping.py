"""Notice terms as plain data, for storage, evidence and export."""

from typing import Any

from subnotify.rules.terms import (
    DeemedReceipt,
    NoticeRule,
    NoticeTerms,
    Period,
    Provenance,
    Reading,
    Termination,
)


def terms_to_mapping(terms: NoticeTerms) -> dict[str, Any]:
    """The terms as plain data (JSON and YAML safe), every field written out.

    `terms_reading.terms_from_mapping` reads it back.
    """
    return {
        "preset": terms.preset,
        "authorisation": terms.authorisation.value,
        "changes_covered": sorted(kind.value for kind in terms.changes_covered),
        "notice_rules": [_rule_to_mapping(rule) for rule in terms.notice_rules],
        "lead_time": period_to_mapping(terms.lead_time),
        "lead_time_before": terms.lead_time_before.value,
        "objection_period": period_to_mapping(terms.objection_period),
        "closes": terms.closes.value,
        "runs_from": terms.runs_from.value,
        "channels": [channel.value for channel in terms.channels],
        "channel_choice": terms.channel_choice.value,
        "copy_channels": sorted(channel.value for channel in terms.copy_channels),
        "deemed_receipt": _deemed_to_mapping(terms.deemed_receipt),
        "proof_of_receipt": sorted(kind.value for kind in terms.proof_of_receipt),
        "receipt_fallback_days": terms.receipt_fallback_days,
        "served_when": terms.served_when.value,
        "counting": {
            "rule": terms.counting.rule.value,
            "time_zone": terms.counting.time_zone,
            "holiday_calendar": terms.counting.holiday_calendar,
        },
        **_objection_to_mapping(terms),
        "termination": _termination_to_mapping(terms.termination),
        "allowed_countries": sorted(terms.allowed_countries),
        "emergency_replacement": {
            "allowed": terms.emergency_replacement.allowed,
            "terms": terms.emergency_replacement.terms,
        },
        "requires_agreement_dates": terms.requires_agreement_dates,
        "readings": {name: _reading_to_mapping(x) for name, x in sorted(terms.readings.items())},
        "provenance": _provenance_to_mapping(terms.provenance),
    }


def _objection_to_mapping(terms: NoticeTerms) -> dict[str, Any]:
    return {
        "objection_form": terms.objection_form.value,
        "objection_address": terms.objection_address,
        "objection_timely_when": terms.objection_timely_when.value,
        "objection_grounds": terms.objection_grounds.value,
        "closed_grounds": list(terms.closed_grounds),
        "effect_of_silence": terms.effect_of_silence.value,
        "silence_irrevocable": terms.silence_irrevocable,
        "silence_broken_by": terms.silence_broken_by.value,
        "effect_of_objection": terms.effect_of_objection.value,
        "may_commence": terms.may_commence.value,
        "accommodation_period": period_to_mapping(terms.accommodation_period),
        "if_unresolved": terms.if_unresolved.value,
        "deemed_accepted_after": period_to_mapping(terms.deemed_accepted_after),
    }


def _termination_to_mapping(termination: Termination) -> dict[str, Any]:
    return {
        "scope": termination.scope.value,
        "takes_effect": termination.takes_effect.value,
        "financial_effect": termination.financial_effect.value,
        "data": termination.data.value,
        "data_days": termination.data_days,
        "exercise_within": period_to_mapping(termination.exercise_within),
        "effect_period": period_to_mapping(termination.effect_period),
    }


def period_to_mapping(period: Period | None) -> dict[str, Any] | None:
    """`{number, unit}`, with `plus` where the period has a second part."""
    if period is None:
        return None
    mapping: dict[str, Any] = {"number": period.number, "unit": period.unit.value}
    if period.plus is not None:
        mapping["plus"] = period_to_mapping(period.plus)
    return mapping


def _deemed_to_mapping(deemed: DeemedReceipt | None) -> dict[str, Any] | None:
    if deemed is None:
        return None
    return {
        "kind": deemed.kind.value,
        "opening": deemed.opening.strftime("%H:%M"),
        "cutoff": deemed.cutoff.strftime("%H:%M") if deemed.cutoff else None,
        "days": deemed.days,
    }


def _rule_to_mapping(rule: NoticeRule) -> dict[str, Any]:
    return {
        "applies_to": f"{rule.applies_to}:{rule.key}" if rule.key else rule.applies_to.value,
        "lead_time": period_to_mapping(rule.lead_time),
        "objection_period": period_to_mapping(rule.objection_period),
        "closes": rule.closes.value,
        "notice_only": rule.notice_only,
        "requires_agreement_dates": rule.requires_agreement_dates,
    }


def _reading_to_mapping(reading: Reading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "by": reading.by,
        "on": reading.on.isoformat(),
        "why": reading.why,
    }


def _provenance_to_mapping(origin: Provenance) -> dict[str, Any]:
    return {
        "clause": origin.clause,
        "quotation": origin.quotation,
        "read_by": origin.read_by,
        "read_on": origin.read_on.isoformat() if origin.read_on else None,
        "reading": origin.reading,
        "signed_version": origin.signed_version,
    }
