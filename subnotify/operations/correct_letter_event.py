"""Correct what is recorded of a letter: a wrong day, or an event of another letter.

One person of legal proposes it with a reason, another one confirms it; until then the cases wait
on hold. What was recorded stays in the correction and in the evidence. The notice is judged anew:
no window moves to an earlier day, and a notice that nothing proves any more is not served. Of two
proofs that contradict each other one is corrected; the other one then stands by itself.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.judge_corrected_letter import hold_cases, judge_anew
from subnotify.operations.leave_batch import leave_batch
from subnotify.operations.lock_corrections import lock_letter, lock_open_correction
from subnotify.operations.settle_contradictions import settle_contradictions
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import SecondPersonNeeded
from subnotify.operations.write_corrected_letter import write_corrected_letter
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.letter_events import (
    LetterEvent,
    LetterZones,
    contradictions,
    event_problems,
)
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import CorrectionState, LetterEventKind
from subnotify.storage.letter_contradictions import get_contradiction
from subnotify.storage.letter_corrections import (
    correct_receipt,
    find_letter_event,
    find_open_correction,
)
from subnotify.storage.letters import (
    StoredLetter,
    load_letter_events,
)
from subnotify.storage.tables import (
    LetterContradictionRow,
    LetterEventCorrectionRow,
    LetterEventRow,
)


class EventCorrectionWaits(RuleError):
    message = "A correction of this letter waits for another person already."


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
    vendor_time_zone: str,
    at: datetime,
) -> int:
    """Propose that an event happened on another day, or (on: None) not to this letter; its id.

    on: a day where it happened. Nothing is corrected until another person confirms, but the cases
    of the notice wait on hold. Raises ProblemsFound (the day cannot be true), SameDay,
    EventCorrectionWaits, ReasonMissing, ReasonTooLong, NotFound (no such letter, nothing of the
    kind on record).
    """
    why = written_reason(reason)
    with transaction(session):
        letter = lock_letter(session, message_id)
        event = _event(session, message_id, kind)
        zones = _zones(letter, vendor_time_zone)
        row = _proposed(event, why, by, actor, at)
        row.on = on
        _check(session, letter, row, zones, at)
        return _propose(session, letter, row, by, actor, at)


def propose_contradiction_untrue(
    session: Session,
    message_id: int,
    contradiction_id: int,
    *,
    reason: str,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Propose that what contradicts an event on record did not happen to this letter; its id.

    Raises EventCorrectionWaits, ReasonMissing, ReasonTooLong, NotFound (no such letter, no such
    contradiction that is open).
    """
    why = written_reason(reason)
    with transaction(session):
        letter = lock_letter(session, message_id)
        told = get_contradiction(session, message_id, contradiction_id)
        row = _proposed(told, why, by, actor, at)
        row.contradiction_id = told.id
        return _propose(session, letter, row, by, actor, at)


def confirm_event_correction(
    session: Session,
    correction_id: int,
    *,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
    at: datetime,
) -> None:
    """The second person confirms: the letter, its proof of receipt and its notice are judged anew.

    What contradicted the event is on record from now on, where nothing else contradicts it. Cases
    that silence closed on the strength of what was wrong are on hold again. Legal is told of a
    notice that is not served now. Raises SecondPersonNeeded, EventCorrectionDecided, ProblemsFound
    (what came to be known since contradicts it), NotFound.
    """
    with transaction(session):
        letter, row = lock_open_correction(session, correction_id)
        if row.proposed_actor == actor:
            raise SecondPersonNeeded
        zones = _zones(letter, vendor_time_zone)
        _check(session, letter, row, zones, at)
        former = load_letter_events(session, [row.message_id]).get(row.message_id, [])
        _decide(row, CorrectionState.CONFIRMED, by, at)
        _correct(session, row, at)
        _evidence(session, "letter_correction_confirmed", row, by, actor, at)
        settle_contradictions(session, letter, actor=actor, at=at)
        leave_batch(session, letter, row, zones, actor=actor, at=at)
        received_at = write_corrected_letter(session, letter, former, zones, at=at)
        correct_receipt(session, letter, received_at)
        if letter.notice_id is not None and letter.is_notice:
            judge_anew(session, letter.notice_id, row, by, actor, legal_email, at)
        hold_cases(session, letter, actor, at)


def refuse_event_correction(
    session: Session, correction_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """What is recorded stays as it is; whoever proposed the correction may take it back so.

    Raises EventCorrectionDecided, NotFound.
    """
    with transaction(session):
        letter, row = lock_open_correction(session, correction_id)
        _decide(row, CorrectionState.REFUSED, by, at)
        _evidence(session, "letter_correction_refused", row, by, actor, at)
        hold_cases(session, letter, actor, at)


def _event(session: Session, message_id: int, kind: LetterEventKind) -> LetterEventRow:
    event = find_letter_event(session, message_id, kind)
    if event is None:
        raise NotFound
    return event


def _zones(letter: StoredLetter, vendor_time_zone: str) -> LetterZones:
    return LetterZones(zone_of(letter.time_zone), zone_of(vendor_time_zone))


def _proposed(
    told: LetterEventRow | LetterContradictionRow, why: str, by: str, actor: str, at: datetime
) -> LetterEventCorrectionRow:
    """That it did not happen, with all that was recorded of it."""
    return LetterEventCorrectionRow(
        message_id=told.message_id,
        kind=told.kind,
        was_on=told.on,
        proof_number=told.proof_number,
        note=told.note,
        source=told.source,
        recorded_at=told.recorded_at,
        recorded_by=told.recorded_by,
        reason=why,
        state=CorrectionState.PROPOSED.value,
        proposed_at=at,
        proposed_by=by,
        proposed_actor=actor,
    )


def _propose(
    session: Session,
    letter: StoredLetter,
    row: LetterEventCorrectionRow,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    if find_open_correction(session, letter.message_id) is not None:
        raise EventCorrectionWaits
    session.add(row)
    session.flush()
    _evidence(session, "letter_correction_proposed", row, by, actor, at)
    hold_cases(session, letter, actor, at)
    return row.id


def _check(
    session: Session,
    letter: StoredLetter,
    row: LetterEventCorrectionRow,
    zones: LetterZones,
    at: datetime,
) -> None:
    """Whether the day that is proposed can be true beside the other events."""
    if row.on is None:
        return
    if row.on == row.was_on:
        raise SameDay
    kind = LetterEventKind(row.kind)
    new = LetterEvent(kind, row.on)
    known = load_letter_events(session, [letter.message_id])[letter.message_id]
    problems = event_problems(
        new,
        zones,
        at,
        queued_at=letter.queued_at,
        product=letter.product,
        is_written=letter.is_sealed,
    ) + contradictions([event for event in known if event.kind is not kind], new)
    if problems:
        raise ProblemsFound(problems)


def _correct(session: Session, row: LetterEventCorrectionRow, at: datetime) -> None:
    """What was recorded stays in the correction, as it was told, by whom and when."""
    if row.contradiction_id is not None:
        told = get_contradiction(session, row.message_id, row.contradiction_id)
        told.settled_at = at
    else:
        event = _event(session, row.message_id, LetterEventKind(row.kind))
        if row.on is None:
            session.delete(event)
        else:
            event.on, event.corrected_at = row.on, at
    session.flush()


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
