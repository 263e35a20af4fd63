"""Requests of machines, counted in memory: never more keys than stated, whatever they send."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from subnotify.web.request_limits import MOST_KEYS, RequestLimit

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_within_a_period_no_more_go_on_than_stated(pauses: list[int]) -> None:
    limit, at, passed = RequestLimit(3, MINUTE), AT, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        wait = limit.count("one", at=at)
        if wait is None:
            passed.append(at)
        else:
            assert 1 <= wait <= 60
    for begin in passed[::3]:
        # Periods begin with a request: two of them touch any minute.
        assert sum(begin <= x < begin + MINUTE for x in passed) <= 6


def test_whoever_waited_goes_on_and_a_clock_set_back_locks_nobody_out() -> None:
    limit = RequestLimit(1, MINUTE)
    assert limit.count("one", at=AT) is None
    assert limit.count("one", at=AT + timedelta(seconds=1)) == 59
    assert limit.count("one", at=AT + timedelta(seconds=59, milliseconds=500)) == 1
    assert limit.count("one", at=AT + MINUTE) is None
    assert limit.count("one", at=AT - timedelta(days=1)) is None


def test_only_so_many_keys_are_kept() -> None:
    limit = RequestLimit(1, MINUTE)
    for number in range(MOST_KEYS + 5):
        assert limit.count(str(number), at=AT) is None
    assert len(limit._begun) == MOST_KEYS
    assert limit.count(str(MOST_KEYS + 4), at=AT) is not None
