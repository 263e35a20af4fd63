"""Automatic replies and persons' answers told apart: what a person wrote is never lost."""

import pytest

from subnotify.rules.words import IncomingKind
from tests.support.incoming import NOTICE_ID, SAMPLES, list_samples, read, read_sample

_AUTOMATIC = [file.name for file in list_samples("auto_replies")]
_REPLIES = [file.name for file in list_samples("replies")]
_FOR_PERSON = {"left_company.eml", "left_company_french.eml", "receipt_deleted_by_rule.eml"}
_TEXTS = {
    "absence_of_consent": "Nous ne donnons pas suite.",
    "asks_more_time": "Could we have two more weeks?",
    "english_bottom_posted": "We object.\n\nJohn Client",
    "english_inline": "Not with us.\n\nConsider this done.",
    "english_iphone": "We object to this change.\n\nSent from my iPhone",
    "exchange_normal_reply": "Fine with us.",
    "french_acknowledges": "Bien reçu, merci.",
    "french_top_posted": (
        "Bonjour,\n\nNous nous opposons au recours à Hosting Example.\n\nClaire Martin"
    ),
    "german_thunderbird": (
        "Sehr geehrte Damen und Herren,\n\nwir widersprechen der Änderung.\n\n"
        "Mit freundlichen Grüßen"
    ),
    "gmail_alternative": "Thank you, noted.",
    "html_only": "Dear Sirs,\n\nWe object to the engagement of Hosting Example.",
    "latin1_undeclared": "Nous sommes opposés à ce changement.",
    "new_mail_without_tag": "We object to Hosting Example.",
    "smime_signed": "Nous refusons ce sous-traitant. À bientôt.",
    "wrong_charset": "Wir möchten widersprechen.",
}


@pytest.mark.parametrize("name", _AUTOMATIC)
def test_an_automatic_reply_is_known_and_the_reason_said(name: str) -> None:
    mail = read_sample(f"auto_replies/{name}")
    assert (mail.kind, mail.reports) == (IncomingKind.AUTO_REPLY, ())
    assert mail.reason
    assert bool(mail.for_person) == (name in _FOR_PERSON)
    assert NOTICE_ID in mail.message_ids


@pytest.mark.parametrize("name", _REPLIES)
def test_what_a_person_wrote_or_must_read_is_a_reply(name: str) -> None:
    mail = read_sample(f"replies/{name}")
    assert (mail.kind, mail.reports) == (IncomingKind.REPLY, ())
    assert mail.text


@pytest.mark.parametrize(("name", "text"), _TEXTS.items())
def test_only_what_the_sender_wrote_is_his_text(name: str, text: str) -> None:
    assert read_sample(f"replies/{name}.eml").text == text


def test_our_notice_in_the_quotation_is_kept_apart() -> None:
    mail = read_sample("replies/english_iphone.eml")
    assert "An objection needs no reason" in mail.quoted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forwarded_colleague", "Nous nous y opposons formellement."),
        ("forwarded_gmail", "We cannot accept this subprocessor."),
    ],
)
def test_what_a_colleague_wrote_belongs_to_the_answer(name: str, words: str) -> None:
    mail = read_sample(f"replies/{name}.eml")
    assert words in mail.text
    assert "votre silence vaut acceptation" not in mail.text


def test_who_wrote_and_with_which_files() -> None:
    mail = read_sample("replies/smime_signed.eml")
    assert (mail.from_name, mail.from_address) == ("Claire Martin", "c.martin@client.example")
    files = [(one.name, one.content_type, one.size) for one in mail.attachments]
    assert files == [
        ("lettre définitive.pdf", "application/pdf", 9),
        ("smime.p7s", "application/pkcs7-signature", 8),
    ]


_OBJECTIONS = [
    "We object to this subprocessor.",
    "We oppose the change.",
    "We refuse.",
    "We do not agree.",
    "We don't accept this.",
    "Nous nous opposons à ce changement.",
    "Nous faisons opposition.",
    "Nous refusons.",
    "Nous ne sommes pas d'accord.",
    "Nous n’acceptons pas.",
    "Nous ne pouvons pas accepter ce changement.",
    "Non possiamo accettare.",
    "No podemos aceptar este cambio.",
    "Wir widersprechen.",
    "Hiermit legen wir Widerspruch ein.",
    "Wir legen Einspruch ein.",
    "Wir lehnen den neuen Dienstleister ab.",
    "Damit sind wir nicht einverstanden.",
    "Wir kündigen den Vertrag.",
    "Ci opponiamo alla modifica.",
    "Non accettiamo.",
    "Nos oponemos al cambio.",
    "Presentamos objeción.",
    "Wij maken bezwaar.",
    "Wij gaan niet akkoord.",
    "Opomo-nos à alteração.",
    "Não aceitamos.",
    "Zgłaszamy sprzeciw.",
    "Nie zgadzamy się.",
    "Vi invänder mot detta.",
    "Vi godkänner inte detta.",
    "Vi gør indsigelse.",
    "Vi accepterer ikke dette.",
    "Please extend the deadline.",
    "Wir bitten um Fristverlängerung.",
    "Nous demandons un délai supplémentaire.",
]
_SIGNS = [
    "Subject: Out of Office: notice\r\n",
    "Subject: Abwesenheitsnotiz\r\n",
    "Subject: notice\r\nPrecedence: bulk\r\n",
    "Subject: notice\r\nReturn-Path: <>\r\n",
    "Subject: notice\r\nAuto-Submitted: auto-generated\r\n",
]


