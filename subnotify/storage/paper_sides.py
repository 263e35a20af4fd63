"""The letters among messages: how each travels, where to, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.words import LetterProduct, LetterReason, LetterState
from subnotify.storage.deemed_letters import list_deemed_letters
from subnotify.storage.tables import LetterBatchRow, LetterEventRow, LetterRow


@dataclass(frozen=True)
class PaperSide:
    """What is on record of a letter beside its message. batch: its key, None while in none.
    deemed_by: the clause ("" where none is named) by which a letter that came back counts as
    received all the same; None of every other one."""

    product: LetterProduct
    reason: LetterReason
    state: LetterState
    address_lines: Sequence[str]
    batch: str | None
    proof_number: str
    events: Sequence[LetterEventRow]
    deemed_by: str | None = None


def list_paper(session: Session, message_ids: Collection[int]) -> Mapping[int, PaperSide]:
    """The paper side of those of these messages that are letters, by message id."""
    rows = session.execute(
        select(LetterRow, LetterBatchRow.key)
        .outerjoin(LetterBatchRow, LetterBatchRow.id == LetterRow.batch_id)
        .where(LetterRow.message_id.in_(message_ids))
        .execution_options(populate_existing=True)
    ).all()
    deemed = list_deemed_letters(session, message_ids)
    events: dict[int, list[LetterEventRow]] = {row.message_id: [] for row, _batch in rows}
    for event in session.scalars(
        select(LetterEventRow)
        .where(LetterEventRow.message_id.in_(list(events)))
        .order_by(LetterEventRow.on, LetterEventRow.id)
    ):
        events[event.message_id].append(event)
    return {
        row.message_id: PaperSide(
            product=LetterProduct(row.product),
            reason=LetterReason(row.reason),
            state=LetterState(row.state),
            address_lines=tuple(row.address_lines),
            batch=batch,
            proof_number=row.proof_number,
            events=events[row.message_id],
            deemed_by=deemed.get(row.message_id),
        )
        for row, batch in rows
    }
