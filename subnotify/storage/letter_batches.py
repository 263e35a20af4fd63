"""Letters that wait for the printer, and their batches: what preparing reads and writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, exists, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    BatchState,
    LetterEventKind,
    LetterProduct,
    LetterState,
    MessageState,
)
from subnotify.storage.bulk_updates import insert_long_rows, update_by, update_by_id
from subnotify.storage.id_lists import among
from subnotify.storage.outbox import StoredSeal
from subnotify.storage.tables import (
    LetterBatchRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    SealedMailRow,
)
from subnotify.storage.untrue_letters import list_untrue
from subnotify.storage.waiting_letters import list_batches_of_former, list_former

_SEALED = cast(Table, SealedMailRow.__table__)
_CHUNK = 500
_BATCHES = 50
_STOPPED = (MessageState.CANCELLED, MessageState.PAUSED)


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """What is stored when a letter's bytes are made. pages: of its own. told_closes_at: the end of
    the window that it tells; None: it tells none."""

    message_id: int
    seal: StoredSeal
    link_digest: str | None
    pages: int
    told_closes_at: datetime | None = None


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
                "last_reply": None,
            }
            for one in letters
        ],
    )
    update_by(
        session,
        LetterRow,
        ("message_id",),
        [
            {
                "message_id": one.message_id,
                "pages": one.pages,
                "told_closes_at": one.told_closes_at,
            }
            for one in letters
        ],
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


def find_batch(session: Session, key: str) -> int | None:
    """The id of the batch with this key."""
    return session.scalar(select(LetterBatchRow.id).where(LetterBatchRow.key == key))


def list_cancelled(session: Session, keys: Collection[str]) -> set[str]:
    """Those of these keys whose batch was cancelled."""
    wanted, found = sorted(keys), set[str]()
    for start in range(0, len(wanted), _CHUNK):
        of_chunk = LetterBatchRow.key.in_(wanted[start : start + _CHUNK])
        is_cancelled = LetterBatchRow.state == BatchState.CANCELLED
        found.update(session.scalars(select(LetterBatchRow.key).where(of_chunk, is_cancelled)))
    return found


def list_untouched(session: Session, batch_id: int) -> list[int]:
    """The letters of a batch of which nothing is on record, in its order; those among them that
    are not to be sent any more, too."""
    return list(
        session.scalars(
            select(LetterRow.message_id)
            .where(
                LetterRow.batch_id == batch_id,
                LetterRow.state.in_((LetterState.QUEUED, LetterState.CANCELLED)),
                ~exists().where(LetterEventRow.message_id == LetterRow.message_id),
            )
            .order_by(LetterRow.position)
        )
    )


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


def list_told_days(session: Session, batch_id: int) -> list[date]:
    """The days on which letters of the batch were handed over, as it was told of them."""
    return list(
        session.scalars(
            select(LetterEventRow.on)
            .join(LetterRow, LetterRow.message_id == LetterEventRow.message_id)
            .where(
                LetterRow.batch_id == batch_id,
                LetterEventRow.kind == LetterEventKind.HANDED_OVER,
            )
            .order_by(LetterEventRow.on)
        )
    )


def count_stopped(session: Session, batch_id: int, *, on: date) -> int:
    """Letters of the batch that are not to be sent any more: their change was withdrawn since,
    their release is paused, the deadline that they tell runs no longer, or their contact has
    another address or is not designated on that day, the vendor's."""
    rows = session.execute(
        select(LetterRow.message_id, MessageRow.state)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(LetterRow.batch_id == batch_id)
    ).all()
    stopped = {x.message_id for x in rows if x.state in _STOPPED}
    stopped |= {x.message_id for x in list_untrue(session, LetterRow.batch_id == batch_id)}
    return len(stopped.union(list_former(session, [row.message_id for row in rows], on=on)))


def list_spoilt(session: Session, *, on: date) -> list[int]:
    """Prepared batches with letters that were cancelled since, that tell a deadline which runs no
    longer, or that would go to a former contact or address; by id. on: the vendor's day."""
    is_prepared = LetterBatchRow.state == BatchState.PREPARED
    prepared = session.scalars(select(LetterBatchRow.id).where(is_prepared)).all()
    cancelled = session.scalars(
        select(LetterRow.batch_id)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(LetterBatchRow, LetterBatchRow.id == LetterRow.batch_id)
        .where(is_prepared, MessageRow.state == MessageState.CANCELLED)
        .distinct()
    )
    spoilt = {batch_id for batch_id in cancelled if batch_id is not None}
    # The addresses are compared here: those of so many batches at a time.
    for start in range(0, len(prepared), _BATCHES):
        ids = prepared[start : start + _BATCHES]
        spoilt |= list_batches_of_former(session, ids, on=on)
        untrue = list_untrue(session, among(LetterRow.batch_id, ids))
        spoilt |= {one.batch_id for one in untrue if one.batch_id is not None}
    return sorted(spoilt)
