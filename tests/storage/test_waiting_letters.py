"""What waits for the printer is found by its index, and asked for without writing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session

from subnotify.operations.sweep_outbox import sweep_outbox
from subnotify.rules.words import LetterProduct
from subnotify.storage.letter_pages import (
    count_all_waiting,
    count_waiting,
    list_waiting_letters,
)
from subnotify.storage.tables import MessageRow
from subnotify.storage.waiting_letters import list_waiting
from tests.operations.desk import PARIS
from tests.support.letter_batches import prepare, queue
from tests.support.scenario import Scenario


def test_what_waits_is_counted_and_listed_the_oldest_first(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    first, second = queue(scenario, 2)
    prepare(session, at=at)
    (third,) = queue(scenario)
    (fourth,) = queue(scenario)
    assert count_all_waiting(session) == sum(x.letters for x in count_waiting(session)) == 2
    found = [x.message_id for x in list_waiting(session, LetterProduct.PLAIN, most=9, at=at)]
    assert found == [x.message_id for x in list_waiting_letters(session)] == [third, fourth]
    assert first < second < third


def test_what_waits_is_read_along_its_index(
    session: Session, engine: Engine, scenario: Scenario, database_kind: str, at: datetime
) -> None:
    """As SQLite plans it; PostgreSQL would rather read all of so few rows."""
    if database_kind != "sqlite":
        pytest.skip("its plans depend on how many rows there are")
    queue(scenario, 2)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    list_waiting(session, LetterProduct.PLAIN, most=100, at=at)
    list_waiting_letters(session)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 2
    for statement, parameters in asked:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [row[-1] for row in rows]
        assert any("letters USING" in step and "INDEX ix_letters_" in step for step in plan), plan
        assert not any("TEMP B-TREE" in step for step in plan), plan


def test_the_sweep_writes_nothing_while_letters_wait(
    session: Session, scenario: Scenario, at: datetime, database_kind: str
) -> None:
    """Each minute, for days: numbers that are refused are spent all the same."""
    queue(scenario, 3)
    before = _last_number(session, database_kind)
    for minutes in (5, 6):
        sweep_outbox(session, zone=PARIS, at=at + timedelta(minutes=minutes))
    assert _last_number(session, database_kind) == before


def _last_number(session: Session, kind: str) -> Any:
    query = text("SELECT last_value FROM messages_id_seq")
    if kind != "postgresql":
        return session.scalar(select(func.max(MessageRow.id)))
    return session.scalar(query)
