"""Every member of a closed set has its sentences, in each language."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import (
    Authorisation,
    Counting,
    CountingRule,
    DataAtEnd,
    FinancialEffect,
    NoticeTerms,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    Period,
    RunsFrom,
    SilenceEffect,
    TakesEffect,
    Termination,
    TerminationScope,
    TimelyWhen,
    Unit,
    not_computable,
)
from subnotify.rules.windows import Step, StepKind, Window, compute_window, window_to_mapping
from subnotify.rules.words import (
    ChangeKind,
    HoldReason,
    Outcome,
    ProofKind,
    ResponseKind,
    ResponseState,
    SettlementKind,
    Timeliness,
)
from subnotify.wording.changes import change_sentence
from subnotify.wording.deadlines import (
    days_left_words,
    deadline_sentence,
    expected_deadline_sentences,
    expected_deadline_short,
    period_words,
)
from subnotify.wording.holds import hold_text
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.not_computable import REASONS, not_computable_reason
from subnotify.wording.notice_terms import terms_lines, terms_sentence
from subnotify.wording.objections import effect_sentences, form_sentences
from subnotify.wording.outcomes import OutcomeFacts, outcome_sentences
from subnotify.wording.proofs import proof_sentence, served_sentence
from subnotify.wording.responses import (
    ResponseFacts,
    letter_deadline_sentence,
    response_sentences,
    timeliness_sentence,
)
from subnotify.wording.settlements import settlement_sentence
from subnotify.wording.silence import silence_sentences
from subnotify.wording.window_steps import step_sentences, stored_step_sentences

FIFTEEN = replace(
    PRESETS["fr-15-days"],
    proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
)
THIRTY = replace(
    PRESETS["fr-30-days-registered"], proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT})
)
CALENDAR = Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris")
BARE = NoticeTerms(counting=CALENDAR)
LANGUAGES = ("en", "fr")


def w(language: str = "en") -> Wording:
    return wording_for(language, "Europe/Paris")


def window(terms: NoticeTerms, day: date) -> Window:
    at = datetime(day.year, day.month, day.day, 8, 14, tzinfo=UTC)
    return compute_window(terms, at, get_calendar(terms.counting.holiday_calendar))


def in_every_language(said: object) -> None:
    """Told without holes: placeholders filled, nothing empty, no stored value."""
    sentences = said if isinstance(said, tuple) else (said,)
    assert sentences
    for sentence in sentences:
        assert isinstance(sentence, str)
        assert sentence.strip()
        assert "%(" not in sentence
        assert "_" not in sentence.replace("art_", "")


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


def test_unknown_terms() -> None:
    assert "never taken as acceptance" in " ".join(silence_sentences(None, w()))
    for said in (
        expected_deadline_sentences(None, None, w()),
        form_sentences(None, w()),
        effect_sentences(None, [], w()),
        terms_sentence(None, w()),
    ):
        in_every_language(said)
    assert expected_deadline_short(None, w()) == ""


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_silence_under_all_terms(language: str) -> None:
    for authorisation, effect, irrevocable, objection in product(
        Authorisation, SilenceEffect, (True, False), ObjectionEffect
    ):
        terms = replace(
            FIFTEEN,
            authorisation=authorisation,
            effect_of_silence=effect,
            silence_irrevocable=irrevocable,
            effect_of_objection=objection,
        )
        told = silence_sentences(terms, w(language))
        in_every_language(told)
        if authorisation is Authorisation.SPECIFIC and language == "en":
            assert told == (
                "If you do not answer, you have not authorised the change: it is not used for you.",
            )


def test_silence_of_the_two_seed_contracts() -> None:
    assert "a person then takes the matter up" in " ".join(silence_sentences(FIFTEEN, w()))
    assert "irrevocably" in silence_sentences(THIRTY, w())[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_objection_under_all_terms(language: str) -> None:
    for form, timely, grounds in product(ObjectionForm, TimelyWhen, ObjectionGrounds):
        terms = replace(
            BARE, objection_form=form, objection_timely_when=timely, objection_grounds=grounds
        )
        in_every_language(form_sentences(terms, w(language), address="1 rue X\n75001 Paris"))
    for effect in ObjectionEffect:
        terms = replace(BARE, effect_of_objection=effect)
        in_every_language(effect_sentences(terms, ["Monitoring"], w(language)))
    for scope, when, costs, data, days in product(
        TerminationScope, TakesEffect, FinancialEffect, DataAtEnd, (None, 90)
    ):
        terms = replace(
            BARE,
            effect_of_objection=ObjectionEffect.TERMINATION,
            termination=Termination(scope, when, costs, data, days),
        )
        for services in ([], ["Monitoring"], ["Monitoring", "Backup"]):
            in_every_language(effect_sentences(terms, services, w(language)))


def test_objection_by_registered_letter_says_what_it_costs() -> None:
    assert effect_sentences(THIRTY, ["Monitoring"], w()) == (
        "Objecting means terminating the service Monitoring.",
        "The termination takes effect when the objection period ends.",
        "You bear the consequences of early termination that your agreement provides for.",
        "Your data is destroyed at the end of the services.",
    )
    told = form_sentences(THIRTY, w(), address="Vendor\n1 rue X\n75001 Paris")
    assert "Address for objections: Vendor, 1 rue X, 75001 Paris." in told


def test_objection_without_a_stated_effect() -> None:
    assert effect_sentences(FIFTEEN, ["Monitoring"], w()) == (
        "Your agreement does not say what an objection leads to.",
        "If you object, we will contact you to settle it.",
        "Until it is settled, the subprocessor is not used for you.",
    )


@pytest.mark.parametrize("kind", ChangeKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change(kind: ChangeKind, language: str) -> None:
    for services in ([], ["Monitoring"]):
        told = change_sentence(kind, "OVHcloud", "IONOS", services, w(language))
        in_every_language(told)
        assert "OVHcloud" in told
        assert ("IONOS" in told) == (kind is ChangeKind.REPLACEMENT)


@pytest.mark.parametrize("reason", HoldReason)
def test_every_hold(reason: HoldReason) -> None:
    for language in LANGUAGES:
        told = hold_text(reason, w(language))
        in_every_language((told.name, told.explanation, told.remedy))


def test_holds_are_told_apart() -> None:
    said = [hold_text(reason, w()) for reason in HoldReason]
    assert len({told.explanation for told in said}) == len(said)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome(outcome: Outcome) -> None:
    facts = OutcomeFacts(
        outcome,
        "OVHcloud",
        replace(THIRTY, provenance=replace(THIRTY.provenance, clause="annexe 4")),
        date(2026, 6, 1),
        ("Monitoring",),
        date(2026, 4, 1),
    )
    for language in LANGUAGES:
        told = outcome_sentences(facts, w(language))
        in_every_language(told)
        assert "annexe 4" in told[0]
        in_every_language(outcome_sentences(OutcomeFacts(outcome, "OVHcloud"), w(language)))


def test_outcomes_are_told_apart() -> None:
    said = [outcome_sentences(OutcomeFacts(outcome, "X"), w())[0] for outcome in Outcome]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("members", [ProofKind, SettlementKind, Timeliness])
def test_short_sentences(members: type) -> None:
    tellers = {
        ProofKind: proof_sentence,
        SettlementKind: settlement_sentence,
        Timeliness: timeliness_sentence,
    }
    for member in members:
        in_every_language(tellers[members](member, w()))


def test_a_servers_yes_is_not_a_reader() -> None:
    for kind in ProofKind:
        for told in (proof_sentence(kind, w()), served_sentence(kind, w())):
            in_every_language(told)
            assert " read" not in told


@pytest.mark.parametrize("kind", ResponseKind)
def test_every_response(kind: ResponseKind) -> None:
    for state, valid, timeliness, terms in product(
        ResponseState, (True, False), (None, *Timeliness), (None, FIFTEEN, THIRTY)
    ):
        facts = ResponseFacts(kind, state, valid, terms, "Europe/Paris", timeliness)
        in_every_language(response_sentences(facts, w()))


def test_an_online_objection_is_not_yet_a_letter() -> None:
    closes_at = window(THIRTY, date(2026, 3, 2)).closes_at
    facts = ResponseFacts(
        ResponseKind.OBJECTION,
        ResponseState.EFFECTIVE,
        False,
        THIRTY,
        "Europe/Paris",
        Timeliness.IN_TIME,
        closes_at,
        ("Monitoring",),
    )
    letter = "Not yet valid: send the registered letter by Wednesday 1 April 2026."
    assert letter_deadline_sentence(facts, w()) == letter
    assert letter in response_sentences(facts, w())
    assert letter_deadline_sentence(replace(facts, has_valid_form=True), w()) == ""


@pytest.mark.parametrize("terms", [FIFTEEN, THIRTY, BARE])
def test_terms_read_out(terms: NoticeTerms) -> None:
    for language in LANGUAGES:
        in_every_language(terms_sentence(terms, w(language)))
        for line in terms_lines(terms, w(language)):
            assert line.name
            assert line.text


def test_terms_in_a_line() -> None:
    assert terms_sentence(THIRTY, w()) == (
        "30 days from receipt; silence: accepted, irrevocably;"
        " objection: by registered letter, it is a termination, in time when dispatched in time"
    )
