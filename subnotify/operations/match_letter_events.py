"""Which told events of letters are new, known already, or cannot be true."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from subnotify.rules.errors import Problem
from subnotify.rules.letter_events import (
    LetterEvent,
    event_problems,
    in_order_of_doubt,
    is_known,
)
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import LetterEventKind
from subnotify.storage.letters import StoredLetter

_CORRECTED = Problem(
    "on",
    "Two persons found that this did not happen to this letter on this day.",
    "See the corrections on the letter's page.",
)


@dataclass(frozen=True)
class GivenEvent:
    """One line of a manifest, or what a person enters. on: a day in the agreement's zone."""

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


@dataclass
class MatchedEvents:
    """What the events of a chunk come to, by letter."""

    events: dict[int, list[LetterEvent]]
    former: dict[int, tuple[LetterEvent, ...]]
    new: list[GivenEvent] = field(default_factory=list)
    unchanged: int = 0
    refused: list[RefusedEvent] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)


def match_letter_events(
    of_letters: Mapping[int, Sequence[GivenEvent]],
    letters: Mapping[int, StoredLetter],
    stored: Mapping[int, list[LetterEvent]],
    taken_back: Mapping[int, Collection[tuple[LetterEventKind, date]]],
    at: datetime,
) -> MatchedEvents:
    """Which events are new, known or refused. taken_back: kinds and days of events that two
    persons found untrue: whoever tells the same again, as a file read twice does, is refused."""
    events = {x: list(stored.get(x, ())) for x in letters}
    found = MatchedEvents(events, {x: tuple(of_one) for x, of_one in events.items()})
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
        for event in in_order_of_doubt(by_event):
            untrue = (event.kind, event.on) in taken_back.get(message_id, ())
            if untrue and not is_known(found.events[message_id], event):
                found.refused += [RefusedEvent(x, (_CORRECTED,)) for x in by_event[event]]
                continue
            _match(found, letter, event, by_event[event], at)
    return found


def _match(
    found: MatchedEvents,
    letter: StoredLetter,
    event: LetterEvent,
    told: list[GivenEvent],
    at: datetime,
) -> None:
    zone = zone_of(letter.time_zone)
    number = found.numbers.get(letter.message_id) or letter.proof_number
    known = found.events[letter.message_id]
    problems = event_problems(
        known,
        event,
        at.astimezone(zone).date(),
        queued_on=letter.queued_at.astimezone(zone).date(),
        product=letter.product,
        number=number,
    )
    if problems:
        found.refused += [RefusedEvent(given, problems) for given in told]
        return
    if is_known(known, event):
        found.unchanged += len(told)
    else:
        known.append(event)
        found.new.append(told[0])
        found.unchanged += len(told) - 1
    if event.proof_number and not number:
        found.numbers[letter.message_id] = event.proof_number
