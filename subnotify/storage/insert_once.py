"""Inserts that a repetition does not double."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from subnotify.storage.tables.base import Base


def insert_or_nothing(session: Session, table: type[Base]) -> Insert:
    """An INSERT for this session's database that leaves rows with a taken unique key alone."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql_insert(table).on_conflict_do_nothing()
    return sqlite_insert(table).on_conflict_do_nothing()


def insert_once(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of `rows` whose unique keys are not taken yet."""
    if rows:
        session.execute(insert_or_nothing(session, table), list(rows))
