"""End an operator's session."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.storage import operators


def sign_out(session: Session, token_digest: str, *, at: datetime) -> None:
    """End the session with this digest. One that has ended, or never was, is no error."""
    with transaction(session):
        operators.end_operator_session(session, token_digest, at=at)
