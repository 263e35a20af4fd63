"""Pause and resume sending: the notices of one release, or the whole queue of mail.

A pause takes nothing back: what was handed over stays so, and its window runs. What is held back
is not served, so no window of it opens meanwhile.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import RuleError
from subnotify.rules.words import PauseCause, ReleaseState
from subnotify.storage import mail_queue
from subnotify.storage.operators import Operator
from subnotify.storage.releases import lock_release
from subnotify.storage.sending_pauses import pause_messages, resume_messages


class ReleaseNotSent(RuleError):
    message = "This release is not announced: there is nothing of it to send or to hold back."


def pause_release_sending(
    session: Session, release_id: int, *, reason: str, by: Operator, at: datetime
) -> int | None:
    """Hold back the notices of a release that have not left, and its reminders; how many mails.

    None where it is paused already: twice is once. What is being sent at this moment ends as it
    ends, and waits with the others if it has to be tried again. Raises ReasonMissing,
    ReasonTooLong, ReleaseNotSent, NotFound.
    """
    said = written_reason(reason)
    with transaction(session):
        row = lock_release(session, release_id)
        if row.state != ReleaseState.RELEASED.value:
            raise ReleaseNotSent
        if row.sending_paused_at is not None:
            return None
        row.sending_paused_at = at
        row.sending_paused_by = by.name
        session.flush()
        held = pause_messages(session, release_id)
        _append(session, "release_sending_paused", release_id, by, said, held, at)
    return held


def resume_release_sending(
    session: Session, release_id: int, *, reason: str, by: Operator, at: datetime
) -> int | None:
    """Send on what the pause holds back; how many mails. None where it is not paused.

    Each mail is as it was before: queued, to be retried when its time has come, or unknown and
    sent again with the same bytes. Raises ReasonMissing, ReasonTooLong, NotFound.
    """
    said = written_reason(reason)
    with transaction(session):
        row = lock_release(session, release_id)
        if row.sending_paused_at is None:
            return None
        row.sending_paused_at = None
        row.sending_paused_by = None
        session.flush()
        freed = resume_messages(session, release_id)
        _append(session, "release_sending_resumed", release_id, by, said, freed, at)
    return freed


def pause_queue(session: Session, *, reason: str, by: str, actor: str, at: datetime) -> bool:
    """Stop all mail, for a reason that stays on record; False where a person had stopped it.

    by: the operator's name, actor: as in evidence. Raises ReasonMissing, ReasonTooLong.
    """
    said = written_reason(reason)
    with transaction(session):
        before = mail_queue.lock_queue(session)
        if before is not None and before.cause is PauseCause.OPERATOR:
            return False
        mail_queue.pause_queue(session, by=by, cause=PauseCause.OPERATOR, note=said, at=at)
        append_evidence(
            session,
            "mail_queue_paused",
            actor=actor,
            object_type="mail_queue",
            object_id=mail_queue.QUEUE_ID,
            content={"reason": said, "by": by, "was_paused_by": before and before.cause},
            at=at,
        )
    return True


def resume_queue(session: Session, *, reason: str, by: str, actor: str, at: datetime) -> bool:
    """Let all mail go on; False where it runs. Ends a pause for refused credentials as well: the
    sign-in is tried at once. Raises ReasonMissing, ReasonTooLong."""
    said = written_reason(reason)
    with transaction(session):
        before = mail_queue.resume_queue(session)
        if before is None:
            return False
        append_evidence(
            session,
            "mail_queue_resumed",
            actor=actor,
            object_type="mail_queue",
            object_id=mail_queue.QUEUE_ID,
            content={
                "reason": said,
                "by": by,
                "paused_at": before.at,
                "cause": before.cause,
                "was": before.note,
            },
            at=at,
        )
    return True


def _append(
    session: Session,
    type_: str,
    release_id: int,
    by: Operator,
    reason: str,
    messages: int,
    at: datetime,
) -> None:
    append_evidence(
        session,
        type_,
        actor=f"operator:{by.id}",
        object_type="release",
        object_id=release_id,
        content={"reason": reason, "by": by.name, "messages": messages},
        at=at,
    )
