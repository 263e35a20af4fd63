"""Presets: each is valid, sound and kept whole, and says what its document says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.contradictions import contradictions
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_reading import read_terms, terms_from_mapping
from subnotify.rules.terms_words import Unit
from subnotify.rules.windows import compute_window
from subnotify.rules.words import ProofKind

every_preset = pytest.mark.parametrize("name", PRESETS)


def said(name: str) -> dict[str, Any]:
    """What a preset says, without what is unspecified."""
    bare = terms_to_mapping(NoticeTerms(counting=PRESETS[name].counting))
    return {
        field: value
        for field, value in terms_to_mapping(PRESETS[name]).items()
        if value != bare[field] and field not in ("preset", "changes_covered", "counting")
    }


@every_preset
def test_an_agreement_may_start_from_it(name: str):
    reader = Reader()
    terms = read_terms({"preset": name}, "terms", reader)
    assert reader.problems == []
    assert terms == PRESETS[name] and terms.preset == name
    assert contradictions(terms) == ()
    get_calendar(terms.counting.holiday_calendar)


@every_preset
def test_it_is_kept_whole(name: str):
    assert terms_from_mapping(terms_to_mapping(PRESETS[name])) == PRESETS[name]


@every_preset
def test_only_the_proof_of_receipt_is_missing(name: str):
    assert not_computable(PRESETS[name]) == "proof_of_receipt"
    chosen = replace(PRESETS[name], proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}))
    window = compute_window(
        chosen,
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        get_calendar(chosen.counting.holiday_calendar),
        commencement_on=date(2026, 5, 4),
    )
    last_days = {
        "fr-15-days": date(2026, 3, 17),
        "15-days": date(2026, 3, 17),
        "fr-30-days-registered": date(2026, 4, 1),
        "30-days": date(2026, 4, 1),
        "common-paper-dpa": date(2026, 4, 1),
        "bonterms-dpa": date(2026, 4, 1),
    }
    # The EU clauses: until the day before the engagement.
    assert window.last_day == last_days.get(name, date(2026, 5, 3))


@pytest.mark.parametrize("name", ["scc-2021-914-9a-specific", "scc-2021-915-7.7-specific"])
def test_specific_authorisation_needs_a_yes_and_leaves_its_number_blank(name: str):
    assert said(name) == {
        "authorisation": "specific",
        "lead_time_before": "engagement",
        "closes": "commencement",
        "effect_of_silence": "deemed_refused",
        "effect_of_objection": "not_used_for_client",
    }


@pytest.mark.parametrize("name", ["scc-2021-914-9a-general", "scc-2021-915-7.7-general"])
def test_general_authorisation_of_the_eu_clauses_says_no_more_than_this(name: str):
    assert said(name) == {"lead_time_before": "engagement", "closes": "commencement"}


def test_common_paper_has_two_clocks_in_two_units():
    terms = PRESETS["common-paper-dpa"]
    assert terms.lead_time == Period(10, Unit.BUSINESS_DAYS)
    assert terms.objection_period == Period(30)
    assert terms.effect_of_silence == "deemed_accepted"
    assert terms.if_unresolved == "unspecified"


def test_bonterms_ends_with_a_refund():
    terms = PRESETS["bonterms-dpa"]
    assert (terms.lead_time, terms.objection_period) == (Period(30), Period(30))
    assert terms.if_unresolved == "client_may_terminate"
    assert terms.termination.financial_effect == "pro_rata_refund"
    assert terms.effect_of_silence == "unspecified"


@pytest.mark.parametrize(("name", "number"), [("15-days", 15), ("30-days", 30)])
def test_a_number_of_days_and_nothing_else(name: str, number: int):
    assert said(name) == {"objection_period": {"number": number, "unit": "days"}}


def test_the_seed_contracts_are_as_they_were():
    fifteen = said("fr-15-days")
    assert fifteen == {
        "objection_period": {"number": 15, "unit": "days"},
        "runs_from": "receipt",
        "effect_of_silence": "deemed_accepted",
        "silence_broken_by": "any_response",
    }
    thirty = said("fr-30-days-registered")
    assert thirty["objection_form"] == "registered_post"
    assert thirty["effect_of_objection"] == "objection_is_termination"
    assert thirty["silence_irrevocable"] is True
