"""Alembic's entry: one transaction for the whole run, on both databases.

`subnotify db upgrade` and the tests pass a connection (subnotify.storage.migrate). A developer
drafts a new migration against a database that is up to date, named by SUBNOTIFY_DATABASE_URL:
`alembic -c pyproject.toml revision --autogenerate --rev-id 0008 -m "what it adds"`.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from subnotify.storage.database import create_engine_for
from subnotify.storage.evidence_triggers import install_evidence_triggers
from subnotify.storage.tables import Base, UtcDateTime

# Any number, the same for every run: two upgrades at once take turns.
MIGRATION_LOCK = 7_305_282_026


def run_migrations(connection: Connection) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=on_sqlite,
        compare_type=True,
        render_item=render_item,
        # SQLite can undo DDL too, now that we begin its transactions ourselves.
        transactional_ddl=True,
    )
    with connection.begin():
        if not on_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        context.run_migrations()
        install_evidence_triggers(connection)
        if on_sqlite:
            refuse_broken_references(connection)


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names the databases' types: ours may change after it was written."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def refuse_broken_references(connection: Connection) -> None:
    """Foreign keys are off while tables are rebuilt, so check them before the commit."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the migration leaves broken references: {broken[:5]}")


given = context.config.attributes.get("connection")
if given is not None:
    run_migrations(given)
else:
    engine = create_engine_for(os.environ["SUBNOTIFY_DATABASE_URL"], foreign_keys=False)
    with engine.connect() as own:
        run_migrations(own)
