"""Puts events of letters on record, and what contradicts them, each with its evidence.

A step of `record_letter_events` and `correct_letter_event`, inside their transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.match_letter_events import GivenEvent, RefusedEvent
from subnotify.rules.letter_events import instant_of_day
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventKind, LetterEventSource, ProofKind
from subnotify.storage.bulk_updates import insert_rows, update_by
from subnotify.storage.letters import StoredLetter
from subnotify.storage.tables import LetterContradictionRow, LetterEventRow, ReceiptProofRow


@dataclass(frozen=True)
class Told:
    """Who told something of letters, and when. by: for people to read; actor: for evidence."""

    source: LetterEventSource
    by: str
    actor: str
    at: datetime


def append_events(
    session: Session,
    events: Sequence[GivenEvent],
    letters: Mapping[int, StoredLetter],
    told: Told,
) -> None:
    """The events, their proofs of receipt, and the evidence."""
    insert_rows(session, LetterEventRow, [_row(given, told) for given in events])
    insert_rows(session, ReceiptProofRow, _proofs(events, letters, told.at), once=True)
    _append_evidence(session, [(f"letter_{x.kind.value}", x, {}) for x in events], letters, told)


def append_numbers(
    session: Session,
    numbered: Sequence[GivenEvent],
    letters: Mapping[int, StoredLetter],
    told: Told,
) -> None:
    """The number that was missing of events on record: it proves them from now on."""
    rows = [
        {"message_id": x.message_id, "kind": x.kind.value, "proof_number": x.proof_number}
        for x in numbered
    ]
    update_by(session, LetterEventRow, ("message_id", "kind"), rows)
    facts = [("letter_number_recorded", x, {"event": x.kind}) for x in numbered]
    _append_evidence(session, facts, letters, told)


def append_contradictions(
    session: Session,
    contested: Sequence[RefusedEvent],
    letters: Mapping[int, StoredLetter],
    told: Told,
) -> None:
    """What contradicts the record, and the evidence with what it contradicts."""
    given = [one.given for one in contested]
    insert_rows(session, LetterContradictionRow, [_row(one, told) for one in given])
    _append_evidence(
        session,
        [
            (
                "letter_event_contradicted",
                one.given,
                {
                    "event": one.given.kind,
                    "why": [x.message % dict(x.params) for x in one.problems],
                },
            )
            for one in contested
        ],
        letters,
        told,
    )


def _row(given: GivenEvent, told: Told) -> dict[str, Any]:
    return {
        "message_id": given.message_id,
        "kind": given.kind.value,
        "happened_on": given.on,
        "proof_number": given.proof_number,
        "note": given.note,
        "source": told.source.value,
        "recorded_at": told.at,
        "recorded_by": told.by,
    }


def _proofs(
    events: Sequence[GivenEvent], letters: Mapping[int, StoredLetter], at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "message_id": given.message_id,
            "notice_id": letter.notice_id,
            "kind": ProofKind.REGISTERED_DELIVERY.value,
            "at": instant_of_day(given.on, zone_of(letter.time_zone), at),
        }
        for given in events
        if given.kind is LetterEventKind.RECEIVED
        and (letter := letters[given.message_id]).is_notice
        and letter.is_registered
    ]


def _append_evidence(
    session: Session,
    facts: Sequence[tuple[str, GivenEvent, Mapping[str, Any]]],
    letters: Mapping[int, StoredLetter],
    told: Told,
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                fact,
                "message",
                given.message_id,
                {
                    "logical_key": letters[given.message_id].logical_key,
                    "product": letters[given.message_id].product,
                    "on": given.on,
                    "proof_number": given.proof_number,
                    "note": given.note,
                    "source": told.source,
                    "by": told.by,
                    **more,
                },
            )
            for fact, given, more in facts
        ],
        actor=told.actor,
        at=told.at,
    )
