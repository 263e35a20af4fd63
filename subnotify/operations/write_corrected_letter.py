"""What a letter and its message come to once an event of it was corrected.

A step of `correct_letter_event`, inside its transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.rules.letter_events import (
    LetterEvent,
    LetterZones,
    day_of,
    find_posting,
    instant_of_day,
    letter_state,
)
from subnotify.rules.words import LetterEventKind, LetterState, MessageState
from subnotify.storage.letter_contradictions import load_contradictions
from subnotify.storage.letter_corrections import find_state_unposted
from subnotify.storage.letters import StoredLetter, load_letter_events
from subnotify.storage.tables import LetterRow, MessageRow


def write_corrected_letter(
    session: Session,
    letter: StoredLetter,
    former: Sequence[LetterEvent],
    zones: LetterZones,
    *,
    at: datetime,
) -> datetime | None:
    """Write letter and message as their events are now; the instant of the receipt, where one is
    on record. former: the events before. The caller has locked the letter."""
    ids = [letter.message_id]
    events = load_letter_events(session, ids).get(letter.message_id, [])
    contested = load_contradictions(session, ids).get(letter.message_id, [])
    _write_message(session, letter, former, events, zones, at)
    message_state = session.get_one(MessageRow, letter.message_id).state
    paper = session.get_one(LetterRow, letter.message_id)
    stopped = message_state == MessageState.CANCELLED
    paper.state = letter_state(events, contested, is_cancelled=stopped).value
    paper.proof_number = _number(letter, former, events)
    session.flush()
    received = day_of(events, LetterEventKind.RECEIVED)
    return instant_of_day(received, zones.agreement, at) if received else None


def _write_message(
    session: Session,
    letter: StoredLetter,
    former: Sequence[LetterEvent],
    events: Sequence[LetterEvent],
    zones: LetterZones,
    at: datetime,
) -> None:
    """Handed over on the day of its posting; where nothing says any more that it was posted, it
    waits as before, unless what it tells of is sent otherwise or not at all by now."""
    was, posting = find_posting(former), find_posting(events)
    if posting == was:
        return
    row: Any = session.get_one(MessageRow, letter.message_id, populate_existing=True)
    if posting is not None:
        row.state = MessageState.HANDED_OVER.value
        row.handed_over_at = zones.end_of_day(posting, at)
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
    if letter.state is LetterState.CANCELLED:
        return letter.proof_number
    kept = [event.proof_number for event in events if event.proof_number]
    lost = {event.proof_number for event in former} - set(kept)
    if letter.proof_number and letter.proof_number not in lost:
        return letter.proof_number
    return next(iter(kept), "")
