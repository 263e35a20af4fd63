"""A mail that waits because the mail host refuses us as its sender."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.rules.words import AttemptResult, MessageState
from subnotify.storage import mail_queue
from subnotify.storage.tables import AttemptRow, MessageRow

REPLY = "5.7.1 <privacy@vendor.example>: not owned by user <vendor>"


def refuse_sender(session: Session, message_id: int, *, at: datetime) -> None:
    """Record that the only try of this mail ended so at `at`, as a run would; not committed."""
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.DEFERRED, attempt_count=1, last_reply=REPLY)
    )
    attempt = AttemptRow(
        message_id=message_id,
        number=1,
        started_at=at,
        finished_at=at,
        result=AttemptResult.DEFERRED,
        verb="mail",
        code=553,
        reply=REPLY,
    )
    session.add(attempt)
    session.flush()
    mail_queue.note_sender_refusal(session, REPLY, at=at)
