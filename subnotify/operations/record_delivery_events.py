"""Record what relays and mail servers report of our mails, each report once, and what follows.

A failure wins: whatever else is reported of a message, before or after, its notice is not served.
Only *delivered* proves receipt; delayed, relayed and expanded are kept and prove nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.match_delivery_events import (
    LockedReports,
    NewEvent,
    ToldEvent,
    answer_events,
    lock_reported,
)
from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.record_bounce import note_bounces, note_taken
from subnotify.operations.record_proof import record_proofs
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.delivery_events import AnsweredEvent, RecordedEvents, ReportedEvent
from subnotify.rules.errors import N_
from subnotify.rules.words import (
    DeliveryEventKind,
    EventSource,
    MessagePurpose,
    MessageState,
    ProofKind,
)
from subnotify.storage.incoming import storable
from subnotify.storage.message_reports import ReportedMessage
from subnotify.storage.tables import DeliveryEventRow

CHUNK = 500
_LONGEST_WORDS = 2_000


def record_delivery_events(
    session: Session,
    events: Sequence[ReportedEvent],
    *,
    source: EventSource,
    actor: str,
    legal_email: str,
    at: datetime,
) -> RecordedEvents:
    """Record events as a relay or a file tells them; what became of each, in the order given.

    An event whose time cannot be right is refused (never a failure: it protects the client), and
    so is one of a message that is unknown or was never tried. Thousands at once are written
    set-based, so many in each transaction that nobody waits for long.
    """
    answers: list[AnsweredEvent] = []
    for start in range(0, len(events), CHUNK):
        told = [ToldEvent(event, source, at) for event in events[start : start + CHUNK]]
        with transaction(session):
            messages = lock_reported(session, told)
            answers += append_delivery_events(
                session, told, messages, actor=actor, legal_email=legal_email, at=at
            )
    return RecordedEvents(tuple(answers))


def append_delivery_events(
    session: Session,
    told: Sequence[ToldEvent],
    locked: LockedReports,
    *,
    actor: str,
    legal_email: str,
    at: datetime,
) -> list[AnsweredEvent]:
    """Within the caller's transaction: events, what they do to messages, notices and cases."""
    answers, new = answer_events(session, told, locked, at)
    if new:
        _append_rows(session, new, at)
        _append_evidence(session, new, actor, at)
        _judge(session, new, actor, legal_email, at)
    return answers


def _append_rows(session: Session, new: Sequence[NewEvent], at: datetime) -> None:
    session.execute(
        insert(DeliveryEventRow),
        [
            {
                "source": one.source.value,
                "external_id": one.event.external_id,
                "message_id": message.id,
                "incoming_mail_id": one.event.incoming_mail_id,
                "kind": one.event.kind.value,
                "at": one.event.happened_at,
                "recorded_at": at,
                **_said(one.event),
            }
            for one, message in new
        ],
    )


def _said(event: ReportedEvent) -> dict[str, str]:
    """In the teller's words, which may hold anything."""
    return {
        "status": storable(event.status, 20),
        "host": storable(event.host, 254),
        "words": storable(event.words, _LONGEST_WORDS),
    }


def _append_evidence(session: Session, new: Sequence[NewEvent], actor: str, at: datetime) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                "delivery_reported",
                "message",
                message.id,
                {
                    "logical_key": message.logical_key,
                    "kind": one.event.kind,
                    "source": one.source,
                    "external_id": one.event.external_id,
                    "happened_at": one.event.happened_at,
                    "told_at": one.told_at,
                    **_said(one.event),
                },
            )
            for one, message in new
        ],
        actor=actor,
        at=at,
    )


def _judge(
    session: Session, new: Sequence[NewEvent], actor: str, legal_email: str, at: datetime
) -> None:
    failed = [x for x in new if x[0].event.kind is DeliveryEventKind.FAILED]
    delivered = [x for x in new if x[0].event.kind is DeliveryEventKind.DELIVERED]
    _note_taken(session, [*delivered, *failed], actor, at)
    notes: dict[ReportedMessage, str] = {}
    for one, message in failed:
        if message.bounced_at is None and _was_taken(message):
            notes.setdefault(message, _bounce_note(one.event))
    if notes:
        note_bounces(session, notes, by=actor, actor=actor, at=at)
    proofs = _prove(session, delivered)
    notice_ids = {x.notice_id for x in [*notes, *proofs] if x.notice_id is not None}
    unserved = serve_notices(session, notice_ids, actor=actor, at=at)
    queue_delivery_alarm(session, unserved, legal_email, at=at)


def _was_taken(message: ReportedMessage) -> bool:
    return message.state is MessageState.HANDED_OVER or message.is_in_doubt


def _note_taken(session: Session, told: Sequence[NewEvent], actor: str, at: datetime) -> None:
    """A report of a message in doubt proves that a server has (or had) it."""
    taken: dict[ReportedMessage, datetime] = {}
    for one, message in told:
        if message.is_in_doubt:
            instant = _instant(one, message)
            taken[message] = min(instant, taken.get(message, instant))
    if taken:
        note_taken(session, taken, words="a report of delivery", actor=actor, at=at)


def _prove(session: Session, delivered: Sequence[NewEvent]) -> Collection[ReportedMessage]:
    """The proofs of the servers that say by name that they have a notice."""
    instants: dict[ReportedMessage, datetime] = {}
    for one, message in delivered:
        is_notice = message.purpose is MessagePurpose.NOTICE and message.notice_id is not None
        if is_notice and one.event.host and _was_taken(message):
            instant = _instant(one, message)
            instants[message] = min(instant, instants.get(message, instant))
    by_instant: dict[datetime, dict[int, int]] = defaultdict(dict)
    for message, instant in instants.items():
        by_instant[instant][message.id] = message.notice_id or 0
    for instant, notices in by_instant.items():
        record_proofs(session, notices, ProofKind.RECIPIENT_SERVER, at=instant)
    return instants


def _instant(one: ToldEvent, message: ReportedMessage) -> datetime:
    """When it happened, as far as that can be believed: between our sending and our being told.

    Else when we were told. Later is to the client's side: its window ends later.
    """
    left_at = message.left_at or one.told_at
    if left_at <= one.event.happened_at <= one.told_at:
        return one.event.happened_at
    return max(one.told_at, left_at)


def _bounce_note(event: ReportedEvent) -> str:
    told = _said(event)
    words = " ".join(x for x in (told["status"], told["words"]) if x)
    note = f"{told['host']}: {words}" if told["host"] else words
    return note or N_("a report of failed delivery")
