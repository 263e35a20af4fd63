"""Take steps of an objection back whose mail has not left, within the caller's transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.rules.objection_steps import ObjectionStep, StepSent
from subnotify.storage.objection_steps import cancel_step_mails, list_steps
from subnotify.storage.tables import ObjectionStepRow


def take_back(session: Session, step: ObjectionStep, *, by: str, actor: str, at: datetime) -> None:
    """The case is locked. Raises StepSent once the mail left, or may have."""
    if not step.waits(at) or not cancel_step_mails(session, f"objection_step:{step.id}:"):
        raise StepSent
    row = session.get_one(ObjectionStepRow, step.id)
    row.undone_at, row.undone_by = at, by
    append_evidence(
        session,
        "objection_step_undone",
        actor=actor,
        object_type="case",
        object_id=step.case_id,
        content={"step": step.id, "kind": step.kind.value, "by": by},
        at=at,
    )


def take_back_waiting(session: Session, case_id: int, *, by: str, actor: str, at: datetime) -> None:
    """Whatever of this case still waits: something else was decided meanwhile."""
    for step in list_steps(session, [case_id])[case_id]:
        if step.waits(at):
            take_back(session, step, by=by, actor=actor, at=at)
