"""A step that two persons take: one proposes it with a reason, another one confirms it.

Steps of an operation, inside its transaction: `close_without_objection` and `correct_record`.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.rules.errors import MoveNotAllowed, RuleError
from subnotify.storage.list_corrections import ListCorrection
from subnotify.storage.tables import ListCorrectionRow, TwoPersonDecisionRow

CLOSE_NO_OBJECTION = "close_no_objection"
CORRECT_RECORD = "correct_record"


class SecondPersonNeeded(RuleError):
    message = "Another person must confirm this: whoever proposed it cannot."


def find_open_proposal(session: Session, case_id: int, kind: str) -> TwoPersonDecisionRow | None:
    """The last proposal of this kind that nobody has confirmed."""
    return session.scalar(
        select(TwoPersonDecisionRow)
        .where(
            TwoPersonDecisionRow.case_id == case_id,
            TwoPersonDecisionRow.kind == kind,
            TwoPersonDecisionRow.confirmed_at.is_(None),
        )
        .order_by(TwoPersonDecisionRow.id.desc())
        .limit(1)
    )


def is_same_person(
    row: TwoPersonDecisionRow | ListCorrectionRow | ListCorrection, by: str, actor: str
) -> bool:
    """Whether whoever acts now proposed it. actor: as in evidence ("operator:3"); a proposal from
    before that was kept is known by the name alone."""
    if row.proposed_actor is not None:
        return row.proposed_actor == actor
    return row.proposed_by.casefold() == by.casefold()


def propose_decision(
    session: Session, case_id: int, kind: str, note: str, *, by: str, actor: str, at: datetime
) -> int:
    """Put a proposal on record; its id. The same person's same proposal is one."""
    waiting = find_open_proposal(session, case_id, kind)
    if waiting is not None and waiting.note == note and is_same_person(waiting, by, actor):
        return waiting.id
    row = TwoPersonDecisionRow(
        case_id=case_id,
        kind=kind,
        note=note,
        proposed_by=by,
        proposed_actor=actor,
        proposed_at=at,
    )
    session.add(row)
    session.flush()
    append_evidence(
        session,
        f"{kind}_proposed",
        actor=actor,
        object_type="case",
        object_id=case_id,
        content={"decision": row.id, "note": note, "by": by},
        at=at,
    )
    return row.id


def confirm_decision(
    session: Session, case_id: int, kind: str, *, by: str, actor: str, at: datetime
) -> TwoPersonDecisionRow:
    """The second person's word on the last proposal.

    Raises MoveNotAllowed where nothing is proposed, SecondPersonNeeded for the proposer.
    """
    row = find_open_proposal(session, case_id, kind)
    if row is None:
        raise MoveNotAllowed(reason="Nothing is proposed (any more).")
    if is_same_person(row, by, actor):
        raise SecondPersonNeeded
    row.confirmed_by, row.confirmed_at = by, at
    append_evidence(
        session,
        f"{kind}_confirmed",
        actor=actor,
        object_type="case",
        object_id=case_id,
        content={"decision": row.id, "note": row.note, "proposed_by": row.proposed_by, "by": by},
        at=at,
    )
    return row
