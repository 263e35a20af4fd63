"""An operator who is signed in gives the password again, before a step of weight."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.passwords import is_password
from subnotify.operations.sign_in import FAILURES_COUNT_FOR, count_try
from subnotify.operations.transaction import transaction
from subnotify.rules.second_factor import PasswordWrong
from subnotify.storage import operators, second_factors
from subnotify.storage.operators import Operator


def confirm_password(
    session: Session,
    operator: Operator,
    password: str,
    *,
    token_digest: str,
    address: str,
    at: datetime,
) -> None:
    """Note at this session that the password was given at `at`.

    Failures count as those of a sign-in do. Raises SignInThrottled before the password is looked
    at, else PasswordWrong.
    """
    with transaction(session):
        count_try(session, operator.name, address, at=at)
        found = operators.find_sign_in(session, operator.name)
    # Slow on purpose, and outside the transaction: nobody waits for it.
    if not is_password(password, found[1] if found else None):
        raise PasswordWrong()
    with transaction(session):
        operators.forget_sign_in_failures(
            session, before=at - FAILURES_COUNT_FOR, name=operator.name
        )
        second_factors.set_password_given(session, token_digest, at=at)
