"""How a window was counted and until when a client may object, in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import Counting, Period
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import CountingRule, RunsFrom, Unit
from subnotify.rules.time_limits import Step, StepKind
from subnotify.rules.windows import window_to_mapping
from subnotify.wording.deadlines import (
    days_left_words,
    deadline_sentence,
    expected_deadline_sentences,
    expected_deadline_short,
    period_words,
)
from subnotify.wording.not_computable import REASONS, not_computable_reason
from subnotify.wording.silence import silence_sentences
from subnotify.wording.window_steps import step_sentences, stored_step_sentences
from tests.wording.telling import BARE, FIFTEEN, LANGUAGES, THIRTY, in_every_language, w, window


def test_steps_as_a_page_prints_them() -> None:
    told = step_sentences(window(THIRTY, date(2026, 3, 2)), w())
    assert told == (
        "Received on Monday 2 March 2026 at 09:14 (Europe/Paris).",
        "That day itself is not counted: day 1 is Tuesday 3 March 2026.",
        "Day 30 is Wednesday 1 April 2026.",
        "Wednesday 1 April 2026 is a working day.",
        "The window ends on Wednesday 1 April 2026 at 24:00 (Europe/Paris).",
    )


def test_steps_name_the_law_that_moves_a_last_day() -> None:
    # 15 days from 19 March 2026: Friday 3 April; from 20 March: Saturday, and Easter Monday after.
    told = step_sentences(window(FIFTEEN, date(2026, 3, 20)), w())
    assert told[3:6] == (
        "Saturday 4 April 2026 does not count as a last day: moved to the next day"
        " (code de procédure civile, art. 642).",
        "Sunday 5 April 2026 does not count as a last day: moved to the next day"
        " (code de procédure civile, art. 642).",
        "Monday 6 April 2026 is a public holiday (Lundi de Pâques): moved to the next day"
        " (code de procédure civile, art. 642).",
    )


def test_stored_steps_are_told_like_computed_ones() -> None:
    computed = window(FIFTEEN, date(2026, 3, 20))
    assert stored_step_sentences(window_to_mapping(computed), w()) == step_sentences(computed, w())
    assert stored_step_sentences(None, w()) == ()


@pytest.mark.parametrize("kind", StepKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_a_sentence(kind: StepKind, language: str) -> None:
    base = window(FIFTEEN, date(2026, 3, 2))
    one = replace(base, steps=(Step(kind, date(2026, 3, 1), "09:14"),))
    in_every_language(step_sentences(one, w(language)))


def test_deadlines() -> None:
    closes_at = window(FIFTEEN, date(2026, 3, 2)).closes_at
    assert deadline_sentence(closes_at, "Europe/Paris", w()) == (
        "You can object until Tuesday 17 March 2026, 24:00 (Europe/Paris)."
    )
    for hours, words in ((-49, "2 days left"), (-25, "1 day left"), (-1, "last day today")):
        at = datetime.fromtimestamp(closes_at.timestamp() + hours * 3600, UTC)
        assert days_left_words(closes_at, "Europe/Paris", w(), at=at) == words
    assert days_left_words(closes_at, "Europe/Paris", w(), at=closes_at) == "deadline passed"


def test_expected_deadline_names_the_day_and_the_proof() -> None:
    told = expected_deadline_sentences(FIFTEEN, window(FIFTEEN, date(2026, 11, 21)), w())
    assert told == (
        "You can object within 15 days from receipt of this notice.",
        "It counts as received when your mail server accepts it.",
        "Where several contacts are designated, the latest receipt counts.",
        "For a notice received on Saturday 21 November 2026, the period ends on"
        " Monday 7 December 2026, 24:00 (Europe/Paris).",
    )
    assert expected_deadline_short(FIFTEEN, w()) == "within 15 days from receipt"


def test_expected_deadline_from_dispatch_says_nothing_of_receipt() -> None:
    terms = replace(BARE, objection_period=Period(10), runs_from=RunsFrom.DISPATCH)
    told = " ".join(expected_deadline_sentences(terms, window(terms, date(2026, 3, 2)), w()))
    assert "sent on Monday 2 March 2026" in told
    assert "receipt" not in told
    assert expected_deadline_short(terms, w()) == "within 10 days from dispatch"


def test_terms_that_cannot_be_computed_give_no_date_and_no_silence() -> None:
    unproven = PRESETS["fr-15-days"]
    told = " ".join(expected_deadline_sentences(unproven, None, w()))
    assert "nobody has chosen yet what proves receipt" in told
    assert "nothing is concluded from silence" in told
    assert expected_deadline_short(unproven, w()) == ""
    assert "silence decides nothing for now" in " ".join(silence_sentences(unproven, w()))


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_in_words(code: str) -> None:
    in_every_language(not_computable_reason(code, w()))


def test_the_reasons_are_those_of_the_rules() -> None:
    ok = replace(FIFTEEN)
    broken = (
        replace(ok, objection_period=None),
        replace(ok, objection_period=Period(1, Unit.MONTHS)),
        replace(ok, runs_from=RunsFrom.UNSPECIFIED),
        replace(ok, counting=Counting(CountingRule.DE_BGB_187_193, "Europe/Berlin")),
        replace(ok, channels=()),
        replace(ok, proof_of_receipt=frozenset()),
        replace(ok, lead_time=Period(30)),
    )
    assert {not_computable(terms) for terms in broken} == set(REASONS)


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit(unit: Unit, language: str) -> None:
    for number in (0, 1, 15):
        in_every_language(period_words(Period(number, unit), w(language)))
