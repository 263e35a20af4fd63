"""Take an operator's second factor away, for one who lost both telephone and recovery codes."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.second_factor import OperatorUnknown, SecondFactorMissing
from subnotify.storage import operators, second_factors
from subnotify.storage.operators import Operator


def reset_second_factor(session: Session, name: str, *, actor: str, at: datetime) -> Operator:
    """Delete the factor and its codes and end all sessions; at the next sign-in the operator sets
    up a new one. The caller tells the operator by mail.

    Raises OperatorUnknown, SecondFactorMissing.
    """
    with transaction(session):
        found = operators.find_sign_in(session, name.strip())
        if found is None:
            raise OperatorUnknown(name=name)
        operator, _ = found
        if not second_factors.delete_second_factor(session, operator.id):
            raise SecondFactorMissing(name=operator.name)
        operators.end_all_operator_sessions(session, operator.id, at=at)
        append_evidence(
            session,
            "second_factor_reset",
            actor=actor,
            object_type="operator",
            object_id=operator.id,
            content={},
            at=at,
        )
    return operator
