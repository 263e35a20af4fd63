"""Turns: of what counts before it adds, one transaction goes after the other."""

from enum import IntEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session


class Turn(IntEnum):
    """What is counted. Where two are taken, in this order: none waits then for its own end."""

    SIGN_IN_NAME = 1
    SIGN_IN_ADDRESS = 2
    PORTAL_MAILBOX = 3
    PORTAL_NETWORK = 4
    PASSWORD_RESET = 5


def take_turn(session: Session, turn: Turn, key: str) -> None:
    """Wait until no other transaction has this turn; ours ends with the transaction.

    On PostgreSQL, where tries at once do not see each other before they are committed. On SQLite
    whoever writes has its turn since the transaction began (storage/database.py).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(turn), func.hashtext(key))))
