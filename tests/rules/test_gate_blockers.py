"""What the gate says in words: why a change may not commence now."""

import itertools
from datetime import UTC, datetime

import pytest

from subnotify.rules.gates import Blocker, Gate, blockers_of
from subnotify.rules.words import ChangeState

STARTS_AT = datetime(2026, 4, 30, 22, tzinfo=UTC)
CLEAR = {"is_lawful": True, "is_frozen": False, "is_mail_unread": False}


def gate(*, has_come: bool = True, blocking: int = 0, early: int = 0, day: bool = True) -> Gate:
    return Gate(STARTS_AT if day else None, has_come and day, 9, 1, 0, blocking, early)


@pytest.mark.parametrize(
    ("asked", "state", "circumstances", "expected"),
    [
        (gate(), ChangeState.RELEASED, {}, ()),
        (gate(blocking=9), ChangeState.DRAFT, {}, (Blocker.NOT_ANNOUNCED,)),
        (gate(blocking=9), ChangeState.WITHDRAWN, {}, (Blocker.WITHDRAWN,)),
        (gate(has_come=False), ChangeState.RELEASED, {}, (Blocker.DAY_NOT_COME,)),
        (gate(day=False), ChangeState.RELEASED, {}, (Blocker.NO_DAY,)),
        (gate(blocking=1), ChangeState.RELEASED, {}, (Blocker.CASES_NOT_SETTLED,)),
        (gate(), ChangeState.RELEASED, {"is_lawful": False}, (Blocker.NOT_LAWFUL,)),
        (gate(), ChangeState.RELEASED, {"is_frozen": True}, (Blocker.CLOCK_IN_DOUBT,)),
        (gate(early=1), ChangeState.RELEASED, {"is_mail_unread": True}, (Blocker.MAIL_UNREAD,)),
        # Nobody's window runs: what lies unread is no objection to a use.
        (gate(), ChangeState.RELEASED, {"is_mail_unread": True}, ()),
        (gate(), ChangeState.COMMENCED, {"is_lawful": False, "is_frozen": True}, ()),
        # A case was opened again after the change had commenced.
        (gate(blocking=1), ChangeState.COMMENCED, {}, (Blocker.CASES_NOT_SETTLED,)),
    ],
)
def test_each_blocker_is_named(asked, state, circumstances, expected) -> None:
    assert blockers_of(asked, state, **{**CLEAR, **circumstances}) == expected


def test_nothing_is_ready_that_may_not_commence() -> None:
    """Without a blocker a released change has come, is settled, lawful, and the clock is right."""
    flags = (True, False)
    for come, blocking, lawful, frozen in itertools.product(flags, (0, 3), flags, flags):
        asked = gate(has_come=come, blocking=blocking)
        found = blockers_of(
            asked, ChangeState.RELEASED, is_lawful=lawful, is_frozen=frozen, is_mail_unread=False
        )
        assert (not found) == (asked.is_open and lawful and not frozen)
