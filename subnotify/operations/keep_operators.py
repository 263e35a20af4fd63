"""Give operators other roles, and let them in no more or again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.add_operator import OperatorWithoutRole
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage import operators
from subnotify.storage.operators import Operator


class LastAdministrator(RuleError):
    message = (
        "%(name)s is the last active administrator. Make somebody else an administrator first."
    )


def give_roles(
    session: Session, operator_id: int, roles: Iterable[Role], *, actor: str, at: datetime
) -> bool:
    """The operator has exactly these roles from now on; False where nothing changes. All sessions
    end where a role was taken away.

    actor: as evidence names actors. Raises NotFound, OperatorWithoutRole, LastAdministrator.
    """
    given = frozenset(roles)
    if not given:
        raise OperatorWithoutRole()
    with transaction(session):
        everybody = operators.lock_operators(session)
        before = _find(everybody, operator_id)
        if before.roles == given:
            return False
        if Role.ADMIN not in given:
            _refuse_last(everybody, before)
        operators.set_roles(session, operator_id, given)
        if before.roles - given:
            operators.end_all_operator_sessions(session, operator_id, at=at)
        _note(
            session,
            "operator_roles_given",
            operator_id,
            {"before": sorted(before.roles), "roles": sorted(given)},
            actor=actor,
            at=at,
        )
    return True


def deactivate_operator(session: Session, operator_id: int, *, actor: str, at: datetime) -> bool:
    """The operator signs in no more, and all sessions end; what was done stays under this name.
    False where this was so. Raises NotFound, LastAdministrator."""
    with transaction(session):
        everybody = operators.lock_operators(session)
        before = _find(everybody, operator_id)
        if not before.active:
            return False
        _refuse_last(everybody, before)
        operators.set_active(session, operator_id, False)
        operators.end_all_operator_sessions(session, operator_id, at=at)
        operators.use_up_password_resets(session, operator_id, at=at)
        _note(session, "operator_deactivated", operator_id, {}, actor=actor, at=at)
    return True


def activate_operator(session: Session, operator_id: int, *, actor: str, at: datetime) -> bool:
    """The operator may sign in again, with the same password and second factor. False where this
    was so. Raises NotFound."""
    with transaction(session):
        if _find(operators.lock_operators(session), operator_id).active:
            return False
        operators.set_active(session, operator_id, True)
        _note(session, "operator_activated", operator_id, {}, actor=actor, at=at)
    return True


def _find(everybody: Iterable[Operator], operator_id: int) -> Operator:
    for operator in everybody:
        if operator.id == operator_id:
            return operator
    raise NotFound


def _refuse_last(everybody: Iterable[Operator], leaving: Operator) -> None:
    """Somebody must be left who can add operators and give roles."""
    admins = [one.id for one in everybody if one.active and Role.ADMIN in one.roles]
    if admins == [leaving.id]:
        raise LastAdministrator(name=leaving.name)


def _note(
    session: Session,
    kind: str,
    operator_id: int,
    content: dict[str, object],
    *,
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        kind,
        actor=actor,
        object_type="operator",
        object_id=operator_id,
        content=content,
        at=at,
    )
