"""Send what is due in the outbox: claim, build and record; hand over; record the results.

Invariant 6 (DESIGN 3): the attempt and the sealed bytes are committed before the network is
touched, the results after each batch. A runner that is killed leaves its batch claimed; when the
lease ends the next runner names those attempts unknown and repeats them with the same bytes and
the same Message-ID. Two runners never hold the same message.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.courier import Courier
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.operations.build_mails import LoadTexts, MailBuilder, OutboxSettings, ReadyMail
from subnotify.operations.record_attempts import Tried, judge_notices, record_attempts
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessageState
from subnotify.storage import attempts, outbox

log = logging.getLogger(__name__)

# So many lost connections in a row are the server's, not the recipients': the run stops.
LOST_CONNECTIONS_IN_A_ROW = 3


@dataclass
class SendReport:
    """What a run did. `repeated`: attempts of a stopped runner, now named unknown and repeated.

    `halted` says why the run ended before the queue did: the server's words, or None.
    """

    handed_over: int = 0
    deferred: int = 0
    rejected: int = 0
    unknown: int = 0
    parked: int = 0
    repeated: int = 0
    authentication_failed: bool = False
    halted: str | None = None


@dataclass
class _Batch:
    claimed: int
    ready: list[ReadyMail]
    until: datetime


def send_messages(
    session_factory: Callable[[], Session],
    *,
    courier: Courier,
    load_texts: LoadTexts,
    settings: OutboxSettings,
    runner: str,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> SendReport:
    """Send all that is due, batch by batch, until nothing is due, `stop()` or a failing server.

    `runner` names this run for its claims: unique among all that run (at most 80 characters).
    `clock` gives the present instant: sending takes long, so one `at` would not do.

    Returns what was done. Raises what the database raises; what was claimed is then repeated
    when its lease ends.
    """
    run = _Run(session_factory, courier, settings, runner, clock, stop)
    builder = MailBuilder(settings, load_texts)
    run.judge_parked()
    while not stop() and run.report.halted is None:
        batch = run.claim(builder)
        if not batch.claimed:
            break
        run.deliver_and_record(batch)
        if builder.parked:
            run.judge_parked()
    return run.report


class _Run:
    """The state of one call of `send_messages`."""

    def __init__(
        self,
        session_factory: Callable[[], Session],
        courier: Courier,
        settings: OutboxSettings,
        runner: str,
        clock: Callable[[], datetime],
        stop: Callable[[], bool],
    ) -> None:
        self.report = SendReport()
        self._session_factory = session_factory
        self._courier = courier
        self._settings = settings
        self._runner = runner
        self._clock = clock
        self._stop = stop

    def claim(self, builder: MailBuilder) -> _Batch:
        """One transaction: claim, name what a stopped runner left, build, record attempts."""
        at = self._clock()
        until = at + self._settings.lease
        with self._session_factory() as session, transaction(session):
            claimed = outbox.claim_due(
                session, by=self._runner, until=until, limit=self._settings.batch_size, at=at
            )
            left = [one.id for one in claimed if one.state is MessageState.UNKNOWN]
            if left:
                self.report.repeated += attempts.mark_unfinished_attempts_unknown(
                    session, left, at=at
                )
            ready = builder.build(session, claimed, runner=self._runner, at=at) if claimed else []
            numbers = {mail.message.id: mail.number for mail in ready}
            attempts.append_attempts(session, numbers, by=self._runner, at=at)
        self.report.parked += len(builder.parked) if claimed else 0
        return _Batch(len(claimed), ready, until)

    def deliver_and_record(self, batch: _Batch) -> None:
        """Hand the batch over and record what came of it.

        Whatever ends this (a signal, an error), what is known by then is recorded.
        """
        tried: list[Tried] = []
        begun = 0
        try:
            for mail in batch.ready:
                if self._must_pause(batch.until):
                    break
                begun += 1
                tried.append(self._deliver(mail))
                self._notice_failing_server(tried)
                if self.report.halted is not None:
                    break
        finally:
            self._record(tried, batch.ready[begun:])

    def _deliver(self, mail: ReadyMail) -> Tried:
        try:
            result = self._courier.deliver(mail.envelope, mail.raw)
        except Exception as error:
            # A fault of ours, and who knows how far it came: unknown, and the rest goes on.
            log.exception("delivery of %s failed", mail.message.logical_key)
            words = f"{type(error).__name__}: {error}"
            result = DeliveryResult(DeliveryState.UNKNOWN, Verb.FINAL_DOT, None, words, "")
        return Tried(mail, result, self._clock())

    def _must_pause(self, until: datetime) -> bool:
        # A third of the lease is kept for the mail under way and for recording the results.
        return self._stop() or self._clock() >= until - self._settings.lease / 3

    def _notice_failing_server(self, tried: Sequence[Tried]) -> None:
        last = tried[-1].result
        recent = [one.result for one in tried[-LOST_CONNECTIONS_IN_A_ROW:]]
        if last.state is DeliveryState.AUTHENTICATION_FAILED:
            self.report.authentication_failed = True
        lost = len(recent) == LOST_CONNECTIONS_IN_A_ROW and all(
            one.code is None and one.state is not DeliveryState.REJECTED for one in recent
        )
        if last.concerns_server or lost:
            self.report.halted = last.reply
            log.error("sending stops: %s at %s: %s", last.state, last.verb, last.reply)

    def _record(self, tried: Sequence[Tried], untouched: Sequence[ReadyMail]) -> None:
        with self._session_factory() as session, transaction(session):
            outcomes = record_attempts(
                session, tried, runner=self._runner, settings=self._settings, at=self._clock()
            )
            attempts.give_back_untouched(
                session, [mail.message for mail in untouched], by=self._runner
            )
        for outcome in outcomes:
            self._count(outcome.state)

    def judge_parked(self) -> None:
        """Notices of parked messages are not served; also those that a stopped runner parked."""
        with self._session_factory() as session, transaction(session):
            notice_ids = outbox.list_parked_notices(session)
            judge_notices(
                session, notice_ids, legal_email=self._settings.legal_email, at=self._clock()
            )

    def _count(self, state: MessageState) -> None:
        report = self.report
        report.handed_over += state is MessageState.HANDED_OVER
        report.rejected += state is MessageState.REJECTED
        report.unknown += state is MessageState.UNKNOWN
        report.deferred += state is MessageState.DEFERRED
