"""Record a bounce that legal found in the mailbox: the message did not reach its contact."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.words import MessageState
from subnotify.storage.case_locks import lock_cases_of_notice
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import MessageRow


def record_bounce(
    session: Session, message_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """A permanent bounce came back for a message. note: the bounce's own words.

    A notice that rested on the message is no longer served; its cases go on hold, closed by
    silence or not (DESIGN section 3 items 1 and 3). Recording it twice changes nothing. Raises
    MoveNotAllowed for a message that was never handed over, ReasonMissing, NotFound.
    """
    words = written_reason(note)
    with transaction(session):
        notice_id = session.scalar(select(MessageRow.notice_id).where(MessageRow.id == message_id))
        if notice_id is not None:
            # In this order everywhere: the notice, its cases, then the message.
            lock_notices(session, [notice_id])
            lock_cases_of_notice(session, notice_id)
        message = session.get(
            MessageRow, message_id, populate_existing=True, with_for_update={"key_share": True}
        )
        if message is None:
            raise NotFound
        if message.bounced_at is not None:
            return
        if message.state != MessageState.HANDED_OVER:
            raise MoveNotAllowed(reason="Only a message that was handed over can come back.")
        message.bounced_at, message.bounce_note = at, words
        append_evidence(
            session,
            "message_bounced",
            actor=actor,
            object_type="message",
            object_id=message_id,
            content={"logical_key": message.logical_key, "note": words, "by": by},
            at=at,
        )
        if notice_id is not None:
            serve_notices(session, [notice_id], actor=actor, at=at)
