"""Record that messages did not reach their contacts: bounces as a person or a report tells them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import N_, MoveNotAllowed, NotFound
from subnotify.rules.words import MessageState
from subnotify.storage.message_reports import (
    ReportedMessage,
    lock_cases_of_notices,
    lock_messages,
    mark_bounced,
    mark_taken,
)
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import MessageRow


def record_bounce(
    session: Session, message_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """A permanent bounce came back for a message. note: the bounce's own words.

    A notice that rested on the message is no longer served; its cases go on hold, closed by
    silence or not (DESIGN section 3 items 1 and 3). A message whose hand-over was in doubt had
    been taken after all, and is not tried again. Recording it twice changes nothing. Raises
    MoveNotAllowed for a message that never left, ReasonMissing, NotFound.
    """
    words = written_reason(note)
    with transaction(session):
        notice_id = session.scalar(select(MessageRow.notice_id).where(MessageRow.id == message_id))
        if notice_id is not None:
            # In this order everywhere: the notice, its cases, then the message.
            lock_notices(session, [notice_id])
            lock_cases_of_notices(session, [notice_id])
        message = lock_messages(session, [message_id]).get(message_id)
        if message is None:
            raise NotFound
        if message.bounced_at is not None:
            return
        if message.state is not MessageState.HANDED_OVER and not message.is_in_doubt:
            raise MoveNotAllowed(reason=N_("Only a message that was handed over can come back."))
        if message.is_in_doubt:
            note_taken(session, {message: at}, words=words, actor=actor, at=at)
        note_bounces(session, {message: words}, by=by, actor=actor, at=at)
        if notice_id is not None:
            serve_notices(session, [notice_id], actor=actor, at=at)


def note_bounces(
    session: Session, notes: Mapping[ReportedMessage, str], *, by: str, actor: str, at: datetime
) -> None:
    """Mark locked messages as bounced, with evidence; the caller then judges their notices."""
    mark_bounced(session, {message.id: note for message, note in notes.items()}, at=at)
    append_evidence_many(
        session,
        [
            NewEvidence(
                "message_bounced",
                "message",
                message.id,
                {"logical_key": message.logical_key, "note": note, "by": by},
            )
            for message, note in notes.items()
        ],
        actor=actor,
        at=at,
    )


def note_taken(
    session: Session,
    taken: Mapping[ReportedMessage, datetime],
    *,
    words: str,
    actor: str,
    at: datetime,
) -> None:
    """Mark locked messages as handed over at these instants, with evidence of how it is known."""
    mark_taken(session, {message.id: instant for message, instant in taken.items()})
    append_evidence_many(
        session,
        [
            NewEvidence(
                "message_handed_over",
                "message",
                message.id,
                {
                    "logical_key": message.logical_key,
                    "purpose": message.purpose,
                    "to": message.to_address,
                    "finished_at": instant,
                    "reported": words,
                },
            )
            for message, instant in taken.items()
        ],
        actor=actor,
        at=at,
    )
