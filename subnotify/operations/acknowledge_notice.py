"""Acknowledge receipt of a notice: receipt only, no answer to any change."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.record_response import Recorded, record_response
from subnotify.rules.responses import Answer
from subnotify.rules.words import ResponseKind


def acknowledge_notice(
    session: Session,
    link_digest: str,
    *,
    by_name: str,
    by_role: str,
    form_key: str,
    at: datetime,
) -> Recorded:
    """Record that the link's contact received the notice; where the terms count from a proof of
    receipt, this may open the window. Raises as `record_response` does."""
    return record_response(
        session,
        link_digest,
        Answer(ResponseKind.ACKNOWLEDGEMENT, by_name, by_role),
        form_key=form_key,
        # Neither a code nor an alarm comes of an acknowledgement.
        code_key=b"",
        legal_email="",
        at=at,
    )
