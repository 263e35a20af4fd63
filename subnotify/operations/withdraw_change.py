"""Withdraw an announced change for everybody: open cases end, a termination stands."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.words import ChangeState
from subnotify.storage.operators import Operator
from subnotify.storage.releases import get_released_change, list_case_ids


def withdraw_change(
    session: Session, release_id: int, change_id: int, *, reason: str, by: Operator, at: datetime
) -> int:
    """Withdraw the change; how many cases it had.

    The rules say what becomes of each case: open ones close as withdrawn and the client is told,
    one in which the client terminated stays (DESIGN section 3 item 13). Raises ReasonMissing,
    ReasonTooLong, NotFound, and MoveNotAllowed for a change that was withdrawn before or has
    commenced (its removal is a change of its own).
    """
    said = written_reason(reason)
    actor = f"operator:{by.id}"
    with transaction(session):
        row = get_released_change(session, release_id, change_id)
        if row.state == ChangeState.COMMENCED.value:
            raise MoveNotAllowed(
                reason="The change has taken effect. Ending the use is a change of its own."
            )
        if row.state != ChangeState.RELEASED.value:
            raise MoveNotAllowed(reason="The change is not announced any more.")
        row.state = ChangeState.WITHDRAWN.value
        row.withdrawn_at = at
        session.flush()
        append_evidence(
            session,
            "change_withdrawn",
            actor=actor,
            object_type="change",
            object_id=change_id,
            content={"reason": said},
            at=at,
        )
        case_ids = list_case_ids(session, change_id)
        apply_standings(session, case_ids, actor=actor, at=at)
    return len(case_ids)
