"""Letters whose bytes tell a deadline that does not run: their notice stopped being served since
they were written, or its window grew."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import LetterState, NoticeState
from subnotify.storage.tables import LetterRow, MessageRow, NoticeRow


@dataclass(frozen=True, slots=True)
class UntrueLetter:
    """batch_id: None of one that is in no batch."""

    message_id: int
    batch_id: int | None


def list_untrue(session: Session, *which: ColumnElement[bool]) -> list[UntrueLetter]:
    """Those among these letters (conditions on LetterRow) which nobody has for printing yet."""
    rows = session.execute(
        select(
            LetterRow.message_id,
            LetterRow.batch_id,
            LetterRow.told_closes_at,
            NoticeRow.state,
            NoticeRow.window,
        )
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            LetterRow.told_closes_at.is_not(None),
            LetterRow.state == LetterState.QUEUED.value,
            *which,
        )
        .order_by(LetterRow.message_id)
    )
    return [
        UntrueLetter(row.message_id, row.batch_id)
        for row in rows
        if row.state != NoticeState.SERVED
        or row.window is None
        or window_from_mapping(row.window).closes_at != row.told_closes_at
    ]


def is_untrue(session: Session, message_id: int) -> bool:
    """Whether this letter is one of them."""
    return bool(list_untrue(session, LetterRow.message_id == message_id))


def list_untrue_alone(session: Session) -> list[int]:
    """Those of them that a person is to send electronically: they are in no batch."""
    return [x.message_id for x in list_untrue(session, LetterRow.batch_id.is_(None))]
