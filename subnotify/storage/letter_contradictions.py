"""What was told of letters and contradicts what is on record of them, and what that puts in doubt.

A letter is contested while such a contradiction is open, or while a proposed correction of one of
its events waits for a second person: nothing may rest on its proof meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from subnotify.rules.errors import NotFound
from subnotify.rules.letter_events import LetterEvent
from subnotify.rules.words import ContactKind, CorrectionState, LetterEventKind, MessagePurpose
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    LetterContradictionRow,
    LetterEventCorrectionRow,
    MessageRow,
    NoticeRow,
)


def load_contradictions(
    session: Session, message_ids: Collection[int]
) -> dict[int, list[LetterEvent]]:
    """What contradicts the record of each of these letters, and is not settled."""
    found: dict[int, list[LetterEvent]] = defaultdict(list)
    for row in list_open_contradictions(session, message_ids):
        found[row.message_id].append(event_of(row))
    return found


def list_open_contradictions(
    session: Session, message_ids: Collection[int]
) -> Sequence[LetterContradictionRow]:
    """The same as they are stored, in the order in which they were told."""
    return session.scalars(
        select(LetterContradictionRow)
        .where(
            among(LetterContradictionRow.message_id, message_ids),
            LetterContradictionRow.settled_at.is_(None),
        )
        .order_by(LetterContradictionRow.id)
        .execution_options(populate_existing=True)
    ).all()


def get_contradiction(
    session: Session, message_id: int, contradiction_id: int
) -> LetterContradictionRow:
    """An open one of this letter. Raises NotFound."""
    row = session.get(LetterContradictionRow, contradiction_id, populate_existing=True)
    if row is None or row.message_id != message_id or row.settled_at is not None:
        raise NotFound
    return row


def event_of(row: LetterContradictionRow) -> LetterEvent:
    return LetterEvent(LetterEventKind(row.kind), row.on, row.proof_number)


def list_contested(session: Session, notice_ids: Collection[int]) -> set[int]:
    """Those of these notices of which a letter that could serve them is contested."""
    return set(session.scalars(_contested().where(among(MessageRow.notice_id, notice_ids))))


def nothing_contested(notice_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """No letter of the notice, a column of the query around, is contested."""
    return notice_id.not_in(_contested())


def count_contested(session: Session) -> int:
    """How many notices wait for two persons to say which proof of a letter is true."""
    return session.scalar(select(func.count()).select_from(_contested().subquery())) or 0


def list_contested_letters(session: Session, notice_id: int) -> list[int]:
    """The contested letters of a notice, by the id of their message."""
    query = select(MessageRow.id).where(
        MessageRow.notice_id == notice_id, MessageRow.id.in_(_in_doubt())
    )
    return list(session.scalars(query.order_by(MessageRow.id)))


def _contested() -> Select[int]:
    """Notices; copies, and letters of an earlier serving, decide nothing."""
    return (
        select(NoticeRow.id)
        .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
        .where(
            MessageRow.id.in_(_in_doubt()),
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == NoticeRow.serving_number,
        )
        .distinct()
    )


def _in_doubt() -> CompoundSelect[int]:
    return union(
        select(LetterContradictionRow.message_id).where(
            LetterContradictionRow.settled_at.is_(None)
        ),
        select(LetterEventCorrectionRow.message_id).where(
            LetterEventCorrectionRow.state == CorrectionState.PROPOSED.value
        ),
    )
