"""Imports that were uploaded: their files, and the differences as they were last shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, undefer

from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role
from subnotify.storage.operators import Operator
from subnotify.storage.tables import ImportFileRow, ImportProposalRow, OperatorRow


@dataclass(frozen=True)
class ProposedFile:
    name: str
    kind: ImportKind
    sha256: str


@dataclass(frozen=True)
class Proposal:
    """lines: [section, new, changed, unchanged]; entries: plain, as they were shown."""

    id: int
    uploaded_by: str
    at: datetime
    compared_at: datetime
    lines: tuple[tuple[str, int, int, int], ...]
    entries: tuple[dict[str, Any], ...]
    entries_digest: str
    applied_at: datetime | None
    applied_by: str | None
    files: tuple[ProposedFile, ...]


@dataclass(frozen=True)
class ProposalLine:
    """A proposal in a list."""

    id: int
    uploaded_by: str
    at: datetime
    applied_at: datetime | None
    files: tuple[str, ...]


def get_proposal(session: Session, proposal_id: int, operator: Operator) -> Proposal:
    """An import as this operator may see it: the uploader's own, any for legal. Raises NotFound."""
    row = _visible(session.get(ImportProposalRow, proposal_id), operator)
    files = session.scalars(_files(proposal_id))
    uploader = session.get_one(OperatorRow, row.operator_id)
    return Proposal(
        id=row.id,
        uploaded_by=uploader.name,
        at=row.at,
        compared_at=row.compared_at,
        lines=tuple((str(x[0]), int(x[1]), int(x[2]), int(x[3])) for x in row.lines),
        entries=tuple(row.entries),
        entries_digest=row.entries_digest,
        applied_at=row.applied_at,
        applied_by=row.applied_by,
        files=tuple(ProposedFile(x.name, ImportKind(x.kind), x.sha256) for x in files),
    )


def list_proposals(session: Session, operator: Operator, *, most: int) -> list[ProposalLine]:
    """The newest imports that this operator may see."""
    query = (
        select(
            ImportProposalRow.id,
            OperatorRow.name,
            ImportProposalRow.at,
            ImportProposalRow.applied_at,
        )
        .join(OperatorRow, OperatorRow.id == ImportProposalRow.operator_id)
        .order_by(ImportProposalRow.id.desc())
        .limit(most)
    )
    if Role.LEGAL not in operator.roles:
        query = query.where(ImportProposalRow.operator_id == operator.id)
    rows = session.execute(query).all()
    named = session.execute(
        select(ImportFileRow.proposal_id, ImportFileRow.name)
        .where(ImportFileRow.proposal_id.in_([row.id for row in rows]))
        .order_by(ImportFileRow.id)
    )
    names: dict[int, list[str]] = {}
    for proposal_id, name in named:
        names.setdefault(proposal_id, []).append(name)
    return [
        ProposalLine(row.id, row.name, row.at, row.applied_at, tuple(names.get(row.id, ())))
        for row in rows
    ]


def lock_proposal(session: Session, proposal_id: int, operator: Operator) -> ImportProposalRow:
    """The row as it is now, locked until the transaction ends. Raises NotFound."""
    row = session.scalar(
        select(ImportProposalRow)
        .where(ImportProposalRow.id == proposal_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return _visible(row, operator)


def list_files(session: Session, proposal_id: int) -> list[ImportFileRow]:
    """The files of a proposal, with their contents."""
    return list(session.scalars(_files(proposal_id).options(undefer(ImportFileRow.content))))


def erase_contents(session: Session, proposal_id: int) -> None:
    """What was imported needs no second copy: the digests stay."""
    session.execute(
        update(ImportFileRow).where(ImportFileRow.proposal_id == proposal_id).values(content=None)
    )


def remove_proposals(session: Session, proposal_ids: Iterable[int]) -> None:
    ids = list(proposal_ids)
    session.execute(delete(ImportFileRow).where(ImportFileRow.proposal_id.in_(ids)))
    session.execute(delete(ImportProposalRow).where(ImportProposalRow.id.in_(ids)))


def list_forgotten(session: Session, *, before: datetime) -> list[int]:
    """Proposals uploaded before that instant which nobody confirmed."""
    return list(
        session.scalars(
            select(ImportProposalRow.id).where(
                ImportProposalRow.applied_at.is_(None), ImportProposalRow.at < before
            )
        )
    )


def _files(proposal_id: int) -> Any:
    return (
        select(ImportFileRow)
        .where(ImportFileRow.proposal_id == proposal_id)
        .order_by(ImportFileRow.id)
    )


def _visible(row: ImportProposalRow | None, operator: Operator) -> ImportProposalRow:
    if row is None or (row.operator_id != operator.id and Role.LEGAL not in operator.roles):
        raise NotFound
    return row
