"""Letters from clients: what is written down of them, and what each kind of them becomes."""

import re
from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import Problem
from subnotify.rules.letters import CHANNELS, day_problems
from subnotify.rules.responses import LONGEST_NAME, LONGEST_TEXT, objection_terminates
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.words import IncomingLetterKind, ResponseChannel, ResponseKind

LONGEST_REFERENCE = 40
# The slip of a notice carries the notice's reference behind this letter.
_SLIP = re.compile(r"^S-?(?=\d)")
# What people write, and scanners read, for a hyphen.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−_"), "-")

ANSWERS = {
    IncomingLetterKind.OBJECTION: ResponseKind.OBJECTION,
    IncomingLetterKind.WITHDRAWAL: ResponseKind.WITHDRAWAL,
    IncomingLetterKind.QUESTION: ResponseKind.QUESTION,
    IncomingLetterKind.MORE_TIME: ResponseKind.MORE_TIME,
    IncomingLetterKind.ACKNOWLEDGEMENT: ResponseKind.ACKNOWLEDGEMENT,
}
# They say something about a notice: none of them is filed before it is known which.
ABOUT_A_NOTICE = frozenset({*ANSWERS, IncomingLetterKind.TERMINATION})
# No response is recorded from these: one filed so may still turn out to be an answer.
MAY_BE_FILED_ANEW = frozenset(set(IncomingLetterKind) - ABOUT_A_NOTICE)
# What asks for a step elsewhere, and waits until that is done.
TASKS = frozenset({IncomingLetterKind.CONTACT_CHANGE, IncomingLetterKind.DOCUMENT_REQUEST})


@dataclass(frozen=True)
class GivenLetter:
    """What legal has before it. The days, case_ids, services, contact_id: as in `letters.Letter`.

    dispatched_on None: the postmark cannot be read. letter_reference: the number of a registered
    letter. quoted_reference: what the letter itself quotes. form_token: the same form sent
    twice is one letter.
    """

    kind: IncomingLetterKind
    channel: ResponseChannel
    received_on: date
    dispatched_on: date | None = None
    letter_reference: str = ""
    quoted_reference: str = ""
    from_name: str = ""
    text: str = ""
    note: str = ""
    services: tuple[str, ...] = ()
    case_ids: tuple[int, ...] = ()
    contact_id: int | None = None
    form_token: str = ""


def read_reference(typed: str) -> str:
    """The reference as we write it: "2026-003-00042" for "s 2026–003–00042"; "" for nothing.

    The slip's mark is taken off; the reference of a response ("R-000042-ABCD") stays.
    """
    plain = "".join(typed.translate(_DASHES).split()).upper()
    return _SLIP.sub("", plain)[:LONGEST_REFERENCE]


def response_kind(
    kind: IncomingLetterKind, terms: NoticeTerms | None, *, has_objected: bool
) -> ResponseKind | None:
    """The response that a letter of this kind is recorded as; None where it is none.

    A termination is an objection: where the terms make every objection one, and also where nobody
    has objected yet, for who leaves because of a change does not agree to it. After an objection
    it is a statement that a person settles it with.
    """
    if kind is not IncomingLetterKind.TERMINATION:
        return ANSWERS.get(kind)
    if objection_terminates(terms) or not has_objected:
        return ResponseKind.OBJECTION
    return ResponseKind.QUESTION


def given_problems(letter: GivenLetter, *, today: date) -> tuple[Problem, ...]:
    """What is wrong with what was written down, whatever it is about; each at its field.

    today: the vendor's.
    """
    found = []
    if letter.channel not in CHANNELS:
        found.append(Problem("channel", "This is not how a letter comes.", "Choose from the list."))
    found += day_problems(letter.received_on, letter.dispatched_on, today)
    if letter.kind is IncomingLetterKind.OTHER and not (letter.note or letter.text).strip():
        found.append(
            Problem("note", "Nothing says what this letter is.", "Write a few words about it.")
        )
    return (
        *found,
        *length_problems(
            ("by_name", letter.from_name, LONGEST_NAME),
            ("letter_reference", letter.letter_reference, LONGEST_NAME),
            ("text", letter.text, LONGEST_TEXT),
            ("note", letter.note, LONGEST_TEXT),
        ),
    )
