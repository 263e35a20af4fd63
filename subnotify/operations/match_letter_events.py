"""Which told events of letters are new, known already, contradict the record, or cannot be true."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from subnotify.rules.errors import Problem
from subnotify.rules.letter_events import (
    LetterEvent,
    LetterZones,
    contradictions,
    event_problems,
    has_left,
    in_order_of_doubt,
    is_known,
)
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventKind
from subnotify.storage.letters import StoredLetter

_CORRECTED = Problem(
    "on",
    "Two persons found that this did not happen to this letter on this day.",
    "See the corrections on the letter's page. If it is true after all, enter it there.",
)


@dataclass(frozen=True)
class GivenEvent:
    """One line of a manifest, or what a person enters. on: a day where it happened."""

    message_id: int
    kind: LetterEventKind
    on: date
    proof_number: str = ""
    note: str = ""

    @property
    def event(self) -> LetterEvent:
        return LetterEvent(self.kind, self.on, self.proof_number)


@dataclass(frozen=True)
class RefusedEvent:
    given: GivenEvent
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Record:
    """What is on record of letters, by id: their events, what contradicts them and is not settled,
    and the kinds and days that two persons found untrue: a file that tells them again is refused,
    as one read twice does."""

    events: Mapping[int, Sequence[LetterEvent]]
    contested: Mapping[int, Sequence[LetterEvent]]
    taken_back: Mapping[int, Collection[tuple[LetterEventKind, date]]]


@dataclass
class MatchedEvents:
    """What the events of a chunk come to, by letter. contested: they contradict what is on record,
    and why; in_doubt: those and what was contested before. numbered: events known before, told now
    with the number that was missing."""

    events: dict[int, list[LetterEvent]]
    former: dict[int, tuple[LetterEvent, ...]]
    in_doubt: dict[int, list[LetterEvent]]
    new: list[GivenEvent] = field(default_factory=list)
    unchanged: int = 0
    contested: list[RefusedEvent] = field(default_factory=list)
    refused: list[RefusedEvent] = field(default_factory=list)
    numbered: list[GivenEvent] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)


def match_letter_events(
    of_letters: Mapping[int, Sequence[GivenEvent]],
    letters: Mapping[int, StoredLetter],
    record: Record,
    *,
    vendor_time_zone: str,
    at: datetime,
) -> MatchedEvents:
    """Which events are new, known, contested or refused.

    A proof that contradicts another one is never just refused: one of them is untrue, and nobody
    knows which. Of what the vendor itself notes the first word stays.
    """
    events = {x: list(record.events.get(x, ())) for x in letters}
    found = MatchedEvents(
        events,
        {x: tuple(of_one) for x, of_one in events.items()},
        {x: list(record.contested.get(x, ())) for x in letters},
    )
    for message_id, told in of_letters.items():
        letter = letters.get(message_id)
        if letter is None:
            unknown = Problem(
                "message_id", "No letter has this number.", "Check the number in the manifest."
            )
            found.refused += [RefusedEvent(given, (unknown,)) for given in told]
            continue
        by_event: dict[LetterEvent, list[GivenEvent]] = defaultdict(list)
        for given in told:
            by_event[given.event].append(given)
        zones = LetterZones(zone_of(letter.time_zone), zone_of(vendor_time_zone))
        for event in in_order_of_doubt(by_event):
            untrue = (event.kind, event.on) in record.taken_back.get(message_id, ())
            if untrue and not is_known(found.events[message_id], event):
                found.refused += [RefusedEvent(x, (_CORRECTED,)) for x in by_event[event]]
                continue
            _match(found, letter, event, by_event[event], zones, at)
    return found


def _match(
    found: MatchedEvents,
    letter: StoredLetter,
    event: LetterEvent,
    told: list[GivenEvent],
    zones: LetterZones,
    at: datetime,
) -> None:
    number = found.numbers.get(letter.message_id) or letter.proof_number
    known, in_doubt = found.events[letter.message_id], found.in_doubt[letter.message_id]
    clash = contradictions(known, event, number=number)
    if _is_among(in_doubt, event):
        found.unchanged += len(told)
        return
    if is_known(known, event) and not clash:
        is_numbered = bool(event.proof_number and not number)
        found.unchanged += len(told) - is_numbered
        if is_numbered:
            known[:] = [event if x.kind is event.kind else x for x in known]
            found.numbered.append(told[0])
    elif problems := _refusal(letter, event, clash, zones, at):
        found.refused += [RefusedEvent(given, problems) for given in told]
        return
    else:
        found.unchanged += len(told) - 1
        if clash:
            in_doubt.append(event)
            found.contested.append(RefusedEvent(told[0], clash))
        else:
            known.append(event)
            found.new.append(told[0])
    if event.proof_number and not number and not clash:
        found.numbers[letter.message_id] = event.proof_number


def _is_among(in_doubt: Sequence[LetterEvent], event: LetterEvent) -> bool:
    return any(
        (x.kind, x.on) == (event.kind, event.on) and event.proof_number in ("", x.proof_number)
        for x in in_doubt
    )


def _refusal(
    letter: StoredLetter,
    event: LetterEvent,
    clash: tuple[Problem, ...],
    zones: LetterZones,
    at: datetime,
) -> tuple[Problem, ...]:
    found = event_problems(
        event,
        zones,
        at,
        queued_at=letter.queued_at,
        product=letter.product,
        is_written=letter.is_sealed,
    )
    return found or (() if has_left(event.kind) else clash)
