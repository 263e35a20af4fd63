"""Letters that legal records: what they must hold to count as a client's response."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import Problem
from subnotify.rules.responses import ABOUT_CASES, LONGEST_NAME, LONGEST_TEXT
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.words import ResponseChannel, ResponseKind

CHANNELS = (
    ResponseChannel.REGISTERED_POST,
    ResponseChannel.POST,
    ResponseChannel.REPLY,
    ResponseChannel.OTHER,
)
# A letter saying "no objection" is none of these: nothing is given up without the client's code,
# so it is recorded as a question that a person deals with.
KINDS = (
    ResponseKind.OBJECTION,
    ResponseKind.QUESTION,
    ResponseKind.MORE_TIME,
    ResponseKind.WITHDRAWAL,
    ResponseKind.ACKNOWLEDGEMENT,
)


@dataclass(frozen=True)
class Letter:
    """What legal has before it. Days are the vendor's, where letters arrive.

    No letter names an hour, and its agreement may count in another zone: what must come in time
    counts from the first instant of its day in either zone; a window that opens by it, from the
    last. dispatched_on (the postmark's) None: unknown. case_ids: the changes an
    objection or a withdrawal speaks of. contact_id: who acknowledges receipt, one of the notice's
    contacts. form_token: the same form sent twice is one letter.
    """

    kind: ResponseKind
    channel: ResponseChannel
    received_on: date
    dispatched_on: date | None = None
    letter_reference: str = ""
    by_name: str = ""
    text: str = ""
    services: tuple[str, ...] = ()
    case_ids: tuple[int, ...] = ()
    contact_id: int | None = None
    form_token: str = ""


def letter_problems(
    letter: Letter,
    case_ids: Collection[int],
    *,
    contact_ids: Collection[int],
    released_on: date,
    today: date,
) -> tuple[Problem, ...]:
    """What is wrong with a letter, each at its field; empty when it can be recorded.

    case_ids: the cases of the notice; contact_ids: its notice contacts. released_on (of the
    notice): the earlier day of the two zones; today: the vendor's.
    """
    found = [*_date_problems(letter, released_on, today)]
    if letter.kind not in KINDS:
        found.append(Problem("kind", "This is not recorded as a letter.", "Choose from the list."))
    if letter.channel not in CHANNELS:
        found.append(Problem("channel", "This is not how a letter comes.", "Choose from the list."))
    if letter.kind in ABOUT_CASES and not letter.case_ids:
        found.append(Problem("case_ids", "No change is chosen.", "Choose at least one."))
    if not set(letter.case_ids) <= set(case_ids):
        found.append(
            Problem("case_ids", "This change is not part of the notice.", "Choose from the list.")
        )
    found += _contact_problems(letter, contact_ids)
    return (
        *found,
        *length_problems(
            ("by_name", letter.by_name, LONGEST_NAME),
            ("letter_reference", letter.letter_reference, LONGEST_NAME),
            ("text", letter.text, LONGEST_TEXT),
        ),
    )


def _contact_problems(letter: Letter, contact_ids: Collection[int]) -> Iterable[Problem]:
    if letter.kind is ResponseKind.ACKNOWLEDGEMENT and letter.contact_id is None:
        yield Problem("contact_id", "It is not said who acknowledges.", "Choose the contact.")
    elif letter.contact_id is not None and letter.contact_id not in contact_ids:
        yield Problem(
            "contact_id", "This is not a notice contact of this notice.", "Choose the contact."
        )


def _date_problems(letter: Letter, released_on: date, today: date) -> Iterable[Problem]:
    yield from day_problems(letter.received_on, letter.dispatched_on, today)
    if letter.received_on < released_on:
        # A wrong year would date an acknowledgement, and with it the window, into the past.
        yield Problem(
            "received_on",
            "The notice was not released yet on this day.",
            "Check the day and the year it arrived.",
        )


def day_problems(received_on: date, dispatched_on: date | None, today: date) -> Iterable[Problem]:
    """What is wrong with the days of a letter from a client. today: in the zone of these days."""
    if received_on > today:
        yield Problem("received_on", "This day has not come yet.", "Give the day it arrived.")
    if dispatched_on is not None and dispatched_on > received_on:
        yield Problem(
            "dispatched_on",
            "The letter was received before it was sent.",
            "Check both days: the postmark tells when it was sent.",
        )
