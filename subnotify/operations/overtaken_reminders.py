"""Reminders that waited in the outbox while what they remind of was answered or came to its end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.rules.errors import N_
from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage import outbox
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.reminders import list_unanswered

OVERTAKEN = N_("Nothing of the notice waits for an answer any more: no reminder was sent.")


def without_overtaken(
    session: Session, messages: Sequence[OutgoingMessage], *, by: str, at: datetime
) -> Sequence[OutgoingMessage]:
    """The claimed messages without such reminders, which are cancelled: nothing is lost with them.

    by: the runner that claimed them. Within the caller's transaction.
    """
    reminders = {
        one.id: one.notice_id or 0 for one in messages if one.purpose is MessagePurpose.REMINDER
    }
    if not reminders:
        return messages
    waiting = list_unanswered(session, set(reminders.values()), at=at)
    overtaken = {x for x, notice_id in reminders.items() if notice_id not in waiting}
    for message_id in overtaken:
        outbox.put_aside(
            session,
            message_id,
            state=MessageState.CANCELLED,
            reason=OVERTAKEN,
            next_attempt_at=None,
            by=by,
        )
    return [one for one in messages if one.id not in overtaken]
