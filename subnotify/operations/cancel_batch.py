"""Cancels a batch of letters that was not handed over: its letters wait for another one."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.print_provider import PrintProvider
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.rules.words import BatchState
from subnotify.storage.former_seals import lock_letters_of_batch, take_bytes_back
from subnotify.storage.letter_batches import has_events, lock_batch


class BatchHandedOver(RuleError):
    message = "This batch was handed over: its letters cannot be called back any more."


class BatchBeingPrinted(RuleError):
    message = (
        "The printer has this batch already: it is too late to cancel it. Record that it was"
        " handed over."
    )


def cancel_batch(
    session: Session,
    batch_id: int,
    *,
    provider: PrintProvider | None,
    by: str,
    actor: str,
    at: datetime,
) -> bool:
    """Cancel it; False where that was done before.

    Its letters wait again, and are written anew for the next batch: why a batch is cancelled is
    mostly what stands in it. Nobody should have got these bytes; they are kept all the same.
    provider: who may have it. It is asked while the batch and its letters are locked, so that
    nobody hands over, or tells of, what it gives up. Raises BatchHandedOver, BatchBeingPrinted,
    ProviderRefused, NotFound.
    """
    with transaction(session):
        row = lock_batch(session, batch_id)
        if row.state == BatchState.CANCELLED:
            return False
        if row.state == BatchState.HANDED_OVER:
            raise BatchHandedOver
        letters = lock_letters_of_batch(session, batch_id)
        if has_events(session, batch_id):
            raise BatchBeingPrinted
        if provider is not None and not provider.cancel(row.key):
            raise BatchBeingPrinted
        take_bytes_back(session, letters, at=at)
        row.state, row.cancelled_at, row.cancelled_by = BatchState.CANCELLED, at, by
        append_evidence(
            session,
            "letter_batch_cancelled",
            actor=actor,
            object_type="letter_batch",
            object_id=batch_id,
            content={"batch": row.key, "letters": letters, "pdf": row.pdf_digest},
            at=at,
        )
        return True
