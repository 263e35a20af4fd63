"""Record what becomes of letters: each event once, whoever tells it again and in whatever order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.match_letter_events import (
    GivenEvent,
    MatchedEvents,
    RefusedEvent,
    match_letter_events,
)
from subnotify.operations.queue_messages import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.letter_events import (
    has_left,
    instant_of_day,
    letter_state,
    posting_day,
)
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    LetterEventKind,
    LetterEventSource,
    LetterState,
    MessageState,
    ProofKind,
)
from subnotify.storage.bulk_updates import insert_rows, update_by, update_by_id
from subnotify.storage.letter_corrections import load_taken_back
from subnotify.storage.letters import (
    StoredLetter,
    load_letter_events,
    lock_letters,
    notices_of_letters,
)
from subnotify.storage.message_reports import lock_cases_of_notices
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import LetterEventRow, LetterRow, MessageRow, ReceiptProofRow

__all__ = [
    "EventReport",
    "GivenEvent",
    "RefusedEvent",
    "append_letter_events",
    "record_letter_events",
]

CHUNK = 500
# What a letter's message names as the host that took it.
HOST = "post"


@dataclass(frozen=True)
class EventReport:
    """new: recorded now. unchanged: how many were on record. refused: in the order given."""

    new: tuple[GivenEvent, ...] = ()
    unchanged: int = 0
    refused: tuple[RefusedEvent, ...] = ()


def record_letter_events(
    session: Session,
    events: Sequence[GivenEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> EventReport:
    """Record events of letters, and what follows for the messages, notices and cases.

    The same event again changes nothing; one that contradicts what is on record is refused, with
    its problems, and the others are recorded. The order does not matter. A letter is dispatched
    on the day it was posted, and the receipt of a registered one is proof of receipt; each counts
    from the last instant of its day in the agreement's zone, the reading that favours the client.
    Legal is told of notices that are not served now. by: who tells it, for people to read.
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
                    at=at,
                )
            )
    place = {id(given): number for number, given in enumerate(events)}
    refused = [one for report in reports for one in report.refused]
    return EventReport(
        tuple(given for report in reports for given in report.new),
        sum(report.unchanged for report in reports),
        tuple(sorted(refused, key=lambda one: place[id(one.given)])),
    )


def append_letter_events(
    session: Session,
    events: Sequence[GivenEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> EventReport:
    """The same of a batch of letters, within the caller's transaction."""
    of_letters = _by_letter(events)
    # In this order everywhere: the notices, their cases, the messages, the letters.
    notice_ids = notices_of_letters(session, of_letters)
    lock_notice_ids(session, notice_ids)
    lock_cases_of_notices(session, notice_ids)
    letters = lock_letters(session, of_letters)
    found = match_letter_events(
        of_letters,
        letters,
        load_letter_events(session, of_letters),
        load_taken_back(session, of_letters),
        at,
    )
    if found.new or found.numbers:
        _append(session, found, letters, source, by, actor, at)
        _write_letters(session, found, letters)
        moved = _write_messages(session, found, letters, at)
        failed = serve_notices(session, moved, actor=actor, at=at)
        queue_delivery_alarm(session, failed, legal_email, at=at)
    return EventReport(tuple(found.new), found.unchanged, tuple(found.refused))


def _by_letter(events: Sequence[GivenEvent]) -> dict[int, list[GivenEvent]]:
    of_letters: dict[int, list[GivenEvent]] = defaultdict(list)
    for given in events:
        of_letters[given.message_id].append(given)
    return of_letters


def _append(
    session: Session,
    found: MatchedEvents,
    letters: Mapping[int, StoredLetter],
    source: LetterEventSource,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """The events, their proofs of receipt, and the evidence."""
    insert_rows(
        session,
        LetterEventRow,
        [
            {
                "message_id": given.message_id,
                "kind": given.kind.value,
                "happened_on": given.on,
                "proof_number": given.proof_number,
                "note": given.note,
                "source": source.value,
                "recorded_at": at,
                "recorded_by": by,
            }
            for given in found.new
        ],
    )
    insert_rows(session, ReceiptProofRow, _proofs(found, letters, at), once=True)
    append_evidence_many(
        session,
        [
            NewEvidence(
                f"letter_{given.kind.value}",
                "message",
                given.message_id,
                {
                    "logical_key": letters[given.message_id].logical_key,
                    "product": letters[given.message_id].product,
                    "on": given.on,
                    "proof_number": given.proof_number,
                    "note": given.note,
                    "source": source,
                    "by": by,
                },
            )
            for given in found.new
        ],
        actor=actor,
        at=at,
    )


def _proofs(
    found: MatchedEvents, letters: Mapping[int, StoredLetter], at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "message_id": given.message_id,
            "notice_id": letter.notice_id,
            "kind": ProofKind.REGISTERED_DELIVERY.value,
            "at": instant_of_day(given.on, zone_of(letter.time_zone), at),
        }
        for given in found.new
        if given.kind is LetterEventKind.RECEIVED
        and (letter := letters[given.message_id]).is_notice
        and letter.is_registered
    ]


def _write_letters(
    session: Session, found: MatchedEvents, letters: Mapping[int, StoredLetter]
) -> None:
    rows = []
    for letter in letters.values():
        was_cancelled = letter.state is LetterState.CANCELLED
        state = letter_state(found.events[letter.message_id], is_cancelled=was_cancelled)
        number = found.numbers.get(letter.message_id, letter.proof_number)
        if (state, number) != (letter.state, letter.proof_number):
            rows.append(
                {"message_id": letter.message_id, "state": state.value, "proof_number": number}
            )
    update_by(session, LetterRow, ("message_id",), rows)


def _write_messages(
    session: Session, found: MatchedEvents, letters: Mapping[int, StoredLetter], at: datetime
) -> list[int]:
    """A message is handed over once its letter was posted; the notices whose letters moved."""
    moved = {given.message_id for given in found.new if has_left(given.kind)}
    rows = []
    for message_id in sorted(moved | set(found.numbers)):
        letter, events = letters[message_id], found.events[message_id]
        day = posting_day(events)
        if day is None:
            continue
        handed_over_at = letter.handed_over_at
        if handed_over_at is None or day != posting_day(found.former[message_id]):
            handed_over_at = instant_of_day(day, zone_of(letter.time_zone), at)
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
    return sorted({letters[x].notice_id or 0 for x in moved if letters[x].is_notice})
