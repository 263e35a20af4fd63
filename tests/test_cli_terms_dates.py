"""`subnotify terms dates FILE`: every date that follows from terms, with what it rests on."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.terms_commands import FACTS, ONE, dates, objects, run

DATA = Path(__file__).parent / "data"
SHOWN = DATA / "shown-dates.yaml"


def codes(group: dict[str, Any]) -> list[str]:
    return [assumption["code"] for assumption in group["assumptions"]]


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, Any]]:
    return {found["agreement"]: found for found in objects(run("dates", str(SHOWN), *FACTS))}


@pytest.mark.parametrize(
    ("agreement", "last_day", "outlives"),
    [
        ("ten-business-days-lead", "2026-04-01", 0),
        ("one-month-from-receipt", "2026-04-03", 0),
        ("thirty-days-from-receipt", "2026-04-02", 0),
        ("thirty-business-days-weekdays", "2026-04-13", 6),
        ("thirty-business-days-german-holidays", "2026-04-15", 8),
        ("two-weeks-back", "2026-03-24", 0),
        ("ninety-days-from-receipt", "2026-06-01", 55),
    ],
)
def test_window_of_one_notice_under_contracts_that_differ(
    shown: dict[str, dict[str, Any]], agreement: str, last_day: str, outlives: int
):
    window = shown[agreement]["window"]
    assert window["last_day"] == last_day
    assert window["days_after_commencement"] == outlives
    assert [reading["last_day"] for reading in window["readings"]] == [last_day]


def test_the_lead_time_is_kept_or_was_due(shown: dict[str, dict[str, Any]]):
    kept = shown["ten-business-days-lead"]["lead_time"]
    assert (kept["met"], kept["counted_from"]) == (True, "dispatch")
    late = shown["six-weeks-lead"]["lead_time"]
    assert (late["met"], late["due_on"], late["latest_sending_on"]) == (
        False,
        "2026-02-24",
        "2026-02-24",
    )
    assert late["met_from"] == "2026-04-14"


def test_a_holiday_that_no_clause_moves_is_said(shown: dict[str, dict[str, Any]]):
    explanation = shown["one-month-from-receipt"]["window"]["explanation"]
    assert "Friday 3 April 2026 is a public holiday (Karfreitag)" in explanation
    assert "the agreement moves none" in explanation


def test_holidays_that_a_count_passes_over_are_named(shown: dict[str, dict[str, Any]]):
    explanation = shown["thirty-business-days-german-holidays"]["window"]["explanation"]
    assert "Karfreitag" in explanation and "Ostermontag" in explanation


def test_where_there_is_no_date_the_reason_is_given(shown: dict[str, dict[str, Any]]):
    window = shown["six-weeks-lead"]["window"]
    assert window["last_day"] is None and codes(window) == ["not_computable"]
    assert codes(shown["two-weeks-back"]["lead_time"]) == ["not_stated"]
    assert codes(shown["two-weeks-back"]["accommodation"]) == ["not_stated"]
    without = dates(ONE.replace("dispatch", "commencement_backward"), "--dispatched", "2026-03-02")
    assert codes(without["window"]) == ["no_commencement"]


def test_an_unspecified_trigger_is_receipt_and_says_so():
    text = ONE.replace("    runs_from: dispatch\n", "")
    found = dates(text, "--dispatched", "2026-03-02")
    assert found["window"]["last_day"] == "2026-03-17"
    assert codes(found["window"]) == [
        "trigger_unspecified",
        "received_not_given",
        "proof_not_chosen",
    ]
    assert dates(text)["window"]["last_day"] == "2026-03-18"


def test_a_reading_is_named_with_who_took_it():
    text = ONE.replace("runs_from: dispatch", "runs_from: unspecified") + (
        "    readings: {runs_from: {value: publication, by: Ana, on: 2026-01-05, why: talks}}\n"
        "    channels: [email, list_publication]\n"
        "    channel_choice: any\n"
    )
    found = dates(text, "--dispatched", "2026-03-02", "--published", "2026-03-04")
    assert found["window"]["last_day"] == "2026-03-19"
    (reading,) = found["window"]["assumptions"]
    assert reading["text"] == (
        "“runs_from” is read as “publication” by Ana on 5 January 2026: talks"
    )


def test_days_and_instants_are_taken_in_the_agreements_zone():
    text = ONE.replace("Europe/Paris", "Pacific/Auckland")
    facts = dates(text, "--dispatched", "2026-03-02", "--received", "2026-03-03T09:00")["facts"]
    assert facts["dispatched_at"] == "2026-03-02T12:00:00+13:00"
    assert facts["received_at"] == "2026-03-03T09:00:00+13:00"
    aware = dates(text, "--dispatched", "2026-03-01T23:30:00+00:00")
    assert aware["facts"]["dispatched_at"] == "2026-03-02T12:30:00+13:00"
    assert aware["window"]["last_day"] == "2026-03-17"
    assert aware["window"]["deadline_utc"] == "2026-03-17T11:00:00Z"


OBJECTED = """\
agreements:
- key: a1
  terms:
    counting: {rule: contract-calendar, time_zone: Europe/Paris}
    objection_period: {number: 30, unit: days}
    runs_from: dispatch
    effect_of_objection: accommodation
    accommodation_period: {number: 30, unit: days}
    if_unresolved: deemed_accepted_after
    deemed_accepted_after: {number: 60, unit: days}
    termination:
      exercise_within: {number: 10, unit: days}
      takes_effect: after_notice
      effect_period: {number: 1, unit: months}
      data_days: 90
