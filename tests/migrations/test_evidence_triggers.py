"""Evidence is append-only, whatever is tried, also after its table was rebuilt."""

import sqlite3
from collections.abc import Callable

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, Integer, String, Text, text
from sqlalchemy.exc import DBAPIError

from subnotify.storage import migrate
from subnotify.storage.database import create_engine_for
from subnotify.storage.evidence_triggers import install_evidence_triggers
from tests.migrations.rows import fill

VALUES = "(1, 'later', '2026-03-02', 'client', 'case', 1, 'd')"
COLUMNS = "(id, type, at, actor, object_type, object_id, digest)"
ATTEMPTS = {
    "update": "UPDATE evidence SET type = 'changed'",
    "delete": "DELETE FROM evidence",
    "upsert": (
        f"INSERT INTO evidence {COLUMNS} VALUES {VALUES} "
        "ON CONFLICT (id) DO UPDATE SET type = 'changed'"
    ),
}
ON_SQLITE = {
    "replace": f"REPLACE INTO evidence {COLUMNS} VALUES {VALUES}",
    "insert or replace": f"INSERT OR REPLACE INTO evidence {COLUMNS} VALUES {VALUES}",
    "update or replace": "UPDATE OR REPLACE evidence SET id = 1",
}
ON_POSTGRESQL = {
    "truncate": "TRUNCATE evidence CASCADE",
    "truncate by reference": "TRUNCATE evidence, evidence_contents",
    "as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM evidence",
}


def refuses_every_change(engine: Engine) -> None:
    attempts = ATTEMPTS | (ON_SQLITE if engine.dialect.name == "sqlite" else ON_POSTGRESQL)
    for name, statement in attempts.items():
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
            pytest.fail(f"{name} went through")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, type FROM evidence")).all() == [(1, "é")]


def test_evidence_is_appended_and_never_changed(engine: Engine):
    fill(engine)
    refuses_every_change(engine)


def test_a_refused_change_undoes_what_came_with_it(engine: Engine):
    fill(engine)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM evidence_contents"))
        connection.execute(text(ATTEMPTS["delete"]))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM evidence_contents")) == 1


def test_contents_can_be_erased_and_the_evidence_stands(engine: Engine):
    fill(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM evidence_contents"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM evidence")) == 1


def test_sqlite_refuses_replace_on_any_connection(sqlite_url: str):
    """Also from a program that knows nothing of our settings."""
    engine = create_engine_for(sqlite_url)
    fill(engine)
    stranger = sqlite3.connect(str(engine.url.database))
    assert stranger.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    for statement in (ATTEMPTS | ON_SQLITE).values():
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            stranger.execute(statement)
    stranger.close()


def rebuild(operations: Operations) -> None:
    with operations.batch_alter_table("evidence", recreate="always") as batch:
        batch.add_column(Column("remark", String(20), nullable=True))
        batch.alter_column("actor", existing_type=String(80), type_=Text())


def rebuild_in_place(operations: Operations) -> None:
    operations.add_column("evidence", Column("remark", String(20), nullable=True))
    operations.alter_column("evidence", "actor", existing_type=String(80), type_=Text())


def alter(engine: Engine, step: Callable[[Operations], None]) -> None:
    with engine.begin() as connection:
        step(Operations(MigrationContext.configure(connection)))


def test_the_triggers_survive_a_migration_in_batch_mode(engine: Engine, database_url: str):
    """SQLite rebuilds the table and so loses the triggers; the run's end brings them back."""
    fill(engine)
    # As migrations run: foreign keys off.
    migrating = create_engine_for(database_url, foreign_keys=False)
    alter(migrating, rebuild if engine.dialect.name == "sqlite" else rebuild_in_place)
    migrating.dispose()
    migrate.upgrade(engine)
    refuses_every_change(engine)


def test_a_second_unique_column_is_guarded_against_replace(sqlite_url: str):
    engine = create_engine_for(sqlite_url)
    fill(engine)
    alter(engine, lambda op: op.add_column("evidence", Column("number", Integer())))
    alter(engine, lambda op: op.create_index("n", "evidence", ["number"], unique=True))
    with engine.begin() as connection:
        install_evidence_triggers(connection)
        connection.execute(
            text(f"INSERT INTO evidence {COLUMNS[:-1]}, number) VALUES (2{VALUES[2:-1]}, 7)")
        )
    stranger = sqlite3.connect(str(engine.url.database))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        stranger.execute(
            f"REPLACE INTO evidence {COLUMNS[:-1]}, number) VALUES (3{VALUES[2:-1]}, 7)"
        )
    stranger.close()
