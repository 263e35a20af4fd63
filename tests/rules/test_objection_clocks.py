"""What runs from an objection and from a termination, counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.objection_clocks import (
    accommodation_ends,
    data_due_on,
    deemed_accepted_at,
    objection_clocks,
    termination_effect,
    termination_exercise_ends,
)
from subnotify.rules.terms import Counting, NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    Authorisation,
    CountingRule,
    IfUnresolved,
    ObjectionEffect,
    SilenceEffect,
    TakesEffect,
    TimelyWhen,
    Unit,
)

FRANCE = get_calendar("FR")
# Tuesday 3 March 2026, 10:00 in Paris.
OBJECTED = datetime(2026, 3, 3, 9, tzinfo=UTC)
PLAIN = NoticeTerms(counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"))
ROLLED = NoticeTerms(counting=Counting(CountingRule.FR_CPC_640_642, "Europe/Paris", "FR"))


def test_accommodation_is_counted_from_the_receipt_of_the_objection() -> None:
    assert accommodation_ends(PLAIN, OBJECTED, FRANCE) is None
    limit = accommodation_ends(replace(PLAIN, accommodation_period=Period(30)), OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 4, 2)
    assert limit.ends_at == datetime(2026, 4, 2, 22, tzinfo=UTC)
    # The 4th of April is the Saturday before Easter: Monday is a holiday too.
    limit = accommodation_ends(replace(ROLLED, accommodation_period=Period(32)), OBJECTED, FRANCE)
    assert limit is not None
    assert (limit.nominal_last_day, limit.last_day) == (date(2026, 4, 4), date(2026, 4, 7))


def test_a_termination_is_exercised_from_the_end_of_the_accommodation() -> None:
    within = replace(PLAIN, termination=Termination(exercise_within=Period(14)))
    assert termination_exercise_ends(PLAIN, OBJECTED, FRANCE) is None
    limit = termination_exercise_ends(within, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 3, 17)
    after = replace(within, accommodation_period=Period(30))
    limit = termination_exercise_ends(after, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 4, 16)
    hours = replace(after, termination=Termination(exercise_within=Period(48, Unit.HOURS)))
    limit = termination_exercise_ends(hours, OBJECTED, FRANCE)
    assert limit is not None and limit.ends_at == datetime(2026, 4, 4, 22, tzinfo=UTC)


def test_the_second_silence_rule_waits_for_the_other_periods() -> None:
    deemed = replace(
        PLAIN, if_unresolved=IfUnresolved.DEEMED_ACCEPTED, deemed_accepted_after=Period(60)
    )
    limit = deemed_accepted_at(deemed, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 5, 2)
    longer = replace(
        deemed,
        accommodation_period=Period(60),
        termination=Termination(exercise_within=Period(10)),
    )
    limit = deemed_accepted_at(longer, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 5, 12)
    without_period = replace(longer, deemed_accepted_after=None)
    assert deemed_accepted_at(without_period, OBJECTED, FRANCE) == limit
    bare = replace(PLAIN, if_unresolved=IfUnresolved.DEEMED_ACCEPTED)
    assert deemed_accepted_at(bare, OBJECTED, FRANCE) is None


@pytest.mark.parametrize(
    "more",
    [
        {"authorisation": Authorisation.SPECIFIC},
        {"effect_of_silence": SilenceEffect.DEEMED_REFUSED},
        {"authorisation": Authorisation.BLANKET},
        {"effect_of_objection": ObjectionEffect.TERMINATION},
        {"deemed_accepted_after": None, "if_unresolved": IfUnresolved.CLIENT_MAY_TERMINATE},
    ],
)
def test_no_second_silence_rule_where_the_terms_have_none(more: dict[str, object]) -> None:
    terms = replace(
        PLAIN,
        if_unresolved=IfUnresolved.DEEMED_ACCEPTED,
        deemed_accepted_after=Period(60),
        accommodation_period=Period(30),
    )
    assert deemed_accepted_at(replace(terms, **more), OBJECTED, FRANCE) is None


def test_grace_is_that_of_silence() -> None:
    deemed = replace(PLAIN, deemed_accepted_after=Period(60))
    clocks = objection_clocks(deemed, OBJECTED, FRANCE)
    assert clocks.deemed_after_at == datetime(2026, 5, 3, 22, tzinfo=UTC)
    by_post = replace(deemed, objection_timely_when=TimelyWhen.DISPATCHED)
    clocks = objection_clocks(by_post, OBJECTED, FRANCE)
    # Ten business days after Saturday 2 May; the 8th and the 14th are holidays in France.
    assert clocks.deemed_after_at == datetime(2026, 5, 19, 22, tzinfo=UTC)


def effect(takes_effect: TakesEffect, period: Period | None = None, **more: object) -> object:
    termination = Termination(takes_effect=takes_effect, effect_period=period)
    terms = replace(PLAIN, termination=termination)
    found = termination_effect(terms, OBJECTED, FRANCE, **more)  # type: ignore[arg-type]
    return found.takes_effect_on, found.earliest_on, found.latest_on


def test_when_a_termination_takes_effect() -> None:
    day = date(2026, 3, 3)
    closes_at = datetime(2026, 3, 20, 23, tzinfo=UTC)
    assert effect(TakesEffect.IMMEDIATELY) == (day, None, None)
    assert effect(TakesEffect.AT_WINDOW_CLOSE) == (None, None, None)
    at_close = effect(TakesEffect.AT_WINDOW_CLOSE, window_closes_at=closes_at)
    assert at_close == (date(2026, 3, 21), None, None)
    commencement = date(2026, 4, 7)
    at_commencement = effect(TakesEffect.AT_COMMENCEMENT, commencement_on=commencement)
    assert at_commencement == (commencement, None, None)
    assert effect(TakesEffect.AFTER_NOTICE, Period(30)) == (date(2026, 4, 3), None, None)
    assert effect(TakesEffect.AFTER_NOTICE) == (None, None, None)
    assert effect(TakesEffect.CLIENTS_DATE) == (None, day, None)
    assert effect(TakesEffect.UNSPECIFIED) == (None, None, None)


def test_the_clients_date_is_bounded_from_the_notice_of_the_change() -> None:
    noticed_at = datetime(2026, 2, 20, 9, tzinfo=UTC)
    days = effect(TakesEffect.CLIENTS_DATE, Period(30), noticed_at=noticed_at)
    # The 30th day is the 22nd of March: the 23rd is the first without the services.
    assert days == (None, date(2026, 3, 3), date(2026, 3, 23))
    days = effect(TakesEffect.CLIENTS_DATE, Period(5), noticed_at=noticed_at)
    assert days == (None, date(2026, 3, 3), date(2026, 3, 3))


def test_data_is_due_so_many_days_after_the_end_of_the_services() -> None:
    ended_on = date(2026, 3, 31)
    assert data_due_on(None, ended_on) is None
    assert data_due_on(PLAIN, ended_on) is None
    for days, due_on in ((0, ended_on), (30, date(2026, 4, 30))):
        terms = replace(PLAIN, termination=Termination(data_days=days))
        assert data_due_on(terms, ended_on) == due_on


def test_rules_that_count_one_thing_only_lend_their_law_to_other_periods() -> None:
    hours = replace(
        PLAIN,
        counting=Counting(CountingRule.EU_1182_71_HOURS, "Europe/Paris", "FR"),
        accommodation_period=Period(32),
    )
    limit = accommodation_ends(hours, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 4, 7)
    business_days = replace(
        PLAIN,
        counting=Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Paris", "FR"),
        accommodation_period=Period(10, Unit.BUSINESS_DAYS),
    )
    limit = accommodation_ends(business_days, OBJECTED, FRANCE)
    assert limit is not None and limit.last_day == date(2026, 3, 17)


periods = st.none() | st.builds(
    Period, st.integers(0, 90), st.sampled_from([Unit.DAYS, Unit.BUSINESS_DAYS, Unit.MONTHS])
)


@given(
    rule=st.sampled_from(CountingRule),
    accommodation=periods,
    exercise=periods,
    deemed=periods,
    earlier=st.integers(0, 3000),
    later=st.integers(0, 3000),
)
def test_clocks_keep_their_order(
    rule: CountingRule,
    accommodation: Period | None,
    exercise: Period | None,
    deemed: Period | None,
    earlier: int,
    later: int,
) -> None:
    terms = NoticeTerms(
        counting=Counting(rule, "Europe/Paris", "FR"),
        accommodation_period=accommodation,
        deemed_accepted_after=deemed,
        if_unresolved=IfUnresolved.DEEMED_ACCEPTED,
        termination=Termination(exercise_within=exercise),
    )
    first = objection_clocks(terms, OBJECTED + timedelta(hours=earlier), FRANCE)
    if first.deemed_accepted is not None:
        assert first.deemed_after_at is not None
        for limit in (first.accommodation, first.exercise):
            if limit is not None:
                assert limit.latest.ends_at <= first.deemed_accepted.latest.ends_at
        assert first.deemed_accepted.latest.ends_at < first.deemed_after_at
    # An objection that came later never ends anything earlier.
    second = objection_clocks(terms, OBJECTED + timedelta(hours=earlier + later), FRANCE)
    for one, other in (
        (first.accommodation, second.accommodation),
        (first.exercise, second.exercise),
        (first.deemed_accepted, second.deemed_accepted),
    ):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one.latest.ends_at <= other.latest.ends_at
