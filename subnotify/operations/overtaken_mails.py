"""Mails that waited in the outbox while what they tell of came to its end, or was answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.cancel_overtaken import cancel_overtaken
from subnotify.rules.errors import N_
from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage import outbox
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.overtaken_mails import MAY_BE_OVERTAKEN, list_overtaken_of
from subnotify.storage.reminders import list_unanswered

ACTOR = "job:send_messages"
OVERTAKEN = N_("Nothing of the notice waits for an answer any more: no reminder was sent.")


def without_overtaken(
    session: Session, messages: Sequence[OutgoingMessage], *, by: str, at: datetime
) -> Sequence[OutgoingMessage]:
    """The claimed messages without those, which are cancelled: nothing is lost with them.

    by: the runner that claimed them. Within the caller's transaction. Looked at here too, and not
    only where a change is withdrawn or an agreement ends: a mail may have been under way then, or
    was queued or let go again since. The notices of cancelled mails are judged by the sweep
    (operations/sweep_notices.py): notices are locked before messages, never after.
    """
    messages = _without_ended(session, messages, at)
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


def _without_ended(
    session: Session, messages: Sequence[OutgoingMessage], at: datetime
) -> Sequence[OutgoingMessage]:
    """Without those that tell of nothing but withdrawn changes or an ended agreement."""
    looked_at = [one for one in messages if one.purpose in MAY_BE_OVERTAKEN]
    notice_ids = {one.notice_id for one in looked_at if one.notice_id is not None}
    ended = list_overtaken_of(session, [one.id for one in looked_at], notice_ids)
    if not ended:
        return messages
    before = {one.id: one.state for one in messages}
    was = [replace(mail, state=before[mail.id]) for mail in ended]
    cancel_overtaken(session, was, actor=ACTOR, at=at)
    cancelled = {mail.id for mail in ended}
    return [one for one in messages if one.id not in cancelled]
