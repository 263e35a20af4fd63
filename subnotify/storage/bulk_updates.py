"""Updates of many rows by their ids, each with its own values."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, update
from sqlalchemy.orm import Session

from subnotify.storage.tables.base import Base


def update_by_id(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write these columns of these rows. Each names its `id`, and all name the same columns.

    Objects that the session holds are not refreshed. Without the ORM's care for each row it takes
    a third of the time.
    """
    if rows:
        statement = _statement(table, tuple(name for name in rows[0] if name != "id"))
        values = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        session.execute(statement, values)


@lru_cache(maxsize=64)
def _statement(table: type[Base], names: tuple[str, ...]) -> Update:
    core = cast(Table, table.__table__)
    return (
        update(core)
        .where(core.c.id == bindparam("new_id"))
        .values({core.c[name]: bindparam(f"new_{name}") for name in names})
    )
