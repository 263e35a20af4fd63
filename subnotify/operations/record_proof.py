"""Records that a contact received a notice."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.serve_notices import serve_notices
from subnotify.rules.words import ContactKind, MessagePurpose, ProofKind
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import MessageRow, ReceiptProofRow


def record_receipt_proof(
    session: Session,
    message_id: int,
    kind: ProofKind,
    *,
    actor: str,
    at: datetime,
    received_at: datetime | None = None,
) -> None:
    """A proof for the contact of one message, and what follows for its notice.

    Within the caller's transaction. The first proof of a kind counts; a repetition changes
    nothing. What proves it may be another message to the same contact: a receipt, a
    closing mail, or the notice of an earlier serving, whose link opens the same notice. It proves
    receipt of the present serving, from `at`, or from `received_at` where what proves it came
    earlier.
    """
    message = session.execute(
        select(MessageRow.notice_id, MessageRow.contact_id).where(MessageRow.id == message_id)
    ).one()
    if message.notice_id is None:
        return
    proved_id = session.scalars(
        select(MessageRow.id)
        .where(
            MessageRow.notice_id == message.notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.contact_id == message.contact_id,
        )
        .order_by(
            # A copy on paper, which may lie beside it, proves nothing.
            (MessageRow.contact_kind == ContactKind.NOTICE.value).desc(),
            MessageRow.serving_number.desc(),
            # Of a mail and a letter the one that was answered; else one that has left.
            (MessageRow.id == message_id).desc(),
            MessageRow.handed_over_at.is_not(None).desc(),
            MessageRow.id,
        )
        .limit(1)
    ).one_or_none()
    if proved_id is None:
        return
    record_proofs(session, {proved_id: message.notice_id}, kind, at=received_at or at)
    serve_notices(session, [message.notice_id], actor=actor, at=at)


def record_proofs(
    session: Session, notices: Mapping[int, int], kind: ProofKind, *, at: datetime
) -> None:
    """One proof for each message (message id to notice id); the caller then serves the notices."""
    insert_once(
        session,
        ReceiptProofRow,
        [
            {"message_id": message_id, "notice_id": notice_id, "kind": kind.value, "at": at}
            for message_id, notice_id in notices.items()
        ],
    )
