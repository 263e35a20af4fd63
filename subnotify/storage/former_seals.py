"""Bytes of letters that are written anew: taken back from the letter, and kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    FormerSealRow,
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
        .values(batch_id=None, position=None, pages=None),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
