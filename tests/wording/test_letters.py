"""The letter by which a client objects, as it is printed and signed."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.terms_words import TakesEffect, TimelyWhen
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.letters import LetterFacts, objection_letter
from tests.support.announced_facts import FIFTEEN_DAYS, REGISTERED

FACTS = LetterFacts(
    client_name="Acme SARL",
    sender_name="Dominique Petit",
    sender_role="Managing director",
    recipient_lines=("Northwind Informatique", "12 rue des Exemples", "75011 Paris"),
    agreement_reference="C-2024-17",
    notice_reference="2026-003-00042",
    response_reference="R-000042-7F3K",
    change_sentence="OVHcloud will replace IONOS for Monitoring",
    services=("Monitoring",),
    terms=REGISTERED,
    notice_received_on=date(2026, 3, 2),
    last_day=date(2026, 4, 1),
    written_on=date(2026, 3, 20),
)


def w(language: str = "en") -> Wording:
    return wording_for(language, "Europe/Paris")


def test_termination_by_registered_letter() -> None:
    letter = objection_letter(FACTS, w())
    assert letter.sender_lines == ("Acme SARL", "Dominique Petit", "Managing director")
    assert letter.delivery == "Registered letter with acknowledgement of receipt"
    assert letter.subject == "Subject: termination of the service Monitoring"
    assert letter.references == (
        "Agreement: C-2024-17",
        "Your notice: 2026-003-00042",
        "Objection entered online: R-000042-7F3K",
    )
    assert letter.paragraphs[:4] == (
        "By your notice received on 2 March 2026 you informed us of this change of subprocessors:"
        " OVHcloud will replace IONOS for Monitoring.",
        "We object to this change and hereby terminate the service Monitoring.",
        "Basis: our agreement, annexe 4, § 3.",
        "The termination takes effect when the objection period ends, at the end of 1 April 2026.",
    )
    assert "destroy the data" in letter.paragraphs[4]
    assert letter.note == (
        "Print, sign and send it as a registered letter by Wednesday 1 April 2026. Keep the proof"
        " of posting."
    )
    assert "20 March 2026" in letter.place_and_date


@pytest.mark.parametrize(
    ("decides", "english", "french"),
    [
        (
            TimelyWhen.RECEIVED,
            "Print, sign and send it as a registered letter, early enough to arrive by Wednesday"
            " 1 April 2026: the day of arrival decides. Keep the proof of posting.",
            "Imprimez la lettre, signez-la et envoyez-la en recommandé, assez tôt pour qu’elle"
            " arrive au plus tard le mercredi 1er avril 2026\N{NO-BREAK SPACE}: c’est le jour"
            " d’arrivée qui compte. Conservez la preuve de dépôt.",
        ),
        (
            TimelyWhen.UNSPECIFIED,
            "Print, sign and send it as a registered letter by Wednesday 1 April 2026, so early"
            " that it arrives by then, too. Keep the proof of posting.",
            "Imprimez la lettre, signez-la et envoyez-la en recommandé au plus tard le mercredi"
            " 1er avril 2026, assez tôt pour qu’elle arrive aussi à cette date. Conservez la preuve"
            " de dépôt.",
        ),
    ],
)
def test_the_day_above_the_letter_is_that_of_what_decides(
    decides: TimelyWhen, english: str, french: str
) -> None:
    facts = replace(FACTS, terms=replace(REGISTERED, preset="", objection_timely_when=decides))
    assert objection_letter(facts, w()).note == english
    assert objection_letter(facts, w("fr")).note == french
    # Before the window is known, too.
    told = objection_letter(replace(facts, last_day=None), w()).note
    assert "early enough to arrive before the period ends" in told


def test_objection_that_terminates_nothing() -> None:
    letter = objection_letter(replace(FACTS, terms=FIFTEEN_DAYS), w())
    assert letter.subject == "Subject: objection to a change of subprocessor"
    told = " ".join(letter.paragraphs)
    assert "We object to this change." in told
    assert "terminat" not in told


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("terms", [None, FIFTEEN_DAYS, REGISTERED])
def test_no_letter_has_a_hole(language: str, terms: object) -> None:
    for services in ((), ("Monitoring",), ("Monitoring", "Backup")):
        for day in (None, date(2026, 4, 1)):
            facts = replace(
                FACTS,
                terms=terms,
                services=services,
                last_day=day,
                notice_received_on=day,
                response_reference="" if day else "R-1",
            )
            letter = objection_letter(facts, w(language))
            for text in (*letter.references, *letter.paragraphs, letter.subject, letter.note):
                assert text.strip()
                assert "None" not in text
                assert "%(" not in text


def test_effect_at_another_time_is_not_promised() -> None:
    termination = replace(REGISTERED.termination, takes_effect=TakesEffect.UNSPECIFIED)
    facts = replace(FACTS, terms=replace(REGISTERED, termination=termination))
    assert "takes effect" not in " ".join(objection_letter(facts, w()).paragraphs)
