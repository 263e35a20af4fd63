"""Gives prepared batches to the provider that prints them: the same bytes under the same key,
until it has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.print_provider import PrintProvider, ProviderRefused
from subnotify.delivery.sealing import SealBroken, SealedMail, SealKey, open_sealed
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import BatchState
from subnotify.storage.former_seals import find_former_seal
from subnotify.storage.letter_batches import get_batch, list_not_taken, lock_batch
from subnotify.storage.letter_pages import find_letter_seal
from subnotify.storage.tables import LetterBatchRow


class LetterNotReadable(RuleError):
    message = "The bytes on record cannot be opened: they were sealed with another key, or altered."


@dataclass(frozen=True)
class GivenBatches:
    """taken: keys of the batches that the provider has now. refused: key and why it has not."""

    taken: tuple[str, ...] = ()
    refused: tuple[tuple[str, RuleError], ...] = ()


def give_batches(
    session: Session,
    provider: PrintProvider,
    *,
    keys: Sequence[SealKey],
    actor: str,
    at: datetime,
    batch_ids: Sequence[int] | None = None,
) -> GivenBatches:
    """Give these batches, or all that it does not have; one that it refuses stops no other.

    The provider is asked outside of any transaction: whoever dies after it took a batch gives it
    again, and it takes a key once. A batch that was cancelled meanwhile is called back.
    """
    with transaction(session):
        waiting = list_not_taken(session)
    taken, refused = [], []
    for batch_id in waiting if batch_ids is None else [x for x in batch_ids if x in waiting]:
        with transaction(session):
            row = get_batch(session, batch_id)
            session.expunge(row)
        try:
            place = provider.take(row.key, open_batch(row, keys), row.manifest.encode())
        except (ProviderRefused, LetterNotReadable) as error:
            refused.append((row.key, error))
            continue
        if _note_place(session, provider, batch_id, place, actor=actor, at=at):
            taken.append(row.key)
    return GivenBatches(tuple(taken), tuple(refused))


def open_batch(row: LetterBatchRow, keys: Sequence[SealKey]) -> bytes:
    """The merged PDF of a batch. Raises LetterNotReadable."""
    return _open(SealedMail(row.pdf_digest, row.ciphertext), keys, row.key)


def open_letter(session: Session, message_id: int, *, keys: Sequence[SealKey]) -> bytes:
    """The PDF of one letter. Raises NotFound where it is not made yet, LetterNotReadable."""
    found = find_letter_seal(session, message_id)
    if found is None:
        raise NotFound
    owner, seal = found
    return _open(SealedMail(seal.digest, seal.ciphertext), keys, owner)


def open_former_letter(
    session: Session, message_id: int, seal_id: int, *, keys: Sequence[SealKey]
) -> bytes:
    """The PDF as the letter was before it was written anew. Raises NotFound, LetterNotReadable."""
    found = find_former_seal(session, message_id, seal_id)
    if found is None:
        raise NotFound
    owner, seal = found
    return _open(SealedMail(seal.digest, seal.ciphertext), keys, owner)


def _open(sealed: SealedMail, keys: Sequence[SealKey], owner: str) -> bytes:
    try:
        return open_sealed(sealed, keys, owner=owner)
    except SealBroken as error:
        raise LetterNotReadable from error


def _note_place(
    session: Session,
    provider: PrintProvider,
    batch_id: int,
    place: str,
    *,
    actor: str,
    at: datetime,
) -> bool:
    with transaction(session):
        row = lock_batch(session, batch_id)
        if row.state == BatchState.CANCELLED:
            provider.cancel(row.key)
            return False
        if row.place is None:
            row.place = place
            append_evidence(
                session,
                "letter_batch_given",
                actor=actor,
                object_type="letter_batch",
                object_id=row.id,
                content={"batch": row.key, "place": place, "pdf": row.pdf_digest},
                at=at,
            )
        return True
