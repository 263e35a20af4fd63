"""Imports of CSV tables in tests."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.export_registry import export_csv
from subnotify.operations.import_files import Importer, import_files, preview_files
from subnotify.operations.import_run import ImportReport
from subnotify.operations.source_files import SourceFile, recognise_file
from subnotify.rules.csv_layouts import EXPORTED
from subnotify.rules.errors import ProblemsFound
from tests.support.imports import everything

PARIS = ZoneInfo("Europe/Paris")
PAUL = Importer("paul")


def files_of(given: Mapping[str, str | bytes]) -> list[SourceFile]:
    """`files_of(contacts="client,key,name\\n...")`: each named after its table."""
    return [
        recognise_file(
            name if "." in name else f"{name}.csv", x.encode() if isinstance(x, str) else x
        )
        for name, x in given.items()
    ]


def bring_tables(session: Session, at: datetime, **given: str | bytes) -> ImportReport:
    return import_files(session, files_of(given), by=PAUL, at=at, zone=PARIS)


def preview_tables(session: Session, at: datetime, **given: str | bytes) -> ImportReport:
    return preview_files(session, files_of(given), by=PAUL, at=at, zone=PARIS)


def table_refusals(session: Session, at: datetime, **given: str | bytes) -> list[str]:
    """What is refused; and that nothing changed."""
    before = everything(session)
    with pytest.raises(ProblemsFound) as refusal:
        bring_tables(session, at, **given)
    assert everything(session) == before
    return [str(problem) for problem in refusal.value.problems]


def exported(session: Session, separator: str = ",") -> dict[str, bytes]:
    """The four tables, by name."""
    found = {kind.value: export_csv(session, kind, separator=separator) for kind in EXPORTED}
    session.rollback()
    return found
