"""What the form of notice terms shows: of a version on record, a preset, or nothing yet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import Counting, NoticeRule, NoticeTerms
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_words import COUNTS_DAYS, CountingRule, RuleScope
from subnotify.web.terms_fields import period_data
from subnotify.web.terms_places import country_lines
from subnotify.wording.language import Wording
from subnotify.wording.notice_terms import terms_sentence

CURRENT, BLANK = "current", "blank"
_PRESET_NAMES = {
    "fr-15-days": _l("French addendum: 15 days, silence accepts"),
    "fr-30-days-registered": _l("French charter: 30 days, objecting is terminating by letter"),
    "scc-2021-914-9a-specific": _l("EU transfer clauses 2021/914, clause 9(a) option 1: specific"),
    "scc-2021-914-9a-general": _l("EU transfer clauses 2021/914, clause 9(a) option 2: general"),
    "scc-2021-915-7.7-specific": _l("EU clauses 2021/915, clause 7.7(a) option 1: specific"),
    "scc-2021-915-7.7-general": _l("EU clauses 2021/915, clause 7.7(a) option 2: general"),
    "common-paper-dpa": _l("Common Paper: 10 business days ahead, 30 days to object"),
    "bonterms-dpa": _l("Bonterms: 30 days ahead, 30 days to object"),
    "15-days": _l("15 days and nothing else"),
    "30-days": _l("30 days and nothing else"),
}


def preset_choices(w: Wording) -> list[tuple[str, str, str]]:
    """Presets to start from: value, name, and what they say in one line."""
    return [
        (name, str(_PRESET_NAMES.get(name, name)), terms_sentence(preset, w))
        for name, preset in PRESETS.items()
    ]


def starting_terms(
    start: str, current: NoticeTerms | None, *, reader: str, today: date, zone: str
) -> NoticeTerms | None:
    """The terms that the form begins with; None for a start that there is not.

    start: "current", "blank", or a preset's name. reader and today: who reads the agreement now,
    for terms that nobody read yet. zone: the vendor's, for a blank form.
    """
    if start == CURRENT:
        return current
    if start == BLANK:
        counting = Counting(CountingRule.CONTRACT_CALENDAR, zone)
        preset: NoticeTerms | None = NoticeTerms(counting=counting)
    else:
        preset = PRESETS.get(start)
    if preset is None:
        return None
    return replace(preset, provenance=replace(preset.provenance, read_by=reader, read_on=today))


def form_data(terms: NoticeTerms, w: Wording) -> dict[str, Any]:
    """What a TermsForm shows of these terms."""
    plain = terms_to_mapping(terms)
    base, *extra = terms.counting.holiday_calendar.split("+")
    allowed = terms.emergency_replacement.allowed
    return {
        **plain,
        "lead_time": period_data(terms.lead_time),
        "objection_period": period_data(terms.objection_period),
        "accommodation_period": period_data(terms.accommodation_period),
        "deemed_accepted_after": period_data(terms.deemed_accepted_after),
        "receipt_fallback_days": _digits(terms.receipt_fallback_days),
        "closed_grounds": "\n".join(terms.closed_grounds),
        "allowed_countries": country_lines(terms.allowed_countries, w),
        "deemed_receipt": _deemed(plain["deemed_receipt"]),
        "counting": {
            **plain["counting"],
            "holiday_calendar": base,
            "extra_holidays": "\n".join(extra),
        },
        "termination": {
            # A form takes an argument `data` of its own.
            **{name: x for name, x in plain["termination"].items() if name != "data"},
            "data_at_end": terms.termination.data.value,
            "data_days": _digits(terms.termination.data_days),
            "exercise_within": period_data(terms.termination.exercise_within),
            "effect_period": period_data(terms.termination.effect_period),
        },
        "emergency_replacement": {
            "allowed": "" if allowed is None else "yes" if allowed else "no",
            "terms": terms.emergency_replacement.terms,
        },
        "notice_rules": [_rule(rule) for rule in terms.notice_rules],
    }


def _deemed(plain: Mapping[str, Any] | None) -> dict[str, str]:
    if plain is None:
        return {}
    counts = plain["kind"] in COUNTS_DAYS or plain["days"]
    return {**plain, "cutoff": plain["cutoff"] or "", "days": str(plain["days"]) if counts else ""}


def _rule(rule: NoticeRule) -> dict[str, Any]:
    return {
        "applies_to": rule.applies_to.value,
        "service": rule.key if rule.applies_to is RuleScope.SERVICE else "",
        "category": rule.key if rule.applies_to is RuleScope.DATA_CATEGORY else "",
        "lead_time": period_data(rule.lead_time),
        "objection_period": period_data(rule.objection_period),
        "closes": rule.closes.value,
        "notice_only": rule.notice_only,
        "requires_agreement_dates": rule.requires_agreement_dates,
    }


def _digits(number: int | None) -> str:
    return "" if number is None else str(number)
