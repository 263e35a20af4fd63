"""Batches of letters as the desk shows them: never their bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import BatchState, LetterProduct
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    FormerSealRow,
    LetterBatchRow,
    MessageRow,
    NoticeRow,
)

PAGE_SIZE = 50


@dataclass(frozen=True)
class BatchLine:
    """A batch without its bytes."""

    id: int
    key: str
    product: LetterProduct
    state: BatchState
    letters: int
    pages: int
    prepared_at: datetime
    prepared_by: str
    place: str | None
    handed_over_at: datetime | None
    handed_over_on: date | None
    handed_over_by: str | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    pdf_digest: str
    manifest_digest: str


@dataclass(frozen=True)
class FormerLetter:
    """A letter as it was in a cancelled batch; digest: of those bytes."""

    message_id: int
    position: int
    client: str
    reference: str
    digest: str


_BATCH_COLUMNS = (
    LetterBatchRow.id,
    LetterBatchRow.key,
    LetterBatchRow.product,
    LetterBatchRow.state,
    LetterBatchRow.letters,
    LetterBatchRow.pages,
    LetterBatchRow.prepared_at,
    LetterBatchRow.prepared_by,
    LetterBatchRow.place,
    LetterBatchRow.handed_over_at,
    LetterBatchRow.handed_over_on,
    LetterBatchRow.handed_over_by,
    LetterBatchRow.cancelled_at,
    LetterBatchRow.cancelled_by,
    LetterBatchRow.pdf_digest,
    LetterBatchRow.manifest_digest,
)


def count_batches(session: Session) -> dict[BatchState, int]:
    rows = session.execute(
        select(LetterBatchRow.state, func.count()).group_by(LetterBatchRow.state)
    )
    return {BatchState(state): count for state, count in rows}


def count_prepared(session: Session) -> int:
    """Batches that wait for a person to hand them over."""
    query = select(func.count()).where(LetterBatchRow.state == BatchState.PREPARED)
    return session.scalar(query) or 0


def list_batches(session: Session, *, most: int, offset: int = 0) -> list[BatchLine]:
    """Some of the batches: those that wait to be handed over first, then the newest."""
    is_done = LetterBatchRow.state != BatchState.PREPARED
    rows = session.execute(
        select(*_BATCH_COLUMNS)
        .order_by(is_done, LetterBatchRow.id.desc())
        .limit(most)
        .offset(offset)
    )
    return [_batch(row) for row in rows]


def get_batch_line(session: Session, batch_id: int) -> BatchLine:
    """Raises NotFound."""
    row = session.execute(
        select(*_BATCH_COLUMNS).where(LetterBatchRow.id == batch_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _batch(row)


def list_former_letters(session: Session, batch_id: int) -> list[FormerLetter]:
    """What a cancelled batch held, in the order of its merged PDF."""
    rows = session.execute(
        select(
            FormerSealRow.message_id,
            FormerSealRow.position,
            ClientRow.name.label("client"),
            NoticeRow.reference,
            FormerSealRow.digest,
        )
        .join(MessageRow, MessageRow.id == FormerSealRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(FormerSealRow.batch_id == batch_id)
        .order_by(FormerSealRow.position)
    )
    return [FormerLetter(**row._mapping) for row in rows]


def _batch(row: Any) -> BatchLine:
    return BatchLine(
        **{
            **row._mapping,
            "product": LetterProduct(row.product),
            "state": BatchState(row.state),
        }
    )
