"""Our own mail in an answer is left out; what anybody else wrote is kept."""

import pytest

from subnotify.delivery.quoted_texts import split_quoted
from tests.support.incoming import OWN

_NOTICE = "You may object until 2 December."
_TAGGED = "notices+rabcdef@vendor.example"


def _own(text: str) -> str:
    return split_quoted(text, {OWN}, {"Example Vendor"})[0]


@pytest.mark.parametrize(
    "head",
    [
        "On 2 Nov 2026, at 10:00, Example Vendor <notices@vendor.example> wrote:",
        "On Mon, Nov 2, 2026 at 10:00 AM Example Vendor <\nnotices@vendor.example> wrote:",
        f"On Mon, Nov 2, 2026 at 10:00 AM Example Vendor <{_TAGGED}> wrote:",
        "Le lun. 2 nov. 2026 à 10:00, Example Vendor <notices@vendor.example> a\nécrit :",
        "Le 02/11/2026 à 10:00, Example Vendor a écrit :",
        "Am 02.11.26 um 10:00 schrieb Example Vendor:",
        "Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Example Vendor <\nnotices@vendor.example>:",
        "Il giorno lun 2 nov 2026 alle ore 10:00 Example Vendor <notices@vendor.example>\n"
        "ha scritto:",
        "El lun, 2 nov 2026 a las 10:00, Example Vendor (<notices@vendor.example>) escribió:",
        "Op ma 2 nov 2026 om 10:00 schreef Example Vendor <notices@vendor.example>:",
        "Op 2 nov 2026, om 10:00 heeft Example Vendor <notices@vendor.example> het volgende\n"
        "geschreven:",
        "Em seg., 2 de nov. de 2026 às 10:00, Example Vendor <notices@vendor.example> escreveu:",
        "pon., 2 lis 2026 o 10:00 Example Vendor <notices@vendor.example> napisał(a):",
        "Den mån 2 nov. 2026 kl 10:00 skrev Example Vendor <notices@vendor.example>:",
        "Den man. 2. nov. 2026 kl. 10.00 skrev Example Vendor <notices@vendor.example>:",
    ],
)
def test_an_attribution_of_ours_and_its_quotation_are_left_out(head: str) -> None:
    assert _own(f"Noted.\n\n{head}\n\n> {_NOTICE}\n>\n> Regards") == "Noted."
    marked = "\n".join(f"> {line}" for line in head.split("\n"))
    assert _own(f"Noted.\n\n{marked}\n>\n> {_NOTICE}") == "Noted."


@pytest.mark.parametrize(
    "head",
    [
        "From: Example Vendor <notices@vendor.example>\nSent: Monday\nTo: John\nSubject: Change",
        "From: Example Vendor\nSent: Monday\nTo: John\nSubject: Change",
        "*From:* Example Vendor [mailto:notices@vendor.example]\n*Sent:* x\n*To:* y\n*Subject:* z",
        "De : Example Vendor\nEnvoyé : lundi 2 novembre\nÀ : Claire\nObjet : Changement",
        "Von: Example Vendor <notices@vendor.example>\nDatum: x\nAn: y\nBetreff: z",
        "Da: Example Vendor\nInviato: lunedì\nA: Y\nOggetto: z",
        "De: Example Vendor\nEnviado el: lunes\nPara: Y\nAsunto: z",
        "Van: Example Vendor\nVerzonden: maandag\nAan: y\nOnderwerp: z",
        "Från: Example Vendor\nSkickat: x\nTill: y\nÄmne: z",
        "Fra: Example Vendor\nSendt: x\nTil: y\nEmne: z",
        "Od: Example Vendor\nWysłano: x\nDo: y\nTemat: z",
        "-----Original Message-----\nFrom: Example Vendor\nSent: x\nTo: y\nSubject: z",
        "-----Ursprüngliche Nachricht-----\nVon: Example Vendor\nGesendet: x\nAn: y\nBetreff: z",
        "-----Message d'origine-----\nDe : Example Vendor\nEnvoyé : x\nÀ : y\nObjet : z",
    ],
)
def test_what_stands_below_the_head_of_our_mail_is_left_out(head: str) -> None:
    assert _own(f"Noted.\n\n{head}\n\n{_NOTICE}\n\nRegards") == "Noted."


@pytest.mark.parametrize(
    "head",
    [
        "On 30 Nov 2026, Paul Boss <boss@client.example> wrote:",
        "On 30 November our board wrote:",
        "Am 30.11.26 um 10:00 schrieb Paul Chef:",
        "Von: Chef, Paul\nGesendet: x\nAn: y\nBetreff: z",
        "From: Paul <boss@client.example>\nSent: x\nTo: y\nSubject: z",
        "---------- Forwarded message ---------\nFrom: Paul\nDate: x\nSubject: y\nTo: z",
        "Begin forwarded message:\n\nFrom: Paul\nSubject: y\nDate: x\nTo: z",
        "-------- Weitergeleitete Nachricht --------\nBetreff: x\nDatum: y\nVon: Paul\nAn: z",
        "-----Message d'origine-----\nDe : Paul\nEnvoyé : x\nÀ : y\nObjet : z",
    ],
)
def test_what_a_colleague_wrote_is_kept_whether_marked_or_not(head: str) -> None:
    assert "We object." in _own(f"See below.\n\n{head}\n\nWe object.")
    assert "We object." in _own(f"See below.\n\n{head}\n\n> We object.")


def test_our_mail_inside_a_colleagues_is_left_out_and_his_words_below_it_kept() -> None:
    text = (
        "See below.\n\n"
        "Am 30.11.26 um 18:00 schrieb Paul Chef <chef@client.example>:\n"
        "> Am 02.11.26 um 10:00 schrieb Example Vendor:\n"
        f">> {_NOTICE}\n"
        "> We object.\n"
    )
    assert "> We object." in _own(text)
    assert _NOTICE not in _own(text)


def test_answers_between_quoted_lines_are_kept() -> None:
    text = f"On 2 Nov 2026 Example Vendor wrote:\n> One\nFirst answer.\n> {_NOTICE}\nSecond.\n"
    assert _own(text) == "First answer.\nSecond."


@pytest.mark.parametrize("text", [f"> {_NOTICE}", f"-----Original Message-----\n{_NOTICE}"])
def test_where_nothing_would_be_left_all_is_kept(text: str) -> None:
    assert split_quoted(text, {OWN}, set()) == (text, "")


@pytest.mark.parametrize(
    "text",
    [
        "From: my point of view this is fine.",
        "On the one hand, 3 points.\nOn the other: none.",
        "A: yes\nB: no",
        "The DPO wrote: no.",
        "--\nClaire Martin",
    ],
)
def test_words_that_only_look_like_it_are_kept(text: str) -> None:
    assert _own(text) == text
