"""References as people copy them, and what each kind of letter is recorded as."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.incoming_letters import (
    GivenLetter,
    given_problems,
    read_reference,
    response_kind,
)
from subnotify.rules.presets import PRESETS
from subnotify.rules.words import IncomingLetterKind, ResponseChannel, ResponseKind

TERMINATES = PRESETS["fr-30-days-registered"]
FREE = PRESETS["fr-15-days"]
DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-003-00042", "2026-003-00042"),
        ("S-2026-003-00042", "2026-003-00042"),
        (" s - 2026–003–00042 ", "2026-003-00042"),
        ("S2026-003-00042", "2026-003-00042"),
        ("2026\u2011003\u201100042", "2026-003-00042"),
        ("r-000042-abcd", "R-000042-ABCD"),
        ("  ", ""),
        ("SOMETHING", "SOMETHING"),
        ("9" * 500, "9" * 40),
    ],
)
def test_a_reference_is_read_as_people_copy_it(typed: str, read: str) -> None:
    assert read_reference(typed) == read


@pytest.mark.parametrize(
    ("terms", "has_objected", "kind"),
    [
        (TERMINATES, False, ResponseKind.OBJECTION),
        (TERMINATES, True, ResponseKind.OBJECTION),
        (FREE, False, ResponseKind.OBJECTION),
        (FREE, True, ResponseKind.QUESTION),
        (None, False, ResponseKind.OBJECTION),
    ],
)
def test_a_termination_is_never_silence(terms, has_objected: bool, kind: ResponseKind) -> None:
    found = response_kind(IncomingLetterKind.TERMINATION, terms, has_objected=has_objected)
    assert found is kind


def test_what_asks_for_a_step_elsewhere_is_no_response() -> None:
    for kind in ("contact_change", "document_request", "other"):
        assert response_kind(IncomingLetterKind(kind), FREE, has_objected=False) is None


def test_what_is_written_down_must_be_possible() -> None:
    sound = GivenLetter(IncomingLetterKind.QUESTION, ResponseChannel.POST, DAY)
    assert given_problems(sound, today=DAY) == ()
    for changed, where in (
        ({"received_on": date(2026, 3, 11)}, "received_on"),
        ({"dispatched_on": date(2026, 3, 11)}, "dispatched_on"),
        ({"channel": ResponseChannel.LINK}, "channel"),
        ({"kind": IncomingLetterKind.OTHER}, "note"),
        ({"from_name": "x" * 201}, "by_name"),
        ({"letter_reference": "x" * 201}, "letter_reference"),
        ({"text": "x" * 5001}, "text"),
    ):
        problems = given_problems(replace(sound, **changed), today=DAY)
        assert [problem.where for problem in problems] == [where]
