"""Record what came of a batch of attempts, and what follows for the notices concerned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.delivery.refusals import SESSION_VERBS
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.delivery.retries import pause_after
from subnotify.operations.append_evidence import NewEvidence, seal_evidence
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.built_batches import ReadyMail
from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.rules.words import (
    AttemptResult,
    MailHost,
    MessagePurpose,
    MessageState,
    ProofKind,
)
from subnotify.storage import attempts
from subnotify.storage.attempts import AttemptOutcome
from subnotify.storage.bulk_updates import insert_rows
from subnotify.storage.evidence_log import append_records
from subnotify.storage.service_watch import has_open_freeze
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import ReceiptProofRow

ACTOR = "job:send_messages"
# First attempts are looked up only for messages tried this often: five days take far more tries.
_ATTEMPTS_BEFORE_GIVING_UP = 5
# A message on which our own program fails so often is parked, and the rest goes on.
_FAULTS_OF_A_POISON = 3
_AFTER_THE_SENDER = (Verb.RCPT, Verb.DATA)
# As long as after the fifth attempt: longer than the first pauses of the whole queue.
_BEHIND_THE_OTHERS = 5
_FINAL_EVIDENCE = {
    MessageState.HANDED_OVER: "message_handed_over",
    MessageState.REJECTED: "message_rejected",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt that was made, its result, and when the result was known."""

    mail: ReadyMail
    result: DeliveryResult
    finished_at: datetime


def record_attempts(
    session: Session,
    tried: Sequence[Tried],
    *,
    runner: str,
    settings: OutboxSettings,
    at: datetime,
) -> list[AttemptOutcome]:
    """Record the results of attempts, their evidence, and judge the notices they concern.

    Within the caller's transaction. A hand-over to the recipients' own server is proof of receipt
    of a notice; to a relay it is dispatch and no more (DESIGN 9). Legal is told of notices that
    are not served now. Returns what each message became, in the order given.
    """
    outcomes = _outcomes(session, tried, settings.flow.give_up_after)
    final = [
        (one, outcome)
        for one, outcome in zip(tried, outcomes, strict=True)
        if outcome.state in _FINAL_EVIDENCE
    ]
    notices = [
        (one, outcome)
        for one, outcome in zip(tried, outcomes, strict=True)
        if (outcome.state in _FINAL_EVIDENCE or outcome.state is MessageState.PARKED)
        and one.mail.message.purpose is MessagePurpose.NOTICE
        and one.mail.message.notice_id is not None
    ]
    notice_ids = sorted({one.mail.message.notice_id or 0 for one, _ in notices})
    evidence = seal_evidence(
        [_evidence(one.mail, outcome) for one, outcome in final], actor=ACTOR, at=at
    )
    # Up to here nothing was written or, as a rule, read: others wait from here on.
    if notice_ids:
        # In this order everywhere: the notices, their cases, then the messages.
        lock_notice_ids(session, notice_ids)
    attempts.record_outcomes(session, outcomes, by=runner)
    append_records(session, evidence)
    if settings.mail_host is MailHost.RECIPIENT_SERVER:
        proofs = [_proof(*one) for one in notices if _is_taken(*one)]
        insert_rows(session, ReceiptProofRow, proofs, once=True)
    judge_notices(session, notice_ids, legal_email=settings.legal_email, at=at)
    return outcomes


def judge_notices(
    session: Session, notice_ids: Sequence[int], *, legal_email: str, at: datetime
) -> None:
    """Judge notices whose messages moved; tell legal of those that are not served now."""
    if notice_ids:
        failed = serve_notices(session, notice_ids, actor=ACTOR, at=at)
        if failed:
            queue_delivery_alarm(session, failed, legal_email, at=at)


def _is_taken(_tried: Tried, outcome: AttemptOutcome) -> bool:
    return outcome.state is MessageState.HANDED_OVER


def _proof(tried: Tried, outcome: AttemptOutcome) -> dict[str, object]:
    return {
        "message_id": outcome.message_id,
        "notice_id": tried.mail.message.notice_id,
        "kind": ProofKind.RECIPIENT_SERVER.value,
        "at": outcome.finished_at,
    }


