"""Keep uploaded files with the differences they would make, and apply exactly those."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.import_differences import entries_digest, entries_to_plain
from subnotify.operations.import_files import (
    DifferencesChanged,
    Importer,
    apply_files,
    preview_files,
)
from subnotify.operations.import_run import ImportReport
from subnotify.operations.source_files import SourceFile
from subnotify.operations.transaction import transaction
from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.errors import RuleError
from subnotify.rules.words import Role
from subnotify.storage.import_proposals import (
    erase_contents,
    list_files,
    list_forgotten,
    lock_proposal,
    remove_proposals,
)
from subnotify.storage.operators import Operator
from subnotify.storage.tables import ImportFileRow, ImportProposalRow

# Uploaded files hold personal data: what nobody confirms does not stay.
FORGOTTEN_AFTER = timedelta(days=7)


class AlreadyImported(RuleError):
    message = "This has been imported already. Nothing was imported twice."


class OnlyLegalBringsIn(RuleError):
    message = "Windows that run already are brought in by legal. Ask them to upload this file."


def propose_import(
    session: Session, files: Sequence[SourceFile], *, by: Operator, at: datetime, zone: ZoneInfo
) -> int:
    """Keep the files and what importing them now would change; the proposal's id.

    zone: the vendor's. Nothing else changes. Raises ProblemsFound, OnlyLegalBringsIn.
    """
    _refuse_role(files, by)
    report = preview_files(session, files, by=_importer(by), at=at, zone=zone)
    with transaction(session):
        row = ImportProposalRow(operator_id=by.id, at=at, **_shown(report, at))
        session.add(row)
        session.flush()
        session.add_all(
            ImportFileRow(
                proposal_id=row.id,
                name=file.name,
                kind=file.kind.value,
                sha256=hashlib.sha256(file.content).hexdigest(),
                content=file.content,
            )
            for file in files
        )
        return row.id


def compare_again(
    session: Session, proposal_id: int, *, by: Operator, at: datetime, zone: ZoneInfo
) -> None:
    """Compute the differences of a proposal anew. Raises ProblemsFound, AlreadyImported."""
    with transaction(session):
        files = _open_files(session, lock_proposal(session, proposal_id, by))
    _refuse_role(files, by)
    report = preview_files(session, files, by=_importer(by), at=at, zone=zone)
    with transaction(session):
        row = lock_proposal(session, proposal_id, by)
        _open_files(session, row)
        for name, value in _shown(report, at).items():
            setattr(row, name, value)


def apply_proposal(
    session: Session,
    proposal_id: int,
    *,
    shown: str,
    by: Operator,
    at: datetime,
    zone: ZoneInfo,
) -> ImportReport:
    """Import a proposal: everything as it was shown, or nothing.

    shown: the digest of the differences on the page that was confirmed. Raises
    DifferencesChanged, AlreadyImported, ProblemsFound, OnlyLegalBringsIn, NotFound.
    """
    with transaction(session):
        row = lock_proposal(session, proposal_id, by)
        files = _open_files(session, row)
        _refuse_role(files, by)
        if shown != row.entries_digest:
            raise DifferencesChanged
        report = apply_files(session, files, by=_importer(by), at=at, zone=zone, shown=shown)
        row.applied_at, row.applied_by = at, by.name
        session.flush()
        erase_contents(session, proposal_id)
        return report


def discard_proposal(session: Session, proposal_id: int, *, by: Operator) -> None:
    """Forget an import that was not applied, with its files. Raises AlreadyImported, NotFound."""
    with transaction(session):
        _open_files(session, lock_proposal(session, proposal_id, by))
        remove_proposals(session, [proposal_id])


def forget_imports(session: Session, *, at: datetime) -> int:
    """Remove what was uploaded a week ago and that nobody confirmed; how many imports."""
    with transaction(session):
        forgotten = list_forgotten(session, before=at - FORGOTTEN_AFTER)
        remove_proposals(session, forgotten)
        return len(forgotten)


def _importer(by: Operator) -> Importer:
    return Importer(by.name, f"operator:{by.id}")


def _shown(report: ImportReport, at: datetime) -> dict[str, Any]:
    return {
        "compared_at": at,
        "lines": [[x.section, x.new, x.changed, x.unchanged] for x in report.lines],
        "entries": entries_to_plain(report.entries),
        "entries_digest": entries_digest(report.entries),
    }


def _open_files(session: Session, row: ImportProposalRow) -> list[SourceFile]:
    if row.applied_at is not None:
        raise AlreadyImported
    return [
        SourceFile(file.name, ImportKind(file.kind), file.content)
        for file in list_files(session, row.id)
        if file.content is not None
    ]


def _refuse_role(files: Sequence[SourceFile], by: Operator) -> None:
    brings_in = any(file.kind is ImportKind.WINDOWS for file in files)
    if brings_in and Role.LEGAL not in by.roles:
        raise OnlyLegalBringsIn
