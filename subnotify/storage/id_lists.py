"""Conditions on many ids, which travel as one text.

SQLAlchemy's own `in_` writes a statement for each number of ids: hundreds of parameters to write,
and a plan that neither the driver nor the database can keep. Here the statement stays the same.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, Dialect, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine, UserDefinedType


def among(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], ids: Collection[int]
) -> ColumnElement[bool]:
    """Whether the column is one of these ids; of none, it never is."""
    return _Among(column, bindparam("ids", ids, type_=_Ids(), unique=True))


class _Ids(UserDefinedType[Collection[int]]):
    """Ids as one text: that of an array on PostgreSQL, JSON on SQLite."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "INTEGER[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[int] | None], str]:
        form = "{%s}" if dialect.name == "postgresql" else "[%s]"
        return lambda ids: form % ",".join(map(str, ids or ()))


class _Among(FunctionElement[bool]):
    name = "among"
    # Without a type: of a boolean SQLAlchemy asks on SQLite whether it is 1, and SQLite, which
    # finds no index for that, would walk through the whole table.
    type: TypeEngine[Any] = NullType()
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    # The parameter itself is the array: a text that is cast would be read anew for every row.
    return f"{column} = ANY ({ids}::INTEGER[])"
