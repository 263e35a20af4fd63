"""What is recorded of a letter, and what it comes to: pure, whatever order it was recorded in.

The days are those on paper: of the manifest, of the proof of posting, of the card that comes back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from subnotify.rules.errors import Problem
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.time_limits import last_instant_of_day
from subnotify.rules.words import LetterEventKind, LetterProduct, LetterState

LONGEST_NUMBER = 80
# How far a letter is on its way. The day of one is never after that of one that lies further.
_PLACE = {
    LetterEventKind.HANDED_OVER: 0,
    LetterEventKind.PRINTED: 1,
    LetterEventKind.POSTED: 2,
    LetterEventKind.PRESENTED: 3,
    LetterEventKind.RECEIVED: 4,
    LetterEventKind.UNCLAIMED: 4,
    LetterEventKind.RETURNED: 5,
}
# Of a letter that nobody carries by hand to somebody's signature none of these can be known.
_OF_REGISTERED = frozenset(
    {LetterEventKind.PRESENTED, LetterEventKind.RECEIVED, LetterEventKind.UNCLAIMED}
)
CAME_BACK = frozenset({LetterEventKind.UNCLAIMED, LetterEventKind.RETURNED})
# Where the vendor is; the others happen where the letter goes.
_AT_VENDOR = frozenset(
    {LetterEventKind.HANDED_OVER, LetterEventKind.PRINTED, LetterEventKind.POSTED}
)


@dataclass(frozen=True)
class LetterEvent:
    """on: the day it happened, where it happened. proof_number: of a registered letter."""

    kind: LetterEventKind
    on: date
    proof_number: str = ""


@dataclass(frozen=True)
class LetterZones:
    """Where the days of a letter are counted: the zone of its agreement, and the vendor's."""

    agreement: ZoneInfo
    vendor: ZoneInfo

    def first_day(self, instant: datetime, kind: LetterEventKind) -> date:
        return min(instant.astimezone(zone).date() for zone in self._zones(kind))

    def last_day(self, instant: datetime, kind: LetterEventKind) -> date:
        return max(instant.astimezone(zone).date() for zone in self._zones(kind))

    def end_of_day(self, event: LetterEvent, at: datetime) -> datetime:
        """The last instant of the day of an event (UTC). Where the post office is in another zone
        than the agreement, the later of the two: the postmark does not say which."""
        return min(last_instant_of_day(event.on, *self._zones(event.kind)), at)

    def _zones(self, kind: LetterEventKind) -> tuple[ZoneInfo, ...]:
        return (self.agreement, self.vendor) if kind in _AT_VENDOR else (self.agreement,)


def letter_state(
    events: Iterable[LetterEvent],
    contested: Iterable[LetterEvent] = (),
    *,
    is_cancelled: bool = False,
) -> LetterState:
    """Where a letter stands: at the furthest of its events.

    A letter that came back came back, whatever else is said of it, and also where that is
    contested. A cancelled one that was posted all the same is on its way.
    """
    came_back = (event for event in contested if event.kind in CAME_BACK)
    furthest = max(
        (event.kind for event in (*events, *came_back)),
        key=lambda kind: (_PLACE[kind], kind in CAME_BACK),
        default=None,
    )
    if is_cancelled and (furthest is None or not has_left(furthest)):
        return LetterState.CANCELLED
    return LetterState.QUEUED if furthest is None else LetterState(furthest.value)


def has_left(kind: LetterEventKind) -> bool:
    """Whether a letter of which this is on record was posted."""
    return _PLACE[kind] >= _PLACE[LetterEventKind.POSTED]


def find_posting(events: Iterable[LetterEvent]) -> LetterEvent | None:
    """The event that says when the letter was posted: that of its posting; else the first one by
    whose day it must have been; None while nothing says that it was."""
    left = [event for event in events if has_left(event.kind)]
    return min(
        left,
        key=lambda event: (event.kind is not LetterEventKind.POSTED, event.on, _PLACE[event.kind]),
        default=None,
    )


def day_of(events: Iterable[LetterEvent], kind: LetterEventKind) -> date | None:
    return next((event.on for event in events if event.kind is kind), None)