def _outcomes(
    session: Session, tried: Sequence[Tried], give_up_after: timedelta
) -> list[AttemptOutcome]:
    old = [
        one.mail.message.id
        for one in tried
        if one.mail.number > _ATTEMPTS_BEFORE_GIVING_UP
        and one.result.state is not DeliveryState.HANDED_OVER
    ]
    # Only the passing of time gives up, so nothing is given up while the clock is in doubt.
    may_give_up = bool(old) and not has_open_freeze(session)
    first = attempts.first_attempts(session, old, beyond=SESSION_VERBS) if may_give_up else {}
    faulty = [one.mail.message.id for one in tried if one.result.verb is Verb.FAULT]
    faults = attempts.count_faults(session, faulty, verb=Verb.FAULT) if faulty else {}
    return [
        _outcome(
            one,
            first.get(one.mail.message.id),
            give_up_after,
            faults=faults.get(one.mail.message.id, 0),
        )
        for one in tried
    ]


_STATE_AFTER = {
    DeliveryState.HANDED_OVER: MessageState.HANDED_OVER,
    DeliveryState.REJECTED: MessageState.REJECTED,
    DeliveryState.UNKNOWN: MessageState.UNKNOWN,
    DeliveryState.DEFERRED: MessageState.DEFERRED,
}


def _outcome(
    tried: Tried, first_attempt_at: datetime | None, give_up_after: timedelta, *, faults: int
) -> AttemptOutcome:
    """What the attempt comes to."""
    mail, result = tried.mail, tried.result
    state, next_attempt_at, reply = _becomes(tried, first_attempt_at, give_up_after, faults)
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


def _becomes(
    tried: Tried, first_attempt_at: datetime | None, give_up_after: timedelta, faults: int
) -> tuple[MessageState, datetime | None, str]:
    """State, next attempt and reply. Put off for longer than `give_up_after` since it first came
    beyond the sign-in a message is rejected; parked when our own program fails on it again and
    again."""
    message, result = tried.mail.message, tried.result
    if result.state is DeliveryState.AUTHENTICATION_FAILED:
        # Wrong credentials are ours to mend: the message is as it was.
        if result.verb not in _AFTER_THE_SENDER:
            return message.state, message.next_attempt_at, result.reply
        # The sign-in and the sender were taken. Should it be for this mail alone that more was
        # asked, the others go before it once the pause ends; as one that was put off it would go
        # before all that are queued.
        put_off = message.state is MessageState.DEFERRED
        state = MessageState.QUEUED if put_off else message.state
        wait = pause_after(_BEHIND_THE_OTHERS, message.logical_key, concerns_server=True)
        return state, tried.finished_at + wait, result.reply
    state = _STATE_AFTER[result.state]
    if state not in (MessageState.DEFERRED, MessageState.UNKNOWN):
        return state, None, result.reply
    if result.verb is Verb.FAULT and faults + 1 >= _FAULTS_OF_A_POISON:
        return MessageState.PARKED, None, result.reply
    waited = tried.finished_at - (first_attempt_at or tried.finished_at)
    if waited >= give_up_after and not result.concerns_server:
        return MessageState.REJECTED, None, f"given up after {waited.days} days: {result.reply}"
    pause = pause_after(
        tried.mail.number,
        message.logical_key,
        concerns_server=result.concerns_server,
        concerns_sender=result.concerns_sender,
    )
    return state, tried.finished_at + pause, result.reply


def _evidence(mail: ReadyMail, outcome: AttemptOutcome) -> NewEvidence:
    return NewEvidence(
        _FINAL_EVIDENCE[outcome.state],
        "message",
        mail.message.id,
        {
            "logical_key": mail.message.logical_key,
            "purpose": mail.message.purpose,
            "to": mail.envelope.recipient,
            "mail_sha256": mail.digest,
            "attempt": outcome.number,
            "finished_at": outcome.finished_at,
            "verb": outcome.verb,
            "code": outcome.code,
            "reply": outcome.reply,
            "host": outcome.host,
        },
    )
