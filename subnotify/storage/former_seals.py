"""Bytes of letters that are written anew: taken back from the letter, and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from subnotify.storage.id_lists import among
from subnotify.storage.outbox import StoredSeal
from subnotify.storage.tables import (
    FormerSealRow,
    LetterBatchRow,
    LetterRow,
    MessageRow,
    SealedMailRow,
    UtcDateTime,
)

_COLUMNS = (
    *("message_id", "batch_id", "position", "digest", "ciphertext", "sealed_at"),
    *("link_digest", "taken_back_at"),
)


def lock_letters_of_batch(session: Session, batch_id: int) -> list[int]:
    """The message ids of a batch's letters, in its order, locked: the messages, then the letters.

    Whoever would tell of one of them waits; the caller has locked the batch before.
    """
    ids = list(
        session.scalars(
            select(LetterRow.message_id)
            .where(LetterRow.batch_id == batch_id)
            .order_by(LetterRow.position)
        )
    )
    for key in (MessageRow.id, LetterRow.message_id):
        query = select(key).where(among(key, ids)).order_by(key)
        session.execute(query.with_for_update(key_share=True)).all()
    return ids


@dataclass(frozen=True, slots=True)
class FormerBytes:
    """Bytes that a letter had. batch: the key of the batch that was cancelled; "" of none."""

    id: int
    digest: str
    sealed_at: datetime
    taken_back_at: datetime
    batch_id: int | None
    batch: str


def list_former_bytes(session: Session, message_id: int) -> list[FormerBytes]:
    """All that this letter had, the oldest first."""
    rows = session.execute(
        select(
            FormerSealRow.id,
            FormerSealRow.digest,
            FormerSealRow.sealed_at,
            FormerSealRow.taken_back_at,
            FormerSealRow.batch_id,
            LetterBatchRow.key,
        )
        .outerjoin(LetterBatchRow, LetterBatchRow.id == FormerSealRow.batch_id)
        .where(FormerSealRow.message_id == message_id)
        .order_by(FormerSealRow.id)
    )
    return [
        FormerBytes(
            row.id, row.digest, row.sealed_at, row.taken_back_at, row.batch_id, row.key or ""
        )
        for row in rows
    ]


def find_former_seal(
    session: Session, message_id: int, seal_id: int
) -> tuple[str, StoredSeal] | None:
    """The letter's logical key, which owns the seal, and these sealed bytes of it; None where it
    never had them."""
    row = session.execute(
        select(MessageRow.logical_key, FormerSealRow.digest, FormerSealRow.ciphertext)
        .join(MessageRow, MessageRow.id == FormerSealRow.message_id)
        .where(FormerSealRow.id == seal_id, FormerSealRow.message_id == message_id)
    ).one_or_none()
    return (row.logical_key, StoredSeal(row.digest, row.ciphertext)) if row else None


def take_bytes_back(session: Session, message_ids: Sequence[int], *, at: datetime) -> None:
    """These letters are to be written anew, outside of any batch; the bytes that they had are kept
    beside, and the links in them end. The caller has locked the letters."""
    former = (
        select(
            SealedMailRow.message_id,
            LetterRow.batch_id,
            LetterRow.position,
            SealedMailRow.digest,
            SealedMailRow.ciphertext,
            SealedMailRow.sealed_at,
            MessageRow.link_digest,
            literal(at, UtcDateTime()),
        )
        .join(LetterRow, LetterRow.message_id == SealedMailRow.message_id)
        .join(MessageRow, MessageRow.id == SealedMailRow.message_id)
        .where(among(SealedMailRow.message_id, message_ids))
        .order_by(LetterRow.position, SealedMailRow.message_id)
    )
    session.execute(insert(FormerSealRow).from_select(_COLUMNS, former))
    for statement in (
        delete(SealedMailRow).where(among(SealedMailRow.message_id, message_ids)),
        update(MessageRow).where(among(MessageRow.id, message_ids)).values(link_digest=None),
        update(LetterRow)
        .where(among(LetterRow.message_id, message_ids))
        .values(batch_id=None, position=None, pages=None, told_closes_at=None),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
