"""Sign an operator in: throttled, constant work, a new session each time."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from subnotify.operations.passwords import hash_password, is_password, needs_rehash
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.storage import operators
from subnotify.storage.operators import Operator
from subnotify.storage.turns import Turn, take_turn

SESSION_LASTS = timedelta(hours=12)
FAILURES_COUNT_FOR = timedelta(minutes=15)
# Long enough to see afterwards who was signed in when.
TOKENS_KEPT_FOR = timedelta(days=30)
# An office may share one address; a name belongs to one person.
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 20


class SignInRefused(RuleError):
    """Wrong name or wrong password: which of the two is not said."""

    message = "Name and password do not match. Check both, or reset the password by email."


class SignInThrottled(RuleError):
    """Too many failures; `minutes` says how long until the next try is looked at."""

    message = "Too many failed attempts. Wait %(minutes)s min, then try again."

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        super().__init__(minutes=minutes)


@dataclass(frozen=True)
class SignedIn:
    """The session's token exists here and in the cookie only; the database has its digest."""

    operator: Operator
    token: str = field(repr=False)
    expires_at: datetime


def new_token() -> tuple[str, str]:
    """A random token of 256 bits, and its SHA-256 digest in hexadecimal."""
    token = secrets.token_urlsafe(32)
    return token, hashlib.sha256(token.encode()).hexdigest()


def sign_in(session: Session, *, name: str, password: str, address: str, at: datetime) -> SignedIn:
    """Open a session for 12 hours. `address` is the browser's, for throttling.

    Raises SignInThrottled before the password is looked at, else SignInRefused.
    """
    name = name.strip()
    with transaction(session):
        count_try(session, name, address, at=at)
        found = operators.find_sign_in(session, name)
    # Slow on purpose, and outside the transaction: nobody waits for it.
    if not is_password(password, found[1] if found else None) or found is None:
        raise SignInRefused()
    operator, password_hash = found
    rehashed = hash_password(password) if needs_rehash(password_hash) else None
    token, digest = new_token()
    expires_at = at + SESSION_LASTS
    with transaction(session):
        operators.forget_sign_in_failures(session, before=at - FAILURES_COUNT_FOR, name=name)
        operators.forget_expired_tokens(session, before=at - TOKENS_KEPT_FOR)
        if rehashed:
            operators.set_password_hash(session, operator.id, rehashed)
        operators.append_operator_session(
            session, operator.id, digest, expires_at=expires_at, at=at
        )
    return SignedIn(operator, token, expires_at)


def count_try(session: Session, name: str, address: str, *, at: datetime) -> None:
    """Count a try as failed before its password is looked at, so that tries at once cannot slip
    through. Raises SignInThrottled after too many of this name or from this address."""
    take_turn(session, Turn.SIGN_IN_NAME, name.lower())
    take_turn(session, Turn.SIGN_IN_ADDRESS, address)
    _refuse_if_throttled(session, name, address, at=at)
    operators.append_sign_in_failure(session, name, address, at=at)


def _refuse_if_throttled(session: Session, name: str, address: str, *, at: datetime) -> None:
    since = at - FAILURES_COUNT_FOR
    by_name = operators.list_sign_in_failures(session, since=since, name=name)
    by_address = operators.list_sign_in_failures(session, since=since, address=address)
    waits = [
        failures[-limit] + FAILURES_COUNT_FOR - at
        for failures, limit in (
            (by_name, FAILURES_PER_NAME),
            (by_address, FAILURES_PER_ADDRESS),
        )
        if len(failures) >= limit
    ]
    if waits:
        raise SignInThrottled(minutes=max(1, ceil(max(waits).total_seconds() / 60)))
