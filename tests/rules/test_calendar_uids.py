"""A later deadline, a closing and a reopening each take the place of what a calendar holds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.calendar_uids import deadline_sequence, is_called_off

AT = datetime(2026, 4, 1, 22, 0, tzinfo=UTC)


STEPS = ("later", "closed", "reopened", "came back", "sent anew", "served")


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_each_step_has_a_higher_number(steps: list[str]) -> None:
    """Also where a notice that came back is served anew with the same end."""
    closes_at, moves, outcomes, is_closed, runs = AT, 1, 0, False, True
    number = deadline_sequence(closes_at, serving_moves=1, outcomes=0, is_cancelled=False)
    for step in steps:
        if step == "later":
            closes_at += timedelta(days=1)
        elif step in ("closed", "reopened"):
            if is_closed is (step == "closed"):
                continue
            outcomes, is_closed = outcomes + 1, step == "closed"
        else:
            if runs is not (step == "came back"):
                continue
            moves, runs = moves + 1, step == "served"
        following = deadline_sequence(
            closes_at,
            serving_moves=moves,
            outcomes=outcomes,
            is_cancelled=is_closed or not runs,
        )
        assert number < following < 2**31
        number = following


def test_only_a_deadline_still_to_come_is_called_off() -> None:
    assert is_called_off(AT, runs=False, closed_at=None)
    assert is_called_off(AT, runs=True, closed_at=AT - timedelta(days=1))
    assert not is_called_off(AT, runs=True, closed_at=AT + timedelta(days=1))
    assert not is_called_off(AT, runs=True, closed_at=None)
