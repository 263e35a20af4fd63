"""The mail to legal about transfer bases that end, beside its golden copies."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from subnotify.rules.locations import Location
from subnotify.rules.transfer_verdicts import finding_instrument, safeguard_instrument
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import LocationKind
from subnotify.wording.language import wording_for
from subnotify.wording.mail_transfers import MOST_TOLD, LapseFacts, transfer_alarm_mail
from subnotify.wording.mails import COLUMNS, MailText
from tests.support.transfers import REFERENCE

GOLDEN = Path(__file__).parent / "golden"
DESK = "https://list.vendor.example/desk/lapses"
ON = date(2026, 10, 2)

DPF = REFERENCE.find_finding("EU-US-DPF")
MODULE_3 = REFERENCE.find_safeguard("scc_eu_2021_m3")
assert DPF is not None and MODULE_3 is not None
AHEAD = LapseFacts(
    name="Mirador <Logs> Inc.",
    location=Location("US", LocationKind.HOSTING),
    law=ExportLaw.EU_GDPR,
    rested_on=finding_instrument(DPF),
    lapses_on=date(2026, 12, 31),
    clients=1200,
    replacements=(safeguard_instrument(MODULE_3),),
    to_come=(),
    link=f"{DESK}/1",
)
PAST = replace(
    AHEAD,
    name="Example Cloud",
    law=ExportLaw.CH_FADP,
    rested_on=None,
    lapses_on=date(2026, 10, 2),
    clients=1,
    replacements=(),
    to_come=((safeguard_instrument(MODULE_3), date(2027, 6, 27)),),
    link=f"{DESK}/2",
)
MAILS = {
    "transfer_alarm_ahead": (AHEAD,),
    "transfer_alarm_both": (PAST, AHEAD),
}


def mail(*lapses: LapseFacts, language: str = "en") -> MailText:
    return transfer_alarm_mail(lapses, DESK, wording_for(language, "Europe/Paris"), on=ON)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_golden_copy(name: str, language: str) -> None:
    made = mail(*MAILS[name], language=language)
    plain = f"Subject: {made.subject}\n\n{made.text}"
    for suffix, written in ((".txt", plain), (".html", made.html)):
        golden = GOLDEN / f"{name}.{language}{suffix}"
        if os.environ.get("SUBNOTIFY_WRITE_GOLDEN"):
            golden.write_text(written, encoding="utf-8")
        assert written == golden.read_text(encoding="utf-8"), f"{golden.name} differs"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_its_form(name: str, language: str) -> None:
    made = mail(*MAILS[name], language=language)
    assert "\n" not in made.subject and "\n\n\n" not in made.text
    assert all(len(line) <= COLUMNS or " " not in line.strip() for line in made.text.splitlines())
    for part in (made.subject, made.text, made.html):
        assert "%(" not in part and "None" not in part
    assert "Mirador &lt;Logs&gt; Inc." in made.html
    for link in {word for word in made.text.split() if word.startswith("https://")}:
        assert link in made.html


def test_the_subject_says_what_and_when() -> None:
    assert mail(AHEAD).subject == (
        "Transfer basis ends: Mirador <Logs> Inc., none from 31 December 2026"
    )
    assert mail(PAST).subject == "Transfer basis lapsed: Example Cloud, since 2 October 2026"
    assert mail(PAST, AHEAD).subject == "Transfer bases: 2 places of the list have none, or will"


def test_the_subject_in_french() -> None:
    assert mail(AHEAD, language="fr").subject == (
        "Fondement du transfert qui prend fin : Mirador <Logs> Inc., aucun à partir du"
        " 31 décembre 2026"
    )
    assert mail(PAST, AHEAD, language="fr").subject == (
        "Fondements du transfert : 2 lieux de la liste n’en ont plus, ou n’en auront plus"
    )


def test_hundreds_at_once_are_counted() -> None:
    made = mail(*[AHEAD] * (MOST_TOLD + 7))
    assert "and 7 more." in made.text
    assert made.text.count("EU GDPR") == MOST_TOLD
