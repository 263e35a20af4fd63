"""Objection windows against the worked cases and against a second, independent computation."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import Counting, NoticeTerms, Period
from subnotify.rules.terms_words import CountingRule, RunsFrom, TimelyWhen, Unit
from subnotify.rules.time_limits import StepKind, start_of_day
from subnotify.rules.windows import (
    compute_window,
    extend_window,
    judge_timeliness,
    started_at,
    window_from_mapping,
    window_to_mapping,
)
from subnotify.rules.words import ProofKind, Timeliness

CASES = yaml.safe_load((Path(__file__).parent.parent / "data/deadline-cases.yaml").read_text())[
    "cases"
]
RULES = ("contract-calendar", "fr-cpc-640-642")
COMPUTABLE = [
    case
    for case in CASES
    if case["rule"] in RULES
    and case["unit"] == "days"
    and "deemed" not in case
    and "extra_days" not in case
]
OTHERS = [case for case in CASES if case not in COMPUTABLE and "extra_days" not in case]


def terms_of(case: dict[str, object], **changes: object) -> NoticeTerms:
    counting = Counting(
        CountingRule(case["rule"]), str(case["timezone"]), str(case["holiday_calendar"])
    )
    period = Period(int(str(case["period"])), Unit(case["unit"]))
    terms = NoticeTerms(counting=counting, objection_period=period, runs_from=RunsFrom.DISPATCH)
    return replace(terms, **changes)


@pytest.mark.parametrize("case", COMPUTABLE, ids=lambda case: case["id"])
def test_worked_case(case: dict[str, str]) -> None:
    window = compute_window(
        terms_of(case),
        datetime.fromisoformat(case["trigger_instant"]),
        get_calendar(case["holiday_calendar"]),
    )
    assert window.nominal_last_day == date.fromisoformat(case["nominal_last_day"])
    assert window.last_day == date.fromisoformat(case["expected_last_day"])
    assert window.closes_at == datetime.fromisoformat(case["expected_deadline_utc"])


def test_there_are_worked_cases_for_both_rules() -> None:
    assert {case["rule"] for case in COMPUTABLE} == set(RULES)
    assert len(COMPUTABLE) >= 15


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case["id"])
def test_what_the_engine_cannot_count_is_named_not_guessed(case: dict[str, str]) -> None:
    with pytest.raises(TermsNotComputable) as refusal:
        compute_window(
            terms_of(case),
            datetime.fromisoformat(case["trigger_instant"]),
            get_calendar("none"),
        )
    assert refusal.value.reason in ("unit", "counting_rule")


ZONES = st.sampled_from(
    ["Europe/Paris", "Europe/London", "Atlantic/Azores", "America/New_York", "Asia/Kathmandu"]
)
INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds)
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
CALENDARS = st.sampled_from(["none", "FR", "FR-57", "FR-971"])


@given(at=INSTANTS, zone=ZONES, number=st.integers(0, 120), calendar=CALENDARS, rolls=st.booleans())
def test_window_agrees_with_a_second_computation(
    at: datetime, zone: str, number: int, calendar: str, rolls: bool
) -> None:
    rule = CountingRule.FR_CPC_640_642 if rolls else CountingRule.CONTRACT_CALENDAR
    terms = NoticeTerms(
        counting=Counting(rule, zone, calendar),
        objection_period=Period(number),
        runs_from=RunsFrom.DISPATCH,
    )
    days = get_calendar(calendar)
    window = compute_window(terms, at, days)
    # A paper calendar: cross off one day after the other.
    day = at.astimezone(ZoneInfo(zone)).date()
    for _ in range(number):
        day += timedelta(days=1)
    while rolls and (day.isoweekday() in (6, 7) or days.holiday_name(day)):
        day += timedelta(days=1)
    assert window.last_day == day
    last_instant = window.closes_at - timedelta(microseconds=1)
    assert last_instant.astimezone(ZoneInfo(zone)).date() == day
    assert window.closes_at.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)
    assert window.silence_after_at >= window.closes_at + timedelta(hours=22)
    assert window_from_mapping(window_to_mapping(window)) == window


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
    local = ZoneInfo(zone)
    window = compute_window(terms, at, get_calendar("FR"))
    exact = compute_window(terms, other, get_calendar("FR"))
    if at.astimezone(local).date() == other.astimezone(local).date():
        assert started_at(window, other) == exact
    else:
        assert exact.closes_at > window.closes_at or exact.last_day == window.last_day


@given(at=INSTANTS, zone=ZONES, days=st.integers(-40, 40))
def test_extending_never_shortens(at: datetime, zone: str, days: int) -> None:
    terms = NoticeTerms(
        counting=Counting(CountingRule.CONTRACT_CALENDAR, zone),
        objection_period=Period(15),
        runs_from=RunsFrom.DISPATCH,
    )
    window = compute_window(terms, at, get_calendar("none"))
    extended = extend_window(
        terms, window, window.last_day + timedelta(days=days), get_calendar("none")
    )
    assert extended.closes_at >= window.closes_at
    assert extended.silence_after_at >= window.silence_after_at
    assert extended.last_day == max(window.last_day, window.last_day + timedelta(days=days))


@given(day=st.dates(date(1990, 1, 1), date(2037, 1, 1)), zone=ZONES)
def test_a_day_starts_at_its_first_instant(day: date, zone: str) -> None:
    local = ZoneInfo(zone)
    start = start_of_day(day, local)
    assert start.astimezone(local).date() == day
    assert (start - timedelta(seconds=1)).astimezone(local).date() == day - timedelta(days=1)


def test_missing_and_doubled_midnight() -> None:
    azores = ZoneInfo("Atlantic/Azores")
    assert start_of_day(date(2027, 3, 28), azores) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert start_of_day(date(2026, 10, 25), azores) == datetime(2026, 10, 25, 0, tzinfo=UTC)


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
    expected = datetime.combine(date(2027, 1, 6), time(0), ZoneInfo("Europe/Paris"))
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
