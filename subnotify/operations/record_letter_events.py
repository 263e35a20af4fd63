"""Record what becomes of letters: each event once, whoever tells it again and in whatever order.

What contradicts the record is kept beside it, and holds the cases until two persons have said
which of the two is untrue (`correct_letter_event`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_letter_record import (
    Told,
    append_contradictions,
    append_events,
    append_numbers,
)
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.match_letter_events import (
    GivenEvent,
    MatchedEvents,
    Record,
    RefusedEvent,
    match_letter_events,
)
from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.letter_events import LetterZones, find_posting, has_left, letter_state
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventSource, LetterState, MessageState
from subnotify.storage.bulk_updates import update_by, update_by_id
from subnotify.storage.letter_contradictions import load_contradictions
from subnotify.storage.letter_corrections import load_taken_back
from subnotify.storage.letters import (
    StoredLetter,
    load_letter_events,
    lock_letters,
    notices_of_letters,
)
from subnotify.storage.message_reports import lock_cases_of_notices
from subnotify.storage.servings import list_cases_of, lock_notice_ids
from subnotify.storage.tables import LetterRow, MessageRow

__all__ = [
    "EventReport",
    "GivenEvent",
    "RefusedEvent",
    "append_letter_events",
    "load_record",
    "record_letter_events",
    "report_of",
]

CHUNK = 500
# What a letter's message names as the host that took it.
HOST = "post"


@dataclass(frozen=True)
class EventReport:
    """new: recorded now; numbered: on record before, and now with the number that was missing.
    contested: kept now, as they contradict the record, and why. unchanged: how many were on record.
    contested and refused: in the order given."""

    new: tuple[GivenEvent, ...] = ()
    unchanged: int = 0
    refused: tuple[RefusedEvent, ...] = ()
    contested: tuple[RefusedEvent, ...] = ()
    numbered: tuple[GivenEvent, ...] = ()


def record_letter_events(
    session: Session,
    events: Sequence[GivenEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
    at: datetime,
) -> EventReport:
    """Record events of letters, and what follows for the messages, notices and cases.

    The same event again changes nothing. A proof that contradicts what is on record is kept, and
    the cases wait on hold; what cannot be true at all is refused, with its problems; the others
    are recorded. The order does not matter. A letter is dispatched on the day it was posted, and
    the receipt of a registered one is proof of receipt; each counts from the last instant of its
    day in the agreement's zone (of a posting in the vendor's zone, where that is later), the
    reading that favours the client. Legal is told of notices that are not served now. by: who
    tells it, for people to read.
    """
    of_letters = _by_letter(events)
    ids = sorted(of_letters)
    reports = []
    for start in range(0, len(ids), CHUNK):
        told = [given for x in ids[start : start + CHUNK] for given in of_letters[x]]
        with transaction(session):
            reports.append(
                append_letter_events(
                    session,
                    told,
                    source=source,
                    by=by,
                    actor=actor,
                    legal_email=legal_email,
                    vendor_time_zone=vendor_time_zone,
                    at=at,
                )
            )
    place = {id(given): number for number, given in enumerate(events)}

    def in_place(found: Iterable[RefusedEvent]) -> tuple[RefusedEvent, ...]:
        return tuple(sorted(found, key=lambda one: place[id(one.given)]))

    return EventReport(
        tuple(given for report in reports for given in report.new),
        sum(report.unchanged for report in reports),
        in_place(one for report in reports for one in report.refused),
        in_place(one for report in reports for one in report.contested),
        tuple(given for report in reports for given in report.numbered),
    )


def append_letter_events(
    session: Session,
    events: Sequence[GivenEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
    at: datetime,
) -> EventReport:
    """The same of a batch of letters, within the caller's transaction."""
    of_letters = _by_letter(events)
    # In this order everywhere: the notices, their cases, the messages, the letters.
    notice_ids = notices_of_letters(session, of_letters)
    lock_notice_ids(session, notice_ids)
    lock_cases_of_notices(session, notice_ids)
    letters = lock_letters(session, of_letters)
    record = load_record(session, of_letters, source)
    found = match_letter_events(
        of_letters, letters, record, vendor_time_zone=vendor_time_zone, at=at
    )
    if found.new or found.numbers or found.contested:
        told = Told(source, by, actor, at)
        append_events(session, found.new, letters, told)
        append_numbers(session, found.numbered, letters, told)
        append_contradictions(session, found.contested, letters, told)
        _write_letters(session, found, letters)
        _write_messages(session, found, letters, vendor_time_zone, at)
        failed = serve_notices(session, _notices(found, letters), actor=actor, at=at)
        queue_delivery_alarm(session, failed, legal_email, at=at)
        in_doubt = {letters[one.given.message_id].notice_id or 0 for one in found.contested}
        cases = [case.id for case in list_cases_of(session, sorted(in_doubt))]
        apply_standings(session, cases, actor=actor, at=at)
    return report_of(found)


