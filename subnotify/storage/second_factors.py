"""Second factors, recovery codes, and how far a session has come.

Codes come in as SHA-256 digests, secrets sealed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.storage.operators import Operator, operator_of
from subnotify.storage.tables import (
    OperatorRow,
    OperatorSessionRow,
    RecoveryCodeRow,
    SecondFactorRow,
)


@dataclass(frozen=True)
class SessionState:
    """How far a session has come. has_factor: whether its operator has a second factor."""

    operator: Operator
    has_factor: bool
    created_at: datetime
    password_at: datetime | None
    second_factor_at: datetime | None


@dataclass(frozen=True)
class SecondFactor:
    operator_id: int
    secret_digest: str
    secret_ciphertext: bytes
    set_up_at: datetime
    last_step: int | None
    locked_until: datetime | None


def find_session_state(session: Session, token_digest: str, *, at: datetime) -> SessionState | None:
    """A session of an active operator that has neither ended nor expired at `at`."""
    row = session.execute(
        select(OperatorRow, OperatorSessionRow, SecondFactorRow.operator_id)
        .join(OperatorSessionRow, OperatorSessionRow.operator_id == OperatorRow.id)
        .outerjoin(SecondFactorRow, SecondFactorRow.operator_id == OperatorRow.id)
        .where(
            OperatorSessionRow.token_digest == token_digest,
            OperatorSessionRow.ended_at.is_(None),
            OperatorSessionRow.expires_at > at,
            OperatorRow.active.is_(True),
        )
    ).first()
    if row is None:
        return None
    operator, signed_in, factor = row
    return SessionState(
        operator_of(operator),
        factor is not None,
        signed_in.created_at,
        signed_in.password_at,
        signed_in.second_factor_at,
    )


def find_second_factor(session: Session, operator_id: int) -> SecondFactor | None:
    row = session.get(SecondFactorRow, operator_id, populate_existing=True)
    return None if row is None else _second_factor(row)


def lock_second_factor(session: Session, operator_id: int) -> SecondFactor | None:
    """The same, for this transaction alone: tries at once are counted one after the other."""
    row = session.get(
        SecondFactorRow, operator_id, populate_existing=True, with_for_update={"key_share": True}
    )
    return None if row is None else _second_factor(row)


def list_second_factors(session: Session) -> list[tuple[Operator, SecondFactor]]:
    """The active operators who have one, by name, each with it."""
    rows = session.execute(
        select(OperatorRow, SecondFactorRow)
        .join(SecondFactorRow, SecondFactorRow.operator_id == OperatorRow.id)
        .where(OperatorRow.active.is_(True))
        .order_by(OperatorRow.name)
    )
    return [(operator_of(operator), _second_factor(factor)) for operator, factor in rows]


def _second_factor(row: SecondFactorRow) -> SecondFactor:
    return SecondFactor(
        row.operator_id,
        row.secret_digest,
        row.secret_ciphertext,
        row.set_up_at,
        row.last_step,
        row.locked_until,
    )


def append_second_factor(
    session: Session,
    operator_id: int,
    *,
    digest: str,
    ciphertext: bytes,
    last_step: int | None,
    at: datetime,
) -> None:
    """The operator's factor; the caller has deleted any earlier one."""
    session.add(
        SecondFactorRow(
            operator_id=operator_id,
            secret_digest=digest,
            secret_ciphertext=ciphertext,
            set_up_at=at,
            last_step=last_step,
            wrong_tries=0,
        )
    )
    session.flush()


def delete_second_factor(session: Session, operator_id: int) -> bool:
    """Delete the factor and its recovery codes; False if there was none."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.operator_id == operator_id))
    found = session.execute(
        delete(SecondFactorRow)
        .where(SecondFactorRow.operator_id == operator_id)
        .returning(SecondFactorRow.operator_id)
    ).first()
    session.expire_all()
    return found is not None


def claim_step(session: Session, operator_id: int, step: int) -> bool:
    """Use up a code; False if this step or a later one was accepted before (or at once)."""
    claimed = session.execute(
        update(SecondFactorRow)
        .where(
            SecondFactorRow.operator_id == operator_id,
            or_(SecondFactorRow.last_step.is_(None), SecondFactorRow.last_step < step),
        )
        .values(last_step=step)
        .returning(SecondFactorRow.operator_id)
    ).first()
    return claimed is not None


def append_wrong_try(
    session: Session, operator_id: int, *, most: int, locked_until: datetime
) -> None:
    """Count a try; the last one of `most` locks, and counting begins anew."""
    is_last = SecondFactorRow.wrong_tries + 1 >= most
    session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.operator_id == operator_id)
        .values(
            wrong_tries=case((is_last, 0), else_=SecondFactorRow.wrong_tries + 1),
            locked_until=case((is_last, locked_until), else_=SecondFactorRow.locked_until),
        )
    )


def forget_wrong_tries(session: Session, operator_id: int) -> None:
    session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.operator_id == operator_id)
        .values(wrong_tries=0, locked_until=None)
    )


def replace_recovery_codes(
    session: Session, operator_id: int, digests: Iterable[str], *, at: datetime
) -> None:
    """New codes in place of all earlier ones."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.operator_id == operator_id))
    session.add_all(
        RecoveryCodeRow(operator_id=operator_id, code_digest=digest, created_at=at)
        for digest in digests
    )
    session.flush()


def claim_recovery_code(
    session: Session, operator_id: int, code_digest: str, *, at: datetime
) -> bool:
    """Use up a recovery code of this operator; False if there is no such unused one."""
    claimed = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.operator_id == operator_id,
            RecoveryCodeRow.code_digest == code_digest,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCodeRow.id)
    ).first()
    return claimed is not None


def count_recovery_codes(session: Session, operator_id: int) -> int:
    """How many are left."""
    found = session.scalar(
        select(func.count())
        .select_from(RecoveryCodeRow)
        .where(RecoveryCodeRow.operator_id == operator_id, RecoveryCodeRow.used_at.is_(None))
    )
    return found or 0


def set_second_factor_passed(session: Session, token_digest: str, *, at: datetime) -> None:
    session.execute(
        update(OperatorSessionRow)
        .where(OperatorSessionRow.token_digest == token_digest)
        .values(second_factor_at=at)
    )


def set_password_given(session: Session, token_digest: str, *, at: datetime) -> None:
    session.execute(
        update(OperatorSessionRow)
        .where(OperatorSessionRow.token_digest == token_digest)
        .values(password_at=at)
    )
