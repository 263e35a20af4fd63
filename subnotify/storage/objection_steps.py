"""Reads and writes the steps of objections, and cancels mails of a step that was taken back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from subnotify.rules.objection_steps import ObjectionStep
from subnotify.rules.words import Measure, MessageState, ResponseChannel, StepKind
from subnotify.storage.letters import mark_letters_cancelled
from subnotify.storage.tables import (
    CaseRow,
    LetterRow,
    MessageRow,
    ObjectionStepRow,
    StepCodeRow,
)


def list_steps(session: Session, case_ids: Collection[int]) -> Mapping[int, list[ObjectionStep]]:
    """The steps of each case, in the order in which they were taken."""
    found: dict[int, list[ObjectionStep]] = defaultdict(list)
    rows = session.scalars(
        select(ObjectionStepRow)
        .where(ObjectionStepRow.case_id.in_(list(case_ids)))
        .order_by(ObjectionStepRow.id)
        .execution_options(populate_existing=True)
    )
    for row in rows:
        found[row.case_id].append(_step(row))
    return found


@dataclass(frozen=True)
class ToldStep:
    """A step, and until when a way to meet the objection is sought under the terms. proposal: that
    an answer is about."""

    step: ObjectionStep
    accommodation_ends_at: datetime | None
    proposal: str = ""


def load_told_steps(session: Session, step_ids: Collection[int]) -> Mapping[int, ToldStep]:
    """These steps, by id."""
    about = aliased(ObjectionStepRow)
    rows = session.execute(
        select(ObjectionStepRow, CaseRow.accommodation_ends_at, about.text)
        .join(CaseRow, CaseRow.id == ObjectionStepRow.case_id)
        .outerjoin(about, about.id == ObjectionStepRow.about_id)
        .where(ObjectionStepRow.id.in_(list(step_ids)))
    )
    return {row.id: ToldStep(_step(row), ends_at, text or "") for row, ends_at, text in rows}


def _step(row: ObjectionStepRow) -> ObjectionStep:
    return ObjectionStep(
        id=row.id,
        case_id=row.case_id,
        kind=StepKind(row.kind),
        text=row.text,
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        counts_at=row.counts_at,
        measure=Measure(row.measure) if row.measure else None,
        about_id=row.about_id,
        channel=ResponseChannel(row.channel) if row.channel else None,
        contact_id=row.contact_id,
        undone_at=row.undone_at,
    )


def cancel_step_mails(session: Session, prefix: str) -> bool:
    """Cancel the mails of a step that have not been tried, and its letters that are in no batch;
    whether all of them were stopped.

    prefix: of their logical keys, with the colon at its end.
    """
    of_step = MessageRow.logical_key.startswith(prefix, autoescape=True)
    in_batch = exists().where(
        LetterRow.message_id == MessageRow.id, LetterRow.batch_id.is_not(None)
    )
    stopped = session.scalars(
        update(MessageRow)
        .where(
            of_step,
            MessageRow.state == MessageState.QUEUED.value,
            MessageRow.attempt_count == 0,
            MessageRow.claimed_by.is_(None),
            ~in_batch,
        )
        .values(state=MessageState.CANCELLED.value, next_attempt_at=None)
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    mark_letters_cancelled(session, stopped)
    left: Sequence[str] = session.scalars(select(MessageRow.state).where(of_step)).all()
    return all(state == MessageState.CANCELLED.value for state in left)


def find_step_code(session: Session, step_id: int) -> StepCodeRow | None:
    """The last code sent for this step that was not used."""
    return session.scalar(
        select(StepCodeRow)
        .where(StepCodeRow.step_id == step_id, StepCodeRow.used_at.is_(None))
        .order_by(StepCodeRow.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def count_step_codes(session: Session, step_id: int, since: datetime) -> int:
    """How many codes were sent for this step since then."""
    sent = session.scalars(
        select(StepCodeRow.id).where(
            StepCodeRow.step_id == step_id, StepCodeRow.created_at >= since
        )
    )
    return len(sent.all())
