"""When sending ends: never before the quota allows, and never sooner for more work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.sending_estimates import (
    LatestSending,
    SendingLimits,
    SendingSpeed,
    Waiting,
    estimate_sending,
    judge_end,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

counts = st.integers(1, 200_000)
limits = st.builds(
    SendingLimits,
    per_hour=st.none() | st.integers(1, 100_000),
    per_domain_per_minute=st.none() | st.integers(1, 1_000),
    connections=st.integers(1, 64),
)


@st.composite
def waiting(draw: st.DrawFn) -> Waiting:
    left = draw(counts)
    others = draw(st.integers(0, 50_000))
    due = draw(st.none() | st.integers(0, 14_400))
    return Waiting(
        left,
        others,
        draw(st.integers(1, left + others)),
        None if due is None else AT + timedelta(seconds=due),
    )


@st.composite
def speeds(draw: st.DrawFn) -> SendingSpeed:
    used = draw(st.integers(0, 100_000))
    begun = AT - draw(st.integers(1, 300)) * timedelta(seconds=1)
    return SendingSpeed(
        used,
        AT - draw(st.integers(0, 3_599)) * timedelta(seconds=1) if used else None,
        draw(st.integers(0, 10_000)),
        begun,
        begun + draw(st.integers(0, 300)) * timedelta(seconds=1),
    )


def test_the_quota_decides():
    found = estimate_sending(Waiting(12_400), SendingLimits(per_hour=2_000), at=AT)
    assert found.takes == timedelta(hours=6, minutes=12)
    assert (found.ends_at, found.decided_by) == (AT + found.takes, "quota")
    assert not found.is_measured


def test_what_was_used_in_the_last_hour_counts_from_its_first_mail_on():
    quota = SendingLimits(per_hour=2_000)
    just_now = estimate_sending(Waiting(2_000), quota, SendingSpeed(500, AT), at=AT)
    assert just_now.takes == timedelta(minutes=75)
    # Saturated for an hour: what falls out of the hour is what may go.
    full = estimate_sending(Waiting(2_000), quota, SendingSpeed(2_000, AT - HOUR), at=AT)
    assert full.takes == HOUR
    long_ago = estimate_sending(Waiting(2_000), quota, SendingSpeed(100, AT - HOUR), at=AT)
    assert long_ago.takes == HOUR


def test_the_largest_domain_decides():
    pace = SendingLimits(per_hour=100_000, per_domain_per_minute=10)
    found = estimate_sending(Waiting(1_000, largest_domain=100), pace, at=AT)
    assert (found.takes, found.decided_by) == (10 * MINUTE, "domain")


def test_the_rate_decides_measured_or_assumed():
    assumed = estimate_sending(Waiting(12_000), SendingLimits(connections=4), at=AT)
    assert (assumed.takes, assumed.decided_by) == (10 * MINUTE, "rate")
    speed = SendingSpeed(done=600, begun_at=AT - MINUTE, ended_at=AT)
    measured = estimate_sending(Waiting(12_000), SendingLimits(), speed, at=AT)
    assert (measured.takes, measured.is_measured) == (20 * MINUTE, True)


@pytest.mark.parametrize(
    "speed",
    [
        SendingSpeed(done=9, begun_at=AT - MINUTE, ended_at=AT),
        SendingSpeed(done=100, begun_at=AT, ended_at=None),
        SendingSpeed(),
    ],
)
def test_too_little_says_nothing_about_a_rate(speed: SendingSpeed):
    assert speed.rate is None


def test_a_burst_has_no_fanciful_rate():
    assert SendingSpeed(done=100, begun_at=AT, ended_at=AT).rate == 100


def test_those_that_are_put_off_are_waited_for():
    due = AT + 3 * HOUR
    found = estimate_sending(Waiting(5, last_due_at=due), SendingLimits(), at=AT)
    assert (found.ends_at, found.decided_by) == (due, "retries")


def test_nothing_left_ends_now():
    found = estimate_sending(Waiting(0, others=500), SendingLimits(per_hour=1), at=AT)
    assert (found.ends_at, found.decided_by) == (AT, "nothing")


@given(waiting(), limits, speeds())
def test_never_earlier_than_each_limit_allows(
    left: Waiting, limit: SendingLimits, speed: SendingSpeed
):
    takes = estimate_sending(left, limit, speed, at=AT).takes.total_seconds() + 1e-3
    assert takes > 0
    if limit.per_hour:
        assert takes >= (left.left + left.others) * 3600 / limit.per_hour
    if limit.per_domain_per_minute:
        assert takes >= left.largest_domain * 60 / limit.per_domain_per_minute
    assert takes >= (left.left + left.others) / (speed.rate or limit.assumed_rate)


@given(waiting(), limits, speeds(), st.integers(1, 1_000))
def test_more_mails_never_end_sooner(
    left: Waiting, limit: SendingLimits, speed: SendingSpeed, more: int
):
    end = estimate_sending(left, limit, speed, at=AT).ends_at
    for grown in (
        replace(left, left=left.left + more),
        replace(left, others=left.others + more),
        replace(left, left=left.left + more, largest_domain=left.largest_domain + more),
    ):
        assert estimate_sending(grown, limit, speed, at=AT).ends_at >= end


@given(waiting(), limits, speeds(), st.integers(1, 10_000))
def test_looser_limits_never_end_later(
    left: Waiting, limit: SendingLimits, speed: SendingSpeed, more: int
):
    end = estimate_sending(left, limit, speed, at=AT).ends_at
    looser = [
        replace(limit, per_hour=None),
        replace(limit, per_domain_per_minute=None),
        replace(limit, connections=limit.connections + more),
    ]
    if limit.per_hour:
        looser.append(replace(limit, per_hour=limit.per_hour + more))
    if limit.per_domain_per_minute:
        looser.append(replace(limit, per_domain_per_minute=limit.per_domain_per_minute + more))
    for one in looser:
        assert estimate_sending(left, one, speed, at=AT).ends_at <= end


@given(waiting(), limits, speeds(), st.integers(1, 1_000))
def test_what_was_used_never_makes_it_sooner(
    left: Waiting, limit: SendingLimits, speed: SendingSpeed, more: int
):
    end = estimate_sending(left, limit, speed, at=AT).ends_at
    used = replace(speed, used=speed.used + more, first_used_at=speed.first_used_at or AT - MINUTE)
    assert estimate_sending(left, limit, used, at=AT).ends_at >= end


def test_the_verdict():
    by_noon = LatestSending(AT + 3 * HOUR, 2, "a")
    by_night = LatestSending(AT + 12 * HOUR, 30, "b")
    over = LatestSending(AT, 1, "c")
    verdict = judge_end([by_night, over, by_noon], AT + 3 * HOUR, at=AT)
    assert verdict.nearest == by_noon
    # The instant itself is too late already.
    assert (verdict.at_risk, verdict.missed) == ((by_noon,), (over,))
    assert (verdict.at_risk_count, verdict.missed_count) == (2, 1)
    assert not verdict.is_in_time
    assert judge_end([by_night, by_noon], AT + 2 * HOUR, at=AT).is_in_time
    nothing = judge_end([], AT + HOUR, at=AT)
    assert nothing.is_in_time
    assert nothing.nearest is None
