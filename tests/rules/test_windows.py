"""Objection windows: the worked cases as clauses, the dates of the issue, and timeliness."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.cases import grown_window
from subnotify.rules.deadline_files import DeadlineCase, read_deadline_cases
from subnotify.rules.errors import NoticeTooLate, TermsNotComputable
from subnotify.rules.presets import PRESETS
from subnotify.rules.reading import Reader
from subnotify.rules.recomputations import compute_anew
from subnotify.rules.steps import StepKind
from subnotify.rules.terms import Counting, DeemedReceipt, NoticeTerms, Period, Reading
from subnotify.rules.terms_words import Closes, CountingRule, DeemedKind, RunsFrom, TimelyWhen, Unit
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import (
    compute_window,
    extend_window,
    judge_timeliness,
    started_at,
)
from subnotify.rules.words import ProofKind, Timeliness
from tests.support import paper_calendar
from tests.support.calendars import other_holidays
from tests.support.limit_strategies import INSTANTS, ZONES

CASES = {case["id"]: case for case in paper_calendar.CASES}
QUESTIONS = read_deadline_cases(paper_calendar.FILE, Reader())


def terms_of(question: DeadlineCase) -> NoticeTerms:
    """The clause that asks what a worked case asks."""
    runs_from = RunsFrom.RECEIPT if question.deemed else RunsFrom.DISPATCH
    return NoticeTerms(
        counting=question.counting,
        objection_period=question.period,
        runs_from=RunsFrom.COMMENCEMENT_BACKWARD if question.is_backward else runs_from,
        deemed_receipt=question.deemed,
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_worked_case_is_a_window(question: DeadlineCase) -> None:
    case, terms = CASES[question.id], terms_of(question)
    calendar = get_calendar(question.counting.holiday_calendar)
    zone = zone_of(question.counting.time_zone)
    at, commencement_on = question.trigger_at, None
    if question.is_backward:
        at, commencement_on = at - timedelta(days=100), at.astimezone(zone).date()
    window = compute_window(terms, at, calendar, commencement_on=commencement_on)
    assert window.nominal_last_day == date.fromisoformat(case["nominal_last_day"])
    named = window.readings[0]
    assert named.last_day == date.fromisoformat(case["expected_last_day"])
    assert named.ends_at == datetime.fromisoformat(case["expected_deadline_utc"])
    if case["contested"]:
        assert window.closes_at > named.ends_at
        assert window.closes_at == paper_calendar.end_of_day(window.last_day, zone)
    else:
        assert (window.last_day, window.closes_at) == (named.last_day, named.ends_at)
    deemed = case.get("deemed_receipt")
    assert window.opens_at == (datetime.fromisoformat(deemed) if deemed else at)


# The notice of the issue: dispatched Mon 2026-03-02, received Tue 2026-03-03, commencement Tue
# 2026-04-07; no clause moves a last day.
DISPATCHED, RECEIVED = (datetime(2026, 3, day, 9, tzinfo=UTC) for day in (2, 3))
COMMENCES_ON = date(2026, 4, 7)
SENT, GOT, BACK = RunsFrom.DISPATCH, RunsFrom.RECEIPT, RunsFrom.COMMENCEMENT_BACKWARD
AS_WRITTEN, BUSINESS = CountingRule.CONTRACT_CALENDAR, CountingRule.CONTRACT_BD_COUNT


@pytest.mark.parametrize(
    ("period", "runs_from", "rule", "holidays", "last_day"),
    [
        (Period(30), SENT, AS_WRITTEN, "DE", "2026-04-01"),
        (Period(1, Unit.MONTHS), GOT, AS_WRITTEN, "DE", "2026-04-03"),
        (Period(30), GOT, AS_WRITTEN, "DE", "2026-04-02"),
        (Period(30, Unit.BUSINESS_DAYS), SENT, BUSINESS, "none", "2026-04-13"),
        (Period(30, Unit.BUSINESS_DAYS), SENT, BUSINESS, "DE", "2026-04-15"),
        (Period(2, Unit.WEEKS), BACK, AS_WRITTEN, "DE", "2026-03-24"),
        (Period(90), GOT, AS_WRITTEN, "DE", "2026-06-01"),
    ],
)
def test_dates_of_the_issue(
    period: Period, runs_from: RunsFrom, rule: CountingRule, holidays: str, last_day: str
) -> None:
    terms = NoticeTerms(
        counting=Counting(rule, "Europe/Berlin", holidays),
        objection_period=period,
        runs_from=runs_from,
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )
    at = RECEIVED if runs_from is RunsFrom.RECEIPT else DISPATCHED
    window = compute_window(terms, at, get_calendar(holidays), commencement_on=COMMENCES_ON)
    assert window.last_day == date.fromisoformat(last_day)
    if last_day == "2026-04-03":
        step = next(x for x in window.steps if x.kind is StepKind.NOT_ROLLED_HOLIDAY)
        assert step.detail == "Karfreitag"


def test_a_window_that_would_be_over_before_it_opens_is_refused() -> None:
    terms = NoticeTerms(
        counting=Counting(CountingRule.RETRO_1182_71, "Europe/Paris"),
        objection_period=Period(2, Unit.WEEKS),
        runs_from=RunsFrom.COMMENCEMENT_BACKWARD,
    )
    none = get_calendar("none")
    in_time = datetime.fromisoformat("2026-03-24T23:59:59+01:00")
    assert compute_window(terms, in_time, none, commencement_on=COMMENCES_ON)
    with pytest.raises(NoticeTooLate):
        compute_window(terms, in_time + timedelta(seconds=1), none, commencement_on=COMMENCES_ON)
    with pytest.raises(TermsNotComputable) as refusal:
        compute_window(terms, in_time, none)
    assert refusal.value.reason == "no_commencement"


@pytest.mark.parametrize(
    ("closes", "last_day"),
    [
        (Closes.PERIOD, "2026-03-12"),
        (Closes.END_OF_LEAD_TIME, "2026-03-22"),
        (Closes.COMMENCEMENT, "2026-04-06"),
    ],
)
def test_what_ends_the_window(closes: Closes, last_day: str) -> None:
    terms = NoticeTerms(
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
        objection_period=Period(10),
        lead_time=Period(20),
        closes=closes,
        runs_from=RunsFrom.DISPATCH,
    )
    window = compute_window(terms, DISPATCHED, get_calendar("none"), commencement_on=COMMENCES_ON)
    assert window.last_day == date.fromisoformat(last_day)


def test_an_unstated_trigger_is_receipt_and_says_so() -> None:
    terms = NoticeTerms(
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
        objection_period=Period(15),
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )
    window = compute_window(terms, RECEIVED, get_calendar("none"))
    assert [step.kind for step in window.steps[:2]] == [StepKind.RECEIVED, StepKind.ASSUMED]
    reading = Reading("dispatch", "Ada Legal", date(2026, 2, 1), "The annex says so.")
    read = replace(terms, readings={"runs_from": reading})
    window = compute_window(read, DISPATCHED, get_calendar("none"))
    assert [step.kind for step in window.steps[:2]] == [StepKind.DISPATCHED, StepKind.DAY_ONE]


def test_terms_from_which_nothing_follows_are_named_not_guessed() -> None:
    counting = Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Paris")
    terms = NoticeTerms(counting=counting, objection_period=Period(15), runs_from=RunsFrom.DISPATCH)
    with pytest.raises(TermsNotComputable) as refusal:
        compute_window(terms, DISPATCHED, get_calendar("none"))
    assert refusal.value.reason == "unit"


def test_no_day_off_less_takes_grace_away() -> None:
    """Registered post, and a library that no longer knows 1 January as a holiday."""
    terms = replace(
        PRESETS["fr-30-days-registered"],
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )
    at = datetime.fromisoformat("2026-11-18T10:00:00+01:00")
    old = compute_window(terms, at, get_calendar("FR"))
    fewer = other_holidays(removed=frozenset({date(2027, 1, 1)}))("FR")
    new = compute_window(terms, at, fewer)
    assert new.silence_after_at < old.silence_after_at
    assert grown_window(old, new).silence_after_at == old.silence_after_at
    extended = extend_window(terms, old, date(2026, 12, 19), fewer)
    assert extended.silence_after_at >= old.silence_after_at


@given(at=INSTANTS, zone=ZONES, later=st.integers(0, 86_399))
def test_windows_of_one_local_day_differ_by_the_hour_only(
    at: datetime, zone: str, later: int
) -> None:
    terms = replace(
        PRESETS["fr-15-days"],
        counting=Counting(CountingRule.FR_CPC_640_642, zone, "FR"),
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )
    other = at + timedelta(seconds=later)
    local = zone_of(zone)
    window = compute_window(terms, at, get_calendar("FR"))
    exact = compute_window(terms, other, get_calendar("FR"))
    if at.astimezone(local).date() == other.astimezone(local).date():
        assert started_at(window, other) == exact
    else:
        assert exact.closes_at > window.closes_at or exact.last_day == window.last_day


def test_steps_can_be_followed_on_paper() -> None:
    terms = replace(PRESETS["fr-15-days"], proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}))
    window = compute_window(
        terms, datetime.fromisoformat("2026-04-17T11:00:00+02:00"), get_calendar("FR")
    )
    assert [(step.kind, step.day.isoformat()) for step in window.steps] == [
        (StepKind.RECEIVED, "2026-04-17"),
        (StepKind.DAY_ONE, "2026-04-18"),
        (StepKind.LAST_COUNTED, "2026-05-02"),
        (StepKind.ROLLED_SATURDAY, "2026-05-02"),
        (StepKind.ROLLED_SUNDAY, "2026-05-03"),
        (StepKind.WORKING_DAY, "2026-05-04"),
        (StepKind.CLOSES, "2026-05-04"),
    ]


def test_postal_grace_is_ten_working_days() -> None:
    terms = replace(
        PRESETS["fr-30-days-registered"],
        proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    )
    window = compute_window(
        terms, datetime.fromisoformat("2026-11-18T10:00:00+01:00"), get_calendar("FR")
    )
    assert window.last_day == date(2026, 12, 18)
    # 21 to 24 and 28 to 31 December, 4 and 5 January: the grace ends with 5 January.
    expected = datetime.combine(date(2027, 1, 6), time(0), zone_of("Europe/Paris"))
    assert window.silence_after_at == expected


@pytest.mark.parametrize(
    ("received", "dispatched", "decides", "expected"),
    [
        ("2026-06-22T21:59:59+00:00", None, "unspecified", Timeliness.IN_TIME),
        ("2026-06-22T22:00:00+00:00", None, "received", Timeliness.LATE),
        ("2026-06-22T22:00:00+00:00", None, "dispatched", Timeliness.DISPUTED),
        ("2026-06-25T08:00:00+00:00", "2026-06-22", "dispatched", Timeliness.DISPUTED),
        ("2026-06-25T08:00:00+00:00", "2026-06-22", "unspecified", Timeliness.DISPUTED),
        ("2026-06-25T08:00:00+00:00", "2026-06-23", "dispatched", Timeliness.LATE),
        ("2026-06-20T08:00:00+00:00", "2026-06-18", "received", Timeliness.IN_TIME),
    ],
)
def test_timeliness(
    received: str, dispatched: str | None, decides: str, expected: Timeliness
) -> None:
    terms = replace(
        PRESETS["fr-15-days"],
        proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
        objection_timely_when=TimelyWhen(decides),
    )
    trigger = datetime.fromisoformat("2026-06-05T11:00:00+02:00")
    window = compute_window(terms, trigger, get_calendar("FR"))
    judged = judge_timeliness(
        terms,
        window,
        received_at=datetime.fromisoformat(received),
        dispatched_on=date.fromisoformat(dispatched) if dispatched else None,
    )
    assert judged is expected


def test_without_a_window_nothing_is_late() -> None:
    judged = judge_timeliness(
        PRESETS["fr-15-days"],
        None,
        received_at=datetime(2030, 1, 1, tzinfo=UTC),
        dispatched_on=None,
    )
    assert judged is Timeliness.NO_WINDOW


@pytest.mark.parametrize(
    "chosen",
    [
        {"runs_from": RunsFrom.DISPATCH},
        {"runs_from": RunsFrom.PUBLICATION},
        {
            "runs_from": RunsFrom.RECEIPT,
            "deemed_receipt": DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2),
        },
    ],
)
def test_what_counts_from_its_receipt_all_the_same_is_explained_so(chosen: dict[str, Any]) -> None:
    terms = replace(PRESETS["fr-15-days"], proof_of_receipt=frozenset(ProofKind), **chosen)
    received_at = datetime(2026, 3, 18, 10, tzinfo=UTC)
    calendar = get_calendar("FR")
    window = compute_window(terms, received_at, calendar, from_receipt=True)
    assert window.steps[0].kind is StepKind.RECEIVED
    assert StepKind.DEEMED_RECEIVED not in {step.kind for step in window.steps}
    assert window.opens_at == received_at
    assert window.last_day == date(2026, 4, 2)
    # So it stays where holidays are counted anew.
    assert compute_anew(terms, window, received_at, calendar) == window
    by_the_clause = compute_window(terms, received_at, calendar)
    assert compute_anew(terms, by_the_clause, received_at, calendar) == by_the_clause
    assert by_the_clause != window