def report_of(found: MatchedEvents) -> EventReport:
    return EventReport(
        tuple(found.new),
        found.unchanged,
        tuple(found.refused),
        tuple(found.contested),
        tuple(found.numbered),
    )


def load_record(
    session: Session, message_ids: Collection[int], source: LetterEventSource
) -> Record:
    """What is on record of these letters, for whoever tells more of them. A person who enters on a
    letter's page what two persons took back has seen that; a file has not."""
    is_seen = source is LetterEventSource.DESK
    return Record(
        load_letter_events(session, message_ids),
        load_contradictions(session, message_ids),
        {} if is_seen else load_taken_back(session, message_ids),
    )


def _notices(found: MatchedEvents, letters: Mapping[int, StoredLetter]) -> list[int]:
    """Those of which a letter left, came back, or has a number by now that proves its posting."""
    moved = {given.message_id for given in found.new if has_left(given.kind)}
    moved |= {one.given.message_id for one in found.contested} | set(found.numbers)
    return sorted({letters[x].notice_id or 0 for x in moved if letters[x].is_notice})


def _by_letter(events: Sequence[GivenEvent]) -> dict[int, list[GivenEvent]]:
    of_letters: dict[int, list[GivenEvent]] = defaultdict(list)
    for given in events:
        of_letters[given.message_id].append(given)
    return of_letters


def _write_letters(
    session: Session, found: MatchedEvents, letters: Mapping[int, StoredLetter]
) -> None:
    rows = []
    for letter in letters.values():
        was_cancelled = letter.state is LetterState.CANCELLED
        state = letter_state(
            found.events[letter.message_id],
            found.in_doubt[letter.message_id],
            is_cancelled=was_cancelled,
        )
        number = found.numbers.get(letter.message_id, letter.proof_number)
        if (state, number) != (letter.state, letter.proof_number):
            rows.append(
                {"message_id": letter.message_id, "state": state.value, "proof_number": number}
            )
    update_by(session, LetterRow, ("message_id",), rows)


def _write_messages(
    session: Session,
    found: MatchedEvents,
    letters: Mapping[int, StoredLetter],
    vendor_time_zone: str,
    at: datetime,
) -> None:
    """A message is handed over once its letter was posted."""
    moved = {given.message_id for given in found.new if has_left(given.kind)}
    rows = []
    for message_id in sorted(moved | set(found.numbers)):
        letter, events = letters[message_id], found.events[message_id]
        posting = find_posting(events)
        if posting is None:
            continue
        handed_over_at = letter.handed_over_at
        if handed_over_at is None or posting != find_posting(found.former[message_id]):
            zones = LetterZones(zone_of(letter.time_zone), zone_of(vendor_time_zone))
            handed_over_at = zones.end_of_day(posting, at)
        rows.append(
            {
                "id": message_id,
                "state": MessageState.HANDED_OVER.value,
                "paused_from": None,
                "next_attempt_at": None,
                "handed_over_at": handed_over_at,
                "host": HOST,
                "last_reply": found.numbers.get(message_id, letter.proof_number) or None,
            }
        )
    update_by_id(session, MessageRow, rows)
