"""How a window was counted and until when a client may object, in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import Counting, DeemedReceipt, NoticeRule, Period, Reading
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DeemedKind,
    RuleScope,
    RunsFrom,
    Unit,
)
from subnotify.rules.windows import window_to_mapping
from subnotify.wording.deadlines import (
    days_left_words,
    deadline_sentence,
    expected_deadline_sentences,
    expected_deadline_short,
    period_words,
)
from subnotify.wording.not_computable import OLD_REASONS, REASONS, not_computable_reason
from subnotify.wording.receipt_terms import deemed_sentence
from subnotify.wording.silence import silence_sentences
from subnotify.wording.window_steps import step_sentences, stored_step_sentences
from tests.wording.telling import BARE, FIFTEEN, LANGUAGES, THIRTY, in_every_language, w, window


def test_steps_as_a_page_prints_them() -> None:
    told = step_sentences(window(THIRTY, date(2026, 3, 2)), w())
    assert told == (
        "Received on Monday 2 March 2026 at 09:14 (Europe/Paris).",
        "That day itself is not counted: day 1 is Tuesday 3 March 2026"
        " (code de procédure civile, art. 641).",
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
    counted = Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Paris", "FR")
    backward = Counting(CountingRule.RETRO_1182_71, "Europe/Paris")
    broken = (
        replace(ok, objection_period=None),
        replace(ok, closes=Closes.END_OF_LEAD_TIME),
        replace(ok, counting=counted),
        replace(ok, counting=backward),
        replace(ok, channels=()),
        replace(ok, deemed_receipt=DeemedReceipt(DeemedKind.FIRST_PRESENTATION)),
        replace(ok, proof_of_receipt=frozenset()),
    )
    assert {not_computable(terms) for terms in broken} | {"no_commencement"} == set(REASONS)


@pytest.mark.parametrize("code", OLD_REASONS)
def test_reasons_of_the_first_version_stay_in_words(code: str) -> None:
    in_every_language(not_computable_reason(code, w()))


@pytest.mark.parametrize("closes", Closes)
@pytest.mark.parametrize("runs_from", RunsFrom)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_window_is_told_before_it_opens(
    closes: Closes, runs_from: RunsFrom, language: str
) -> None:
    terms = replace(
        FIFTEEN, closes=closes, runs_from=runs_from, lead_time=Period(2, Unit.MONTHS, Period(3))
    )
    in_every_language(expected_deadline_sentences(terms, None, w(language)))
    in_every_language(expected_deadline_short(terms, w(language)))


def test_windows_before_they_open() -> None:
    def told(**changes: object) -> str:
        return expected_deadline_short(replace(FIFTEEN, **changes), w())

    assert told(runs_from=RunsFrom.PUBLICATION) == "within 15 days from publication of the list"
    backward = told(runs_from=RunsFrom.COMMENCEMENT_BACKWARD)
    assert backward == "until 15 days before the change takes effect"
    assert told(closes=Closes.COMMENCEMENT) == "until the change takes effect"
    lead = Period(1, Unit.MONTHS, Period(3, Unit.BUSINESS_DAYS))
    at_lead = told(closes=Closes.END_OF_LEAD_TIME, lead_time=lead)
    assert at_lead == "within 1 month and 3 business days from receipt"


def test_an_assumed_trigger_is_named_before_the_window_opens() -> None:
    silent = replace(FIFTEEN, runs_from=RunsFrom.UNSPECIFIED)
    told = expected_deadline_sentences(silent, None, w())
    assert told[:2] == (
        "You can object within 15 days from receipt of this notice.",
        "Your agreement does not say from when the period runs: we count it from receipt, the"
        " latest of the possible readings.",
    )
    reading = Reading("dispatch", "Ada Legal", date(2026, 2, 1), "The annex says so.")
    read = replace(silent, readings={"runs_from": reading})
    assert expected_deadline_sentences(read, None, w()) == (
        "You can object within 15 days from the sending of this notice.",
        "Your agreement does not say from when the period runs: we read it as running from"
        " dispatch.",
    )


def test_where_rules_differ_every_period_is_named() -> None:
    rules = (
        NoticeRule(RuleScope.AFFILIATE, objection_period=Period(10)),
        NoticeRule(RuleScope.THIRD_COUNTRY, notice_only=True),
    )
    terms = replace(FIFTEEN, notice_rules=rules)
    assert expected_deadline_sentences(terms, None, w())[0] == (
        "How long you can object depends on the change: within 10 days from receipt or within 15"
        " days from receipt."
    )
    assert expected_deadline_short(terms, w()) == ""


def test_a_blanket_authorisation_promises_no_window() -> None:
    terms = replace(FIFTEEN, authorisation=Authorisation.BLANKET)
    assert expected_deadline_sentences(terms, None, w()) == (
        "Your agreement authorises such changes: you are informed of this one.",
    )
    assert expected_deadline_short(terms, w()) == ""
    assert silence_sentences(terms, w()) == (
        "Your agreement authorises such changes: no answer is needed.",
    )


def test_clauses_that_deem_receipt() -> None:
    def told(deemed: DeemedReceipt) -> str:
        terms = replace(FIFTEEN, deemed_receipt=deemed)
        return expected_deadline_sentences(terms, None, w())[1]

    nine, five = time(9), time(17)
    assert told(DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, nine, five)) == (
        "A notice sent on a business day until 17:00 counts as received at once, but not before"
        " 09:00; one sent later or on another day, at 09:00 on the next business day."
    )
    assert told(DeemedReceipt(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH, nine, days=2)) == (
        "A notice counts as received 2 business days after dispatch, at 09:00."
    )
    for kind in DeemedKind:
        for cutoff in (None, five):
            for language in LANGUAGES:
                in_every_language(
                    deemed_sentence(DeemedReceipt(kind, nine, cutoff, 1), w(language))
                )


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit(unit: Unit, language: str) -> None:
    for number in (0, 1, 15):
        in_every_language(period_words(Period(number, unit), w(language)))
