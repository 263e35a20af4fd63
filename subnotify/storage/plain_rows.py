"""Rows as named tuples, for those that are read by the hundred.

To read one value of SQLAlchemy's own rows by its name takes as long as six of a named tuple, and
a batch reads dozens of each row.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Result


def plain_rows(result: Result[*tuple[Any, ...]]) -> list[Any]:
    """All rows of the result, as tuples with the names of its columns."""
    return list(map(_maker(tuple(result.keys())), result))


@lru_cache(maxsize=128)
def _maker(names: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    row: Any = namedtuple("PlainRow", names)  # type: ignore[misc]
    made: Callable[[Iterable[Any]], Any] = row._make
    return made
