"""Judges a notice, and its cases, once an event of its letter was corrected or is in doubt.

A step of `correct_letter_event`, inside its transaction.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.two_person_decisions import CORRECT_RECORD
from subnotify.storage.letter_corrections import find_serving, list_closed_by_silence
from subnotify.storage.letters import StoredLetter
from subnotify.storage.servings import list_cases_of
from subnotify.storage.tables import LetterEventCorrectionRow, TwoPersonDecisionRow


def hold_cases(session: Session, letter: StoredLetter, actor: str, at: datetime) -> None:
    """Whether the proof is in doubt holds the cases, or does so no more."""
    if letter.notice_id is not None:
        cases = list_cases_of(session, [letter.notice_id])
        apply_standings(session, [case.id for case in cases], actor=actor, at=at)


def judge_anew(
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
            proposed_actor=row.proposed_actor,
            proposed_at=row.proposed_at,
            confirmed_by=by,
            confirmed_at=at,
        )
        for case_id in reopened
    )
    session.flush()
    apply_standings(session, reopened, actor=actor, at=at)
