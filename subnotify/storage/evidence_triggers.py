"""Triggers that keep the evidence table append-only (DESIGN section 3, item 12).

A migration that rebuilds the table (SQLite's batch mode) loses its triggers, so migrations/env.py
installs them anew after every run, in the same transaction.
"""

from sqlalchemy import Connection, inspect

TABLE = "evidence"
FUNCTION = "refuse_change_of_evidence"
REFUSAL = "evidence is append-only"


def install_evidence_triggers(connection: Connection) -> None:
    """(Re-)create the triggers on `evidence`; without that table only clear up after it."""
    exists = inspect(connection).has_table(TABLE)
    if connection.dialect.name == "sqlite":
        statements = _sqlite_triggers(_unique_columns(connection)) if exists else []
    else:
        statements = _postgresql_triggers() if exists else [f"DROP FUNCTION IF EXISTS {FUNCTION}()"]
    for statement in statements:
        connection.exec_driver_sql(statement)


def _unique_columns(connection: Connection) -> list[list[str]]:
    """Each set of columns by which INSERT OR REPLACE would find a row to delete."""
    inspector = inspect(connection)
    found = [list(inspector.get_pk_constraint(TABLE)["constrained_columns"])]
    found += [list(c["column_names"]) for c in inspector.get_unique_constraints(TABLE)]
    found += [
        [name for name in index["column_names"] if name is not None]
        for index in inspector.get_indexes(TABLE)
        if index["unique"]
    ]
    return found


def _sqlite_triggers(unique: list[list[str]]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    # INSERT OR REPLACE asks the delete trigger only on connections with recursive_triggers = ON;
    # refusing the insertion itself holds on any connection.
    same = " OR ".join(
        "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) + ")"
        for columns in unique
    )
    triggers = {
        "evidence_no_update": f"BEFORE UPDATE ON {TABLE} {refuse}",
        "evidence_no_delete": f"BEFORE DELETE ON {TABLE} {refuse}",
        "evidence_no_replace": (
            f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE {same}) {refuse}"
        ),
    }
    return [
        statement
        for name, body in triggers.items()
        for statement in (f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}")
    ]


def _postgresql_triggers() -> list[str]:
    name = "evidence_append_only"
    return [
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {TABLE}",
        # By statement: it also refuses TRUNCATE, and ON CONFLICT DO UPDATE that meets no row.
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
        # Also in a session that sets session_replication_role.
        f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}",
    ]
