"""Send what is due in the outbox: claim, build and record; hand over; record the results.

Invariant 6 (DESIGN 3): the attempt and the sealed bytes are committed before the network is
touched, the results after, in batches. This thread claims, builds and records, each courier
delivers on one of its own, so a slow connection holds nothing else back. A runner that is killed
leaves its mails claimed; when the lease ends the next runner names those attempts unknown and
repeats them with the same bytes and the same Message-ID: at most one batch for each connection had
left already. Two runners never hold the same message.
"""

import logging
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from subnotify.delivery.courier import Courier
from subnotify.delivery.results import DeliveryState
from subnotify.operations.build_mails import LoadTexts, MailBuilder, OutboxSettings
from subnotify.operations.built_batches import ReadyMail
from subnotify.operations.record_attempts import Tried, judge_notices
from subnotify.operations.send_batches import Batch, begin_attempts, claim_batch, record_batch
from subnotify.operations.send_board import Begun, Board, Sizes
from subnotify.operations.send_couriers import CourierWork
from subnotify.operations.sign_in_pause import end_sign_in_pause
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage import outbox
from subnotify.storage.attempts import AttemptOutcome, give_back_untouched
from subnotify.storage.mail_queue import QueuePause
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.sending_pauses import ANNOUNCING

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.0005


@dataclass
class SendReport:
    """What a run did. `repeated`: attempts of a stopped runner, now named unknown and repeated.

    `halted` says why the run ended before the queue did: the server's words, or None. `paused`:
    why nothing is sent. `waits_until`: when the quota or a domain's pace lets the next mail go.
    """

    handed_over: int = 0
    deferred: int = 0
    rejected: int = 0
    unknown: int = 0
    parked: int = 0
    repeated: int = 0
    authentication_failed: bool = False
    halted: str | None = None
    paused: PauseCause | None = None
    waits_until: datetime | None = None


