"""Legal acknowledges an objection or proposes how to meet it, and takes that back in time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.queue_messages import queue_step
from subnotify.operations.take_back_steps import take_back
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.objection_steps import UNDO_LASTS, require_possible
from subnotify.rules.words import Measure, StepKind
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.objection_steps import list_steps
from subnotify.storage.tables import ObjectionStepRow


@dataclass(frozen=True)
class LegalStep:
    """What legal writes to the client. measure: of a proposal, how the objection would be met."""

    kind: StepKind
    text: str
    measure: Measure | None = None


def take_objection_step(
    session: Session, case_id: int, step: LegalStep, *, by: str, actor: str, at: datetime
) -> int:
    """Record the step and queue its mail, which leaves after UNDO_LASTS; the step's id.

    The same form sent twice is one step. Raises OutcomeRecorded, MoveNotAllowed, ReasonMissing,
    NotFound.
    """
    text = written_reason(step.text)
    if (step.kind is StepKind.PROPOSED) != (step.measure is not None):
        raise MoveNotAllowed(reason="Choose how the objection would be met.")
    with transaction(session):
        lock_case(session, case_id)
        facts = load_case_facts(session, [case_id], at=at)[case_id]
        steps = list_steps(session, [case_id])[case_id]
        for one in steps:
            if one.waits(at) and (one.kind, one.text, one.measure) == (
                *(step.kind, text, step.measure),
            ):
                return one.id
        require_possible(facts, steps, step.kind, at=at)
        row = ObjectionStepRow(
            case_id=case_id,
            kind=step.kind.value,
            measure=step.measure.value if step.measure else None,
            text=text,
            taken_at=at,
            taken_by=by,
            counts_at=at + UNDO_LASTS,
        )
        session.add(row)
        session.flush()
        queue_step(session, case_id, row.id, not_before=at + UNDO_LASTS, at=at)
        append_evidence(
            session,
            "objection_step_taken",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={
                "step": row.id,
                "kind": row.kind,
                "measure": row.measure,
                "text": text,
                "leaves_at": row.counts_at,
                "by": by,
            },
            at=at,
        )
        return row.id


def undo_objection_step(
    session: Session, case_id: int, step_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """Take a step back: its mail does not leave. Undone twice is undone once.

    Raises StepSent once the mail left, NotFound.
    """
    with transaction(session):
        lock_case(session, case_id)
        found = [x for x in list_steps(session, [case_id])[case_id] if x.id == step_id]
        if not found:
            raise NotFound
        if found[0].undone_at is None:
            take_back(session, found[0], by=by, actor=actor, at=at)
