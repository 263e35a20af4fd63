"""Gate a client out of a change: it is not used for that client until its case is settled.

The change may then commence for the others (DESIGN section 4, the commencement gate).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed, OutcomeRecorded
from subnotify.rules.words import ChangeState
from subnotify.storage.case_locks import lock_case
from subnotify.storage.tables import ChangeRow


def gate_out_client(
    session: Session, case_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """A person vouches that the change is not used for this client before its case is settled
    and its lead time is over.

    Doing so twice changes nothing. Raises OutcomeRecorded (a settled case blocks nothing once its
    lead time is over), MoveNotAllowed for a change that no longer waits, ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        case = lock_case(session, case_id)
        lead_is_over = case.lead_ends_at is None or case.lead_ends_at <= at
        if case.outcome is not None and lead_is_over:
            raise OutcomeRecorded
        if case.gated_out_at is not None:
            return
        change = session.get(ChangeRow, case.change_id)
        if change is None or change.state == ChangeState.WITHDRAWN:
            raise MoveNotAllowed(reason="The change is withdrawn.")
        case.gated_out_at, case.gated_out_note = at, reason
        append_evidence(
            session,
            "client_gated_out",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={"change": case.change_id, "note": reason, "by": by},
            at=at,
        )