def send_messages(
    session_factory: Callable[[], Session],
    *,
    open_courier: Callable[[], Courier],
    load_texts: LoadTexts,
    settings: OutboxSettings,
    runner: str,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> SendReport:
    """Send all that is due until nothing is, `stop()`, a pause, the quota or a failing server.

    open_courier makes a connection (called on the thread that uses it); as many work at once as
    `settings.flow.connections` says. `runner` names this worker in its claims (at most 70
    characters). `clock` gives the present instant: sending takes long, so one
    `at` would not do. `stop` is asked by several threads.

    Returns what was done. Raises what the database raises; what was claimed is then repeated
    when its lease ends.
    """
    run = _Run(session_factory, open_courier, settings, runner, clock, stop)
    pause = end_sign_in_pause(
        session_factory, open_courier, sender=settings.sender.address, clock=clock
    )
    if pause is not None:
        run.note_pause(pause)
        return run.report
    run.judge_parked()
    run.send(MailBuilder(settings, load_texts))
    return run.report


@contextmanager
def _short_turns() -> Iterator[None]:
    """Couriers mostly wait for replies. At Python's usual turns of 5 ms each reply would wait
    until the thread that builds mails is interrupted, several times for every mail."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _TURN_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Run:
    """The state of one call of `send_messages`."""

    def __init__(
        self,
        session_factory: Callable[[], Session],
        open_courier: Callable[[], Courier],
        settings: OutboxSettings,
        runner: str,
        clock: Callable[[], datetime],
        stop: Callable[[], bool],
    ) -> None:
        self.report = SendReport()
        self._session_factory = session_factory
        self._settings = settings
        # Each run claims under a name of its own, even within one worker.
        self._runner = f"{runner}/{secrets.token_hex(4)}"
        self._clock = clock
        self._stop = stop
        self._sizes = Sizes.of(settings.flow.connections, settings.batch_size)
        self._board = Board(self._sizes)
        pause = settings.reconnect_pause
        self._work = CourierWork(self._board, open_courier, self._must_leave, clock, pause)
        self._couriers: list[threading.Thread] = []
        self._paused_releases: frozenset[int] = frozenset()

    def send(self, builder: MailBuilder) -> None:
        try:
            with _short_turns():
                self._send_all(builder)
        finally:
            self._board.close()
            for courier in self._couriers:
                courier.join()
            # Whatever ended this (a signal, an error), what is known by now is recorded.
            self._record(*self._board.collect())
        if self._board.error is not None:
            raise self._board.error

    def _send_all(self, builder: MailBuilder) -> None:
        nothing_due = False
        while not self._stop() and self.report.paused is None:
            if not nothing_due and self._board.has_room():
                nothing_due = not self._claim(builder).found
            if self._board.is_idle():
                if nothing_due:
                    return
                continue
            self._open_connections()
            if self._board.wait(for_room=not nothing_due):
                handed_over = self.report.handed_over
                tried, untouched = self._board.collect()
                self._record(tried, untouched)
                # Alarms may be queued now, and what was given back may be claimed anew.
                all_went = self.report.handed_over - handed_over == len(tried) and not untouched
                nothing_due = nothing_due and all_went
            if self._board.is_over():
                self.report.halted = self._board.last_failure
                return

    def _claim(self, builder: MailBuilder) -> Batch:
        at = self._clock()
        with self._session_factory() as session:
            with transaction(session):
                batch = claim_batch(
                    session,
                    runner=self._runner,
                    settings=self._settings,
                    limit=self._sizes.claim,
                    at=at,
                )
            if batch.messages:
                self._begin(session, builder, batch.messages, at)
        self.report.repeated += batch.repeated
        if batch.waits_until is not None:
            known = self.report.waits_until or batch.waits_until
            self.report.waits_until = min(known, batch.waits_until)
        if batch.pause is not None:
            self.note_pause(batch.pause)
        return batch

    def _begin(
        self,
        session: Session,
        builder: MailBuilder,
        messages: Sequence[OutgoingMessage],
        at: datetime,
    ) -> None:
        """Build the claimed mails, commit that their attempts begin, and give them out."""
        try:
            built = builder.build(session, messages, at=at)
            with transaction(session):
                ready = begin_attempts(session, built, runner=self._runner, at=at)
        except Exception:
            self._give_back(session, messages)
            raise
        self._board.add(ready, until=at + self._settings.lease)
        parked = sum(one.state is MessageState.PARKED for one in built.aside)
        self.report.parked += parked
        if parked:
            self.judge_parked()

    def _give_back(self, session: Session, messages: Sequence[OutgoingMessage]) -> None:
        """What cannot be built now is due again at once, not only when the lease ends."""
        session.rollback()
        try:
            with transaction(session):
                give_back_untouched(session, messages, by=self._runner)
        except SQLAlchemyError:
            log.exception("%d mails stay claimed until the lease ends", len(messages))

    def _open_connections(self) -> None:
        """One at first: only when it has worked, or takes long, the others follow."""
        wanted = min(self._settings.flow.connections, self._board.waiting())
        if self._couriers and not self._board.proven:
            wanted = min(wanted, 1)
        while len(self._couriers) < wanted:
            self._board.add_courier()
            name = f"courier-{len(self._couriers) + 1}"
            courier = threading.Thread(target=self._work.run, name=name)
            self._couriers.append(courier)
            courier.start()

    def _must_leave(self, begun: Begun) -> bool:
        # A third of the lease is kept for the mail under way and for recording the results.
        if self._clock() >= begun.until - self._settings.lease / 3:
            return True
        if begun.mail.message.release_id in self._paused_releases:
            return begun.mail.message.purpose in ANNOUNCING
        return self._stop()

    def _record(self, tried: Sequence[Tried], untouched: Sequence[ReadyMail]) -> None:
        if not tried and not untouched:
            return
        with self._session_factory() as session, transaction(session):
            recorded = record_batch(
                session,
                tried,
                untouched,
                runner=self._runner,
                settings=self._settings,
                at=self._clock(),
            )
        self._board.recorded(len(tried))
        self._paused_releases = recorded.paused_releases
        for outcome in recorded.outcomes:
            self._count(outcome)
        if any(x.result.state is DeliveryState.AUTHENTICATION_FAILED for x in tried):
            self.report.authentication_failed = True
        if recorded.pause is not None:
            self.note_pause(recorded.pause)

    def judge_parked(self) -> None:
        """Notices of parked messages are not served; also those that a stopped runner parked."""
        with self._session_factory() as session, transaction(session):
            notice_ids = outbox.list_parked_notices(session)
            judge_notices(
                session, notice_ids, legal_email=self._settings.legal_email, at=self._clock()
            )

    def note_pause(self, pause: QueuePause) -> None:
        self.report.paused = pause.cause
        if pause.cause is PauseCause.CREDENTIALS:
            self.report.authentication_failed = True
            self.report.halted = pause.note
            self.report.waits_until = pause.next_sign_in_at

    def _count(self, outcome: AttemptOutcome) -> None:
        report, state = self.report, outcome.state
        report.handed_over += state is MessageState.HANDED_OVER
        report.rejected += state is MessageState.REJECTED
        report.unknown += state is MessageState.UNKNOWN
        report.deferred += state is MessageState.DEFERRED
        report.parked += state is MessageState.PARKED
