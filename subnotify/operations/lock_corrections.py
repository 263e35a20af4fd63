"""Locks what a correction of a letter's events may change, in the order that holds everywhere.

A step of `correct_letter_event`, inside its transaction.
"""

from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import CorrectionState
from subnotify.storage.letter_batches import lock_batch
from subnotify.storage.letter_corrections import find_batch_id, get_letter_correction
from subnotify.storage.letters import StoredLetter, lock_letters, notices_of_letters
from subnotify.storage.message_reports import lock_cases_of_notices
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import LetterEventCorrectionRow


class EventCorrectionDecided(RuleError):
    message = "This correction was confirmed or refused already."


def lock_letter(session: Session, message_id: int) -> StoredLetter:
    """The letter, locked after its batch, notice and cases. Raises NotFound."""
    batch_id = find_batch_id(session, message_id)
    if batch_id is not None:
        lock_batch(session, batch_id)
    notice_ids = notices_of_letters(session, [message_id])
    lock_notice_ids(session, notice_ids)
    lock_cases_of_notices(session, notice_ids)
    letter = lock_letters(session, [message_id]).get(message_id)
    if letter is None:
        raise NotFound
    return letter


def lock_open_correction(
    session: Session, correction_id: int
) -> tuple[StoredLetter, LetterEventCorrectionRow]:
    """The correction that waits for a decision, and its letter, locked. Raises
    EventCorrectionDecided, NotFound."""
    message_id = get_letter_correction(session, correction_id).message_id
    letter = lock_letter(session, message_id)
    # Read again: whoever decided it held the letter.
    row = get_letter_correction(session, correction_id)
    if row.state != CorrectionState.PROPOSED.value:
        raise EventCorrectionDecided
    return letter, row
