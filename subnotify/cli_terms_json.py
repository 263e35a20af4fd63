"""The dates derived from notice terms, as `subnotify terms dates` prints them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from subnotify.cli_yaml import in_utc
from subnotify.rules.derived_dates import ClockDates, DerivedDates, EffectDates
from subnotify.rules.notice_dates import Anchors, Assumption
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.wording.derived_dates import assumption_sentence, clock_sentences, lead_sentences
from subnotify.wording.language import Wording
from subnotify.wording.window_steps import step_sentences


def facts_to_mapping(
    anchors: Anchors, zone: ZoneInfo, assumptions: Sequence[Assumption], w: Wording
) -> dict[str, Any]:
    """The facts as they were taken, instants in the agreement's zone."""

    def local(instant: datetime | None) -> str | None:
        return None if instant is None else instant.astimezone(zone).isoformat()

    return {
        "dispatched_at": local(anchors.dispatched_at),
        "received_at": local(anchors.received_at),
        "published_at": local(anchors.published_at),
        "commencement_on": _iso(anchors.commencement_on),
        "objected_at": local(anchors.objected_at),
        "assumptions": _reasons(assumptions, w),
    }


def dates_to_mapping(derived: DerivedDates, terms: NoticeTerms, w: Wording) -> dict[str, Any]:
    """Days as ISO dates, instants in UTC; null where there is none."""
    lead = derived.lead_time

    def explained(limit: TimeLimit | None) -> str:
        return " ".join(clock_sentences(limit, derived.clocks, terms, w))

    def clock(found: ClockDates) -> dict[str, Any]:
        latest = found.limit.latest if found.limit else None
        return {
            "last_day": _iso(latest.last_day) if latest else None,
            "deadline_utc": _utc(latest.ends_at) if latest else None,
            "explanation": explained(found.limit),
            "assumptions": _reasons(found.assumptions, w),
        }

    return {
        "lead_time": {
            "counted_from": lead.counted_from,
            "given_at": _utc(lead.given_at),
            "met": lead.is_met,
            "due_on": _iso(lead.due_on),
            "latest_sending_on": _iso(lead.latest_sending_on),
            "met_from": _iso(lead.met_from),
            "explanation": " ".join(lead_sentences(lead, terms, w)),
            "assumptions": _reasons(lead.assumptions, w),
        },
        "window": _window_to_mapping(derived, w),
        "objection": {
            "timeliness": derived.objection.timeliness,
            "assumptions": _reasons(derived.objection.assumptions, w),
        },
        "accommodation": clock(derived.accommodation),
        "deemed_acceptance": clock(derived.deemed_acceptance),
        "termination": {
            "last_day": _iso(derived.exercise.last_day),
            "deadline_utc": _utc(derived.exercise.ends_at),
            "explanation": explained(derived.exercise.limit),
            "assumptions": _reasons(derived.exercise.assumptions, w),
        },
        "termination_effect": {
            **_effect_to_mapping(derived.effect, w),
            "scope": terms.termination.scope,
            "financial_effect": terms.termination.financial_effect,
        },
        "data": {
            "due_on": _iso(derived.data.due_on),
            "what": terms.termination.data,
            "assumptions": _reasons(derived.data.assumptions, w),
        },
    }


def _window_to_mapping(derived: DerivedDates, w: Wording) -> dict[str, Any]:
    found = derived.window
    window = found.window
    readings = window.readings if window else ()
    return {
        "counted_from": found.counted_from,
        "opens_at": _utc(window.opens_at) if window else None,
        "nominal_last_day": _iso(window.nominal_last_day) if window else None,
        "last_day": _iso(window.last_day) if window else None,
        "deadline_utc": _utc(window.closes_at) if window else None,
        "days_after_commencement": found.days_after_commencement,
        "contested": len(readings) > 1,
        "readings": [
            {
                "name": reading.name,
                "last_day": reading.last_day.isoformat(),
                "deadline_utc": in_utc(reading.ends_at),
            }
            for reading in readings
        ],
        "explanation": " ".join(step_sentences(window, w)) if window else "",
        "assumptions": _reasons(found.assumptions, w),
    }


def _effect_to_mapping(found: EffectDates, w: Wording) -> dict[str, Any]:
    return {
        "when": found.effect.when,
        "declared_at": _utc(found.declared_at),
        "takes_effect_on": _iso(found.effect.takes_effect_on),
        "earliest_on": _iso(found.effect.earliest_on),
        "latest_on": _iso(found.effect.latest_on),
        "assumptions": _reasons(found.assumptions, w),
    }


def _reasons(assumptions: Sequence[Assumption], w: Wording) -> list[dict[str, str]]:
    return [{"code": x.code.value, "text": assumption_sentence(x, w)} for x in assumptions]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else in_utc(instant)
