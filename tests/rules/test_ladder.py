"""When a registered letter follows a mail: whole days of the agreement's own calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.ladder import dispatched_before, is_due, takes_over
from subnotify.rules.presets import PRESETS
from subnotify.rules.serving import Proof
from subnotify.rules.terms import Counting, NoticeTerms
from subnotify.rules.terms_words import ChannelChoice, CountingRule
from subnotify.rules.words import Channel, ProofKind

PROOFS = frozenset({ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY})
REGISTERED = replace(PRESETS["fr-30-days-registered"], proof_of_receipt=PROOFS)
FIFTEEN = replace(PRESETS["fr-15-days"], proof_of_receipt=PROOFS)
PARIS = ZoneInfo("Europe/Paris")


def in_zone(terms: NoticeTerms, zone: str) -> NoticeTerms:
    return replace(terms, counting=Counting(CountingRule.CONTRACT_CALENDAR, zone))


def local(day: int, hour: int = 0, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def test_the_thirty_day_charter_waits_ten_days() -> None:
    assert REGISTERED.receipt_fallback_days == 10
    assert FIFTEEN.receipt_fallback_days is None


@pytest.mark.parametrize("left_at", [local(2, 0, 0), local(2, 9, 0), local(2, 23, 59)])
def test_ten_whole_days_after_the_day_of_dispatch(left_at: datetime) -> None:
    # 2 March is not counted; the tenth day is 12 March, and it must be over.
    assert not is_due(REGISTERED, left_at, [], at=local(12, 23, 59))
    assert is_due(REGISTERED, left_at, [], at=local(13))


def test_the_hour_of_the_agreements_zone_decides_the_day() -> None:
    # 23:30 UTC on 1 March is 2 March in Paris.
    left_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert not is_due(REGISTERED, left_at, [], at=local(12, 23, 59))
    assert is_due(REGISTERED, left_at, [], at=local(13))
    tokyo = in_zone(REGISTERED, "Asia/Tokyo")
    late = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 3 March there
    assert not is_due(tokyo, late, [], at=datetime(2026, 3, 13, 14, 59, tzinfo=UTC))
    assert is_due(tokyo, late, [], at=datetime(2026, 3, 13, 15, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("left_at", "due_at"),
    [
        # Over the night in which summer time begins (29 March) and ends (25 October).
        (local(20, 12), datetime(2026, 3, 30, 22, tzinfo=UTC)),
        (local(16, 12, month=10), datetime(2026, 10, 26, 23, tzinfo=UTC)),
    ],
)
def test_days_are_calendar_days_also_when_the_clocks_change(
    left_at: datetime, due_at: datetime
) -> None:
    assert not is_due(REGISTERED, left_at, [], at=due_at - timedelta(seconds=1))
    assert is_due(REGISTERED, left_at, [], at=due_at)


def test_a_day_without_midnight_begins_at_the_jump() -> None:
    # In Cairo the clocks of 24 April 2026 go from 0:00 to 1:00.
    cairo = in_zone(replace(REGISTERED, receipt_fallback_days=1), "Africa/Cairo")
    left_at = datetime(2026, 4, 22, 12, tzinfo=UTC)
    jump = datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert not is_due(cairo, left_at, [], at=jump - timedelta(seconds=1))
    assert is_due(cairo, left_at, [], at=jump)


def test_a_proof_that_the_terms_accept_ends_the_waiting() -> None:
    left_at, at = local(2), local(20)
    acknowledged = Proof(ProofKind.ACKNOWLEDGEMENT, local(5))
    by_server = Proof(ProofKind.RECIPIENT_SERVER, local(2))
    assert not is_due(REGISTERED, left_at, [acknowledged], at=at)
    assert is_due(REGISTERED, left_at, [by_server], at=at)


def test_nothing_is_due_without_days_a_dispatch_or_computable_terms() -> None:
    at = local(30)
    assert not is_due(FIFTEEN, local(2), [], at=at)
    assert not is_due(None, local(2), [], at=at)
    assert not is_due(REGISTERED, None, [], at=at)
    # Nobody has chosen yet what proves receipt: a letter would open no window.
    assert not is_due(PRESETS["fr-30-days-registered"], local(2), [], at=at)


def test_a_letter_takes_over_where_the_terms_know_post() -> None:
    assert takes_over(REGISTERED)
    assert not takes_over(FIFTEEN)
    assert not takes_over(None)
    by_post = replace(
        FIFTEEN, channels=(Channel.EMAIL, Channel.POST), channel_choice=ChannelChoice.ANY
    )
    assert takes_over(by_post)
    assert not takes_over(replace(by_post, proof_of_receipt=frozenset()))


ZONES = st.sampled_from(
    ("Europe/Paris", "Asia/Tokyo", "America/New_York", "Africa/Cairo", "Pacific/Apia", "UTC")
)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, int((LAST - FIRST).total_seconds())).map(
    lambda seconds: FIRST + timedelta(seconds=seconds)
)


@given(ZONES, st.integers(1, 60), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=90)))
def test_due_exactly_when_the_local_days_between_are_more_than_the_terms_say(
    zone: str, days: int, left_at: datetime, later: timedelta
) -> None:
    terms = in_zone(replace(REGISTERED, receipt_fallback_days=days), zone)
    at = left_at + later
    there = ZoneInfo(zone)
    passed = (at.astimezone(there).date() - left_at.astimezone(there).date()).days
    assert is_due(terms, left_at, [], at=at) == (passed > days)
    before = dispatched_before(terms, at=at)
    assert before is not None and (left_at < before) == (passed > days)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=90)), st.timedeltas(timedelta(0)))
def test_what_is_due_stays_due(left_at: datetime, later: timedelta, still: timedelta) -> None:
    at = left_at + later
    further = at + min(still, timedelta(days=3_000))
    if is_due(REGISTERED, left_at, [], at=at):
        assert is_due(REGISTERED, left_at, [], at=further)
