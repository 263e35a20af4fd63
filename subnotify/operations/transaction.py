"""The transaction of an operation: all of it, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

_OWNED = "subnotify_transaction"


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
