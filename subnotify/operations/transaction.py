"""The transaction of an operation: all of it, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

_OWNED = "subnotify_transaction"
# PostgreSQL: deadlock detected. Who is told so lost nothing but its turn.
_DEADLOCK = "40P01"
_TURNS = 3

Result = TypeVar("Result")


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Commit when the block ends, roll back when it raises.

    What was read before the block belongs to the same database transaction. An operation owns its
    transaction: opening a second one inside it raises RuntimeError, because the inner commit
    would make half of the outer one durable.
    """
    if session.info.get(_OWNED):
        raise RuntimeError("an operation was called inside another one's transaction")
    session.info[_OWNED] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OWNED, None)


def taking_turns(step: Callable[[], Result]) -> Result:
    """Do a whole transaction, again if the database ended it in favour of another one.

    For what nobody would send a second time: a client's answer. `step` begins and ends its own
    transaction, so a repetition starts from nothing.
    """
    for _ in range(_TURNS - 1):
        try:
            return step()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                raise
    return step()
