"""Who signs in to the portal is found by an index, however many contacts there are."""

from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from subnotify.storage.portal import list_clients_of
from subnotify.storage.tables import ContactRow
from tests.support.scenario import Scenario


def test_a_mailbox_is_found_without_reading_every_contact(
    session: Session, engine: Engine, scenario: Scenario, database_kind: str
) -> None:
    made = scenario.announce()
    email = session.get_one(ContactRow, made.contact_ids[0]).email
    assert email
    session.rollback()
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    assert len(list_clients_of(session, email.lower())) == 1
    event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = asked
    if database_kind == "postgresql":
        # So few rows are read faster without it: can it be used at all?
        session.execute(text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if database_kind == "sqlite" else "EXPLAIN"
    plan = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
    steps = [row[-1] for row in plan]
    assert any("ix_contacts_lower_email" in step for step in steps), steps
