"""Letters and their batches as the desk shows them: a constant number of queries for a page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    LetterProduct,
    LetterReason,
    LetterState,
    MessageState,
)
from subnotify.storage.outbox import StoredSeal
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    ContactRow,
    LetterBatchRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    SealedMailRow,
)
from subnotify.storage.waiting_letters import is_sealed, waits

PAGE_SIZE = 50
_CHUNK = 500


@dataclass(frozen=True)
class WaitingCount:
    """Letters of one product that wait for one reason; when the oldest was queued."""

    product: LetterProduct
    reason: LetterReason
    letters: int
    oldest_at: datetime


@dataclass(frozen=True)
class LetterLine:
    """A letter in a list. pages: None while its bytes are not made."""

    message_id: int
    client: str
    contact: str
    notice_id: int
    reference: str
    product: LetterProduct
    reason: LetterReason
    state: LetterState
    message_state: MessageState
    queued_at: datetime
    batch_id: int | None
    batch: str | None
    position: int | None
    pages: int | None
    proof_number: str


@dataclass(frozen=True)
class LetterFile:
    """Everything on record of one letter; digest: of its bytes, None while they are not made.
    former_on: the day from which its contact or address was struck out."""

    line: LetterLine
    logical_key: str
    agreement: str
    agreement_id: int
    language: str
    address_lines: Sequence[str]
    last_reply: str
    digest: str | None
    former_on: date | None
    events: Sequence[LetterEventRow]


def count_waiting(session: Session, *, release_id: int | None = None) -> list[WaitingCount]:
    """What waits for the printer, or for a person with an electronic provider; oldest first."""
    oldest = func.min(MessageRow.queued_at).label("oldest_at")
    rows = session.execute(
        _of_release(
            select(LetterRow.product, LetterRow.reason, func.count().label("letters"), oldest)
            .join(MessageRow, MessageRow.id == LetterRow.message_id)
            .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
            .where(waits(), LetterRow.batch_id.is_(None)),
            release_id,
        )
        .group_by(LetterRow.product, LetterRow.reason)
        .order_by(oldest, LetterRow.product, LetterRow.reason)
    )
    return [
        WaitingCount(LetterProduct(x.product), LetterReason(x.reason), x.letters, x.oldest_at)
        for x in rows
    ]


def count_all_waiting(session: Session) -> int:
    """How many letters wait for the printer, or for a person with an electronic provider."""
    query = (
        select(func.count())
        .select_from(LetterRow)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(waits(), LetterRow.batch_id.is_(None))
    )
    return session.scalar(query) or 0


def count_printable(session: Session, *, queued_by: datetime | None = None) -> int:
    """Letters that wait and whose bytes are not made; queued_by: only those queued until then."""
    query = (
        select(func.count())
        .select_from(LetterRow)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(waits(), LetterRow.batch_id.is_(None), ~is_sealed())
    )
    if queued_by is not None:
        query = query.where(MessageRow.queued_at <= queued_by)
    return session.scalar(query) or 0


def list_waiting_letters(
    session: Session, *, release_id: int | None = None, page: int = 1
) -> list[LetterLine]:
    """A page of the letters that wait, the oldest first. page: counted from 1."""
    return _lines(
        session,
        _of_release(_letters().where(waits(), LetterRow.batch_id.is_(None)), release_id)
        .order_by(LetterRow.message_id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE),
    )


def list_releases_waiting(session: Session) -> list[tuple[int, str]]:
    """(id, number) of the releases of which letters wait, the newest first."""
    rows = session.execute(
        select(ReleaseRow.id, ReleaseRow.number)
        .join(NoticeRow, NoticeRow.release_id == ReleaseRow.id)
        .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(waits(), LetterRow.batch_id.is_(None))
        .distinct()
        .order_by(ReleaseRow.id.desc())
    )
    return [(row.id, row.number) for row in rows]


def list_stopped(session: Session, *, most: int) -> list[LetterLine]:
    """Letters that were set aside because they could not be written."""
    return _lines(
        session,
        _letters()
        .where(LetterRow.state == LetterState.QUEUED, MessageRow.state == MessageState.PARKED)
        .order_by(MessageRow.queued_at, MessageRow.id)
        .limit(most),
    )


def list_letters_of_batch(session: Session, batch_id: int) -> list[LetterLine]:
    """In the order of the merged PDF. Of a cancelled batch there are none any more."""
    query = _letters().where(LetterRow.batch_id == batch_id)
    return _lines(session, query.order_by(LetterRow.position))


def load_letter_file(session: Session, message_id: int) -> LetterFile:
    """Raises NotFound."""
    found = session.execute(
        _letters()
        .add_columns(
            MessageRow.logical_key,
            MessageRow.language,
            MessageRow.last_reply,
            AgreementRow.reference.label("agreement"),
            AgreementRow.id.label("agreement_id"),
            LetterRow.address_lines,
            LetterRow.former_on,
            SealedMailRow.digest,
        )
        .outerjoin(SealedMailRow, SealedMailRow.message_id == MessageRow.id)
        .where(LetterRow.message_id == message_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    events = select(LetterEventRow).where(LetterEventRow.message_id == message_id)
    return LetterFile(
        line=_line(found),
        logical_key=found.logical_key,
        agreement=found.agreement,
        agreement_id=found.agreement_id,
        language=found.language,
        address_lines=tuple(found.address_lines),
        last_reply=found.last_reply or "",
        digest=found.digest,
        former_on=found.former_on,
        events=session.scalars(events.order_by(LetterEventRow.on, LetterEventRow.id)).all(),
    )


def find_letter_seal(session: Session, message_id: int) -> tuple[str, StoredSeal] | None:
    """The letter's logical key, which owns the seal, and its sealed bytes; None where there are
    none."""
    row = session.execute(
        select(MessageRow.logical_key, SealedMailRow.digest, SealedMailRow.ciphertext)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(SealedMailRow, SealedMailRow.message_id == MessageRow.id)
        .where(MessageRow.id == message_id)
    ).one_or_none()
    return (row.logical_key, StoredSeal(row.digest, row.ciphertext)) if row else None


def find_letters(session: Session, keys: Collection[str]) -> Mapping[str, int]:
    """Message ids of the letters with these logical keys, by key."""
    wanted = sorted(keys)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = session.execute(
            select(MessageRow.logical_key, MessageRow.id)
            .join(LetterRow, LetterRow.message_id == MessageRow.id)
            .where(MessageRow.logical_key.in_(wanted[start : start + _CHUNK]))
        )
        found |= {row.logical_key: row.id for row in rows}
    return found


def _letters() -> Select[*tuple[Any, ...]]:
    return (
        select(
            LetterRow.message_id,
            ClientRow.name.label("client"),
            ContactRow.name.label("contact"),
            MessageRow.notice_id,
            NoticeRow.reference,
            LetterRow.product,
            LetterRow.reason,
            LetterRow.state,
            MessageRow.state.label("message_state"),
            MessageRow.queued_at,
            LetterRow.batch_id,
            LetterBatchRow.key.label("batch"),
            LetterRow.position,
            LetterRow.pages,
            LetterRow.proof_number,
        )
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
        .outerjoin(LetterBatchRow, LetterBatchRow.id == LetterRow.batch_id)
    )


def _of_release(
    query: Select[*tuple[Any, ...]], release_id: int | None
) -> Select[*tuple[Any, ...]]:
    is_of: ColumnElement[bool] = NoticeRow.release_id == release_id
    return query if release_id is None else query.where(is_of)


def _lines(session: Session, query: Select[*tuple[Any, ...]]) -> list[LetterLine]:
    return [_line(row) for row in session.execute(query)]


def _line(row: Any) -> LetterLine:
    return LetterLine(
        message_id=row.message_id,
        client=row.client,
        contact=row.contact or "",
        notice_id=row.notice_id,
        reference=row.reference,
        product=LetterProduct(row.product),
        reason=LetterReason(row.reason),
        state=LetterState(row.state),
        message_state=MessageState(row.message_state),
        queued_at=row.queued_at,
        batch_id=row.batch_id,
        batch=row.batch,
        position=row.position,
        pages=row.pages,
        proof_number=row.proof_number,
    )
