"""Where a release stands on its path, by its state and its gaps."""

import pytest

from subnotify.rules.errors import Problem
from subnotify.rules.release_path import PathStep, StepState, release_path
from subnotify.rules.words import ReleaseState

NO_REASON = Problem("reason", "x", "y")
NO_PLACE = Problem("changes.orage.locations", "x", "y")
D, M, N, L = StepState.DONE, StepState.INCOMPLETE, StepState.DUE, StepState.LATER


@pytest.mark.parametrize(
    ("state", "problems", "is_sent", "is_ended", "expected"),
    [
        (ReleaseState.DRAFT, (NO_REASON,), False, False, [M, D, D, L, L, L, L, L]),
        (ReleaseState.DRAFT, (NO_REASON, NO_PLACE), False, False, [M, M, D, L, L, L, L, L]),
        (ReleaseState.DRAFT, (), False, False, [D, D, D, D, N, L, L, L]),
        (ReleaseState.APPROVED, (), False, False, [D, D, D, D, D, N, L, L]),
        # The list has changed since the approval: it cannot be released as it is.
        (ReleaseState.APPROVED, (NO_PLACE,), False, False, [D, M, D, D, D, L, L, L]),
        (ReleaseState.RELEASED, (), False, False, [D, D, D, D, D, D, N, L]),
        (ReleaseState.RELEASED, (), True, False, [D, D, D, D, D, D, D, N]),
        (ReleaseState.RELEASED, (), True, True, [D, D, D, D, D, D, D, D]),
        # Withdrawn before everything had left: the mails that are still to be told go first.
        (ReleaseState.RELEASED, (), False, True, [D, D, D, D, D, D, N, L]),
    ],
)
def test_the_state_of_each_step(state, problems, is_sent, is_ended, expected):
    lines = release_path(state, problems, is_sent=is_sent, is_ended=is_ended)
    assert [line.step for line in lines] == list(PathStep)
    assert [line.state for line in lines] == expected


def test_gaps_are_counted_where_they_are_filled_in():
    lines = release_path(ReleaseState.DRAFT, (NO_REASON, NO_PLACE, NO_PLACE))
    assert [line.missing for line in lines[:2]] == [1, 2]
