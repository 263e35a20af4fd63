"""What was typed into the form of notice terms, as plain data that the rules read."""

from datetime import date
from typing import TYPE_CHECKING, Any

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.terms_reading import ENUM_FIELDS
from subnotify.rules.terms_words import COUNTS_DAYS
from subnotify.web.terms_fields import (
    filled_parts,
    lines_of,
    number_or_text,
    period_plain,
    rule_plain,
)
from subnotify.web.terms_places import country_codes

if TYPE_CHECKING:
    from subnotify.web.terms_forms import TermsForm

_TEXTS = ("objection_address",)
_FLAGS = ("silence_irrevocable", "requires_agreement_dates")
_SETS = ("changes_covered", "channels", "copy_channels", "proof_of_receipt")
_PERIODS = ("lead_time", "objection_period", "accommodation_period", "deemed_accepted_after")


def plain_terms(form: "TermsForm") -> dict[str, Any]:
    """A mapping for `read_terms`, every field written out, without readings."""
    rows = [form.notice_rules[n].form for n in rule_rows(form)]
    return {
        **{name: form[name].data or "" for name in (*ENUM_FIELDS, *_TEXTS)},
        **{name: bool(form[name].data) for name in _FLAGS},
        **{name: form[name].data or [] for name in _SETS},
        **{name: period_plain(form[name]) for name in _PERIODS},
        "notice_rules": [rule_plain(row) for row in rows],
        "receipt_fallback_days": number_or_text(form.receipt_fallback_days.data),
        "closed_grounds": [
            x.strip() for x in (form.closed_grounds.data or "").splitlines() if x.strip()
        ],
        "allowed_countries": country_codes(form.allowed_countries.data),
        "deemed_receipt": _plain_deemed(form),
        "counting": _plain_counting(form),
        "termination": _plain_termination(form),
        "emergency_replacement": _plain_emergency(form),
        "provenance": {x.short_name: x.data or "" for x in form.provenance.form},
    }


def _plain_deemed(form: "TermsForm") -> dict[str, Any] | None:
    deemed = form.deemed_receipt.form
    if not deemed.kind.data:
        return None
    return {
        "kind": deemed.kind.data,
        "opening": deemed.opening.data,
        "cutoff": deemed.cutoff.data,
        # A missing number is named by `lost_values`, in the words of the page.
        "days": number_or_text(deemed.days.data or "0"),
    }


def _plain_counting(form: "TermsForm") -> dict[str, Any]:
    counting = form.counting.form
    return {
        "rule": counting.rule.data or "",
        "time_zone": counting.time_zone.data or "",
        "holiday_calendar": calendar_name(form),
    }


def _plain_termination(form: "TermsForm") -> dict[str, Any]:
    ending = form.termination.form
    closed = ("scope", "takes_effect", "financial_effect")
    return {
        **{name: ending[name].data or "" for name in closed},
        "data": ending.data_at_end.data or "",
        "data_days": number_or_text(ending.data_days.data),
        "exercise_within": period_plain(ending.exercise_within),
        "effect_period": period_plain(ending.effect_period),
    }


def _plain_emergency(form: "TermsForm") -> dict[str, Any]:
    emergency = form.emergency_replacement.form
    allowed = {"yes": True, "no": False}.get(emergency.allowed.data)
    return {"allowed": allowed, "terms": emergency.terms.data or ""}


def rule_rows(form: "TermsForm") -> list[int]:
    """The places of the rows that hold a rule."""
    return [n for n, row in enumerate(form.notice_rules) if not row.form.is_blank]


def extra_holidays(form: "TermsForm") -> list[str]:
    return lines_of(form.counting.form.extra_holidays.data)


def calendar_name(form: "TermsForm") -> str:
    """The calendar as the terms name it: "CH-ZH+01-02"."""
    base = form.counting.form.holiday_calendar.data or "none"
    return "+".join([base, *(x.lower() for x in extra_holidays(form))])


def calendar_problems(form: "TermsForm") -> list[Problem]:
    try:
        get_calendar(calendar_name(form))
    except UnknownCalendar:
        return [
            Problem(
                "terms.counting.holiday_calendar",
                "These holidays cannot be read.",
                "Write one on each line: 01-02 for every 2 January, 2026-05-15 for one day.",
            )
        ]
    return []


def lost_values(form: "TermsForm") -> list[Problem]:
    """Values typed beside a choice that does not use them: they would be lost silently."""
    found = []
    deemed = form.deemed_receipt.form
    if not deemed.kind.data and (deemed.days.data or deemed.opening.data or deemed.cutoff.data):
        found.append(
            Problem(
                "terms.deemed_receipt.kind",
                "Days or hours are given, but not when the notice counts as received.",
                "Choose when it counts as received, or empty the days and hours.",
            )
        )
    if deemed.kind.data in COUNTS_DAYS and not deemed.days.data:
        found.append(
            Problem(
                "terms.deemed_receipt.days",
                "The number of days is missing.",
                "Write how many days after its sending a notice counts as received.",
            )
        )
    rules = len(rule_rows(form))
    for number, row in enumerate(form.notice_rules):
        typed = filled_parts(row.form.lead_time) or filled_parts(row.form.objection_period)
        if row.form.is_blank and typed:
            found.append(
                Problem(
                    # Numbers after those of the rules stand for the form's rows.
                    f"terms.notice_rules[{rules + number}]",
                    "A rule has periods, but applies to nothing.",
                    "Choose what it applies to, or empty its periods.",
                )
            )
    return found


def missing_provenance(form: "TermsForm", today: date) -> list[Problem]:
    """What a version on record must say of where it comes from."""
    origin = form.provenance.form
    found = []
    if not origin.clause.data:
        found.append(
            Problem(
                "terms.provenance.clause",
                "The clause is not named.",
                "Write its number, or “none” where the agreement says nothing of changes.",
            )
        )
    if not origin.read_by.data:
        found.append(
            Problem(
                "terms.provenance.read_by",
                "It is not said who read the agreement.",
                "Write the person's name.",
            )
        )
    day = Reader().day(origin.read_on.data, "read_on")
    if not origin.read_on.data or (day is not None and day > today):
        found.append(
            Problem(
                "terms.provenance.read_on",
                "The day on which the agreement was read is missing or lies ahead.",
                "Write the day on which it was read.",
            )
        )
    return found
