"""Corrections of the list: differences that are no change, proposed and decided."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import CorrectionState
from subnotify.storage.tables import ListCorrectionRow, SubprocessorRow


@dataclass(frozen=True)
class ListCorrection:
    """before: what the list said when it was proposed; facts: what it is to say."""

    id: int
    subprocessor_id: int
    key: str
    before: SubprocessorFacts
    facts: SubprocessorFacts
    reason: str
    state: CorrectionState
    proposed_at: datetime
    proposed_by: str
    proposed_actor: str | None
    decided_at: datetime | None
    decided_by: str | None
    decision_note: str


def list_waiting_corrections(session: Session) -> tuple[ListCorrection, ...]:
    """Those that nobody has decided, oldest first."""
    waiting = _corrections().where(ListCorrectionRow.state == CorrectionState.PROPOSED.value)
    return _read(session, waiting.order_by(ListCorrectionRow.id))


def find_waiting_correction(session: Session, subprocessor_id: int) -> ListCorrection | None:
    """The one of this subprocessor that nobody has decided; None where there is none."""
    waiting = _corrections().where(
        ListCorrectionRow.subprocessor_id == subprocessor_id,
        ListCorrectionRow.state == CorrectionState.PROPOSED.value,
    )
    return next(iter(_read(session, waiting)), None)


def list_corrections(session: Session, subprocessor_id: int) -> tuple[ListCorrection, ...]:
    """All of one subprocessor, oldest first."""
    found = _corrections().where(ListCorrectionRow.subprocessor_id == subprocessor_id)
    return _read(session, found.order_by(ListCorrectionRow.id))


def get_correction(session: Session, correction_id: int) -> ListCorrection:
    """Raises NotFound."""
    found = _read(session, _corrections().where(ListCorrectionRow.id == correction_id))
    if not found:
        raise NotFound
    return found[0]


def lock_correction(session: Session, correction_id: int) -> ListCorrectionRow:
    """The row, kept from other writers until the transaction ends. Raises NotFound."""
    row = session.get(
        ListCorrectionRow,
        correction_id,
        populate_existing=True,
        with_for_update={"key_share": True},
    )
    if row is None:
        raise NotFound
    return row


def _corrections() -> Select[ListCorrectionRow, str]:
    return select(ListCorrectionRow, SubprocessorRow.key).join(
        SubprocessorRow, SubprocessorRow.id == ListCorrectionRow.subprocessor_id
    )


def _read(session: Session, query: Select[ListCorrectionRow, str]) -> tuple[ListCorrection, ...]:
    return tuple(
        ListCorrection(
            id=row.id,
            subprocessor_id=row.subprocessor_id,
            key=key,
            before=facts_from_mapping(row.before_facts),
            facts=facts_from_mapping(row.facts),
            reason=row.reason,
            state=CorrectionState(row.state),
            proposed_at=row.proposed_at,
            proposed_by=row.proposed_by,
            proposed_actor=row.proposed_actor,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            decision_note=row.decision_note,
        )
        for row, key in session.execute(query)
    )
