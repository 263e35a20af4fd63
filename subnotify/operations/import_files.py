"""Import files, or see what importing them would change.

The preview is the import itself, undone: so what is shown is by construction what happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.bring_in_windows import bring_in_windows
from subnotify.operations.import_differences import entries_digest
from subnotify.operations.import_registry import apply_registry
from subnotify.operations.import_run import ImportReport, ImportRun
from subnotify.operations.source_files import SourceFile, refuse_mixture
from subnotify.operations.transaction import transaction
from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.errors import RuleError


class DifferencesChanged(RuleError):
    """What is stored changed since the differences were shown; nothing was imported."""

    message = (
        "What is stored has changed since these differences were shown. Nothing was imported:"
        " check the differences as they are now."
    )


@dataclass(frozen=True)
class Importer:
    """Who imports: the name that stays with the entries, and the actor of the evidence."""

    name: str
    actor: str = "operator"


class _Undone(Exception):
    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


def preview_files(
    session: Session, files: Sequence[SourceFile], *, by: Importer, at: datetime, zone: ZoneInfo
) -> ImportReport:
    """What importing these files now would change. Nothing is changed. Raises ProblemsFound."""
    try:
        with transaction(session):
            raise _Undone(_apply(session, files, by, at, zone))
    except _Undone as undone:
        return undone.report


def import_files(
    session: Session,
    files: Sequence[SourceFile],
    *,
    by: Importer,
    at: datetime,
    zone: ZoneInfo,
    shown: str | None = None,
) -> ImportReport:
    """Import the files, everything or nothing.

    zone: the vendor's. shown: the digest of the differences that were agreed to. Raises
    ProblemsFound, and DifferencesChanged where others would be made.
    """
    with transaction(session):
        return apply_files(session, files, by=by, at=at, zone=zone, shown=shown)


def apply_files(
    session: Session,
    files: Sequence[SourceFile],
    *,
    by: Importer,
    at: datetime,
    zone: ZoneInfo,
    shown: str | None,
) -> ImportReport:
    """`import_files` as a step of an operation, inside its transaction."""
    report = _apply(session, files, by, at, zone)
    if shown is not None and entries_digest(report.entries) != shown:
        raise DifferencesChanged
    return report


def _apply(
    session: Session, files: Sequence[SourceFile], by: Importer, at: datetime, zone: ZoneInfo
) -> ImportReport:
    refuse_mixture(files)
    run = ImportRun(session, by=by.name, at=at, today=at.astimezone(zone).date())
    if files[0].kind is ImportKind.WINDOWS:
        return bring_in_windows(run, files[0], zone=zone, actor=by.actor)
    return apply_registry(run, files, actor=by.actor)
