"""Send what is due in the outbox: claim, build and record; hand over; record the results.

Invariant 6 (DESIGN 3): the attempt and the sealed bytes are committed before the network is
touched, the results after each batch. A runner that is killed leaves its batch claimed; when the
lease ends the next runner names those attempts unknown and repeats them with the same bytes and
the same Message-ID. Two runners never hold the same message.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.delivery.retries import pause_after
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.build_mails import LoadTexts, MailBuilder, OutboxSettings, ReadyMail
from subnotify.operations.transaction import transaction
from subnotify.rules.words import AttemptResult, MessageState
from subnotify.storage import attempts, outbox
from subnotify.storage.attempts import AttemptOutcome
from subnotify.storage.outbox import OutgoingMessage

log = logging.getLogger(__name__)

ACTOR = "job:send_messages"
# So many lost connections in a row are the server's, not the recipients': the run stops.
LOST_CONNECTIONS_IN_A_ROW = 3
# First attempts are looked up only for messages tried this often: five days take far more tries.
_ATTEMPTS_BEFORE_GIVING_UP = 5

_FINAL_EVIDENCE = {
    MessageState.HANDED_OVER: "message_handed_over",
    MessageState.REJECTED: "message_rejected",
}


class Courier(Protocol):
    """Hands one mail over: `delivery.smtp.SmtpConnection`."""

    def deliver(self, envelope_from: str, to_address: str, raw: bytes) -> DeliveryResult: ...


@dataclass
class SendReport:
    """What a run did. `repeated`: attempts of a stopped runner, now named unknown and repeated.

    `halted` says why the run ended before the queue did: the server's words, or None.
    `notice_ids`: notices of which a message was handed over, rejected or parked.
    """

    handed_over: int = 0
    deferred: int = 0
    rejected: int = 0
    unknown: int = 0
    parked: int = 0
    repeated: int = 0
    authentication_failed: bool = False
    halted: str | None = None
    notice_ids: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Tried:
    mail: ReadyMail
    result: DeliveryResult
    finished_at: datetime


@dataclass
class _Batch:
    claimed: int
    ready: list[ReadyMail]
    until: datetime
    parked_notice_ids: set[int]


def send_messages(
    session_factory: Callable[[], Session],
    *,
    courier: Courier,
    load_texts: LoadTexts,
    settings: OutboxSettings,
    runner: str,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    after_batch: Callable[[frozenset[int]], None] | None = None,
) -> SendReport:
    """Send all that is due, batch by batch, until nothing is due, `stop()` or a failing server.

    `runner` names this run for its claims: unique among all that run (at most 80 characters).
    `clock` gives the present instant: sending takes long, so one `at` would not do.
    `after_batch` is called after each batch with the notices concerned (see `SendReport`), with
    no transaction open. Nothing of this depends on that call: whoever evaluates notices later
    finds the same rows.

    Returns what was done. Raises what the database raises; what was claimed is then repeated
    when its lease ends.
    """
    run = _Run(session_factory, courier, settings, runner, clock, stop)
    builder = MailBuilder(settings, load_texts)
    while not stop() and run.report.halted is None:
        batch = run.claim(builder)
        if not batch.claimed:
            break
        concerned = run.deliver_and_record(batch) | batch.parked_notice_ids
        run.report.notice_ids |= concerned
        if after_batch is not None and concerned:
            after_batch(frozenset(concerned))
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
        parked = builder.parked if claimed else []
        self.report.parked += len(parked)
        return _Batch(len(claimed), ready, until, _notices_of(parked))

    def deliver_and_record(self, batch: _Batch) -> set[int]:
        """Hand the batch over and record what came of it; the notices concerned.

        Whatever ends this (a signal, an error), what is known by then is recorded.
        """
        tried: list[_Tried] = []
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
            concerned = self._record(tried, batch.ready[begun:])
        return concerned

    def _deliver(self, mail: ReadyMail) -> _Tried:
        try:
            result = self._courier.deliver(mail.envelope_from, mail.to_address, mail.raw)
        except Exception as error:
            # A fault of ours, and who knows how far it came: unknown, and the rest goes on.
            log.exception("delivery of %s failed", mail.message.logical_key)
            words = f"{type(error).__name__}: {error}"
            result = DeliveryResult(DeliveryState.UNKNOWN, Verb.FINAL_DOT, None, words, "")
        return _Tried(mail, result, self._clock())

    def _must_pause(self, until: datetime) -> bool:
        # A third of the lease is kept for the mail under way and for recording the results.
        return self._stop() or self._clock() >= until - self._settings.lease / 3

    def _notice_failing_server(self, tried: Sequence[_Tried]) -> None:
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

    def _record(self, tried: Sequence[_Tried], untouched: Sequence[ReadyMail]) -> set[int]:
        with self._session_factory() as session, transaction(session):
            outcomes = self._outcomes(session, tried)
            attempts.record_outcomes(session, outcomes, by=self._runner)
            attempts.give_back_untouched(
                session, [mail.message for mail in untouched], by=self._runner
            )
            facts = [
                _evidence(one.mail, outcome)
                for one, outcome in zip(tried, outcomes, strict=True)
                if outcome.state in _FINAL_EVIDENCE
            ]
            append_evidence_many(session, facts, actor=ACTOR, at=self._clock())
        for outcome in outcomes:
            self._count(outcome.state)
        return _notices_of(
            one.mail.message
            for one, outcome in zip(tried, outcomes, strict=True)
            if outcome.state in _FINAL_EVIDENCE
        )

    def _outcomes(self, session: Session, tried: Sequence[_Tried]) -> list[AttemptOutcome]:
        old = [
            one.mail.message.id
            for one in tried
            if one.mail.number > _ATTEMPTS_BEFORE_GIVING_UP
            and one.result.state is not DeliveryState.HANDED_OVER
        ]
        first = attempts.first_attempts(session, old) if old else {}
        return [
            _outcome(one, first.get(one.mail.message.id), self._settings.give_up_after)
            for one in tried
        ]

    def _count(self, state: MessageState) -> None:
        report = self.report
        report.handed_over += state is MessageState.HANDED_OVER
        report.rejected += state is MessageState.REJECTED
        report.unknown += state is MessageState.UNKNOWN
        report.deferred += state is MessageState.DEFERRED


def _notices_of(messages: Iterable[OutgoingMessage]) -> set[int]:
    return {one.notice_id for one in messages if one.notice_id is not None}


_STATE_AFTER = {
    DeliveryState.HANDED_OVER: MessageState.HANDED_OVER,
    DeliveryState.REJECTED: MessageState.REJECTED,
    DeliveryState.UNKNOWN: MessageState.UNKNOWN,
    DeliveryState.DEFERRED: MessageState.DEFERRED,
    # Wrong credentials are ours to mend: they reject nothing.
    DeliveryState.AUTHENTICATION_FAILED: MessageState.DEFERRED,
}


def _outcome(
    tried: _Tried, first_attempt_at: datetime | None, give_up_after: timedelta
) -> AttemptOutcome:
    """What the attempt comes to. Put off longer than `give_up_after` since the first attempt,
    by the recipient's side and not by our own server, a message is rejected."""
    mail, result = tried.mail, tried.result
    state = _STATE_AFTER[result.state]
    reply = result.reply
    next_attempt_at = None
    if state in (MessageState.DEFERRED, MessageState.UNKNOWN):
        pause = pause_after(
            mail.number, mail.message.logical_key, concerns_server=result.concerns_server
        )
        next_attempt_at = tried.finished_at + pause
        waited = tried.finished_at - (first_attempt_at or tried.finished_at)
        if waited >= give_up_after and not result.concerns_server:
            state, next_attempt_at = MessageState.REJECTED, None
            reply = f"given up after {waited.days} days: {reply}"
    return AttemptOutcome(
        message_id=mail.message.id,
        number=mail.number,
        finished_at=tried.finished_at,
        result=AttemptResult(result.state.value),
        verb=result.verb,
        code=result.code,
        reply=reply,
        host=result.host[:254],
        state=state,
        next_attempt_at=next_attempt_at,
    )


def _evidence(mail: ReadyMail, outcome: AttemptOutcome) -> NewEvidence:
    return NewEvidence(
        _FINAL_EVIDENCE[outcome.state],
        "message",
        mail.message.id,
        {
            "logical_key": mail.message.logical_key,
            "purpose": mail.message.purpose,
            "to": mail.to_address,
            "mail_sha256": mail.digest,
            "attempt": outcome.number,
            "finished_at": outcome.finished_at,
            "verb": outcome.verb,
            "code": outcome.code,
            "reply": outcome.reply,
            "host": outcome.host,
        },
    )
