"""What became of the public list: its first publication, and every change and correction since."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState, CorrectionState
from subnotify.storage.tables import (
    ChangeRow,
    ListCorrectionRow,
    ListEntryRow,
    ReleaseRow,
    SubprocessorRow,
)


@dataclass(frozen=True)
class PublishedChange:
    """A change that took effect. before: what the list said of the same subprocessor, where it
    did; replaced: the name of the entry whose place it took, "" in every other kind of change."""

    at: datetime
    kind: ChangeKind
    facts: SubprocessorFacts
    before: SubprocessorFacts | None
    replaced: str
    release_number: str


@dataclass(frozen=True)
class PublishedCorrection:
    """A record that was corrected without a release: nothing that clients may object to."""

    at: datetime
    name: str


def list_published_changes(session: Session) -> tuple[PublishedChange, ...]:
    """Every change that commenced, the latest first."""
    replaced = aliased(SubprocessorRow)
    rows = session.execute(
        select(ChangeRow, ReleaseRow.number, replaced.id, replaced.key)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(replaced, replaced.id == ChangeRow.replaced_id)
        .where(ChangeRow.state == ChangeState.COMMENCED.value, ChangeRow.commenced_at.is_not(None))
        .order_by(ChangeRow.commenced_at.desc(), ChangeRow.id.desc())
    ).all()
    names = _names(session, {replaced_id for _, _, replaced_id, _ in rows if replaced_id})
    return tuple(
        PublishedChange(
            at=change.commenced_at,
            kind=ChangeKind(change.kind),
            facts=facts_from_mapping(change.facts or {}),
            before=facts_from_mapping(change.before_facts) if change.before_facts else None,
            replaced=names.get(replaced_id, key or "") if replaced_id else "",
            release_number=number or "",
        )
        for change, number, replaced_id, key in rows
        if change.commenced_at is not None
    )


def list_published_corrections(session: Session) -> tuple[PublishedCorrection, ...]:
    """Every correction that was confirmed, the latest first."""
    rows = session.execute(
        select(ListCorrectionRow.decided_at, ListCorrectionRow.facts)
        .where(ListCorrectionRow.state == CorrectionState.CONFIRMED.value)
        .order_by(ListCorrectionRow.decided_at.desc(), ListCorrectionRow.id.desc())
    )
    return tuple(
        PublishedCorrection(row.decided_at, facts_from_mapping(row.facts).name)
        for row in rows
        if row.decided_at is not None
    )


def count_first_published(session: Session, published_at: datetime) -> int:
    """How many entries the list had when it was published for the first time."""
    query = select(func.count()).where(
        ListEntryRow.published_at == published_at, ListEntryRow.change_id.is_(None)
    )
    return session.scalar(query) or 0


def _names(session: Session, subprocessor_ids: set[int]) -> dict[int, str]:
    """The name under which the list last had each of them."""
    rows = session.execute(
        select(ListEntryRow.subprocessor_id, ListEntryRow.facts)
        .where(ListEntryRow.subprocessor_id.in_(subprocessor_ids))
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    )
    return {row.subprocessor_id: facts_from_mapping(row.facts).name for row in rows}
