"""Planning against a search over every day, and worked examples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.lead_times import lead_ends_at, lead_limit, lead_limit_before
from subnotify.rules.planning import (
    HeldBackBy,
    TermsPlan,
    plan_terms,
    timing_key,
)
from subnotify.rules.seasons import falls_at_christmas, falls_in_august
from subnotify.rules.sending_days import (
    SENDING_HOUR,
    Commencement,
    latest_sending_before,
    latest_sending_on,
)
from subnotify.rules.terms import Counting, DeemedReceipt, Emergency, NoticeTerms, Period
from subnotify.rules.terms_words import (
    Closes,
    CountingRule,
    DeemedKind,
    MayCommence,
    RunsFrom,
    TimelyWhen,
    Unit,
)
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.windows import compute_window
from subnotify.rules.words import ChangeKind, ProofKind

PARIS = ZoneInfo("Europe/Paris")
SENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WANTED = date(2026, 4, 7)
NO_ROLL = Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris")
DAY = timedelta(days=1)


def terms(**values: object) -> NoticeTerms:
    given_values: dict[str, object] = {
        "counting": NO_ROLL,
        "objection_period": Period(30),
        "runs_from": RunsFrom.RECEIPT,
        "proof_of_receipt": frozenset({ProofKind.RECIPIENT_SERVER}),
        "objection_timely_when": TimelyWhen.RECEIVED,
    }
    return NoticeTerms(**(given_values | values))


def plan(
    read: NoticeTerms,
    *,
    sent_at: datetime = SENT,
    wanted: date | None = WANTED,
    is_emergency: bool = False,
) -> TermsPlan:
    commencement = Commencement(wanted, PARIS, is_emergency) if wanted else None
    return plan_terms(
        read,
        ChangeKind.ADDITION,
        get_calendar(read.counting.holiday_calendar),
        sent_at=sent_at,
        zone=PARIS,
        commencement=commencement,
    )


UNITS = st.sampled_from(
    [Unit.DAYS, Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES, Unit.WEEKS, Unit.MONTHS]
)
PERIODS = st.builds(
    lambda unit, number: Period(min(number, 3) if unit is Unit.MONTHS else number, unit),
    UNITS,
    st.integers(1, 20),
)
COUNTINGS = st.builds(
    Counting,
    st.sampled_from(
        [
            CountingRule.CONTRACT_CALENDAR,
            CountingRule.CONTRACT_ROLL_BD,
            CountingRule.EU_1182_71,
            CountingRule.FR_CPC_640_642,
            CountingRule.UK_CLEAR_DAYS,
            CountingRule.CH_OR_77_78,
        ]
    ),
    st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo"]),
    st.sampled_from(["none", "FR", "DE"]),
)
LEADS = st.one_of(st.none(), PERIODS, st.just(Period(48, Unit.HOURS)))
FORWARD = st.builds(
    terms,
    counting=COUNTINGS,
    objection_period=PERIODS,
    runs_from=st.sampled_from([RunsFrom.RECEIPT, RunsFrom.DISPATCH]),
    lead_time=LEADS,
    may_commence=st.sampled_from(MayCommence),
    objection_timely_when=st.sampled_from([TimelyWhen.RECEIVED, TimelyWhen.DISPATCHED]),
)
DEEMED = st.builds(
    replace,
    FORWARD,
    runs_from=st.just(RunsFrom.RECEIPT),
    deemed_receipt=st.one_of(
        st.builds(DeemedReceipt, st.just(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH), days=st.just(2)),
        st.builds(DeemedReceipt, st.just(DeemedKind.NEXT_BUSINESS_DAY)),
    ),
)
ANCHORED = st.builds(
    replace,
    FORWARD,
    runs_from=st.just(RunsFrom.COMMENCEMENT_BACKWARD),
    closes=st.sampled_from([Closes.PERIOD, Closes.COMMENCEMENT]),
)
ALL_TERMS = st.one_of(FORWARD, DEEMED, ANCHORED)
DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 31))


def is_lawful(read: NoticeTerms, sent_at: datetime, day: date) -> bool:
    """Said again from the contract's words, by dates: lead time, window and grace are over."""
    calendar = get_calendar(read.counting.holiday_calendar)
    start = start_of_day(day, PARIS)
    zone = ZoneInfo(read.counting.time_zone)
    local_on = start.astimezone(zone).date()
    try:
        window = compute_window(read, sent_at, calendar, commencement_on=local_on)
    except NoticeTooLate:
        return False
    due = lead_limit_before(read, start, calendar)
    if due is not None and window.opens_at > due.ends_at:
        return False
    if due is not None and window.opens_at == due.ends_at and read.lead_time.unit is not Unit.HOURS:
        return False
    if window.opens_at > start:
        return False
    hangs = read.closes is Closes.COMMENCEMENT or read.runs_from is RunsFrom.COMMENCEMENT_BACKWARD
    if hangs or read.may_commence is MayCommence.AFTER_LEAD_TIME:
        return True
    return window.silence_after_at <= start


