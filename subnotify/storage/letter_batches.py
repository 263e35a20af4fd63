"""Letters that wait for the printer, and their batches: what preparing reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    BatchState,
    LetterProduct,
    LetterState,
    MessageState,
)
from subnotify.storage.bulk_updates import insert_long_rows, update_by, update_by_id
from subnotify.storage.outbox import StoredSeal
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    LetterBatchRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
    TermsVersionRow,
)

_SEALED = cast(Table, SealedMailRow.__table__)
_MESSAGES = cast(Table, MessageRow.__table__)


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """What is stored when a letter's bytes are made. pages: of its own. note: what a person should
    know of it, or empty."""

    message_id: int
    seal: StoredSeal
    link_digest: str | None
    pages: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """The merged PDF, sealed, and the manifest, with the digests of both."""

    seal: StoredSeal
    manifest: str
    manifest_digest: str
    pages: int


def append_sealed(session: Session, letters: Sequence[SealedLetter], *, at: datetime) -> None:
    """Store the bytes of letters; from now on their links open. The caller has locked them."""
    insert_long_rows(
        session,
        _SEALED,
        [
            {
                "message_id": one.message_id,
                "digest": one.seal.digest,
                "ciphertext": one.seal.ciphertext,
                "sealed_at": at,
            }
            for one in letters
        ],
    )
    update_by_id(
        session,
        MessageRow,
        [
            {
                "id": one.message_id,
                "link_digest": one.link_digest,
                "last_reply": one.note or None,
            }
            for one in letters
        ],
    )
    update_by(
        session,
        LetterRow,
        ("message_id",),
        [{"message_id": one.message_id, "pages": one.pages} for one in letters],
    )


def add_batch(session: Session, product: LetterProduct, *, by: str, at: datetime) -> LetterBatchRow:
    """A new batch under the next key, still without letters."""
    row = LetterBatchRow(
        # Its number is known once it is inserted; no other transaction sees this name.
        key=f"new-{at.timestamp()}",
        product=product,
        state=BatchState.PREPARED,
        letters=0,
        pages=0,
        pdf_digest="",
        manifest_digest="",
        ciphertext=b"",
        manifest="",
        prepared_at=at,
        prepared_by=by,
    )
    session.add(row)
    session.flush()
    row.key = f"L-{row.id:06d}"
    return row


def fill_batch(
    session: Session, row: LetterBatchRow, message_ids: Sequence[int], sealed: SealedBatch
) -> None:
    """Put these letters into the batch, in this order."""
    row.letters, row.pages = len(message_ids), sealed.pages
    row.pdf_digest, row.ciphertext = sealed.seal.digest, sealed.seal.ciphertext
    row.manifest, row.manifest_digest = sealed.manifest, sealed.manifest_digest
    session.flush()
    update_by(
        session,
        LetterRow,
        ("message_id",),
        [
            {"message_id": message_id, "batch_id": row.id, "position": position}
            for position, message_id in enumerate(message_ids, start=1)
        ],
    )


def get_batch(session: Session, batch_id: int) -> LetterBatchRow:
    """Raises NotFound."""
    row = session.get(LetterBatchRow, batch_id)
    if row is None:
        raise NotFound
    return row


def lock_batch(session: Session, batch_id: int) -> LetterBatchRow:
    """The batch as it is now, locked before its notices, messages and letters. Raises NotFound."""
    row = session.scalar(
        select(LetterBatchRow)
        .where(LetterBatchRow.id == batch_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def list_not_taken(session: Session) -> list[int]:
    """Prepared batches that the provider does not have yet, as far as we know; the oldest first."""
    return list(
        session.scalars(
            select(LetterBatchRow.id)
            .where(LetterBatchRow.state == BatchState.PREPARED, LetterBatchRow.place.is_(None))
            .order_by(LetterBatchRow.id)
        )
    )


def list_untouched(session: Session, batch_id: int, *, at: datetime) -> dict[int, date]:
    """The letters of a batch of which nothing is on record: the day of `at` in the zone of each
    one's agreement, by message id."""
    rows = session.execute(
        select(LetterRow.message_id, terms_text())
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(LetterRow.batch_id == batch_id, LetterRow.state == LetterState.QUEUED)
        .order_by(LetterRow.position)
    )
    return {row.message_id: at.astimezone(_zone(row.terms)).date() for row in rows}


def _zone(terms: str | None) -> ZoneInfo:
    return zone_of(read_terms(terms).counting.time_zone) if terms is not None else zone_of("UTC")


def has_events(session: Session, batch_id: int) -> bool:
    """Whether anything was told of a letter of the batch."""
    found = select(LetterEventRow.id).join(
        LetterRow, LetterRow.message_id == LetterEventRow.message_id
    )
    return bool(session.scalar(select(found.where(LetterRow.batch_id == batch_id).exists())))


def list_handed_over_by_events(session: Session) -> list[int]:
    """Batches marked as prepared, of whose letters something was told; by id."""
    told = select(LetterEventRow.id).join(
        LetterRow, LetterRow.message_id == LetterEventRow.message_id
    )
    return list(
        session.scalars(
            select(LetterBatchRow.id)
            .where(
                LetterBatchRow.state == BatchState.PREPARED,
                told.where(LetterRow.batch_id == LetterBatchRow.id).exists(),
            )
            .order_by(LetterBatchRow.id)
        )
    )


def count_stopped(session: Session, batch_id: int) -> int:
    """Letters of the batch that are not to be sent any more: their change was withdrawn since, or
    their release is paused."""
    query = (
        select(func.count())
        .select_from(LetterRow)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(
            LetterRow.batch_id == batch_id,
            MessageRow.state.in_((MessageState.CANCELLED, MessageState.PAUSED)),
        )
    )
    return session.scalar(query) or 0


def list_spoilt(session: Session) -> list[int]:
    """Prepared batches with letters that were cancelled since; by id."""
    cancelled = (
        select(LetterRow.message_id)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(LetterRow.batch_id == LetterBatchRow.id, MessageRow.state == MessageState.CANCELLED)
    )
    return list(
        session.scalars(
            select(LetterBatchRow.id)
            .where(LetterBatchRow.state == BatchState.PREPARED, cancelled.exists())
            .order_by(LetterBatchRow.id)
        )
    )


def release_letters(session: Session, batch_id: int) -> list[int]:
    """Take a batch's letters out of it, with their bytes, which nobody got; their message ids."""
    ids = list(
        session.scalars(
            select(LetterRow.message_id)
            .where(LetterRow.batch_id == batch_id)
            .order_by(LetterRow.position)
        )
    )
    for key in (MessageRow.id, LetterRow.message_id):
        query = select(key).where(key.in_(ids)).order_by(key)
        session.execute(query.with_for_update(key_share=True)).all()
    session.execute(delete(SealedMailRow).where(SealedMailRow.message_id.in_(ids)))
    session.execute(update(_MESSAGES).where(MessageRow.id.in_(ids)).values(link_digest=None))
    session.execute(
        update(LetterRow)
        .where(LetterRow.message_id.in_(ids))
        .values(batch_id=None, position=None, pages=None)
    )
    return ids
