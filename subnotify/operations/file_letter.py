"""File a client's letter: say whose it is and what it says, as a person read it.

A letter that waits is an answer that nobody has read: silence of its client waits with it. What is
recorded from a letter stands; one from which nothing was recorded may be filed anew.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.letter_answers import (
    LetterNotTied,
    append_answers,
    letter_content,
    letter_values,
    lock_tied,
    require_sound,
)
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.operations.written_reasons import LONGEST_REASON, ReasonTooLong
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.incoming_letters import (
    ABOUT_A_NOTICE,
    MAY_BE_FILED_ANEW,
    TASKS,
    GivenLetter,
)
from subnotify.storage.incoming import list_running_cases, running_cases_of
from subnotify.storage.incoming_letters import (
    LetterTie,
    find_client_of_notice,
    get_client_name,
    get_letter_tie,
    list_letter_cases,
    list_letter_responses,
    lock_letter,
)
from subnotify.storage.message_reports import lock_cases
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import IncomingLetterRow


class LetterFiledBefore(RuleError):
    """Somebody was faster, or filed it otherwise: what was recorded stands."""

    message = "This letter was filed already. Load the page again: it says as what, and by whom."


class LetterTiedMeanwhile(RuleError):
    message = "Somebody has just said whose letter this is. Load the page again."


class NoTaskLeft(RuleError):
    message = "This letter asks for no step that could be done."


def file_letter(
    session: Session,
    letter_id: int,
    given: GivenLetter,
    *,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[int, ...]:
    """Say what a letter is; the ids of the responses recorded from it.

    given: the whole letter as the person reads it now; days and words on record are corrected by
    it, and the evidence keeps both. An answer becomes responses (`record_letter`) and ends the
    wait; what asks for a step elsewhere (a contact, the list) waits on until `finish_letter_task`;
    anything else is filed with its note. zone: the vendor's.

    The same filing twice is one. Raises LetterFiledBefore, LetterNotTied, ProblemsFound, NotFound.
    """
    return taking_turns(lambda: _file(session, letter_id, given, by, actor, zone, at))


def tie_letter(
    session: Session,
    letter_id: int,
    *,
    notice_id: int | None = None,
    client_id: int | None = None,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Say which notice a letter is about, or, where it is about none, whose it is.

    Its client's cases then wait for it; tied wrongly, it may be tied anew until an answer was
    recorded from it. Raises LetterFiledBefore, NotFound.
    """
    taking_turns(lambda: _tie(session, letter_id, notice_id, client_id, by, actor, at))


def finish_letter_task(
    session: Session, letter_id: int, note: str, *, by: str, actor: str, at: datetime
) -> None:
    """The step that the letter asks for is done: nothing waits for it any more.

    note: may be empty. Told twice it is one. Raises NoTaskLeft for a letter that asks for none,
    ReasonTooLong, NotFound.
    """
    words = note.strip()
    if len(words) > LONGEST_REASON:
        raise ReasonTooLong(longest=LONGEST_REASON)
    taking_turns(lambda: _finish(session, letter_id, words, by, actor, at))


def _file(
    session: Session,
    letter_id: int,
    given: GivenLetter,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[int, ...]:
    with transaction(session):
        tie = get_letter_tie(session, letter_id)
        clients = lock_tied(session, tie)
        row = _lock(session, letter_id, tie)
        if _is_repeated(session, row, given, by):
            return list_letter_responses(session, letter_id)
        if given.kind in ABOUT_A_NOTICE and row.notice_id is None:
            raise LetterNotTied
        require_sound(given, zone=zone, at=at)
        before = letter_content(row)
        for name, value in letter_values(given).items():
            setattr(row, name, value)
        _set_filed(row, None if given.kind in TASKS else at, by, given.note)
        session.flush()
        recorded = tuple[int, ...]()
        if given.kind in ABOUT_A_NOTICE:
            recorded = append_answers(session, row, given, by=by, actor=actor, zone=zone, at=at)
        _append_filed(session, row, before, recorded, by, actor, at)
        apply_standings(session, list_running_cases(session, clients), actor=actor, at=at)
        return recorded


def _set_filed(row: IncomingLetterRow, at: datetime | None, by: str, note: str) -> None:
    """at None: it waits, or waits again. Without a new note the one on record stays."""
    row.filed_at = at
    row.filed_by = by if at is not None else None
    row.filed_note = note.strip() or row.filed_note


def _is_repeated(session: Session, row: IncomingLetterRow, given: GivenLetter, by: str) -> bool:
    """The same person said the same before. Raises LetterFiledBefore where an answer stands."""
    if row.filed_at is None:
        return False
    if row.kind in MAY_BE_FILED_ANEW:
        return (row.kind, row.filed_by, row.filed_note) == (given.kind, by, given.note.strip())
    answered = list_letter_cases(session, row.id)
    said = set(given.case_ids) if answered else answered
    if (row.kind, row.filed_by, answered) != (given.kind, by, said):
        raise LetterFiledBefore
    return True


def _tie(
    session: Session,
    letter_id: int,
    notice_id: int | None,
    client_id: int | None,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    with transaction(session):
        if notice_id is not None:
            client_id = find_client_of_notice(session, notice_id)
        if client_id is None:
            raise NotFound
        get_client_name(session, client_id)
        before = get_letter_tie(session, letter_id)
        clients = {client_id} | ({before.client_id} if before.client_id else set())
        lock_notices(session, [notice_id] if notice_id is not None else [])
        lock_cases(session, running_cases_of(clients))
        row = _lock(session, letter_id, before)
        if row.filed_at is not None and row.kind not in MAY_BE_FILED_ANEW:
            raise LetterFiledBefore
        if (row.notice_id, row.client_id) == (notice_id, client_id):
            return
        row.notice_id, row.client_id = notice_id, client_id
        append_evidence(
            session,
            "incoming_letter_tied",
            actor=actor,
            object_type="incoming_letter",
            object_id=row.id,
            content={"notice": notice_id, "client": client_id, "by": by},
            at=at,
        )
        apply_standings(session, list_running_cases(session, clients), actor=actor, at=at)


def _finish(session: Session, letter_id: int, note: str, by: str, actor: str, at: datetime) -> None:
    with transaction(session):
        tie = get_letter_tie(session, letter_id)
        clients = lock_tied(session, tie)
        row = _lock(session, letter_id, tie)
        if row.kind not in TASKS:
            raise NoTaskLeft
        if row.filed_at is not None:
            return
        before = letter_content(row)
        _set_filed(row, at, by, note)
        _append_filed(session, row, before, (), by, actor, at)
        apply_standings(session, list_running_cases(session, clients), actor=actor, at=at)


def _lock(session: Session, letter_id: int, tie: LetterTie) -> IncomingLetterRow:
    """The letter, if it is still tied as when its cases were locked."""
    row = lock_letter(session, letter_id)
    if LetterTie(row.notice_id, row.client_id) != tie:
        raise LetterTiedMeanwhile
    return row


def _append_filed(
    session: Session,
    row: IncomingLetterRow,
    before: dict[str, object],
    recorded: Sequence[int],
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """What it was before, where the person who filed it corrected it."""
    now = letter_content(row)
    append_evidence(
        session,
        "incoming_letter_filed" if row.filed_at is not None else "incoming_letter_read",
        actor=actor,
        object_type="incoming_letter",
        object_id=row.id,
        content={
            **now,
            "before": {name: value for name, value in before.items() if value != now[name]},
            "responses": list(recorded),
            "note": row.filed_note,
            "by": by,
        },
        at=at,
    )
