"""Reset an operator's password by a link in a mail."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.passwords import hash_password
from subnotify.operations.sign_in import new_token
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.rules.passwords import check_password
from subnotify.storage import operators
from subnotify.storage.operators import Operator
from subnotify.storage.turns import Turn, take_turn

LINK_LASTS = timedelta(minutes=30)
LINKS_PER_HALF_HOUR = 3


class ResetLinkInvalid(RuleError):
    message = "This link has been used or has expired. Ask for a new one."


@dataclass(frozen=True)
class ResetLink:
    """What the mail needs. The token is nowhere else; the database has its digest."""

    operator: Operator
    token: str = field(repr=False)
    expires_at: datetime


def ask_for_reset(session: Session, email: str, *, at: datetime) -> ResetLink | None:
    """A link valid for 30 minutes; None for an unknown address or after too many requests.

    The caller answers the same in both cases, so that nobody learns which addresses exist.
    """
    token, digest = new_token()
    expires_at = at + LINK_LASTS
    with transaction(session):
        operator = operators.find_operator_by_email(session, email.strip())
        if operator is None:
            return None
        take_turn(session, Turn.PASSWORD_RESET, str(operator.id))
        asked = operators.count_password_resets_since(session, operator.id, at - LINK_LASTS)
        if asked >= LINKS_PER_HALF_HOUR:
            return None
        operators.append_password_reset(session, operator.id, digest, expires_at=expires_at, at=at)
    return ResetLink(operator, token, expires_at)


def get_reset_operator(session: Session, token: str, *, at: datetime) -> Operator:
    """Whose password the link resets; reads only. Raises ResetLinkInvalid."""
    operator = operators.find_password_reset(session, _digest(token), at=at)
    if operator is None:
        raise ResetLinkInvalid()
    return operator


def reset_password(session: Session, token: str, password: str, *, at: datetime) -> Operator:
    """Set the password, use up the link and every other one, end all sessions.

    Raises ResetLinkInvalid, and what `check_password` raises (the link then stays valid).
    """
    operator = get_reset_operator(session, token, at=at)
    check_password(password, name=operator.name, email=operator.email)
    # What was read is not needed any more: hashing takes long, and must hold no lock.
    session.rollback()
    password_hash = hash_password(password)
    with transaction(session):
        digest = _digest(token)
        if operators.find_password_reset(session, digest, at=at) is None:
            raise ResetLinkInvalid()
        if not operators.claim_password_resets(session, operator.id, digest, at=at):
            raise ResetLinkInvalid()
        operators.set_password_hash(session, operator.id, password_hash)
        operators.end_all_operator_sessions(session, operator.id, at=at)
        # Whoever reads the mailbox is the operator: failures by others count no longer.
        operators.forget_sign_in_failures(session, before=at - LINK_LASTS, name=operator.name)
        append_evidence(
            session,
            "operator_password_reset",
            actor=f"operator:{operator.id}",
            object_type="operator",
            object_id=operator.id,
            content={},
            at=at,
        )
    return operator


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
