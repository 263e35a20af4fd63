"""Give an operator a private calendar address, another one in its place, or none."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.storage.operator_calendars import (
    append_operator_calendar,
    lock_operator_calendars,
)


def renew_calendar(
    session: Session, operator_id: int, *, language: str, actor: str, at: datetime
) -> str:
    """The token of a new address, of 256 bits, to be shown once; the address before it opens
    nothing any more."""
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    with transaction(session):
        _revoke(session, operator_id, actor=actor, at=at)
        made = append_operator_calendar(
            session, operator_id, digest=digest, language=language, at=at
        )
        append_evidence(
            session,
            "operator_calendar_made",
            actor=actor,
            object_type="operator_calendar",
            object_id=made,
            content={"operator": operator_id},
            at=at,
        )
    return token


def revoke_calendar(session: Session, operator_id: int, *, actor: str, at: datetime) -> bool:
    """The operator's address opens nothing any more. False where there was none."""
    with transaction(session):
        return _revoke(session, operator_id, actor=actor, at=at)


def _revoke(session: Session, operator_id: int, *, actor: str, at: datetime) -> bool:
    rows = lock_operator_calendars(session, operator_id)
    for row in rows:
        row.revoked_at = at
        append_evidence(
            session,
            "operator_calendar_revoked",
            actor=actor,
            object_type="operator_calendar",
            object_id=row.id,
            content={"operator": operator_id},
            at=at,
        )
    return bool(rows)
