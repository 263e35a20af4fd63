"""Where a letter lies that was not posted after all: its batch was taken for handed over.

A step of `correct_letter_event`, inside its transaction.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.append_letter_record import Told, append_events
from subnotify.operations.match_letter_events import GivenEvent
from subnotify.rules.letter_events import LetterZones
from subnotify.rules.words import BatchState, LetterEventKind, LetterEventSource
from subnotify.storage.former_seals import take_bytes_back
from subnotify.storage.letter_batches import get_batch, has_events
from subnotify.storage.letter_corrections import find_batch_id
from subnotify.storage.letters import StoredLetter, load_letter_events
from subnotify.storage.tables import LetterBatchRow, LetterEventCorrectionRow


def leave_batch(
    session: Session,
    letter: StoredLetter,
    correction: LetterEventCorrectionRow,
    zones: LetterZones,
    *,
    actor: str,
    at: datetime,
) -> None:
    """A letter of which nothing is on record any more never lies in a batch that was handed over:
    nothing would print it, and nobody would look for it.

    Where nothing is on record of the whole batch, it is still to be handed over. Else the printer
    has the letter with the others; only where that is what is untrue of it, it is written anew for
    another batch. The caller has locked the batch, and then the letter.
    """
    batch_id = find_batch_id(session, letter.message_id)
    if batch_id is None or load_letter_events(session, [letter.message_id]):
        return
    batch = get_batch(session, batch_id)
    if batch.state != BatchState.HANDED_OVER:
        return
    if not has_events(session, batch_id):
        _take_back(session, batch, actor, at)
    elif correction.kind == LetterEventKind.HANDED_OVER:
        take_bytes_back(session, [letter.message_id], at=at)
    else:
        told = Told(LetterEventSource.DESK, batch.handed_over_by or "", actor, at)
        event = GivenEvent(
            letter.message_id, LetterEventKind.HANDED_OVER, _day(batch, zones, at), note=batch.key
        )
        append_events(session, [event], {letter.message_id: letter}, told)


def _day(batch: LetterBatchRow, zones: LetterZones, at: datetime) -> date:
    instant = batch.handed_over_at or at
    return batch.handed_over_on or instant.astimezone(zones.vendor).date()


def _take_back(session: Session, batch: LetterBatchRow, actor: str, at: datetime) -> None:
    """The batch counted as handed over by what was told of this letter."""
    batch.state, batch.handed_over_by = BatchState.PREPARED, None
    batch.handed_over_at = batch.handed_over_on = None
    append_evidence(
        session,
        "letter_batch_not_handed_over",
        actor=actor,
        object_type="letter_batch",
        object_id=batch.id,
        content={"batch": batch.key, "letters": batch.letters, "pdf": batch.pdf_digest},
        at=at,
    )
    session.flush()
