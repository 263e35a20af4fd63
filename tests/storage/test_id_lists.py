"""Conditions on many ids: which rows they find, and how."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, Select, event, or_, select, text
from sqlalchemy.orm import Session

from subnotify.storage.database import create_engine_for
from subnotify.storage.id_lists import among
from subnotify.storage.tables import MessageRow, NoticeRow
from tests.support.outbox import queue_notices


def found(session: Session, ids: Sequence[int]) -> Sequence[int]:
    query = select(NoticeRow.id).where(among(NoticeRow.id, ids)).order_by(NoticeRow.id)
    return session.scalars(query).all()


def test_those_among_the_ids_are_found(session: Session) -> None:
    queue_notices(session, 4)
    every = session.scalars(select(NoticeRow.id).order_by(NoticeRow.id)).all()
    assert found(session, every) == every
    assert found(session, [every[2], every[0], 10**9]) == [every[0], every[2]]
    assert found(session, []) == []
    either = or_(among(NoticeRow.id, every[:1]), among(NoticeRow.id, every[3:]))
    assert session.scalars(select(NoticeRow.id).where(either).order_by(NoticeRow.id)).all() == [
        every[0],
        every[3],
    ]


QUERIES = [
    pytest.param(select(NoticeRow.id).where(among(NoticeRow.id, [1, 2])), id="primary-key"),
    pytest.param(
        select(MessageRow.state).where(among(MessageRow.notice_id, [1, 2])), id="foreign-key"
    ),
]


@pytest.mark.parametrize("query", QUERIES)
def test_sqlite_finds_them_by_an_index(sqlite_url: str, query: Select[Any]) -> None:
    """What walks through the table takes longer with every mail that was ever sent."""
    engine = create_engine_for(sqlite_url)
    assert " SCAN " not in _plan(engine, query).replace("SCAN json_each", "")
    engine.dispose()


@pytest.mark.parametrize("query", QUERIES)
def test_postgresql_can_find_them_by_an_index(postgresql_url: str, query: Select[Any]) -> None:
    engine = create_engine_for(postgresql_url)
    assert "Index" in _plan(engine, query)
    engine.dispose()


def _plan(engine: Engine, query: Select[Any]) -> str:
    """How the database goes about it, in one line."""
    said: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
        said.append((statement, parameters))

    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", note)
        connection.execute(query)
        event.remove(connection, "before_cursor_execute", note)
        ((statement, parameters),) = said
        explain = "EXPLAIN"
        if engine.dialect.name == "sqlite":
            explain = "EXPLAIN QUERY PLAN"
        else:
            # The tables are empty: it would walk through them.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return " ".join(f" {row[-1]} " for row in rows)
