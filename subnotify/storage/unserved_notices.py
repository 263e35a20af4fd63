"""What a client was told of a notice that is not served, where it changes what its page says."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.ladder import OF_THE_LADDER
from subnotify.rules.words import MessageState, NoticeState
from subnotify.storage.tables import LetterRow, MessageRow, NoticeRow


@dataclass(frozen=True)
class ToldBefore:
    """has_former_window: a window ran, and does no more. has_ladder_letter: a registered letter
    of the present serving left for the contact, in the place of a mail."""

    has_former_window: bool
    has_ladder_letter: bool


def load_told_before(session: Session, notice_id: int, contact_id: int | None) -> ToldBefore:
    """Of a notice as it stands now, for the contact who reads it."""
    letter = (
        select(LetterRow.message_id)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(
            MessageRow.notice_id == NoticeRow.id,
            MessageRow.contact_id == contact_id,
            MessageRow.serving_number == NoticeRow.serving_number,
            MessageRow.state == MessageState.HANDED_OVER,
            LetterRow.reason.in_(OF_THE_LADDER),
        )
        .exists()
    )
    row = session.execute(
        select(
            NoticeRow.state != NoticeState.SERVED,
            NoticeRow.window.is_not(None),
            letter,
        ).where(NoticeRow.id == notice_id)
    ).one()
    is_unserved, had_window, left = row
    return ToldBefore(bool(is_unserved and had_window), bool(left))
