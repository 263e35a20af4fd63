"""Dates derived from terms: those of the case's own functions, each with what it rests on."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.derived_dates import derive_dates
from subnotify.rules.notice_dates import Anchors, Assumption, Basis
from subnotify.rules.steps import StepKind
from subnotify.rules.terms import (
    Counting,
    DeemedReceipt,
    NoticeTerms,
    Period,
    Reading,
    Termination,
)
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DeemedKind,
    LeadBefore,
    ObjectionEffect,
    RunsFrom,
    TakesEffect,
    TimelyWhen,
    Unit,
)
from subnotify.rules.windows import compute_window
from subnotify.rules.words import Channel, ProofKind, Timeliness

PARIS = ZoneInfo("Europe/Paris")
SENT = datetime(2026, 3, 2, 16, tzinfo=PARIS)
TERMS = NoticeTerms(
    counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris", "FR"),
    objection_period=Period(15),
    runs_from=RunsFrom.DISPATCH,
)
BACKWARD = RunsFrom.COMMENCEMENT_BACKWARD


def derive(terms: NoticeTerms = TERMS, changes: dict[str, Any] | None = None, **facts: Any):
    terms = replace(terms, **(changes or {}))
    anchors = Anchors(SENT, **facts)
    return derive_dates(terms, anchors, get_calendar(terms.counting.holiday_calendar))


def codes(found: tuple[Assumption, ...]) -> list[str]:
    return [assumption.code.value for assumption in found]


def test_the_window_is_that_of_the_case():
    found = derive()
    calendar = get_calendar("FR")
    assert found.window.window == compute_window(TERMS, SENT, calendar)
    assert codes(found.window.assumptions) == []
    assert found.window.days_after_commencement is None


def test_receipt_is_taken_from_dispatch_where_none_is_given():
    terms = replace(
        TERMS, runs_from=RunsFrom.RECEIPT, proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT})
    )
    assert codes(derive(terms).window.assumptions) == ["received_not_given"]
    received = derive(terms, received_at=datetime(2026, 3, 4, 9, tzinfo=PARIS))
    assert received.window.assumptions == ()
    assert received.window.window is not None
    assert received.window.window.last_day == date(2026, 3, 19)


def test_a_channel_that_neither_mail_nor_post_serves_is_said():
    found = derive(changes={"channels": (Channel.PORTAL,)})
    assert codes(found.window.assumptions) == ["other_channel"]
    assert found.window.window is not None
    by_letter = derive(changes={"channels": (Channel.REGISTERED_POST,)})
    assert codes(by_letter.window.assumptions) == []


def test_publication_starts_the_window():
    changes = {"runs_from": RunsFrom.PUBLICATION, "channels": (Channel.LIST_PUBLICATION,)}
    assert codes(derive(changes=changes).window.assumptions) == ["published_not_given"]
    found = derive(changes=changes, published_at=datetime(2026, 3, 6, 9, tzinfo=PARIS))
    assert found.window.window is not None
    assert found.window.window.last_day == date(2026, 3, 21)


FRIDAY_EVENING = {
    "runs_from": RunsFrom.RECEIPT,
    "deemed_receipt": DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, time(9), time(15)),
    "lead_time": Period(10),
}


def test_a_deemed_receipt_moves_window_and_lead_time():
    found = derive(changes=FRIDAY_EVENING, commencement_on=date(2026, 3, 13))
    assert found.lead_time.given_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert found.lead_time.is_met
    # Due on Tuesday 3 March; sent at noon of it, it counts at once.
    assert found.lead_time.due_on == found.lead_time.latest_sending_on == date(2026, 3, 3)
    assert codes(found.window.assumptions) == ["receipt_deemed"]
    late = derive(
        changes={
            **FRIDAY_EVENING,
            "deemed_receipt": DeemedReceipt(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH, days=2),
        },
        commencement_on=date(2026, 3, 13),
    )
    assert (late.lead_time.is_met, late.lead_time.due_on) == (False, date(2026, 3, 3))
    assert late.lead_time.latest_sending_on == date(2026, 3, 1)  # a Sunday: Monday, Tuesday


def test_a_first_presentation_is_what_the_receipt_says():
    changes = {
        "runs_from": RunsFrom.RECEIPT,
        "deemed_receipt": DeemedReceipt(DeemedKind.FIRST_PRESENTATION),
        "proof_of_receipt": frozenset({ProofKind.REGISTERED_DELIVERY}),
        "lead_time": Period(10),
    }
    without = derive(changes=changes, commencement_on=date(2026, 5, 4))
    assert codes(without.window.assumptions) == ["not_computable"]
    assert codes(without.lead_time.assumptions)[-1] == "not_computable"
    found = derive(
        changes=changes,
        received_at=datetime(2026, 3, 5, 9, tzinfo=PARIS),
        commencement_on=date(2026, 5, 4),
    )
    assert codes(found.window.assumptions) == ["presented_as_received"]
    assert found.window.window is not None
    assert found.window.window.last_day == date(2026, 3, 20)
    assert found.lead_time.is_met


def test_where_letters_are_registered_the_presentation_alone_starts_the_window():
    changes = {
        "runs_from": RunsFrom.RECEIPT,
        "deemed_receipt": DeemedReceipt(DeemedKind.FIRST_PRESENTATION),
        "channels": (Channel.REGISTERED_POST,),
        "lead_time": Period(10),
    }
    found = derive(
        changes=changes,
        received_at=datetime(2026, 3, 5, 9, tzinfo=PARIS),
        commencement_on=date(2026, 5, 4),
    )
    assert codes(found.window.assumptions) == ["presented_as_received"]
    assert found.window.window is not None
    assert found.window.window.steps[0].kind is StepKind.DEEMED_RECEIVED
    assert found.window.window.last_day == date(2026, 3, 20)
    assert found.lead_time.given_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    without = derive(changes=changes, commencement_on=date(2026, 5, 4))
    assert codes(without.window.assumptions) == ["received_not_given"]


@pytest.mark.parametrize(
    ("changes", "facts", "code"),
    [
        ({"objection_period": None}, {}, "not_computable"),
        ({"authorisation": Authorisation.BLANKET}, {}, "no_window"),
        ({"changes_covered": frozenset()}, {}, "no_window"),
        ({"closes": Closes.COMMENCEMENT, "objection_period": None}, {}, "no_commencement"),
        ({"runs_from": BACKWARD}, {}, "no_commencement"),
        ({"runs_from": BACKWARD}, {"commencement_on": date(2026, 3, 10)}, "too_late"),
    ],
)
def test_why_there_is_no_window(changes: dict[str, Any], facts: dict[str, Any], code: str):
    found = derive(changes=changes, **facts)
    assert found.window.window is None
    assert codes(found.window.assumptions) == [code]


def test_a_contested_date_is_the_latest_reading_and_says_so():
    swiss = Counting(CountingRule.CH_OR_77_78, "Europe/Zurich", "CH-ZH")
    found = derive(changes={"counting": swiss, "objection_period": Period(12)})
    assert found.window.window is not None
    assert found.window.window.last_day == date(2026, 3, 16)  # 14 March is a Saturday
    assert codes(found.window.assumptions) == ["contested"]


def test_the_lead_time_goes_before_the_day_that_the_terms_name():
    found = derive(
        changes={"lead_time": Period(14), "lead_time_before": LeadBefore.LIST_CHANGE},
        commencement_on=date(2026, 3, 16),
    )
    assert found.lead_time.is_met
    assert "commencement_for" in codes(found.lead_time.assumptions)
    assert derive(changes={"lead_time": Period(14)}).lead_time.met_from == date(2026, 3, 16)


def test_a_window_counted_back_leaves_the_lead_time_to_the_dispatch():
    found = derive(
        changes={"runs_from": BACKWARD, "lead_time": Period(20)}, commencement_on=date(2026, 5, 4)
    )
    assert found.lead_time.counted_from is RunsFrom.DISPATCH


def test_a_lead_time_in_hours_is_kept_to_the_second():
    hours = {"lead_time": Period(72, Unit.HOURS)}
    kept = derive(changes=hours, commencement_on=date(2026, 3, 6))
    assert (kept.lead_time.is_met, kept.lead_time.met_from) == (True, date(2026, 3, 6))
    assert not derive(changes=hours, commencement_on=date(2026, 3, 5)).lead_time.is_met


def test_a_unit_that_the_rule_does_not_count_is_said():
    counting = Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Paris")
    found = derive(changes={"counting": counting, "lead_time": Period(10)})
    assert codes(found.lead_time.assumptions) == ["not_computable"]


OBJECTED = datetime(2026, 3, 10, 10, tzinfo=PARIS)


def test_where_objecting_is_terminating_the_window_is_the_limit():
    found = derive(
        changes={
            "effect_of_objection": ObjectionEffect.TERMINATION,
            "termination": Termination(takes_effect=TakesEffect.AT_WINDOW_CLOSE, data_days=0),
        },
        objected_at=OBJECTED,
    )
    assert found.window.window is not None
    assert found.exercise.last_day == found.window.window.last_day == date(2026, 3, 17)
    assert found.effect.effect.takes_effect_on == date(2026, 3, 18)
    assert found.data.due_on == date(2026, 3, 18)
    assert found.objection.timeliness is Timeliness.IN_TIME


def test_the_effect_at_commencement_needs_no_objection():
    changes = {"termination": Termination(takes_effect=TakesEffect.AT_COMMENCEMENT)}
    known = derive(changes=changes, commencement_on=date(2026, 4, 7))
    assert known.effect.effect.takes_effect_on == date(2026, 4, 7)
    assert "no_commencement" in codes(derive(changes=changes).effect.assumptions)


@pytest.mark.parametrize(
    ("changes", "day", "code"),
    [
        ({}, date(2026, 3, 10), "declared_with_objection"),
        # Unresolved when the time has passed: declared the day after.
        ({"accommodation_period": Period(30)}, date(2026, 4, 10), "declared_unresolved"),
    ],
)
def test_the_notice_of_termination_that_is_taken(changes: dict[str, Any], day: date, code: str):
    termination = Termination(takes_effect=TakesEffect.IMMEDIATELY)
    found = derive(changes={"termination": termination, **changes}, objected_at=OBJECTED)
    assert found.effect.effect.takes_effect_on == day
    assert codes(found.effect.assumptions)[0] == code


def test_a_day_that_the_client_sets_has_bounds():
    termination = Termination(
        takes_effect=TakesEffect.CLIENTS_DATE, effect_period=Period(30), data_days=90
    )
    found = derive(
        changes={"effect_of_objection": ObjectionEffect.TERMINATION, "termination": termination},
        objected_at=OBJECTED,
    )
    effect = found.effect.effect
    assert effect.takes_effect_on is None
    assert (effect.earliest_on, effect.latest_on) == (date(2026, 3, 10), date(2026, 4, 2))
    assert "from_notice_of_change" in codes(found.effect.assumptions)
    assert codes(found.data.assumptions) == ["from_latest_end"]


def test_an_objection_after_the_window_is_late_or_disputed():
    late = datetime(2026, 3, 20, 10, tzinfo=PARIS)
    assert derive(objected_at=late).objection.timeliness is Timeliness.DISPUTED  # dispatch unknown
    assert derive().objection.timeliness is None
    stated = derive(changes={"objection_timely_when": TimelyWhen.RECEIVED}, objected_at=late)
    assert (stated.objection.timeliness, stated.objection.assumptions) == (Timeliness.LATE, ())


def test_which_date_of_an_objection_decides_is_said():
    assert codes(derive(objected_at=OBJECTED).objection.assumptions) == ["timely_unspecified"]
    reading = Reading("received", "Ana", date(2026, 1, 5), "so agreed")
    read = derive(changes={"readings": {"objection_timely_when": reading}}, objected_at=OBJECTED)
    (assumption,) = read.objection.assumptions
    assert assumption.code is Basis.READING
    assert dict(assumption.params)["field"] == "objection_timely_when"
