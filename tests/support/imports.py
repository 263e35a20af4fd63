"""Imports in tests: bring a file, expect its refusal, and show that nothing else changed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.import_registry import import_registry
from subnotify.operations.import_run import ImportReport
from subnotify.operations.publish_list import publish_list
from subnotify.rules.errors import ProblemsFound
from subnotify.storage.tables import Base

PARIS = ZoneInfo("Europe/Paris")


def bring(session: Session, source: bytes | str, at: datetime) -> ImportReport:
    data = source.encode() if isinstance(source, str) else source
    return import_registry(session, data, by="paul", at=at, zone=PARIS)


def refusals(session: Session, source: bytes | str, at: datetime) -> list[str]:
    before = everything(session)
    with pytest.raises(ProblemsFound) as refusal:
        bring(session, source, at)
    assert everything(session) == before
    return [str(problem) for problem in refusal.value.problems]


def everything(session: Session) -> dict[str, list[str]]:
    """Every row of every table, to show that nothing changed."""
    session.rollback()
    rows = {
        table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
        for table in Base.metadata.sorted_tables
    }
    session.rollback()
    return rows


def replaced(source: bytes, old: str, new: str) -> bytes:
    assert source.count(old.encode()) >= 1, old
    return source.replace(old.encode(), new.encode())


def published(session: Session, source: bytes, at: datetime) -> None:
    bring(session, source, at)
    publish_list(session, by="paul", at=at, zone=PARIS)
