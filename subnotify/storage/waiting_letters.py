"""Letters that wait to be written: which they are, locked while they are taken or set aside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, exists, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    ContactKind,
    LetterProduct,
    LetterState,
    MessageState,
    NoticeState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.former_letters import ON_ITS_WAY, is_other_address
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
)

_MESSAGES = cast(Table, MessageRow.__table__)


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter as it waits. reference: of its notice."""

    message_id: int
    logical_key: str
    notice_id: int
    reference: str
    language: str
    product: LetterProduct
    address_lines: tuple[str, ...]


def waits() -> ColumnElement[bool]:
    """The letter (LetterRow joined to MessageRow) is still to be printed, or to be sent by a
    person with an electronic provider."""
    return (LetterRow.state == LetterState.QUEUED) & (MessageRow.state == MessageState.QUEUED)


def is_sealed() -> ColumnElement[bool]:
    return (
        select(SealedMailRow.message_id)
        .where(SealedMailRow.message_id == LetterRow.message_id)
        .exists()
    )


def list_waiting(
    session: Session, product: LetterProduct, *, most: int, at: datetime
) -> list[WaitingLetter]:
    """Letters of this product whose bytes are not made yet and may be, the oldest first.

    Not those whose step can still be undone at `at` (`MessageRow.next_attempt_at` is later).
    """
    may_be = or_(MessageRow.next_attempt_at.is_(None), MessageRow.next_attempt_at <= at)
    rows = session.execute(
        _waiting()
        .where(LetterRow.product == product, LetterRow.batch_id.is_(None), ~is_sealed(), may_be)
        # Their numbers are in the order in which they were queued.
        .order_by(LetterRow.message_id)
        .limit(most)
    )
    return [_letter(row) for row in rows]


def lock_waiting(session: Session, message_ids: Collection[int]) -> dict[int, WaitingLetter]:
    """Those of these letters that wait still, by id, locked: messages first, then letters."""
    for key in (MessageRow.id, LetterRow.message_id):
        query = select(key).where(key.in_(message_ids)).order_by(key)
        session.execute(query.with_for_update(key_share=True)).all()
    rows = session.execute(
        _waiting().where(
            LetterRow.message_id.in_(message_ids), LetterRow.batch_id.is_(None), ~is_sealed()
        )
    )
    return {row.id: _letter(row) for row in rows}


def list_former(session: Session, message_ids: Collection[int], *, on: date) -> list[int]:
    """Those of these letters whose designated contact is not designated on that day, or has another
    name or address by now than the letter."""
    return [row.id for row in _former(session, on, among(MessageRow.id, message_ids))]


def list_batches_of_former(session: Session, batch_ids: Collection[int], *, on: date) -> set[int]:
    """Those of these batches that hold such letters."""
    return {row.batch_id for row in _former(session, on, among(LetterRow.batch_id, batch_ids))}


def has_former_letter(session: Session, notice_id: int, *, on: date) -> bool:
    """Whether a letter of the notice's present serving is such a letter, and nothing says that it
    arrived or came back."""
    return bool(_former(session, on, MessageRow.notice_id == notice_id, *_is_on_its_way()))


def list_with_former_letter(session: Session, contact_id: int, *, on: date) -> list[int]:
    """The notices that are not served and have such a letter, on its way to this contact."""
    ids = session.scalars(
        select(NoticeRow.id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .where(
            AgreementContactRow.contact_id == contact_id,
            NoticeRow.state != NoticeState.SERVED.value,
        )
        .distinct()
    ).all()
    of_contact = MessageRow.contact_id == contact_id
    rows = _former(session, on, among(MessageRow.notice_id, ids), of_contact, *_is_on_its_way())
    return sorted({row.notice_id for row in rows})


def _is_on_its_way() -> tuple[ColumnElement[bool], ...]:
    return (
        MessageRow.serving_number == NoticeRow.serving_number,
        LetterRow.state.in_([state.value for state in ON_ITS_WAY]),
    )


def _former(session: Session, on: date, *which: ColumnElement[bool]) -> list[Any]:
    designated = exists().where(
        AgreementContactRow.agreement_id == NoticeRow.agreement_id,
        AgreementContactRow.contact_id == MessageRow.contact_id,
        AgreementContactRow.kind == ContactKind.NOTICE,
        contact_is_designated(on),
    )
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.notice_id,
            LetterRow.batch_id,
            ContactRow.name,
            ContactRow.postal_address,
            LetterRow.address_lines,
            designated.label("is_designated"),
        )
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(MessageRow.contact_kind == ContactKind.NOTICE, *which)
        .order_by(MessageRow.id)
    )
    return [
        row
        for row in rows
        if not row.is_designated
        or is_other_address(row.address_lines, row.name, row.postal_address)
    ]


def set_aside(session: Session, message_id: int, reason: str) -> None:
    """Park a letter that cannot be written. The caller has locked it."""
    session.execute(
        update(_MESSAGES)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.PARKED, last_reply=reason)
    )


def _waiting() -> Any:
    return (
        select(
            MessageRow.id,
            MessageRow.logical_key,
            MessageRow.notice_id,
            MessageRow.language,
            NoticeRow.reference,
            LetterRow.product,
            LetterRow.address_lines,
        )
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(waits())
    )


def _letter(row: Any) -> WaitingLetter:
    return WaitingLetter(
        row.id,
        row.logical_key,
        row.notice_id,
        row.reference,
        row.language,
        LetterProduct(row.product),
        tuple(row.address_lines),
    )
