"""Clear a hold that waits for nothing but a person's look, with the reason on record."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_holds import CLEARABLE
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.words import HoldReason
from subnotify.storage.case_locks import lock_cases_of_notice
from subnotify.storage.tables import CaseRow, HoldClearanceRow, ResponseRow


def clear_hold(
    session: Session,
    case_id: int,
    reason: HoldReason,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Clear one hold reason of a case; the rules then decide anew.

    Raises MoveNotAllowed for a reason that only its fact can end (case_holds.CLEARABLE) or that
    the case does not have, ReasonMissing, NotFound.
    """
    why = written_reason(note)
    if reason not in CLEARABLE:
        raise MoveNotAllowed(reason="This hold ends only when the fact behind it changes.")
    with transaction(session):
        case = _lock_with_its_notice(session, case_id)
        if reason.value not in case.holds:
            raise MoveNotAllowed(reason="The case is not held for this reason (any more).")
        if reason is HoldReason.RESPONSE_DISOWNED:
            concerned = _clear_disowned(session, case, at)
        else:
            concerned = [case_id]
            session.add(
                HoldClearanceRow(
                    case_id=case_id, reason=reason.value, note=why, cleared_at=at, cleared_by=by
                )
            )
        append_evidence(
            session,
            "hold_cleared",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={"reason": reason.value, "note": why, "by": by},
            at=at,
        )
        apply_standings(session, concerned, actor=actor, at=at)


def _lock_with_its_notice(session: Session, case_id: int) -> CaseRow:
    """The case, locked with its siblings: a disowned response may be about all of them."""
    notice_id = session.scalar(select(CaseRow.notice_id).where(CaseRow.id == case_id))
    if notice_id is None:
        raise NotFound
    return next(row for row in lock_cases_of_notice(session, notice_id) if row.id == case_id)


def _clear_disowned(session: Session, case: CaseRow, at: datetime) -> list[int]:
    """Marks the responses themselves, so that one disowned later holds the case again."""
    disowned = session.scalars(
        select(ResponseRow).where(
            ResponseRow.notice_id == case.notice_id,
            or_(ResponseRow.case_id == case.id, ResponseRow.case_id.is_(None)),
            ResponseRow.disowned_at.is_not(None),
            ResponseRow.disowned_cleared_at.is_(None),
        )
    ).all()
    for response in disowned:
        response.disowned_cleared_at = at
    return list(session.scalars(select(CaseRow.id).where(CaseRow.notice_id == case.notice_id)))
