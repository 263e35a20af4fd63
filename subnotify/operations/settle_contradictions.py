"""What contradicted an event of a letter, once that event was corrected.

A step of `correct_letter_event`, inside its transaction.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.rules.letter_events import contradictions, in_order_of_doubt
from subnotify.storage.letter_contradictions import event_of, list_open_contradictions
from subnotify.storage.letters import StoredLetter, load_letter_events
from subnotify.storage.tables import LetterContradictionRow, LetterEventRow


def settle_contradictions(
    session: Session, letter: StoredLetter, *, actor: str, at: datetime
) -> None:
    """What nothing on record contradicts any more becomes an event of the letter, as it was told.

    The caller has locked the letter, and writes what its events come to.
    """
    rows = {event_of(row): row for row in _open(session, letter)}
    events = load_letter_events(session, [letter.message_id]).get(letter.message_id, [])
    for event in in_order_of_doubt(rows):
        number = next((x.proof_number for x in events if x.proof_number), "")
        if contradictions(events, event, number=number):
            continue
        row = rows[event]
        row.settled_at = at
        if event.kind not in {x.kind for x in events}:
            events.append(event)
            session.add(_event(row, at))
            _evidence(session, letter, row, actor, at)
    session.flush()


def _open(session: Session, letter: StoredLetter) -> list[LetterContradictionRow]:
    return list(list_open_contradictions(session, [letter.message_id]))


def _event(row: LetterContradictionRow, at: datetime) -> LetterEventRow:
    return LetterEventRow(
        message_id=row.message_id,
        kind=row.kind,
        on=row.on,
        proof_number=row.proof_number,
        note=row.note,
        source=row.source,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        corrected_at=None,
    )


def _evidence(
    session: Session, letter: StoredLetter, row: LetterContradictionRow, actor: str, at: datetime
) -> None:
    append_evidence(
        session,
        f"letter_{row.kind}",
        actor=actor,
        object_type="message",
        object_id=row.message_id,
        content={
            "logical_key": letter.logical_key,
            "product": letter.product,
            "on": row.on,
            "proof_number": row.proof_number,
            "note": row.note,
            "source": row.source,
            "by": row.recorded_by,
            # Until then it contradicted what was on record.
            "told_at": row.recorded_at,
        },
        at=at,
    )