@settings(max_examples=100)
@given(read=ALL_TERMS, wanted=DAYS)
def test_the_latest_sending_day_is_the_last_of_all_days_that_are_in_time(read, wanted):
    zone = ZoneInfo(read.counting.time_zone)
    lawful = []
    for back in range(-3, 130):
        day = wanted - back * DAY
        noon = datetime.combine(day, SENDING_HOUR, tzinfo=zone)
        if is_lawful(read, noon, wanted):
            lawful.append(day)
    found = plan(read, wanted=wanted).latest_sending_on
    if lawful:
        assert found == max(lawful)
        assert lawful == [max(lawful) - n * DAY for n in range(len(lawful))], "no gap"
    else:
        assert found < wanted - 129 * DAY


@settings(max_examples=100)
@given(read=ALL_TERMS, sent_on=DAYS, hour=st.integers(0, 23))
def test_the_earliest_commencement_is_the_first_of_all_days_that_are_lawful(read, sent_on, hour):
    sent_at = datetime(sent_on.year, sent_on.month, sent_on.day, hour, 30, tzinfo=UTC)
    found = plan(read, sent_at=sent_at, wanted=None).earliest_on
    today = sent_at.astimezone(PARIS).date()
    days = (today + n * DAY for n in range(200))

    def lawful(day: date) -> bool:
        # Sent today for today: what asks for nothing may commence at once.
        return is_lawful(read, sent_at, day) or (
            day == today
            and read.may_commence is MayCommence.AFTER_LEAD_TIME
            and read.lead_time is None
            and read.runs_from is not RunsFrom.COMMENCEMENT_BACKWARD
            and read.closes is Closes.PERIOD
        )

    assert found == next((day for day in days if lawful(day)), found)
    assert found - today < 200 * DAY


@settings(max_examples=100)
@given(read=ALL_TERMS, given_on=DAYS, hour=st.integers(0, 23))
def test_the_lead_time_ends_on_the_first_day_from_which_counting_back_reaches_the_notice(
    read, given_on, hour
):
    if read.lead_time is None or read.lead_time.unit is Unit.HOURS:
        return
    calendar = get_calendar(read.counting.holiday_calendar)
    zone = ZoneInfo(read.counting.time_zone)
    given_at = datetime.combine(given_on, SENDING_HOUR, tzinfo=zone)
    ends_at = lead_ends_at(read, given_at, calendar)
    days = (given_on + n * DAY for n in range(200))
    first = next(x for x in days if lead_limit(read, x, calendar).last_day >= given_on)
    assert ends_at == start_of_day(first, zone)


def test_two_clocks_with_the_dates_of_the_contract():
    """10 business days' lead with 30 days' window from dispatch, commencement on 7 April."""
    read = terms(lead_time=Period(10, Unit.BUSINESS_DAYS), runs_from=RunsFrom.DISPATCH)
    found = plan(read)
    assert found.course.window.last_day == date(2026, 4, 1)
    assert (found.is_lead_met, found.days_missed, found.days_outlived) == (True, 0, 0)
    # Counted back from 7 April without holidays: 24 March. The window needs 31 days and a grace.
    assert found.lead_due_on == date(2026, 3, 24)
    assert found.latest_sending_on == date(2026, 3, 6)
    assert found.earliest_on == date(2026, 4, 3)
    assert found.course.held_back_by is HeldBackBy.WINDOW


def test_late_for_six_weeks_of_lead_time():
    found = plan(terms(lead_time=Period(6, Unit.WEEKS)))
    assert not found.is_lead_met
    assert found.lead_due_on == found.latest_sending_on == date(2026, 2, 24)
    assert (found.earliest_on, found.days_missed) == (date(2026, 4, 13), 6)
    assert found.course.held_back_by is HeldBackBy.LEAD_TIME
    assert found.is_gated_alone


