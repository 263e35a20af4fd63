"""Operators, their sessions, password resets and failed sign-ins.

Tokens come in as SHA-256 digests: the token itself is only in a cookie or a mail.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Role
from subnotify.storage.tables import (
    OperatorRow,
    OperatorSessionRow,
    PasswordResetRow,
    SignInFailureRow,
)


@dataclass(frozen=True)
class Operator:
    """A vendor person who may sign in. `password_hash` is not part of it, by design."""

    id: int
    name: str
    email: str
    roles: frozenset[Role]
    active: bool


def _operator(row: OperatorRow) -> Operator:
    return Operator(row.id, row.name, row.email, frozenset(map(Role, row.roles)), row.active)


def operator_of(row: OperatorRow) -> Operator:
    """The operator of a row, for the other modules of the storage."""
    return _operator(row)


def list_operators(session: Session) -> list[Operator]:
    """All operators by name, active or not."""
    return [
        _operator(row) for row in session.scalars(select(OperatorRow).order_by(OperatorRow.name))
    ]


def list_operator_emails(session: Session, role: Role) -> list[str]:
    """Where the active operators of a role receive mail, in the order of their names."""
    return [o.email for o in list_operators(session) if o.active and role in o.roles]


def find_sign_in(session: Session, name: str) -> tuple[Operator, str] | None:
    """The active operator of this name and the password hash. Case does not count in names."""
    meant = folded(name)
    for row in session.scalars(_active()):
        if folded(row.name) == meant:
            return _operator(row), row.password_hash
    return None


def find_operator_by_email(session: Session, email: str) -> Operator | None:
    """The active operator with this address. Case does not count."""
    meant = folded(email)
    found = (row for row in session.scalars(_active()) if folded(row.email) == meant)
    row = next(found, None)
    return None if row is None else _operator(row)


def is_name_or_email_taken(session: Session, name: str, email: str) -> bool:
    """Whether an operator, active or not, has this name or this address (case aside)."""
    rows = session.execute(select(OperatorRow.name, OperatorRow.email)).all()
    return any(folded(x.name) == folded(name) or folded(x.email) == folded(email) for x in rows)


def folded(text: str) -> str:
    """For comparing, in any alphabet: the databases fold each in its own way, and there are few
    operators."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _active() -> Select[OperatorRow]:
    return select(OperatorRow).where(OperatorRow.active.is_(True)).order_by(OperatorRow.id)


