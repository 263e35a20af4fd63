"""Reminders: at half time and some days before the deadline, never after it, never twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.reminders import APART, ReminderKind, find_due, plan_reminders

PARIS = ZoneInfo("Europe/Paris")
HALF, DAYS = ReminderKind.HALF, ReminderKind.DAYS
# Monday 2 March 2026, 9:00 in Paris; 15 days end on Tuesday 17 March, 24:00.
OPENS_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLOSES_AT = datetime(2026, 3, 17, 23, tzinfo=UTC)


def planned(closes_at: datetime, days_before: int = 3, **changed: bool) -> dict[str, datetime]:
    given = {"at_half_time": True, "days_before": days_before, **changed}
    plan = plan_reminders(OPENS_AT, closes_at, PARIS, **given)
    return {one.kind: one.due_at for one in plan}


def test_fifteen_days() -> None:
    assert planned(CLOSES_AT) == {
        HALF: datetime(2026, 3, 10, 3, 30, tzinfo=UTC),
        DAYS: datetime(2026, 3, 13, 23, tzinfo=UTC),  # the start of Saturday 14 March in Paris
    }


def test_days_are_local_days_also_when_the_clocks_change() -> None:
    # The last day is Monday 30 March; summer time began on the 29th.
    closes_at = datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert planned(closes_at)[DAYS] == datetime(2026, 3, 26, 23, tzinfo=UTC)
    assert planned(closes_at, 1)[DAYS] == datetime(2026, 3, 28, 23, tzinfo=UTC)


def test_a_window_that_ends_at_an_hour_has_its_last_day_too() -> None:
    closes_at = datetime(2026, 3, 17, 9, tzinfo=UTC)
    assert planned(closes_at)[DAYS] == datetime(2026, 3, 13, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "kinds"),
    [
        (timedelta(hours=47), []),
        (timedelta(hours=48), [HALF]),
        (timedelta(days=3), [HALF]),
        (timedelta(days=6), [DAYS]),
        (timedelta(days=7), [DAYS]),
        (timedelta(days=30), [HALF, DAYS]),
    ],
)
def test_short_windows_get_one_or_none(length: timedelta, kinds: list[ReminderKind]) -> None:
    assert list(planned(OPENS_AT + length)) == kinds


def test_the_settings_turn_each_off() -> None:
    assert list(planned(CLOSES_AT, 0)) == [HALF]
    assert list(planned(CLOSES_AT, at_half_time=False)) == [DAYS]
    assert planned(CLOSES_AT, 0, at_half_time=False) == {}


def test_long_before_the_deadline_comes_first() -> None:
    assert list(planned(OPENS_AT + timedelta(days=30), 20)) == [DAYS, HALF]


def test_a_missed_one_is_sent_late_only_while_it_helps() -> None:
    plan = plan_reminders(OPENS_AT, CLOSES_AT, PARIS, at_half_time=True, days_before=3)
    half, days = plan
    assert find_due(plan, at=half.due_at - timedelta(seconds=1)) is None
    assert find_due(plan, at=half.due_at) is HALF
    assert find_due(plan, at=days.due_at - APART - timedelta(seconds=1)) is HALF
    assert find_due(plan, at=days.due_at - APART) is None
    assert find_due(plan, at=days.due_at) is DAYS
    assert find_due(plan, at=CLOSES_AT - timedelta(seconds=1)) is DAYS
    assert find_due(plan, at=CLOSES_AT) is None


ZONES = st.sampled_from(["Europe/Paris", "Pacific/Apia", "America/St_Johns", "UTC", "Asia/Tokyo"])
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=1_000)).map(lambda x: OPENS_AT + x)


@given(
    opens_at=INSTANTS,
    length=st.timedeltas(timedelta(minutes=1), timedelta(days=120)),
    zone=ZONES,
    at_half_time=st.booleans(),
    days_before=st.integers(0, 60),
    # When the job runs: pauses of minutes, or of days of downtime.
    pauses=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=20)), max_size=60),
    # When the client answers, as a share of the window.
    answers=st.one_of(st.none(), st.floats(0, 1.2)),
)
def test_whenever_the_job_runs(
    opens_at: datetime,
    length: timedelta,
    zone: str,
    at_half_time: bool,
    days_before: int,
    pauses: list[timedelta],
    answers: float | None,
) -> None:
    """Never after the deadline, never twice, never to who answered, at most two, a day apart."""
    closes_at = opens_at + length
    answered_at = None if answers is None else opens_at + length * answers
    plan = plan_reminders(
        opens_at, closes_at, ZoneInfo(zone), at_half_time=at_half_time, days_before=days_before
    )
    sent: dict[ReminderKind, datetime] = {}
    at = opens_at
    for pause in pauses:
        at += pause
        kind = find_due(plan, at=at)
        if kind is not None and kind not in sent and (answered_at is None or at < answered_at):
            sent[kind] = at
    instants = sorted(sent.values())
    assert len(sent) <= 2
    assert all(opens_at + APART <= one < closes_at for one in instants)
    assert all(later - one >= APART for one, later in pairwise(instants))
    assert answered_at is None or all(one < answered_at for one in instants)
    assert at_half_time or HALF not in sent
    assert days_before or DAYS not in sent