"""


def test_the_dates_after_an_objection():
    found = dates(OBJECTED, "--dispatched", "2026-03-02", "--objected", "2026-03-10")
    assert found["objection"]["timeliness"] == "in_time"
    assert found["accommodation"]["last_day"] == "2026-04-09"
    assert found["termination"]["last_day"] == "2026-04-19"
    assert found["deemed_acceptance"]["last_day"] == "2026-05-09"
    effect = found["termination_effect"]
    assert (effect["takes_effect_on"], codes(effect)[0]) == ("2026-05-20", "declared_last_day")
    assert found["data"]["due_on"] == "2026-08-18"


def test_without_an_objection_its_clocks_say_so():
    found = dates(OBJECTED, "--dispatched", "2026-03-02")
    for group in ("accommodation", "termination", "deemed_acceptance", "termination_effect"):
        assert codes(found[group]) == ["no_objection"], group
    assert codes(found["data"]) == ["no_end", "no_objection"]


def test_terms_by_kind_of_change_have_dates_of_their_own():
    text = ONE + (
        "    notice_rules:\n"
        "    - {applies_to: affiliate, notice_only: true}\n"
        "    - applies_to: data_category:health\n"
        "      objection_period: {number: 2, unit: months}\n"
    )
    found = dates(text)
    assert found["window"]["last_day"] == "2026-03-17"
    affiliate, health = found["notice_rules"]
    assert (affiliate["applies_to"], codes(affiliate["window"])) == ("affiliate", ["no_window"])
    assert (health["applies_to"], health["window"]["last_day"]) == (
        "data_category:health",
        "2026-05-02",
    )


@pytest.mark.parametrize(
    "facts",
    [
        ("--received", "2026-03-03"),
        ("--dispatched", "2026-13-02"),
        ("--dispatched", "2026-03-02", "--commencement", "2026-04-07T10:00"),
        ("--dispatched", "9999-12-30"),
        ("--dispatched", "2026-03-03", "--received", "2026-03-02"),
    ],
)
def test_bad_facts_are_said(facts: tuple[str, ...]):
    done = run("dates", "-", *facts, text=ONE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_every_real_clause_has_its_dates_or_the_reason_why_not():
    clauses = str(DATA / "clauses-as-terms.yaml")
    found = objects(run("dates", clauses, *FACTS, "--objected", "2026-03-20T10:00"))
    assert len(found) == 54
    for entry in found:
        window = entry["window"]
        assert (window["last_day"] is not None) == bool(window["explanation"]), entry["agreement"]
        assert window["last_day"] or window["assumptions"]
        for name in ("lead_time", "accommodation", "termination", "termination_effect", "data"):
            assert entry[name]["assumptions"], (entry["agreement"], name)