def append_operator(
    session: Session,
    *,
    name: str,
    email: str,
    password_hash: str,
    roles: Iterable[Role],
    at: datetime,
) -> Operator:
    """A new active operator. The caller has looked whether name and address are free."""
    row = OperatorRow(
        name=name,
        email=email,
        password_hash=password_hash,
        roles=sorted(role.value for role in roles),
        active=True,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return _operator(row)


def lock_operators(session: Session) -> list[Operator]:
    """All operators by id, as they are now, locked until the transaction ends: there are few, and
    one of them must stay an administrator."""
    rows = session.scalars(
        select(OperatorRow)
        .order_by(OperatorRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return [_operator(row) for row in rows]


def set_roles(session: Session, operator_id: int, roles: Iterable[Role]) -> None:
    session.execute(
        update(OperatorRow)
        .where(OperatorRow.id == operator_id)
        .values(roles=sorted(role.value for role in roles))
    )


def set_active(session: Session, operator_id: int, active: bool) -> None:
    session.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(active=active))


def set_password_hash(session: Session, operator_id: int, password_hash: str) -> None:
    session.execute(
        update(OperatorRow).where(OperatorRow.id == operator_id).values(password_hash=password_hash)
    )


def append_operator_session(
    session: Session, operator_id: int, token_digest: str, *, expires_at: datetime, at: datetime
) -> None:
    """A session of somebody who gave the password at `at`, and nothing else yet."""
    session.add(
        OperatorSessionRow(
            operator_id=operator_id,
            token_digest=token_digest,
            created_at=at,
            expires_at=expires_at,
            password_at=at,
        )
    )
    session.flush()


def find_session_operator(session: Session, token_digest: str, *, at: datetime) -> Operator | None:
    """The active operator of a session that has neither ended nor expired at `at`."""
    row = session.scalars(
        select(OperatorRow)
        .join(OperatorSessionRow, OperatorSessionRow.operator_id == OperatorRow.id)
        .where(
            OperatorSessionRow.token_digest == token_digest,
            OperatorSessionRow.ended_at.is_(None),
            OperatorSessionRow.expires_at > at,
            OperatorRow.active.is_(True),
        )
    ).first()
    return None if row is None else _operator(row)


def end_operator_session(session: Session, token_digest: str, *, at: datetime) -> None:
    """End one session; one that has ended keeps its first end."""
    session.execute(
        update(OperatorSessionRow)
        .where(
            OperatorSessionRow.token_digest == token_digest, OperatorSessionRow.ended_at.is_(None)
        )
        .values(ended_at=at)
    )


def end_all_operator_sessions(session: Session, operator_id: int, *, at: datetime) -> None:
    session.execute(
        update(OperatorSessionRow)
        .where(OperatorSessionRow.operator_id == operator_id, OperatorSessionRow.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_other_operator_sessions(
    session: Session, operator_id: int, token_digest: str, *, at: datetime
) -> None:
    """End the operator's sessions but the one with this digest."""
    session.execute(
        update(OperatorSessionRow)
        .where(
            OperatorSessionRow.operator_id == operator_id,
            OperatorSessionRow.token_digest != token_digest,
            OperatorSessionRow.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


def append_password_reset(
    session: Session, operator_id: int, token_digest: str, *, expires_at: datetime, at: datetime
) -> None:
    session.add(
        PasswordResetRow(
            operator_id=operator_id, token_digest=token_digest, created_at=at, expires_at=expires_at
        )
    )
    session.flush()


def count_password_resets_since(session: Session, operator_id: int, since: datetime) -> int:
    """How many resets were asked for this operator at or after `since`."""
    found = session.scalar(
        select(func.count())
        .select_from(PasswordResetRow)
        .where(PasswordResetRow.operator_id == operator_id, PasswordResetRow.created_at >= since)
    )
    return found or 0


def find_password_reset(session: Session, token_digest: str, *, at: datetime) -> Operator | None:
    """The active operator of a reset that is neither used nor expired at `at`."""
    row = session.scalars(
        select(OperatorRow)
        .join(PasswordResetRow, PasswordResetRow.operator_id == OperatorRow.id)
        .where(
            PasswordResetRow.token_digest == token_digest,
            PasswordResetRow.used_at.is_(None),
            PasswordResetRow.expires_at > at,
            OperatorRow.active.is_(True),
        )
    ).first()
    return None if row is None else _operator(row)


def claim_password_resets(
    session: Session, operator_id: int, token_digest: str, *, at: datetime
) -> bool:
    """Use up this reset, and with it every other open one of the operator.

    False if somebody used it first (two submissions of one form at once).
    """
    claimed = session.execute(
        update(PasswordResetRow)
        .where(PasswordResetRow.token_digest == token_digest, PasswordResetRow.used_at.is_(None))
        .values(used_at=at)
        .returning(PasswordResetRow.id)
    ).first()
    if claimed is None:
        return False
    session.execute(
        update(PasswordResetRow)
        .where(PasswordResetRow.operator_id == operator_id, PasswordResetRow.used_at.is_(None))
        .values(used_at=at)
    )
    return True


def use_up_password_resets(session: Session, operator_id: int, *, at: datetime) -> None:
    """The links that were mailed to the operator open nothing any more."""
    session.execute(
        update(PasswordResetRow)
        .where(PasswordResetRow.operator_id == operator_id, PasswordResetRow.used_at.is_(None))
        .values(used_at=at)
    )


def append_sign_in_failure(session: Session, name: str, address: str, *, at: datetime) -> None:
    session.add(SignInFailureRow(name=name.lower()[:254], address=address[:64], failed_at=at))
    session.flush()


def list_sign_in_failures(
    session: Session, *, since: datetime, name: str | None = None, address: str | None = None
) -> list[datetime]:
    """When sign-ins failed at or after `since`, for a name or from an address; oldest first."""
    wanted = select(SignInFailureRow.failed_at).where(SignInFailureRow.failed_at >= since)
    if name is not None:
        wanted = wanted.where(SignInFailureRow.name == name.lower()[:254])
    if address is not None:
        wanted = wanted.where(SignInFailureRow.address == address[:64])
    return list(session.scalars(wanted.order_by(SignInFailureRow.failed_at)))


def forget_sign_in_failures(session: Session, *, before: datetime, name: str | None = None) -> None:
    """Delete failures that no longer count: all older ones, and those of a name that got in."""
    old = SignInFailureRow.failed_at < before
    wanted = old if name is None else or_(old, SignInFailureRow.name == name.lower()[:254])
    session.execute(delete(SignInFailureRow).where(wanted))


def forget_expired_tokens(session: Session, *, before: datetime) -> None:
    """Delete sessions and resets that expired before an instant: nothing asks for them again."""
    for table in (OperatorSessionRow, PasswordResetRow):
        session.execute(delete(table).where(table.expires_at < before))
