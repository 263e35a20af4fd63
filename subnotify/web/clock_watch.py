"""The clock of the pages' own host is watched, too: a click there may conclude what rests on time.

Workers may run on other machines, whose clocks are right while this one is wrong.
"""

import logging
import os
import socket

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from subnotify import clock
from subnotify.operations.watch_clock import Clocks, ClockWatch
from subnotify.storage.database import db
from subnotify.storage.service_watch import read_database_clock

log = logging.getLogger(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def system_clocks() -> Clocks:
    """Those of this machine, and the database's own."""
    return Clocks(clock.now, clock.monotonic, read_database_clock)


def init_clock_watch(app: Flask, clocks: Clocks | None) -> None:
    """Compare the clocks before each request that may change something; None: never.

    Where they differ a freeze is on record before the request begins: it stores what it is sent,
    and concludes nothing. To be called before anything else that runs before a request, because a
    freeze is a transaction of its own.
    """
    if clocks is None:
        return
    watch = ClockWatch(clocks, runner=f"web:{socket.gethostname()[:40]}:{os.getpid()}")

    @app.before_request
    def look() -> None:
        if request.method in _READING:
            return
        try:
            with Session(db.engine) as session:
                watch.look(session)
        except SQLAlchemyError:
            # The request meets the same database, and says what is the matter with it.
            log.exception("the clocks could not be compared")
