"""What is on record of letters, read and locked."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from subnotify.rules.letter_events import LetterEvent
from subnotify.rules.words import (
    LetterEventKind,
    LetterProduct,
    LetterReason,
    LetterState,
    MessagePurpose,
    MessageState,
)
from subnotify.storage.id_lists import among
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
    TermsVersionRow,
)

# Where no terms name another one.
_NO_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter as it is now. time_zone: of its agreement. is_notice: the notice itself. is_sealed:
    its bytes are on record; no other letter can have been sent."""

    message_id: int
    logical_key: str
    notice_id: int | None
    is_notice: bool
    product: LetterProduct
    reason: LetterReason
    state: LetterState
    message_state: MessageState
    proof_number: str
    queued_at: datetime
    handed_over_at: datetime | None
    time_zone: str
    is_sealed: bool

    @property
    def is_registered(self) -> bool:
        return self.product is not LetterProduct.PLAIN


def notices_of_letters(session: Session, message_ids: Collection[int]) -> list[int]:
    """The notices of these letters, by id."""
    found = session.scalars(
        select(MessageRow.notice_id)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(among(MessageRow.id, message_ids), MessageRow.notice_id.is_not(None))
        .distinct()
    )
    return sorted(x for x in found if x is not None)


def lock_letters(session: Session, message_ids: Collection[int]) -> dict[int, StoredLetter]:
    """These letters by the id of their message: the messages locked by id, then the letters.

    Whoever will judge their notices locks those, and their cases, before.
    """
    rows: list[Any] = list(
        session.execute(
            select(
                MessageRow.id,
                MessageRow.logical_key,
                MessageRow.notice_id,
                MessageRow.purpose,
                MessageRow.state,
                MessageRow.queued_at,
                MessageRow.handed_over_at,
            )
            .join(LetterRow, LetterRow.message_id == MessageRow.id)
            .where(among(MessageRow.id, message_ids))
            .order_by(MessageRow.id)
            .with_for_update(key_share=True, of=MessageRow)
        )
    )
    letters = {
        row.message_id: row
        for row in session.execute(
            select(
                LetterRow.message_id,
                LetterRow.product,
                LetterRow.reason,
                LetterRow.state,
                LetterRow.proof_number,
            )
            .where(among(LetterRow.message_id, [row.id for row in rows]))
            .order_by(LetterRow.message_id)
            .with_for_update(key_share=True)
        )
    }
    zones = zones_of_notices(session, {row.notice_id for row in rows if row.notice_id is not None})
    sealed = _sealed(session, letters)
    return {
        row.id: StoredLetter(
            message_id=row.id,
            logical_key=row.logical_key,
            notice_id=row.notice_id,
            is_notice=row.purpose == MessagePurpose.NOTICE and row.notice_id is not None,
            product=LetterProduct(letters[row.id].product),
            reason=LetterReason(letters[row.id].reason),
            state=LetterState(letters[row.id].state),
            message_state=MessageState(row.state),
            proof_number=letters[row.id].proof_number,
            queued_at=row.queued_at,
            handed_over_at=row.handed_over_at,
            time_zone=zones.get(row.notice_id, _NO_ZONE),
            is_sealed=row.id in sealed,
        )
        for row in rows
    }


def _sealed(session: Session, message_ids: Collection[int]) -> set[int]:
    """Those of these letters whose bytes are on record."""
    query = select(SealedMailRow.message_id).where(among(SealedMailRow.message_id, message_ids))
    return set(session.scalars(query))


def zones_of_notices(session: Session, notice_ids: Collection[int | None]) -> dict[int, str]:
    """The zone in which the terms of each notice count."""
    rows = session.execute(
        select(NoticeRow.id, terms_text())
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(among(NoticeRow.id, [x for x in notice_ids if x is not None]))
    )
    return {row.id: read_terms(row.terms).counting.time_zone for row in rows}


def load_letter_events(
    session: Session, message_ids: Collection[int]
) -> dict[int, list[LetterEvent]]:
    """What is on record of each letter, in the order in which it was recorded."""
    events: dict[int, list[LetterEvent]] = defaultdict(list)
    for row in session.execute(
        select(
            LetterEventRow.message_id,
            LetterEventRow.kind,
            LetterEventRow.on,
            LetterEventRow.proof_number,
        )
        .where(among(LetterEventRow.message_id, message_ids))
        .order_by(LetterEventRow.id)
    ):
        event = LetterEvent(LetterEventKind(row.kind), row.on, row.proof_number)
        events[row.message_id].append(event)
    return events


def cancel_unsent(session: Session, *messages: ColumnElement[bool]) -> None:
    """Those of these letters that nobody has for printing yet are not sent any more; nor are their
    messages. messages: which (conditions on MessageRow)."""
    waiting = (
        select(LetterRow.message_id)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(LetterRow.state == LetterState.QUEUED.value, *messages)
        .order_by(LetterRow.message_id)
    )
    ids = session.scalars(waiting).all()
    session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_(ids))
        .values(state=MessageState.CANCELLED.value, paused_from=None)
        .execution_options(synchronize_session=False)
    )
    mark_letters_cancelled(session, ids)


def mark_letters_cancelled(session: Session, message_ids: Sequence[int]) -> None:
    """The paper side of messages that were cancelled; mails among them have none."""
    session.execute(
        update(LetterRow)
        .where(LetterRow.message_id.in_(message_ids), LetterRow.state == LetterState.QUEUED.value)
        .values(state=LetterState.CANCELLED.value)
        .execution_options(synchronize_session=False)
    )


def is_with_printer() -> ColumnElement[bool]:
    """The message is a letter that was handed over for printing: it cannot be stopped any more."""
    return exists().where(
        LetterRow.message_id == MessageRow.id,
        LetterRow.state.in_((LetterState.HANDED_OVER.value, LetterState.PRINTED.value)),
    )
