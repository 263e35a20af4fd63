"""Migrations: up and down, on an empty database and on one with data, on both databases."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Engine, inspect, text

from subnotify.resources import migrations_folder
from subnotify.storage import migrate
from subnotify.storage.database import create_engine_for
from subnotify.storage.tables import Base
from tests.migrations.rows import fill, read_everything
from tests.support.databases import Databases

Everything = dict[str, list[dict[str, Any]]]

REVISIONS = [r.revision for r in ScriptDirectory(str(migrations_folder())).walk_revisions()][::-1]


@pytest.fixture
def empty(databases: Databases, database_kind: str) -> Iterator[Engine]:
    """An engine on a database without any table."""
    url = databases.empty(database_kind)
    engine = create_engine_for(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_the_migrated_schema_is_the_one_the_tables_declare(engine: Engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert checks_in(connection) == {
            (table.name, str(check.name)): quoted(str(check.sqltext))
            for table in Base.metadata.tables.values()
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }


def checks_in(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """Every CHECK with the values it names: Alembic's comparison leaves them out."""
    inspector = inspect(connection)
    return {
        (table, str(check["name"])): quoted(check["sqltext"])
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }


def quoted(sql: str) -> list[str]:
    """The strings in an SQL text; the databases write the rest of it each in its own way."""
    return sorted(re.findall(r"'([^']*)'", sql))


def test_revisions_are_numbered_in_one_line():
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_each_step_goes_up_and_down_again(empty: Engine):
    for before, revision in zip([None, *REVISIONS], REVISIONS, strict=False):
        tables = set(inspect(empty).get_table_names())
        migrate.upgrade(empty, revision)
        assert migrate.current(empty) == revision
        migrate.downgrade(empty, before or "base")
        assert migrate.current(empty) == before
        assert set(inspect(empty).get_table_names()) - {"alembic_version"} == tables - {
            "alembic_version"
        }
        migrate.upgrade(empty, revision)


def test_all_the_way_down_leaves_nothing(empty: Engine):
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    assert inspect(empty).get_table_names() == ["alembic_version"]
    if empty.dialect.name == "postgresql":
        with empty.connect() as connection:
            left = "SELECT proname FROM pg_proc WHERE proname LIKE '%evidence%'"
            assert connection.scalars(text(left)).all() == []


def test_an_upgrade_that_is_up_to_date_changes_nothing(engine: Engine):
    fill(engine)
    before = read_everything(engine)
    migrate.upgrade(engine)
    assert read_everything(engine) == before


def test_rows_survive_every_later_step(empty: Engine):
    """A row put into each table as soon as the table exists is still there at the head."""
    for revision in REVISIONS:
        migrate.upgrade(empty, revision)
        fill(empty)
    rows = read_everything(empty)
    # The words of the agreement's name and number are written by the step that makes their table.
    expected = dict.fromkeys(Base.metadata.tables, 1) | {"agreement_words": 2}
    assert {name: len(rows[name]) for name in Base.metadata.tables} == expected


def test_down_and_up_with_data(engine: Engine):
    """A step down drops what it made, rows included; what older steps made stays."""
    fill(engine)
    rows = read_everything(engine)
    migrate.downgrade(engine, REVISIONS[-2])
    kept = read_everything(engine)
    assert kept
    migrate.upgrade(engine)
    after = read_everything(engine)
    assert _as_in(kept, after) == kept
    assert _as_in(kept, rows) == kept


def _as_in(older: Everything, newer: Everything) -> Everything:
    """The newer rows, in the tables and columns that the older ones have."""
    return {
        name: [
            {column: new[column] for column in old}
            for old, new in zip(rows, newer[name], strict=True)
        ]
        for name, rows in older.items()
    }


def test_a_failed_upgrade_leaves_the_database_as_it_was(empty: Engine):
    migrate.upgrade(empty, REVISIONS[0])
    with empty.begin() as connection:
        # In the way of the last step.
        connection.execute(text("CREATE TABLE evidence (id INTEGER PRIMARY KEY)"))
    tables = sorted(inspect(empty).get_table_names())
    with pytest.raises(Exception, match="evidence"):
        migrate.upgrade(empty)
    assert migrate.current(empty) == REVISIONS[0]
    assert sorted(inspect(empty).get_table_names()) == tables


def test_two_upgrades_at_once_take_turns(empty: Engine):
    """Two machines start at the same time, each with `db upgrade` first."""
    url = empty.url.render_as_string(hide_password=False)
    code = "import sys; from subnotify.storage import migrate; migrate.upgrade(sys.argv[1])"
    both = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]
    assert [upgrading.wait() for upgrading in both] == [0, 0]
    assert migrate.current(empty) == REVISIONS[-1]
