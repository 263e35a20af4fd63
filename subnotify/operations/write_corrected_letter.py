"""What a letter and its message come to once an event of it was corrected.

A step of `correct_letter_event`, inside its transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.rules.letter_events import (
    LetterEvent,
    day_of,
    instant_of_day,
    letter_state,
    posting_day,
)
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventKind, LetterState, MessageState
from subnotify.storage.letter_corrections import find_state_unposted
from subnotify.storage.letters import StoredLetter, load_letter_events
from subnotify.storage.tables import LetterRow, MessageRow


def write_corrected_letter(
    session: Session, letter: StoredLetter, former: Sequence[LetterEvent], *, at: datetime
) -> datetime | None:
    """Write letter and message as their events are now; the instant of the receipt, where one is
    on record. former: the events before. The caller has locked the letter."""
    events = load_letter_events(session, [letter.message_id]).get(letter.message_id, [])
    _write_message(session, letter, former, events, at)
    message_state = session.get_one(MessageRow, letter.message_id).state
    paper = session.get_one(LetterRow, letter.message_id)
    stopped = message_state == MessageState.CANCELLED
    paper.state = letter_state(events, is_cancelled=stopped).value
    paper.proof_number = _number(letter, former, events)
    session.flush()
    received = day_of(events, LetterEventKind.RECEIVED)
    return instant_of_day(received, zone_of(letter.time_zone), at) if received else None


def _write_message(
    session: Session,
    letter: StoredLetter,
    former: Sequence[LetterEvent],
    events: Sequence[LetterEvent],
    at: datetime,
) -> None:
    """Handed over on the day of its posting; where nothing says any more that it was posted, it
    waits as before, unless what it tells of is sent otherwise or not at all by now."""
    was, day = posting_day(former), posting_day(events)
    if day == was:
        return
    row: Any = session.get_one(MessageRow, letter.message_id, populate_existing=True)
    if day is not None:
        row.state = MessageState.HANDED_OVER.value
        row.handed_over_at = instant_of_day(day, zone_of(letter.time_zone), at)
    else:
        state = find_state_unposted(session, letter.message_id)
        row.state, row.handed_over_at, row.host, row.last_reply = state.value, None, None, None
        if state is MessageState.PAUSED:
            row.paused_from = MessageState.QUEUED.value
    session.flush()


def _number(
    letter: StoredLetter, former: Sequence[LetterEvent], events: Sequence[LetterEvent]
) -> str:
    """A number that came with an event which was not of this letter is not its number either."""
    if letter.state is LetterState.CANCELLED or len(events) == len(former):
        return letter.proof_number
    kept = [event.proof_number for event in events if event.proof_number]
    lost = {event.proof_number for event in former} - set(kept)
    return next(iter(kept), "") if letter.proof_number in lost else letter.proof_number
