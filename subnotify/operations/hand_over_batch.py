"""Records that a batch of letters was handed over: to the printer, or to the post office."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.record_letter_events import GivenEvent, append_letter_events
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.words import BatchState, LetterEventKind, LetterEventSource
from subnotify.storage.letter_batches import (
    count_stopped,
    list_handed_over_by_events,
    list_untouched,
    lock_batch,
)
from subnotify.storage.tables import LetterBatchRow


class BatchCancelled(RuleError):
    message = "This batch was cancelled: it is not to be printed."


class LettersStopped(RuleError):
    message = (
        "Some letters of this batch are not to be sent any more: their change was withdrawn,"
        " or their release is paused. Cancel the batch; the other letters get a new one."
    )


def hand_over_batch(
    session: Session, batch_id: int, *, by: str, actor: str, legal_email: str, at: datetime
) -> bool:
    """Record it with each of its letters; False where it was recorded before. From now on the
    batch cannot be cancelled.

    A letter of which more is on record already keeps that: it was handed over whatever day this
    is. Raises BatchCancelled, LettersStopped, NotFound.
    """
    with transaction(session):
        row = lock_batch(session, batch_id)
        if row.state == BatchState.HANDED_OVER:
            return False
        if row.state == BatchState.CANCELLED:
            raise BatchCancelled
        if count_stopped(session, batch_id):
            raise LettersStopped
        days = list_untouched(session, batch_id, at=at)
        report = append_letter_events(
            session,
            [
                GivenEvent(x, LetterEventKind.HANDED_OVER, day, note=row.key)
                for x, day in days.items()
            ],
            source=LetterEventSource.DESK,
            by=by,
            actor=actor,
            legal_email=legal_email,
            at=at,
        )
        if report.refused:
            raise ProblemsFound(tuple(x for one in report.refused for x in one.problems))
        _mark(session, row, by=by, actor=actor, at=at)
        return True


def note_handed_over(session: Session, *, by: str, actor: str, at: datetime) -> list[str]:
    """Batches of whose letters somebody told more than that they wait: the printer has them. The
    keys of those that were not marked so. In a transaction of its own."""
    with transaction(session):
        found = [lock_batch(session, x) for x in list_handed_over_by_events(session)]
        told = [row for row in found if row.state == BatchState.PREPARED]
        for row in told:
            _mark(session, row, by=by, actor=actor, at=at)
        return [row.key for row in told]


def _mark(session: Session, row: LetterBatchRow, *, by: str, actor: str, at: datetime) -> None:
    row.state, row.handed_over_at, row.handed_over_by = BatchState.HANDED_OVER, at, by
    append_evidence(
        session,
        "letter_batch_handed_over",
        actor=actor,
        object_type="letter_batch",
        object_id=row.id,
        content={"batch": row.key, "letters": row.letters, "pdf": row.pdf_digest},
        at=at,
    )
