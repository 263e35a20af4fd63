"""Run a job and keep what came of it: its start, its result in one line, or its failure."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.storage.job_runs import note_failure, note_finish, note_start

log = logging.getLogger(__name__)


def run_job(
    session_factory: Callable[[], Session],
    name: str,
    work: Callable[[], str],
    *,
    clock: Callable[[], datetime],
) -> bool:
    """Do `work` and record it; whether it went well. What it raises is logged and recorded: the
    next run takes up what this one left, because the tables say what is to be done.

    `clock`: work takes time, so one `at` would not do.
    """
    with session_factory() as session, transaction(session):
        note_start(session, name, at=clock())
    try:
        result = work()
    except Exception as error:
        log.exception("the job %s failed", name)
        said = f"{type(error).__name__}: {error}"
        with session_factory() as session, transaction(session):
            note_failure(session, name, said, at=clock())
        return False
    with session_factory() as session, transaction(session):
        note_finish(session, name, result, at=clock())
    return True
