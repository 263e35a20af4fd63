"""Correct a recorded outcome: two persons reopen the case, the old outcome stays on record.

One of the three facts that move a closed case to hold (DESIGN section 3 item 3).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import (
    CORRECT_RECORD,
    confirm_decision,
    find_open_proposal,
    propose_decision,
)
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed
from subnotify.storage.case_locks import lock_case
from subnotify.storage.tables import CaseRow


def propose_correction(
    session: Session, case_id: int, *, note: str, by: str, actor: str, at: datetime
) -> int:
    """Legal proposes to take a recorded outcome back; the proposal's id.

    Raises MoveNotAllowed where no outcome is recorded, ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        _require_outcome(lock_case(session, case_id))
        return propose_decision(session, case_id, CORRECT_RECORD, reason, by=by, actor=actor, at=at)


def confirm_correction(
    session: Session, case_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """The second person confirms: the case is on hold, and the gate counts it as unsettled.

    Raises SecondPersonNeeded, MoveNotAllowed (nothing is proposed, no outcome), NotFound.
    """
    with transaction(session):
        case = lock_case(session, case_id)
        _require_outcome(case)
        proposal = find_open_proposal(session, case_id, CORRECT_RECORD)
        if proposal and case.outcome_at and proposal.proposed_at < case.outcome_at:
            raise MoveNotAllowed(
                reason="This was proposed about an earlier outcome. Propose it again."
            )
        confirm_decision(session, case_id, CORRECT_RECORD, by=by, actor=actor, at=at)
        apply_standings(session, [case_id], actor=actor, at=at)


def _require_outcome(case: CaseRow) -> None:
    if case.outcome is None:
        raise MoveNotAllowed(reason="No outcome is recorded, so there is none to correct.")
