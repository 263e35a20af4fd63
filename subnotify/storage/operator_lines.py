"""The operators as the administrator's page lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from subnotify.storage.operators import Operator, operator_of
from subnotify.storage.tables import OperatorRow, OperatorSessionRow, SecondFactorRow


@dataclass(frozen=True)
class OperatorLine:
    """factor_at: when the second factor was set up; None without one. signed_in_at: the last
    complete sign-in, as far as sessions are kept."""

    operator: Operator
    factor_at: datetime | None
    signed_in_at: datetime | None


def list_operator_lines(session: Session) -> Sequence[OperatorLine]:
    """All of them, the active ones first, then by name. One query."""
    signed_in = (
        select(func.max(OperatorSessionRow.created_at))
        .where(
            OperatorSessionRow.operator_id == OperatorRow.id,
            # Who has a factor and gave the password alone was not in.
            or_(
                OperatorSessionRow.second_factor_at.is_not(None),
                SecondFactorRow.operator_id.is_(None),
            ),
        )
        .correlate(OperatorRow, SecondFactorRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(OperatorRow, SecondFactorRow.set_up_at, signed_in)
        .outerjoin(SecondFactorRow, SecondFactorRow.operator_id == OperatorRow.id)
        .order_by(OperatorRow.active.desc(), func.lower(OperatorRow.name))
    )
    return [OperatorLine(operator_of(row), factor, last) for row, factor, last in rows]
