"""The three transactions of sending: claim a batch; begin its attempts; record what came of them.

Between the first two the mails are built, between the last two lies the network. Each is whole or
nothing.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.delivery.results import DeliveryState
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.built_batches import BuiltBatch, ReadyMail
from subnotify.operations.overtaken_mails import without_overtaken
from subnotify.operations.record_attempts import Tried, record_attempts
from subnotify.operations.sender_refusals import note_sender_refusals
from subnotify.operations.sign_in_pause import pause_for_credentials
from subnotify.rules.words import MessageState
from subnotify.storage import attempts, outbox
from subnotify.storage.attempts import AttemptOutcome
from subnotify.storage.claims import claim_due, quota_left
from subnotify.storage.mail_queue import QueuePause, find_pause, lock_queue
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.sending_pauses import (
    WAITING,
    hold_back_claimed,
    hold_back_ended,
    list_paused_releases,
)

log = logging.getLogger(__name__)


@dataclass
class Batch:
    """found: mails that were due; 0 ends a run. messages: those to build and hand over. repeated:
    attempts of a stopped runner, now named unknown. waits_until: when the quota or a domain's pace
    lets the next one go."""

    found: int = 0
    messages: list[OutgoingMessage] = field(default_factory=list)
    repeated: int = 0
    pause: QueuePause | None = None
    waits_until: datetime | None = None


@dataclass(frozen=True)
class Recorded:
    """What the messages became, and what a person has stopped meanwhile."""

    outcomes: list[AttemptOutcome]
    pause: QueuePause | None
    paused_releases: frozenset[int]


def claim_batch(
    session: Session,
    *,
    runner: str,
    settings: OutboxSettings,
    limit: int,
    at: datetime,
) -> Batch:
    """Claim, and name what a stopped runner left.

    In the caller's transaction. While the queue is paused nothing is claimed; beyond the quota
    neither. Mails of a paused release are held back, those that are overtaken are cancelled.
    """
    flow = settings.flow
    pause = lock_queue(session, shared=flow.per_hour is None)
    if pause is not None:
        return Batch(pause=pause)
    if flow.per_hour is not None:
        left, waits_until = quota_left(session, per_hour=flow.per_hour, at=at)
        if not left:
            return Batch(waits_until=waits_until)
        limit = min(limit, left)
    claim = claim_due(
        session, by=runner, until=at + settings.lease, limit=limit, pace=_pace(settings), at=at
    )
    batch = Batch(found=claim.found, waits_until=claim.next_slot_at)
    messages, batch.repeated = _name_unfinished(session, claim.messages, at)
    messages = _without_paused(session, messages, runner)
    batch.messages = list(without_overtaken(session, messages, by=runner, at=at))
    return batch


def begin_attempts(
    session: Session, built: BuiltBatch, *, runner: str, at: datetime
) -> list[ReadyMail]:
    """Store the bytes of new mails, and record that the attempts begin; put aside what leaves the
    batch. In the caller's transaction, which is committed before the network is touched.

    Returns the mails to hand over: those that the runner holds still.
    """
    for one in built.aside:
        outbox.put_aside(
            session,
            one.message.id,
            state=one.state,
            reason=one.reason,
            next_attempt_at=one.next_attempt_at,
            by=runner,
        )
    held = outbox.lock_held(session, [mail.message.id for mail in built.ready], by=runner)
    ready = [mail for mail in built.ready if mail.message.id in held]
    if len(ready) < len(built.ready):
        log.warning("%d mails were built for too long", len(built.ready) - len(ready))
    new = [one for one in built.new if one.message_id in held]
    outbox.append_built(session, new, at=at)
    numbers = {mail.message.id: mail.number for mail in ready}
    begun = {one.message_id for one in new}
    outbox.count_attempts(session, {x: n for x, n in numbers.items() if x not in begun})
    attempts.append_attempts(session, numbers, at=at)
    return ready


def record_batch(
    session: Session,
    tried: Sequence[Tried],
    untouched: Sequence[ReadyMail],
    *,
    runner: str,
    settings: OutboxSettings,
    at: datetime,
) -> Recorded:
    """Record the results and give back what was not begun, in the caller's transaction.

    What has to be tried again waits with its release where that was paused meanwhile. Where our
    sign-in was refused, all mail is paused.
    """
    outcomes = record_attempts(session, tried, runner=runner, settings=settings, at=at)
    attempts.give_back_untouched(session, [mail.message for mail in untouched], by=runner)
    paused = list_paused_releases(session)
    if paused:
        waiting = [mail.message.id for mail in untouched]
        waiting += [one.message_id for one in outcomes if one.state in WAITING]
        hold_back_ended(session, waiting)
    note_sender_refusals(session, [one.result for one in tried], at=at)
    for one in tried:
        if one.result.state is DeliveryState.AUTHENTICATION_FAILED:
            pause_for_credentials(session, one.result.reply, at=at)
            break
    return Recorded(outcomes, find_pause(session), paused)


def _pace(settings: OutboxSettings) -> timedelta | None:
    per_minute = settings.flow.per_domain_per_minute
    return timedelta(minutes=1) / per_minute if per_minute else None


def _without_paused(
    session: Session, messages: list[OutgoingMessage], runner: str
) -> list[OutgoingMessage]:
    if not messages or not list_paused_releases(session):
        return messages
    held = hold_back_claimed(session, {one.id: one.state for one in messages}, by=runner)
    return [one for one in messages if one.id not in held]


def _name_unfinished(
    session: Session, messages: list[OutgoingMessage], at: datetime
) -> tuple[list[OutgoingMessage], int]:
    """Name as unknown the attempts that a stopped runner left; the messages with the state that
    they are in, and how many such attempts there were.

    A runner that stopped before it began leaves messages that wait as they did.
    """
    left = {one.id: one for one in messages if one.state is MessageState.UNKNOWN}
    if not left:
        return messages, 0
    named = set(attempts.mark_unfinished_attempts_unknown(session, list(left), at=at))
    for message_id in named:
        key = left[message_id].logical_key
        log.warning("message %s is repeated: %s", key, attempts.SENDER_STOPPED)
    never_tried = {x for x, one in left.items() if not one.attempt_count}
    return [
        replace(one, state=MessageState.QUEUED) if one.id in never_tried else one
        for one in messages
    ], len(named)
