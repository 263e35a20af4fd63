"""Which of our mails a report of delivery is about, and whether it can be believed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.rules.delivery_events import (
    AnsweredEvent,
    EventAnswer,
    EventRefusal,
    ReportedEvent,
)
from subnotify.rules.words import DeliveryEventKind, EventSource
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
from subnotify.storage.tables import CaseRow

# A relay's clock may differ from ours by so much.
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event, who told it, and when it reached us (the mail that told it: our server)."""

    event: ReportedEvent
    source: EventSource
    told_at: datetime


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


NewEvent = tuple[ToldEvent, ReportedMessage]


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


def answer_events(
    session: Session, told: Sequence[ToldEvent], locked: LockedReports, at: datetime
) -> tuple[list[AnsweredEvent], list[NewEvent]]:
    """An answer for each event, in the order given, and those that are to be recorded."""
    known = _known(session, told)
    answers: list[AnsweredEvent] = []
    new: list[NewEvent] = []
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