def test_a_window_that_outlives_commencement():
    ninety = terms(objection_period=Period(90), lead_time=Period(30))
    received = datetime(2026, 3, 3, 9, tzinfo=UTC)
    gated = plan(ninety, sent_at=received)
    assert gated.course.window.last_day == date(2026, 6, 1)
    assert (gated.days_outlived, gated.runs_past_commencement, gated.is_gated_alone) == (
        55,
        False,
        True,
    )
    assert gated.usable_on == gated.earliest_on == date(2026, 6, 3)
    early = plan(replace(ninety, may_commence=MayCommence.AFTER_LEAD_TIME), sent_at=received)
    assert (early.days_outlived, early.runs_past_commencement, early.is_gated_alone) == (
        55,
        True,
        False,
    )
    assert early.usable_on == WANTED


def test_two_weeks_back_from_commencement():
    back = terms(objection_period=Period(2, Unit.WEEKS), runs_from=RunsFrom.COMMENCEMENT_BACKWARD)
    found = plan(back)
    assert found.course.window.last_day == found.latest_sending_on == date(2026, 3, 24)
    assert (found.earliest_on, found.days_missed) == (date(2026, 3, 16), 0)
    late = plan(back, sent_at=datetime(2026, 3, 25, 9, tzinfo=UTC))
    assert late.course.too_late_since == date(2026, 3, 24)
    assert (late.course.window, late.usable_on, late.is_gated_alone) == (None, None, True)
    assert (late.earliest_on, late.days_missed) == (date(2026, 4, 8), 1)


def test_where_the_window_ends_with_commencement_its_grace_comes_after():
    found = plan(terms(objection_period=None, closes=Closes.COMMENCEMENT, lead_time=Period(30)))
    assert found.course.window.last_day == WANTED - DAY
    assert (found.usable_on, found.days_missed) == (WANTED + DAY, 1)
    assert found.latest_sending_on == date(2026, 3, 8)


@pytest.mark.parametrize("allowed", [True, False, None])
def test_an_emergency_commences_early_only_where_the_terms_say_so(allowed):
    read = terms(lead_time=Period(60), emergency_replacement=Emergency(allowed))
    found = plan(read, is_emergency=True)
    if allowed:
        assert (found.is_lead_met, found.days_missed, found.usable_on) == (True, 0, WANTED)
        assert found.course.window.last_day == date(2026, 4, 1), "its window runs all the same"
    else:
        assert found == plan(read)
        assert (found.is_lead_met, found.days_missed) == (False, 24)


def test_a_kind_that_the_terms_do_not_cover_waits_for_nothing():
    read = terms(lead_time=Period(60), changes_covered=frozenset({ChangeKind.REPLACEMENT}))
    found = plan(read)
    assert (found.earliest_on, found.course.window) == (date(2026, 3, 2), None)


def test_the_key_leaves_out_what_changes_no_date():
    read = terms()
    same = replace(read, objection_address="dpo@vendor.example", silence_irrevocable=True)
    assert timing_key(read, ChangeKind.ADDITION) == timing_key(same, ChangeKind.ADDITION)
    other = replace(read, lead_time=Period(1))
    assert timing_key(read, ChangeKind.ADDITION) != timing_key(other, ChangeKind.ADDITION)


@given(first=DAYS, length=st.integers(0, 400))
def test_seasons_are_found_as_day_by_day(first, length):
    days = [first + n * DAY for n in range(length + 1)]
    assert falls_in_august(first, days[-1]) == any(x.month == 8 for x in days)
    christmas = [(12, x) for x in range(24, 32)] + [(1, 1), (1, 2)]
    assert falls_at_christmas(first, days[-1]) == any((x.month, x.day) in christmas for x in days)


@given(ALL_TERMS, DAYS)
@settings(max_examples=150, deadline=None)
def test_before_an_instant_sending_is_in_time_and_from_it_on_it_is_not(
    read: NoticeTerms, wanted: date
):
    calendar = get_calendar(read.counting.holiday_calendar)
    commencement = Commencement(wanted, PARIS)
    before = latest_sending_before(read, calendar, commencement)
    day = latest_sending_on(read, calendar, commencement)
    noon = datetime.combine(day, SENDING_HOUR, tzinfo=ZoneInfo(read.counting.time_zone))
    assert noon < before <= noon + DAY
    minute = timedelta(minutes=1)
    assert is_lawful(read, before - minute, wanted)
    assert not is_lawful(read, before, wanted)


def test_hours_are_counted_to_the_minute():
    read = terms(lead_time=Period(48, Unit.HOURS), may_commence=MayCommence.AFTER_LEAD_TIME)
    found = plan(read)
    # Commencement begins on 7 April, 0:00 in Paris; exactly 48 hours before is in time.
    assert found.sending_before == datetime(2026, 4, 4, 22, 1, tzinfo=UTC)
    assert found.latest_sending_on == date(2026, 4, 4)
