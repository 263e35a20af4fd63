"""Send a mail that was set aside after all, once a person has mended what stood in its way."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import MessageRow


class ParkedWithoutAddress(RuleError):
    message = (
        "This mail has no address. Correct the contact on its client's page, then serve the notice"
        " anew."
    )


class ServedAnewSince(RuleError):
    message = "The notice was served anew since: this mail is not sent any more."


def retry_parked(session: Session, message_id: int, *, by: str, actor: str, at: datetime) -> bool:
    """Queue the mail again, due at once; False where it is not set aside (any more).

    What it says is built when it is sent, unless its bytes were sealed before: these stay. The
    notice it carries is judged anew and counts as on its way again. Raises ParkedWithoutAddress,
    ServedAnewSince, NotFound.
    """
    with transaction(session):
        notice_id = _notice_of(session, message_id)
        notices = lock_notices(session, [notice_id]) if notice_id is not None else []
        row = session.scalars(
            select(MessageRow)
            .where(MessageRow.id == message_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
        if row.state != MessageState.PARKED:
            return False
        if not row.to_address:
            raise ParkedWithoutAddress
        is_notice = row.purpose == MessagePurpose.NOTICE
        if is_notice and any(x.serving_number != row.serving_number for x in notices):
            raise ServedAnewSince
        reason, row.last_reply = row.last_reply, None
        row.state, row.next_attempt_at = MessageState.QUEUED, at
        session.flush()
        append_evidence(
            session,
            "parked_mail_queued",
            actor=actor,
            object_type="message",
            object_id=message_id,
            content={"by": by, "was_set_aside_for": reason, "to": row.to_address},
            at=at,
        )
        if is_notice and notice_id is not None:
            serve_notices(session, [notice_id], actor=actor, at=at)
    return True


def _notice_of(session: Session, message_id: int) -> int | None:
    found = session.execute(
        select(MessageRow.notice_id).where(MessageRow.id == message_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    notice_id: int | None = found.notice_id
    return notice_id
