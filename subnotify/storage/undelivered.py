"""Messages that did not arrive."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage.tables import MessageRow, NoticeRow


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message of a notice that was refused or came back, with the server's words."""

    to_address: str
    state: str
    words: str


def list_undelivered(
    session: Session, notice_ids: Collection[int]
) -> dict[int, list[UndeliveredMessage]]:
    """What failed in the present serving of each notice."""
    failed: ColumnElement[bool] = or_(
        MessageRow.state.in_((MessageState.REJECTED, MessageState.PARKED)),
        MessageRow.bounced_at.is_not(None),
    )
    rows = session.execute(
        select(
            MessageRow.notice_id,
            MessageRow.to_address,
            MessageRow.state,
            MessageRow.bounced_at,
            MessageRow.bounce_note,
            MessageRow.last_reply,
        )
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            MessageRow.notice_id.in_(notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.serving_number == NoticeRow.serving_number,
            failed,
        )
        .order_by(MessageRow.id)
    )
    found: dict[int, list[UndeliveredMessage]] = {}
    for row in rows:
        words = row.bounce_note if row.bounced_at else row.last_reply
        one = UndeliveredMessage(row.to_address or "", row.state, words or "")
        found.setdefault(row.notice_id or 0, []).append(one)
    return found
