"""Add an operator."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.passwords import hash_password
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.rules.passwords import check_password
from subnotify.rules.words import Role
from subnotify.storage import operators
from subnotify.storage.operators import Operator

_NAME = re.compile(r"[^\s@\x00-\x1f](?:[^\x00-\x1f@]{0,78}[^\s@\x00-\x1f])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class OperatorNameInvalid(RuleError):
    message = "An operator's name has 1 to 80 characters and no @."


class OperatorEmailInvalid(RuleError):
    message = "This is not an email address: %(email)s"


class OperatorWithoutRole(RuleError):
    message = "An operator needs at least one role."


class OperatorExists(RuleError):
    message = "There is already an operator with the name %(name)s or the address %(email)s."


def add_operator(
    session: Session,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    password: str,
    actor: str,
    at: datetime,
) -> Operator:
    """Add an active operator who may sign in at once.

    `actor` says who adds, as evidence names actors ("command", "operator:3"). Raises
    OperatorNameInvalid, OperatorEmailInvalid, OperatorWithoutRole, OperatorExists, and what
    `check_password` raises.
    """
    name, email, given = name.strip(), email.strip(), frozenset(roles)
    if not _NAME.fullmatch(name):
        raise OperatorNameInvalid()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise OperatorEmailInvalid(email=email)
    if not given:
        raise OperatorWithoutRole()
    check_password(password, name=name, email=email)
    # Hashing takes long on purpose: not while the database waits.
    password_hash = hash_password(password)
    with transaction(session):
        if operators.is_name_or_email_taken(session, name, email):
            raise OperatorExists(name=name, email=email)
        operator = operators.append_operator(
            session, name=name, email=email, password_hash=password_hash, roles=given, at=at
        )
        append_evidence(
            session,
            "operator_added",
            actor=actor,
            object_type="operator",
            object_id=operator.id,
            content={"name": name, "email": email, "roles": sorted(given)},
            at=at,
        )
    return operator
