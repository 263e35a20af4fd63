"""Every member of a closed set has its sentences, in each language."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from subnotify.rules.terms import NoticeTerms, Termination
from subnotify.rules.terms_words import (
    Authorisation,
    DataAtEnd,
    FinancialEffect,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
)
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
    expected_deadline_sentences,
    expected_deadline_short,
)
from subnotify.wording.holds import hold_text
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
from tests.wording.telling import BARE, FIFTEEN, LANGUAGES, THIRTY, in_every_language, w, window


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
            assert len(told) == 1
            assert "No answer means no: the change is not used for you." in told[0]


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
        "Until it is settled, the change is not made for you.",
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
        # No clause brought the end of the agreement, or the withdrawal, about.
        by_no_clause = (Outcome.AGREEMENT_ENDED, Outcome.CHANGE_WITHDRAWN)
        assert ("annexe 4" in told[0]) is (outcome not in by_no_clause)
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


@pytest.mark.parametrize(
    ("decides", "english", "french"),
    [
        (
            TimelyWhen.DISPATCHED,
            "Not yet valid: send the registered letter by Wednesday 1 April 2026.",
            "Pas encore valable\N{NO-BREAK SPACE}: envoyez la lettre recommandée au plus tard le"
            " mercredi 1er avril 2026.",
        ),
        (
            TimelyWhen.RECEIVED,
            "Not yet valid: the registered letter must reach us by Wednesday 1 April 2026. Post it"
            " early enough.",
            "Pas encore valable\N{NO-BREAK SPACE}: la lettre recommandée doit nous parvenir au plus"
            " tard le mercredi 1er avril 2026. Postez-la assez tôt.",
        ),
        (
            TimelyWhen.UNSPECIFIED,
            "Not yet valid: send the registered letter by Wednesday 1 April 2026, so early that it"
            " arrives by then, too.",
            "Pas encore valable\N{NO-BREAK SPACE}: envoyez la lettre recommandée au plus tard le"
            " mercredi 1er avril 2026, assez tôt pour qu’elle arrive aussi à cette date.",
        ),
    ],
)
def test_the_day_of_the_letter_is_that_of_what_decides(
    decides: TimelyWhen, english: str, french: str
) -> None:
    facts = ResponseFacts(
        ResponseKind.OBJECTION,
        ResponseState.EFFECTIVE,
        False,
        replace(THIRTY, preset="", objection_timely_when=decides),
        "Europe/Paris",
        Timeliness.IN_TIME,
        window(THIRTY, date(2026, 3, 2)).closes_at,
    )
    assert letter_deadline_sentence(facts, w()) == english
    assert letter_deadline_sentence(facts, w("fr")) == french


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
