"""What is said against us as the sender: it rejects no mail at once, and alarms who can mend it.

The account may not use the sender, its quota is used up, its domain is not found: see the table
in delivery/refusals.py. The mails wait and are tried again until they are given up; meanwhile the
desk, `subnotify jobs status` and the summary for legal quote the host. An alarm by mail alone
would be refused as well.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.results import DeliveryResult, DeliveryState
from subnotify.operations.append_evidence import append_evidence
from subnotify.storage import mail_queue

log = logging.getLogger(__name__)

ACTOR = "job:send_messages"


def note_sender_refusals(
    session: Session, results: Sequence[DeliveryResult], *, at: datetime
) -> None:
    """Keep what the host said against us in these results, or forget it once mails are taken and
    none waits for that any more. In the caller's transaction, after the results are recorded."""
    refused = [one for one in results if one.refuses_sender]
    if refused:
        last = refused[-1]
        if mail_queue.note_sender_refusal(session, last.reply, at=at):
            log.error("the mail host refuses us as the sender, at %s: %s", last.verb, last.reply)
            _append(session, "sender_refused", {"verb": last.verb, "reply": last.reply}, at)
    if any(one.state is DeliveryState.HANDED_OVER for one in results):
        ended = mail_queue.note_taken(session)
        if ended is not None:
            log.warning("no mail waits any more for what the mail host said: %s", ended.reply)
            content = {"refused_at": ended.at, "reply": ended.reply}
            _append(session, "sender_taken", content, at)


def _append(session: Session, type_: str, content: dict[str, object], at: datetime) -> None:
    append_evidence(
        session,
        type_,
        actor=ACTOR,
        object_type="mail_queue",
        object_id=mail_queue.QUEUE_ID,
        content=content,
        at=at,
    )
