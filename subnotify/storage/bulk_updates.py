"""Updates and inserts of many rows, each with its own values, in one statement.

On PostgreSQL all rows travel as one JSON text: a statement for each row, even in one round trip,
takes the server several times as long, and arrays are written by the driver in Python.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any
from typing import cast as typed

from psycopg import sql
from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    Insert,
    Integer,
    LargeBinary,
    String,
    Table,
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
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from subnotify.storage.tables.base import Base, UtcDateTime

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
        session.execute(_from_json(*shape), {"given": _written(rows)} | fixed)
    else:
        given = {f"new_{name}": [row[name] for row in rows] for name in (*keys, *names)}
        _run_for_each(session, _row_by_row(*shape), given, fixed, len(rows))


def insert_rows(session: Session, table: type[Base], rows: Rows, *, once: bool = False) -> None:
    """Insert these rows, which all name the same columns and have short values. once: those whose
    unique keys are taken are left out."""
    if not rows:
        return
    core = typed(Table, table.__table__)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_insert_json(core, tuple(rows[0]), once), {"given": _written(rows)})
    else:
        _insert_for_each(session, core, rows, once=once)


def insert_long_rows(session: Session, table: Table, rows: Rows) -> None:
    """Insert these rows, which all name the same columns; for octets and long texts. A JSON column
    takes text that is JSON already: say so by naming it `Text` in `table`."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        _copy_rows(session, table, rows)
    else:
        _insert_for_each(session, table, rows, once=False)


def _copy_rows(session: Session, table: Table, rows: Rows) -> None:
    """By COPY: a long value in JSON or in an array costs the server more than all else."""
    names = tuple(rows[0])
    types = [_copy_type(table.c[name].type) for name in names]
    target = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(target) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row([row[name] for name in names])


def _copy_type(of: TypeEngine[Any]) -> str:
    """What PostgreSQL calls the type. The binary form of JSON is that of text."""
    if isinstance(of, Integer):
        return "int4"
    if isinstance(of, LargeBinary):
        return "bytea"
    if isinstance(of, String):
        return "text"
    if isinstance(of, UtcDateTime):
        return "timestamptz"
    raise TypeError(f"{of!r} cannot be copied")


def _insert_for_each(session: Session, table: Table, rows: Rows, *, once: bool) -> None:
    names = tuple(rows[0])
    given = {f"new_{name}": [row[name] for row in rows] for name in names}
    _run_for_each(session, _insert_row_by_row(table, names, once), given, {}, len(rows))


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
    into what the driver takes. The rows of a batch share most of their instants, and to write one
    takes longer than to look it up."""
    compiled = statement.compile(dialect=dialect)
    binds = []
    for name in compiled.positiontup or ():
        of_column = compiled.binds[name].type
        to_driver = of_column.dialect_impl(dialect).bind_processor(dialect)
        if to_driver is not None and isinstance(of_column, UtcDateTime):
            to_driver = lru_cache(maxsize=64)(to_driver)
        binds.append((name, to_driver))
    return str(compiled), tuple(binds)


@lru_cache(maxsize=64)
def _insert_row_by_row(core: Table, names: tuple[str, ...], once: bool) -> Insert:
    values: dict[Any, Any] = {core.c[x]: bindparam(f"new_{x}") for x in names}
    if once:
        return sqlite_insert(core).values(values).on_conflict_do_nothing()
    return insert(core).values(values)


@lru_cache(maxsize=64)
def _insert_json(core: Table, names: tuple[str, ...], once: bool) -> Insert:
    given = _given(core, names)
    values = [given.c[f"v_{name}"] for name in names]
    statement = postgresql_insert(core).from_select(list(names), select(*values))
    return statement.on_conflict_do_nothing() if once else statement


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
def _from_json(
    table: type[Base],
    keys: tuple[str, ...],
    names: tuple[str, ...],
    only: tuple[str, ...],
    also: tuple[str, ...],
) -> Update:
    core = typed(Table, table.__table__)
    given = _given(core, (*keys, *names))
    values = {core.c[name]: given.c[f"v_{name}"] for name in names}
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
    """The rows as a table, read from one JSON text."""
    columns = [column(f"v_{name}", _travelling(core.c[name])) for name in names]
    rows = cast(bindparam("given", type_=Text()), JSON)
    table = func.json_to_recordset(rows).table_valued(*columns, name="given")
    return table.render_derived(with_types=True)


def _travelling(of: Column[Any]) -> TypeEngine[Any]:
    """The type of a value of this column on its way: lengths are checked where it is stored."""
    return Text() if isinstance(of.type, String) else of.type


def _written(rows: Rows) -> str:
    travelling = {name: f"v_{name}" for name in rows[0]}
    named = [{travelling[name]: value for name, value in row.items()} for row in rows]
    return json.dumps(named, default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    """What JSON has no form for: instants and days."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, got the naive {value!r}")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written in bulk")
