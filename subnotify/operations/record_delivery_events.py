"""Record what relays and mail servers report of our mails, each report once, and what follows.

A failure wins: whatever else is reported of a message, before or after, its notice is not served.
Only *delivered* proves receipt; delayed, relayed and expanded are kept and prove nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.queue_messages import queue_delivery_alarm
from subnotify.operations.record_bounce import note_bounces, note_taken
from subnotify.operations.record_proof import record_proofs
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.delivery_events import (
    AnsweredEvent,
    EventAnswer,
    EventRefusal,
    RecordedEvents,
    ReportedEvent,
)
from subnotify.rules.words import (
    DeliveryEventKind,
    EventSource,
    MessagePurpose,
    MessageState,
    ProofKind,
)
from subnotify.storage.incoming import running_cases_of
from subnotify.storage.message_reports import (
    NamedMessage,
    ReportedMessage,
    find_known_events,
    find_named_messages,
    lock_cases,
    lock_messages,
)
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import CaseRow, DeliveryEventRow

CHUNK = 500
# A relay's clock may differ from ours by so much.
CLOCKS_DIFFER = timedelta(minutes=10)
_LONGEST_WORDS = 2_000


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event, who told it, and when it reached us (the mail that told it: our server)."""

    event: ReportedEvent
    source: EventSource
    told_at: datetime


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


@dataclass(frozen=True)
class LockedReports:
    """The messages that events name (by the place of the event), locked with their notices."""

    of_event: Mapping[int, int]
    messages: Mapping[int, ReportedMessage]


def lock_reported(
    session: Session, told: Sequence[ToldEvent], client_ids: Collection[int] = ()
) -> LockedReports:
    """Find and lock what these events are about: notices, then cases, then messages. With the
    cases go the running ones of `client_ids`."""
    of_event, notice_ids = _find_messages(session, [one.event for one in told])
    if notice_ids:
        lock_notices(session, sorted(notice_ids))
    lock_cases(session, CaseRow.notice_id.in_(notice_ids), running_cases_of(client_ids))
    return LockedReports(of_event, lock_messages(session, set(of_event.values())))


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
    answers, new = _answer(session, told, locked, at)
    if new:
        _append_rows(session, new, at)
        _append_evidence(session, new, actor, at)
        _judge(session, new, actor, legal_email, at)
    return answers


_New = tuple[ToldEvent, ReportedMessage]


def _find_messages(
    session: Session, events: Sequence[ReportedEvent]
) -> tuple[dict[int, int], set[int]]:
    """The message of each event by the event's place, and the notices of all."""
    found = find_named_messages(
        session,
        ids={x.message_id for x in events if x.message_id is not None},
        headers={x.message_id_header for x in events if x.message_id_header},
        envelope_ids={
            x.envelope_id
            for x in events
            if x.envelope_id and x.message_id is None and not x.message_id_header
        },
    )
    by_name: dict[int | str, NamedMessage] = {}
    for one in found:
        by_name |= {one.id: one, one.header: one, one.envelope_id: one}
    of_event, notice_ids = {}, set[int]()
    for place, event in enumerate(events):
        names = [event.message_id, event.message_id_header, event.envelope_id]
        named = {by_name.get(name) for name in names if name}
        # All that it names must be the same mail.
        message = named.pop() if len(named) == 1 else None
        if message is not None:
            of_event[place] = message.id
            notice_ids |= {message.notice_id} if message.notice_id is not None else set()
    return of_event, notice_ids


def _answer(
    session: Session, told: Sequence[ToldEvent], locked: LockedReports, at: datetime
) -> tuple[list[AnsweredEvent], list[_New]]:
    known = _known(session, told)
    answers: list[AnsweredEvent] = []
    new: list[_New] = []
    for place, one in enumerate(told):
        key = (one.source, one.event.external_id)
        message = locked.messages.get(locked.of_event.get(place, 0))
        refusal = _refusal(one, message, at)
        if key in known:
            answers.append(AnsweredEvent(one.event.external_id, EventAnswer.KNOWN))
        elif message is None or refusal is not None:
            why = refusal or EventRefusal.UNKNOWN_MESSAGE
            answers.append(AnsweredEvent(one.event.external_id, EventAnswer.REFUSED, why))
        else:
            known.add(key)
            new.append((one, message))
            answers.append(AnsweredEvent(one.event.external_id, EventAnswer.RECORDED))
    return answers, new


def _known(session: Session, told: Iterable[ToldEvent]) -> set[tuple[EventSource, str]]:
    ids: dict[EventSource, set[str]] = defaultdict(set)
    for one in told:
        ids[one.source].add(one.event.external_id)
    return {(s, x) for s, found in ids.items() for x in find_known_events(session, s, found)}


def _refusal(one: ToldEvent, message: ReportedMessage | None, at: datetime) -> EventRefusal | None:
    if message is None:
        return EventRefusal.UNKNOWN_MESSAGE
    if message.left_at is None:
        return EventRefusal.NEVER_ATTEMPTED
    # A mail's own date decides nothing that matters, and a failure protects the client.
    is_mail = one.source in (EventSource.DSN, EventSource.BOUNCE)
    if is_mail or one.event.kind is DeliveryEventKind.FAILED:
        return None
    if one.event.happened_at > at + CLOCKS_DIFFER:
        return EventRefusal.IN_FUTURE
    first_at = message.first_attempt_at or message.left_at
    if one.event.happened_at < first_at - CLOCKS_DIFFER:
        return EventRefusal.BEFORE_FIRST_ATTEMPT
    return None


def _append_rows(session: Session, new: Sequence[_New], at: datetime) -> None:
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
                "status": one.event.status[:20],
                "host": one.event.host[:254],
                "words": one.event.words[:_LONGEST_WORDS],
            }
            for one, message in new
        ],
    )


def _append_evidence(session: Session, new: Sequence[_New], actor: str, at: datetime) -> None:
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
                    "status": one.event.status[:20],
                    "host": one.event.host[:254],
                    "words": one.event.words[:_LONGEST_WORDS],
                },
            )
            for one, message in new
        ],
        actor=actor,
        at=at,
    )


def _judge(
    session: Session, new: Sequence[_New], actor: str, legal_email: str, at: datetime
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


def _note_taken(session: Session, told: Sequence[_New], actor: str, at: datetime) -> None:
    """A report of a message in doubt proves that a server has (or had) it."""
    taken: dict[ReportedMessage, datetime] = {}
    for one, message in told:
        if message.is_in_doubt:
            instant = _instant(one, message)
            taken[message] = min(instant, taken.get(message, instant))
    if taken:
        note_taken(session, taken, words="a report of delivery", actor=actor, at=at)


def _prove(session: Session, delivered: Sequence[_New]) -> Collection[ReportedMessage]:
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
    said = " ".join(x for x in (event.status, event.words) if x)[:_LONGEST_WORDS]
    return f"{event.host}: {said}" if event.host else said or "a report of failed delivery"
