"""Rows for every table, made from the schema alone: migrations are tested with data in them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    select,
)
from sqlalchemy.types import JSON

from subnotify.storage.tables import Base


def fill(engine: Engine) -> None:
    """One row, with id 1, in each table that the database has and that is still empty."""
    present = _reflect(engine)
    with engine.begin() as connection:
        for declared in Base.metadata.sorted_tables:
            table = present.get(declared.name)
            if table is not None and connection.execute(select(table)).first() is None:
                row = {key: value for key, value in _row(declared).items() if key in table.columns}
                # Not `declared.insert()`: it would fill in columns that later steps add.
                connection.execute(table.insert(), row)


def read_everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table of the database, by table name; Alembic's own table left out."""
    with engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in _reflect(engine).items()
        }


def _reflect(engine: Engine) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return {name: table for name, table in metadata.tables.items() if name != "alembic_version"}


def _row(table: Table) -> dict[str, Any]:
    return {column.name: _value(table, column) for column in table.columns}


def _value(table: Table, column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if column.foreign_keys:
        return 1
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and str(check.name).endswith(f"{column.name}_known"):
            return str(check.sqltext).split("'")[1]
    kinds: dict[type, Any] = {
        Boolean: True,
        Integer: 1,
        Date: date(2026, 3, 2),
        DateTime: datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        JSON: {"fr": "été"},
        LargeBinary: b"\x00\xff",
    }
    underlying = getattr(column.type, "impl_instance", column.type)
    for kind, value in kinds.items():
        if isinstance(underlying, kind):
            return value
    return "é"
