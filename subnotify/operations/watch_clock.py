"""Watch the wall clock, and freeze what only the passing of time concludes once it is in doubt.

A freeze is a row: it outlasts the worker and holds on every machine, until a person lifts it.
Sending, reading mail and probing go on.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.clock_jumps import Baseline, ClockReading, find_doubt
from subnotify.rules.errors import ClockInDoubt
from subnotify.rules.troubles import Trouble, english_words, stored_text
from subnotify.storage.database import begin_read_only
from subnotify.storage.service_watch import (
    append_freeze,
    find_last_known_instant,
    find_last_lifted,
    has_open_freeze,
    list_open_freezes,
    lock_freezes,
)

log = logging.getLogger(__name__)

ACTOR = "job:watch_clock"


@dataclass(frozen=True)
class Clocks:
    """wall: what everything is dated by. monotonic: nobody can set it. database: its own clock,
    None where it has none."""

    wall: Callable[[], datetime]
    monotonic: Callable[[], timedelta]
    database: Callable[[Session], datetime | None]


@dataclass(frozen=True)
class ClockFinding:
    """at: the instant that was compared, which is the one to conclude with. frozen: why nothing
    may be concluded from it, in English for logs and terminals, or None."""

    at: datetime
    frozen: str | None


def is_frozen(session: Session) -> bool:
    """Whether a freeze is open, asked before a transaction of the caller's."""
    begin_read_only(session)
    try:
        return has_open_freeze(session)
    finally:
        session.rollback()


def require_trusted_clock(session: Session) -> None:
    """For steps of a person that rest on passed time, within their transaction.

    Raises ClockInDoubt while a freeze is open, whichever machine noticed it.
    """
    if has_open_freeze(session):
        raise ClockInDoubt


class ClockWatch:
    """One process's comparison of its clocks, from its start on; for use by several threads.

    After a person lifted a freeze, the clocks as they stand then are the new baseline.
    """

    def __init__(self, clocks: Clocks, *, runner: str) -> None:
        self._clocks = clocks
        self._runner = runner
        self._lock = threading.Lock()
        self._baseline = self._read_baseline()
        # The newest lifted freeze that the baseline knows of; None: before the first look.
        self._lifted_id: int | None = None

    def look(self, session: Session) -> ClockFinding:
        """Compare now. Records a freeze where there is a doubt and none is open; its evidence.

        Opens and ends transactions of its own.
        """
        begin_read_only(session)
        try:
            reading = self._read(session)
            freezes = list_open_freezes(session)
            lifted_id = find_last_lifted(session)
            last_known_at = find_last_known_instant(session)
        finally:
            session.rollback()
        if freezes:
            return ClockFinding(reading.wall_at, english_words(freezes[0].words))
        doubt = find_doubt(self._baseline_since(lifted_id), reading, last_known_at)
        if doubt is not None:
            log.error("nothing closes until a person has looked: %s", doubt)
            self._freeze(session, doubt, reading.wall_at)
        return ClockFinding(reading.wall_at, str(doubt) if doubt else None)

    def _read(self, session: Session) -> ClockReading:
        wall_at, monotonic = self._clocks.wall(), self._clocks.monotonic()
        database_at = self._clocks.database(session)
        return ClockReading(wall_at, monotonic, database_at, self._clocks.wall())

    def _read_baseline(self) -> Baseline:
        return Baseline(self._clocks.wall(), self._clocks.monotonic())

    def _baseline_since(self, lifted_id: int) -> Baseline:
        with self._lock:
            if self._lifted_id is not None and lifted_id > self._lifted_id:
                self._baseline = self._read_baseline()
            self._lifted_id = lifted_id
            return self._baseline

    def _freeze(self, session: Session, doubt: Trouble, at: datetime) -> None:
        with transaction(session):
            lock_freezes(session)
            if list_open_freezes(session):
                return  # another thread or machine noticed, too
            freeze_id = append_freeze(session, words=stored_text(doubt), runner=self._runner, at=at)
            append_evidence(
                session,
                "clock_frozen",
                actor=ACTOR,
                object_type="clock_freeze",
                object_id=freeze_id,
                content={"doubt": doubt.as_mapping()},
                at=at,
            )
