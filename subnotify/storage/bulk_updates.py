"""Updates and inserts of many rows, each with its own values, in one statement.

On PostgreSQL the values travel as one array for each column: a statement for each row, even in
one round trip, takes the server several times as long.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import repeat
from typing import Any
from typing import cast as typed

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Dialect,
    Insert,
    Table,
    TableClause,
    TableValuedAlias,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from subnotify.storage.tables.base import Base

Rows = Sequence[Mapping[str, Any]]


def update_by_id(session: Session, table: type[Base], rows: Rows) -> None:
    """Write these columns of these rows, each of which names its `id`: a statement for all that
    name the same columns.

    Objects that the session holds are not refreshed.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        alike[tuple(row)].append(row)
    for part in alike.values():
        update_by(session, table, ("id",), part)


def update_by(
    session: Session,
    table: type[Base],
    keys: tuple[str, ...],
    rows: Rows,
    *,
    only: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Write columns of the rows that have these keys, all named in each of `rows`.

    only: columns that must have these values for a row to be written. also: columns that get the
    same value in every row.
    """
    if not rows:
        return
    names = tuple(name for name in rows[0] if name not in keys)
    fixed = {f"only_{name}": value for name, value in (only or {}).items()}
    fixed |= {f"also_{name}": value for name, value in (also or {}).items()}
    shape = (table, keys, names, tuple(only or ()), tuple(also or ()))
    if session.get_bind().dialect.name == "postgresql":
        core = typed(Table, table.__table__)
        arrays = {
            f"new_{name}": [_plain(row[name], core.c[name]) for row in rows]
            for name in (*keys, *names)
        }
        session.execute(_from_arrays(*shape), arrays | fixed)
    else:
        given = {f"new_{name}": [row[name] for row in rows] for name in (*keys, *names)}
        _run_for_each(session, _row_by_row(*shape), given, fixed, len(rows))


def insert_rows(session: Session, table: type[Base], rows: Rows) -> None:
    """Insert these rows, which all name the same columns and have short values."""
    core = typed(Table, table.__table__)
    if rows and session.get_bind().dialect.name == "postgresql":
        names = tuple(rows[0])
        arrays = {f"new_{x}": [_plain(row[x], core.c[x]) for row in rows] for x in names}
        session.execute(_insert_arrays(table, names), arrays)
    else:
        insert_long_rows(session, core, rows)


def insert_long_rows(session: Session, table: TableClause, rows: Rows) -> None:
    """Insert these rows, which all name the same columns. Long values travel faster row by row
    than in arrays."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(insert(table), rows)
    else:
        names = tuple(rows[0])
        given = {f"new_{name}": [row[name] for row in rows] for name in names}
        _run_for_each(session, _insert_row_by_row(table, names), given, {}, len(rows))


def _run_for_each(
    session: Session,
    statement: Insert | Update,
    given: Mapping[str, Sequence[Any]],
    fixed: Mapping[str, Any],
    number: int,
) -> None:
    """Run the statement for each of `number` rows: as the driver takes it, without the ORM's work
    for each row, which is twice that of the database.

    given: the values by parameter, one for each row; fixed: those that are the same for all.
    """
    text, binds = _compiled(statement, session.get_bind().dialect)
    columns: list[Iterable[Any]] = []
    for name, to_driver in binds:
        if name in fixed:
            value = fixed[name]
            columns.append(repeat(to_driver(value) if to_driver else value, number))
        else:
            values = given[name]
            columns.append(map(to_driver, values) if to_driver else values)
    session.connection().exec_driver_sql(text, list(zip(*columns, strict=True)))


@lru_cache(maxsize=256)
def _compiled(
    statement: Insert | Update, dialect: Dialect
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]]:
    """The text for the driver, and its parameters in their order, each with what turns a value
    into what the driver takes."""
    compiled = statement.compile(dialect=dialect)
    binds = []
    for name in compiled.positiontup or ():
        of_column = compiled.binds[name].type
        binds.append((name, of_column.dialect_impl(dialect).bind_processor(dialect)))
    return str(compiled), tuple(binds)


@lru_cache(maxsize=64)
def _insert_row_by_row(table: TableClause, names: tuple[str, ...]) -> Insert:
    return insert(table).values({table.c[x]: bindparam(f"new_{x}") for x in names})


@lru_cache(maxsize=64)
def _insert_arrays(table: type[Base], names: tuple[str, ...]) -> Insert:
    core = typed(Table, table.__table__)
    given = _given(core, names)
    values = [_value(core.c[name], given.c[f"v_{name}"]) for name in names]
    return insert(core).from_select(list(names), select(*values))


@lru_cache(maxsize=64)
def _row_by_row(
    table: type[Base],
    keys: tuple[str, ...],
    names: tuple[str, ...],
    only: tuple[str, ...],
    also: tuple[str, ...],
) -> Update:
    core = typed(Table, table.__table__)
    return (
        update(core)
        .where(
            *(core.c[name] == bindparam(f"new_{name}") for name in keys),
            *(core.c[name] == bindparam(f"only_{name}") for name in only),
        )
        .values(
            {core.c[name]: bindparam(f"new_{name}") for name in names}
            | {core.c[name]: bindparam(f"also_{name}") for name in also}
        )
    )


@lru_cache(maxsize=64)
def _from_arrays(
    table: type[Base],
    keys: tuple[str, ...],
    names: tuple[str, ...],
    only: tuple[str, ...],
    also: tuple[str, ...],
) -> Update:
    core = typed(Table, table.__table__)
    given = _given(core, (*keys, *names))
    values = {core.c[name]: _value(core.c[name], given.c[f"v_{name}"]) for name in names}
    return (
        update(core)
        .where(
            and_(
                *(core.c[name] == given.c[f"v_{name}"] for name in keys),
                # No index is the way in but that of the keys: what `only` asks for is true of
                # thousands of rows, and counted as few before statistics are gathered.
                *(func.coalesce(core.c[x], core.c[x]) == bindparam(f"only_{x}") for x in only),
            )
        )
        .values(values | {core.c[name]: bindparam(f"also_{name}") for name in also})
    )


def _given(core: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """The values as a table, from one array for each column."""
    types = {name: Text() if _is_json(core.c[name]) else core.c[name].type for name in names}
    arrays = [bindparam(f"new_{name}", type_=ARRAY(types[name])) for name in names]
    columns = [column(f"v_{name}", types[name]) for name in names]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def _value(of: Column[Any], given: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(given, JSON) if _is_json(of) else given


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _plain(value: Any, column: Column[Any]) -> Any:
    """An array holds values of one type; JSON travels as text."""
    if _is_json(column):
        return json.dumps(value)
    return value.value if isinstance(value, StrEnum) else value