@pytest.mark.parametrize("sign", _SIGNS)
@pytest.mark.parametrize("words", _OBJECTIONS)
def test_an_objection_is_never_taken_for_an_automatic_reply(words: str, sign: str) -> None:
    mail = read(_mail(sign, f"Hello.\r\n\r\n{words}\r\n"))
    assert mail.kind is IncomingKind.REPLY


@pytest.mark.parametrize("words", _OBJECTIONS)
def test_a_responder_that_speaks_of_an_objection_needs_a_person(words: str) -> None:
    mail = read(_mail("Subject: x\r\nAuto-Submitted: auto-replied\r\n", words))
    assert mail.kind is IncomingKind.AUTO_REPLY
    assert "objection" in mail.for_person


def test_words_of_our_own_notice_make_no_person_of_a_machine() -> None:
    quoted = "I am away.\r\n\r\n> You may object. An objection needs no reason.\r\n"
    mail = read(_mail("Subject: Out of Office: notice\r\n", quoted))
    assert (mail.kind, mail.for_person) == (IncomingKind.AUTO_REPLY, "")


@pytest.mark.parametrize(
    "subject",
    [
        "AW: Abwesenheitsnotiz",
        "Re: Out of office",
        "Absence de consentement",
        "Absence d'accord",
        "Ausência de consentimento",
        "Question on the automatic reply",
        "Semester contract",
        "Automatic processing of our data",
        "Undo the change",
    ],
)
def test_a_subject_counts_only_at_its_beginning_and_as_a_whole(subject: str) -> None:
    assert read(_mail(f"Subject: {subject}\r\n", "Hello.")).kind is IncomingKind.REPLY


@pytest.mark.parametrize(
    "sign",
    [
        "User-Agent: Mozilla Thunderbird\r\n",
        "X-Mailer: iPhone Mail (22A3354)\r\n",
        "Auto-Submitted: no\r\n",
    ],
)
def test_signs_of_a_person_outweigh_a_subject(sign: str) -> None:
    mail = read(_mail(f"Subject: Abwesenheitsnotiz\r\n{sign}", "Guten Tag."))
    assert mail.kind is IncomingKind.REPLY
    assert "but" in mail.reason


def test_what_exchange_writes_into_every_mail_makes_none_automatic() -> None:
    headers = "Subject: RE: notice\r\nX-Auto-Response-Suppress: All\r\n"
    assert read(_mail(headers, "Fine.")).kind is IncomingKind.REPLY


def test_a_generated_mail_that_asks_something_goes_to_a_person() -> None:
    headers = "Subject: [#4] Re: notice\r\nAuto-Submitted: auto-generated\r\n"
    mail = read(_mail(headers, "Where is the data kept?"))
    assert mail.kind is IncomingKind.REPLY


def test_automatic_words_of_mail_that_did_not_arrive_go_to_a_person() -> None:
    mail = read(_mail("Subject: x\r\nAuto-Submitted: auto-replied\r\n", "The mailbox is full."))
    assert mail.kind is IncomingKind.REPLY
    assert "not delivered" in mail.reason


def test_the_samples_are_where_their_names_say() -> None:
    assert len(_AUTOMATIC) >= 30
    assert len(_REPLIES) >= 22
    assert (SAMPLES / "replies/README.md").is_file()


def _mail(headers: str, text: str) -> bytes:
    return (
        f"From: Erika <erika@client.example>\r\n{headers}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    ).encode()


def test_words_of_an_objection_in_a_read_receipt_need_a_person() -> None:
    raw = (SAMPLES / "auto_replies/receipt_displayed.eml").read_bytes()
    mail = read(raw.replace(b"Your message was read.", b"We object to this."))
    assert mail.kind is IncomingKind.AUTO_REPLY and "objection" in mail.for_person
