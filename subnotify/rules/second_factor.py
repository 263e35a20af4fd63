"""The second factor of operators: which codes count at an instant, who must have one, and when
somebody who guesses has to wait. A code is that of RFC 6238: one for each 30 seconds."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from subnotify.rules.errors import RuleError
from subnotify.rules.words import Role

STEP = timedelta(seconds=30)
# A telephone's clock may be off by one step either way (RFC 6238, 5.2).
STEPS_AROUND = 1
WRONG_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
RECOVERY_CODES = 10
# Who decides about clients' rights, and who decides about operators.
MUST_HAVE_ONE = frozenset({Role.LEGAL, Role.ADMIN})
# After the password, this long is left to give the code, or to set the factor up.
BETWEEN_PASSWORD_AND_CODE = timedelta(minutes=30)
# A password given counts this long for what asks for it again.
PASSWORD_COUNTS_FOR = timedelta(minutes=10)

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_SIX_DIGITS = re.compile("[0-9]{6}")


class SecondFactorRefused(RuleError):
    """Neither the telephone's code nor a recovery code that is left; which is not said."""

    message = (
        "This code does not fit. Type the six digits that your telephone shows now (each code"
        " counts once: wait for the next one), or a recovery code that you have not used."
    )


class SecondFactorLocked(RuleError):
    message = "Too many wrong codes. Wait %(minutes)s min, then try again."

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        super().__init__(minutes=minutes)


class SetUpCodeWrong(RuleError):
    message = (
        "This is not the code for this key. Check that the time on your telephone is right, and"
        " type the six digits that it shows now."
    )


class SetUpStale(RuleError):
    message = "This page was made for somebody else or is damaged. Open it again and start over."


class SecondFactorExists(RuleError):
    message = "A second factor was set up meanwhile. Sign in again, with its code."


class SecondFactorMissing(RuleError):
    message = "%(name)s has no second factor."


class OperatorUnknown(RuleError):
    message = "There is no operator with the name %(name)s."


class PasswordWrong(RuleError):
    message = "This is not your password. Type it again."


def must_have_second_factor(roles: Iterable[Role]) -> bool:
    """Whether an operator with these roles works with a second factor only."""
    return bool(MUST_HAVE_ONE & frozenset(roles))


def step_of(at: datetime) -> int:
    """The number of the 30 seconds in which `at` lies (RFC 6238: T, with T0 = 0)."""
    return (at - _EPOCH) // STEP


def steps_that_count(at: datetime, last_step: int | None) -> list[int]:
    """The steps whose codes count at `at`: one to each side, none up to the last one accepted."""
    now = step_of(at)
    around = range(now - STEPS_AROUND, now + STEPS_AROUND + 1)
    return [step for step in around if last_step is None or step > last_step]


def bare_code(typed: str) -> str:
    """A code as typed, without spaces and dashes, in capitals."""
    return re.sub(r"[\s–—-]", "", typed).upper()


def is_telephone_code(bare: str) -> bool:
    """Whether a bare code has the shape of one from a telephone, not of a recovery code."""
    return _SIX_DIGITS.fullmatch(bare) is not None


def end_of_step(at: datetime, step: int | None) -> datetime:
    """Until when the code of a step counts; without one, when the step after that of `at` begins.

    A code counts for one step after its own.
    """
    last = step_of(at) if step is None else step + STEPS_AROUND
    return _EPOCH + (last + 1) * STEP
