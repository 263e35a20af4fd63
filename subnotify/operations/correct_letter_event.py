"""Correct what is recorded of a letter: a wrong day, or an event of another letter.

One person of legal proposes it with a reason, another one confirms it. What was recorded stays
in the correction and in the evidence. The notice is judged anew: no window moves to an earlier
day, and a notice that nothing proves any more is not served.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_messages import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import CORRECT_RECORD, SecondPersonNeeded
from subnotify.operations.write_corrected_letter import write_corrected_letter
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.letter_events import LetterEvent, event_problems
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import CorrectionState, LetterEventKind
from subnotify.storage.letter_corrections import (
    correct_receipt,
    find_letter_event,
    find_open_correction,
    find_serving,
    get_letter_correction,
    list_closed_by_silence,
)
from subnotify.storage.letters import (
    StoredLetter,
    load_letter_events,
    lock_letters,
    notices_of_letters,
)
from subnotify.storage.message_reports import lock_cases_of_notices
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import (
    LetterEventCorrectionRow,
    LetterEventRow,
    TwoPersonDecisionRow,
)


class EventCorrectionWaits(RuleError):
    message = "A correction of this letter waits for another person already."


class EventCorrectionDecided(RuleError):
    message = "This correction was confirmed or refused already."


class SameDay(RuleError):
    message = "This is the day on record already. Give the true day, or say that it did not happen."


def propose_event_correction(
    session: Session,
    message_id: int,
    kind: LetterEventKind,
    *,
    on: date | None,
    reason: str,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Propose that an event happened on another day, or (on: None) not to this letter; its id.

    on: a day in the agreement's zone. Nothing changes until another person confirms. Raises
    ProblemsFound (the day cannot be true), SameDay, EventCorrectionWaits, ReasonMissing,
    ReasonTooLong, NotFound (no such letter, nothing of the kind on record).
    """
    why = written_reason(reason)
    with transaction(session):
        letter = _lock(session, message_id)
        event = _event(session, message_id, kind)
        if find_open_correction(session, message_id) is not None:
            raise EventCorrectionWaits
        _check(session, letter, kind, event.on, on, at)
        row = LetterEventCorrectionRow(
            message_id=message_id,
            kind=kind.value,
            was_on=event.on,
            proof_number=event.proof_number,
            note=event.note,
            source=event.source,
            recorded_at=event.recorded_at,
            recorded_by=event.recorded_by,
            on=on,
            reason=why,
            state=CorrectionState.PROPOSED.value,
            proposed_at=at,
            proposed_by=by,
        )
        session.add(row)
        session.flush()
        _evidence(session, "letter_correction_proposed", row, by, actor, at)
        return row.id


def confirm_event_correction(
    session: Session,
    correction_id: int,
    *,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> None:
    """The second person confirms: the letter, its proof of receipt and its notice are judged anew.

    Cases that silence closed on the strength of what was wrong are on hold again. Legal is told of
    a notice that is not served now. Raises SecondPersonNeeded, EventCorrectionDecided,
    ProblemsFound (what came to be known since contradicts it), NotFound.
    """
    with transaction(session):
        letter, row = _lock_open(session, correction_id)
        if row.proposed_by.casefold() == by.casefold():
            raise SecondPersonNeeded
        kind = LetterEventKind(row.kind)
        event = _event(session, row.message_id, kind)
        _check(session, letter, kind, event.on, row.on, at)
        former = load_letter_events(session, [row.message_id])[row.message_id]
        _decide(row, CorrectionState.CONFIRMED, by, at)
        if row.on is None:
            session.delete(event)
        else:
            event.on, event.recorded_at, event.recorded_by = row.on, at, by
        session.flush()
        _evidence(session, "letter_correction_confirmed", row, by, actor, at)
        received_at = write_corrected_letter(session, letter, former, at=at)
        if kind is LetterEventKind.RECEIVED:
            correct_receipt(session, row.message_id, received_at)
        if letter.notice_id is not None and letter.is_notice:
            _judge_anew(session, letter.notice_id, row, by, actor, legal_email, at)


def refuse_event_correction(
    session: Session, correction_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """What is recorded stays as it is; whoever proposed the correction may take it back so.

    Raises EventCorrectionDecided, NotFound.
    """
    with transaction(session):
        _, row = _lock_open(session, correction_id)
        _decide(row, CorrectionState.REFUSED, by, at)
        _evidence(session, "letter_correction_refused", row, by, actor, at)


def _lock(session: Session, message_id: int) -> StoredLetter:
    """The letter, locked after its notice and cases. Raises NotFound."""
    notice_ids = notices_of_letters(session, [message_id])
    lock_notice_ids(session, notice_ids)
    lock_cases_of_notices(session, notice_ids)
    letter = lock_letters(session, [message_id]).get(message_id)
    if letter is None:
        raise NotFound
    return letter


def _lock_open(
    session: Session, correction_id: int
) -> tuple[StoredLetter, LetterEventCorrectionRow]:
    message_id = get_letter_correction(session, correction_id).message_id
    letter = _lock(session, message_id)
    # Read again: whoever decided it held the letter.
    row = get_letter_correction(session, correction_id)
    if row.state != CorrectionState.PROPOSED.value:
        raise EventCorrectionDecided
    return letter, row


def _event(session: Session, message_id: int, kind: LetterEventKind) -> LetterEventRow:
    event = find_letter_event(session, message_id, kind)
    if event is None:
        raise NotFound
    return event


def _check(
    session: Session,
    letter: StoredLetter,
    kind: LetterEventKind,
    was_on: date,
    on: date | None,
    at: datetime,
) -> None:
    if on is None:
        return
    if on == was_on:
        raise SameDay
    zone = zone_of(letter.time_zone)
    known: Sequence[LetterEvent] = load_letter_events(session, [letter.message_id])[
        letter.message_id
    ]
    problems = event_problems(
        [event for event in known if event.kind is not kind],
        LetterEvent(kind, on),
        at.astimezone(zone).date(),
        queued_on=letter.queued_at.astimezone(zone).date(),
        product=letter.product,
    )
    if problems:
        raise ProblemsFound(problems)


def _judge_anew(
    session: Session,
    notice_id: int,
    row: LetterEventCorrectionRow,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> None:
    before = find_serving(session, notice_id)
    failed = serve_notices(session, [notice_id], corrected=True, actor=actor, at=at)
    queue_delivery_alarm(session, failed, legal_email, at=at)
    if find_serving(session, notice_id) == before:
        return
    # What silence closed rested on a day, or on a proof, that was wrong: a recorded outcome was.
    reopened = list_closed_by_silence(session, notice_id)
    session.add_all(
        TwoPersonDecisionRow(
            case_id=case_id,
            kind=CORRECT_RECORD,
            note=row.reason,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            confirmed_by=by,
            confirmed_at=at,
        )
        for case_id in reopened
    )
    session.flush()
    apply_standings(session, reopened, actor=actor, at=at)


def _decide(row: LetterEventCorrectionRow, state: CorrectionState, by: str, at: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state.value, by, at


def _evidence(
    session: Session,
    fact: str,
    row: LetterEventCorrectionRow,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        fact,
        actor=actor,
        object_type="message",
        object_id=row.message_id,
        content={
            "correction": row.id,
            "kind": row.kind,
            "was_on": row.was_on,
            "on": row.on,
            "proof_number": row.proof_number,
            "reason": row.reason,
            "proposed_by": row.proposed_by,
            "by": by,
        },
        at=at,
    )