def instant_of_day(day: date, zone: ZoneInfo, at: datetime) -> datetime:
    """The last instant of a local day (UTC): paper names no hour, and the latest one favours the
    client. Never after `at`, when it was recorded."""
    return min(last_instant_of_day(day, zone), at)


def event_problems(
    new: LetterEvent,
    zones: LetterZones,
    at: datetime,
    *,
    queued_at: datetime,
    product: LetterProduct,
    is_written: bool,
) -> tuple[Problem, ...]:
    """Why this cannot have happened to the letter, whatever else is on record of it.

    queued_at: when the letter was queued, so never before its notice was released. is_written: its
    bytes are sealed; nobody can have sent a letter of which there are none.
    """
    found = []
    if not is_written:
        found.append(
            Problem(
                "letter",
                "This letter was not written yet, so nothing of it can have been sent.",
                "Prepare its batch first. If its batch was cancelled, no proof of a copy from it"
                " counts.",
            )
        )
    found += _day_problems(
        new, zones.last_day(at, new.kind), queued_on=zones.first_day(queued_at, new.kind)
    )
    if product is LetterProduct.PLAIN and new.kind in _OF_REGISTERED:
        found.append(
            Problem(
                "kind",
                "This is a plain letter: nobody records when it was presented or received.",
                "Record what is known of it: that it was posted, or that it came back.",
            )
        )
    return (*found, *length_problems(("proof_number", new.proof_number, LONGEST_NUMBER)))


def contradictions(
    events: Collection[LetterEvent], new: LetterEvent, *, number: str = ""
) -> tuple[Problem, ...]:
    """Why `new` and what is on record cannot both be true; empty where they can.

    number: the proof number that the letter has. What the vendor notes itself, that it handed the
    letter over, is no proof, and never contradicts what the postal service says.
    """
    return (*_contradictions(events, new), *_other_number(number, new))


def is_known(events: Iterable[LetterEvent], new: LetterEvent) -> bool:
    """The same is on record already, of the same day."""
    return day_of(events, new.kind) == new.on


def in_order_of_doubt(events: Iterable[LetterEvent]) -> list[LetterEvent]:
    """The order in which to record events that came together: of two that contradict each other
    the one that says that the client did not get the letter stays on record."""
    return sorted(
        events,
        key=lambda event: (
            event.kind not in CAME_BACK,
            _PLACE[event.kind],
            event.on,
            event.proof_number,
        ),
    )


def _day_problems(new: LetterEvent, today: date, *, queued_on: date) -> Iterable[Problem]:
    if new.on > today:
        yield Problem("on", "This day has not come yet.", "Give the day on the proof.")
    if new.on < queued_on:
        # A wrong year would date the notice, and with it the window, into the past.
        yield Problem(
            "on",
            "The letter was not written yet on this day.",
            "Check the day and the year on the proof.",
        )


def _contradictions(events: Collection[LetterEvent], new: LetterEvent) -> Iterable[Problem]:
    if any(event.kind is new.kind and event.on != new.on for event in events):
        yield Problem(
            "on",
            "Another day is on record for this.",
            "Compare it with the proof. What is recorded can be corrected by two persons.",
        )
    kinds = {event.kind for event in events}
    received = LetterEventKind.RECEIVED
    if (new.kind is received and kinds & CAME_BACK) or (
        new.kind in CAME_BACK and received in kinds
    ):
        yield Problem(
            "kind",
            "A letter is received or comes back, and the other is on record.",
            "Ask the postal service which is true.",
        )
    for event in events:
        if _is_out_of_order(event, new) or _is_out_of_order(new, event):
            yield Problem(
                "on",
                "This day does not fit another one on record: %(day)s.",
                "Check both days on the proof.",
                (("day", event.on.isoformat()),),
            )


def _other_number(number: str, new: LetterEvent) -> Iterable[Problem]:
    if number and new.proof_number and new.proof_number != number:
        yield Problem(
            "proof_number",
            "Another number is on record for this letter: %(number)s.",
            "Check which letter the proof is of.",
            (("number", number),),
        )


def _is_out_of_order(earlier: LetterEvent, later: LetterEvent) -> bool:
    """`earlier` comes before `later` on the way by post, and yet its day is after it."""
    if not has_left(earlier.kind):
        return False
    return _PLACE[earlier.kind] < _PLACE[later.kind] and earlier.on > later.on
