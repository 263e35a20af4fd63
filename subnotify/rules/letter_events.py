"""What is recorded of a letter, and what it comes to: pure, whatever order it was recorded in.

The days are those on paper: of the manifest, of the proof of posting, of the card that comes back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from subnotify.rules.errors import Problem
from subnotify.rules.time_limits import start_of_day
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


@dataclass(frozen=True)
class LetterEvent:
    """on: the day it happened, in the agreement's zone. proof_number: of a registered letter."""

    kind: LetterEventKind
    on: date
    proof_number: str = ""


def letter_state(events: Iterable[LetterEvent], *, is_cancelled: bool = False) -> LetterState:
    """Where a letter stands: at the furthest of its events.

    A letter that came back came back, whatever else is said of it. A cancelled one that was
    posted all the same is on its way.
    """
    furthest = max(
        (event.kind for event in events),
        key=lambda kind: (_PLACE[kind], kind in CAME_BACK),
        default=None,
    )
    if is_cancelled and (furthest is None or not has_left(furthest)):
        return LetterState.CANCELLED
    return LetterState.QUEUED if furthest is None else LetterState(furthest.value)


def has_left(kind: LetterEventKind) -> bool:
    """Whether a letter of which this is on record was posted."""
    return _PLACE[kind] >= _PLACE[LetterEventKind.POSTED]


def posting_day(events: Iterable[LetterEvent]) -> date | None:
    """The day the letter was posted; else the first day on which it must have been; None while
    nothing says that it was."""
    days = {event.kind: event.on for event in events if has_left(event.kind)}
    return days.get(LetterEventKind.POSTED, min(days.values(), default=None))


def day_of(events: Iterable[LetterEvent], kind: LetterEventKind) -> date | None:
    return next((event.on for event in events if event.kind is kind), None)


def instant_of_day(day: date, zone: ZoneInfo, at: datetime) -> datetime:
    """The last instant of a local day (UTC): paper names no hour, and the latest one favours the
    client. Never after `at`, when it was recorded."""
    return min(start_of_day(day + timedelta(days=1), zone) - timedelta(microseconds=1), at)


def event_problems(
    events: Collection[LetterEvent],
    new: LetterEvent,
    today: date,
    *,
    queued_on: date,
    product: LetterProduct,
    number: str = "",
) -> tuple[Problem, ...]:
    """Why `new` cannot be recorded beside the events on record; empty when it can, or says again
    what is known (`is_known`).

    today, and queued_on (when the letter was queued, so never before its notice was released): in
    the agreement's zone. number: the proof number that the letter has.
    """
    found = [*_day_problems(new, today, queued_on)]
    if product is LetterProduct.PLAIN and new.kind in _OF_REGISTERED:
        found.append(
            Problem(
                "kind",
                "This is a plain letter: nobody records when it was presented or received.",
                "Record what is known of it: that it was posted, or that it came back.",
            )
        )
    return (*found, *_contradictions(events, new), *_number_problems(number, new))


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


def _day_problems(new: LetterEvent, today: date, queued_on: date) -> Iterable[Problem]:
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
            "Compare it with the proof: what is recorded stays.",
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


def _number_problems(number: str, new: LetterEvent) -> Iterable[Problem]:
    if len(new.proof_number) > LONGEST_NUMBER:
        yield Problem(
            "proof_number",
            "This text is too long.",
            "Shorten it to %(longest)s characters at most.",
            (("longest", str(LONGEST_NUMBER)),),
        )
    if number and new.proof_number and new.proof_number != number:
        yield Problem(
            "proof_number",
            "Another number is on record for this letter: %(number)s.",
            "Check which letter the proof is of.",
            (("number", number),),
        )


def _is_out_of_order(earlier: LetterEvent, later: LetterEvent) -> bool:
    """`earlier` comes before `later` on the way, and yet its day is after it."""
    return _PLACE[earlier.kind] < _PLACE[later.kind] and earlier.on > later.on
