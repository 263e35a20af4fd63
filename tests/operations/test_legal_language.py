"""Mails to legal in the language of the setting, whatever their rows say, as they leave."""

import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.build_mails import CONTACT_CHANGED, MailBuilder, OutboxSettings
from subnotify.operations.queue_alarms import queue_delivery_alarm, queue_objection_alarm
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.render_messages import mail_texts
from subnotify.rules.words import (
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
    ResponseKind,
)
from subnotify.storage import claims
from subnotify.storage.tables import MessageRow, NoticeRow, ResponseRow
from tests.operations.rendering import CONTEXT, LEGAL, serve
from tests.operations.test_queue_digest import everything_waits, queue
from tests.rules.transfer_samples import in_full
from tests.support.announced import add_client, add_notice_message, add_response, announce
from tests.support.lapse_world import LapseWorld, in_us
from tests.support.outbox import SETTINGS
from tests.support.scenario import Scenario

FRENCH = OutboxSettings(SETTINGS.sender, SETTINGS.seal_key, LEGAL, legal_language="fr")
HOUR = timedelta(hours=1)
# What no French sentence holds; links and what others wrote are taken away before.
ENGLISH = re.compile(
    r"\b(the|of|to|is|are|was|were|has|have|not|and|from|until|by|for|with|at|our|we|this|that|"
    r"case|cases|deadline|mails?|notices?|basis|bases|waits?|days?|monday|march)\b",
    re.IGNORECASE,
)


def legal_mails(
    session: Session, at: datetime, settings: OutboxSettings = FRENCH
) -> list[tuple[MessagePurpose, EmailMessage]]:
    """Every due mail to legal as its bytes leave; mails to contacts are left out."""
    session.commit()
    due = claims.claim_due(session, by="t", until=at + HOUR, limit=500, at=at).messages
    session.commit()
    due = [one for one in due if one.contact_id is None and one.to_address == LEGAL]
    assert {one.language for one in due} == {"en"}
    batch = MailBuilder(settings, mail_texts(CONTEXT, lambda: at)).build(session, due, at=at)
    assert not batch.aside
    return [
        (x.message.purpose, message_from_bytes(x.raw, policy=policy.default)) for x in batch.ready
    ]


def flowing(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().replace("\N{NO-BREAK SPACE}", " ").split())


def assert_french(mail: EmailMessage, *words_of_others: str) -> None:
    html = mail.get_body(("html",))
    assert html is not None
    assert mail["Content-Language"] == "fr"
    assert '<html lang="fr">' in html.get_content()
    said = f"{mail['Subject']} {flowing(mail)}"
    for words in words_of_others:
        assert words in said
        said = said.replace(words, "")
    said = re.sub(r"https?://\S+|\S+@\S+", "", said.partition(" -- ")[0])
    assert not (found := ENGLISH.findall(said)), (found, said)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_summary_is_in_the_language_of_the_setting(
    session: Session, scenario: Scenario, at: datetime, language: str
) -> None:
    everything_waits(session, scenario, at)
    assert queue(session, at)
    settings = OutboxSettings(SETTINGS.sender, SETTINGS.seal_key, LEGAL, legal_language=language)
    ((purpose, mail),) = legal_mails(session, at, settings)
    assert purpose is MessagePurpose.LEGAL_DIGEST
    if language == "en":
        assert mail["Content-Language"] == "en"
        assert mail["Subject"].startswith("What waits for you, Monday 2 March 2026: 2 deadlines")
        return
    refused = "5.7.1 <privacy@vendor.example>: not owned by user <vendor>"
    assert_french(mail, refused, "LOGIN failed", "We <object>", "KeyError: 'x'")
    assert mail["Subject"].replace("\N{NO-BREAK SPACE}", " ") == (
        "Ce qui vous attend, lundi 2 mars 2026 : 2 dates limites dans les trois prochains jours"
    )
    text = flowing(mail)
    for said in (
        "Dates limites des trois prochains jours, dans des dossiers à traiter par une personne : 2",
        "auteur : dpo@client.example (client inconnu) : « We <object> »",
        "Notifications non effectuées : 1",
        "Oppositions en cours : 1",
        "un courriel ou une lettre du client n’est pas lu : 1",
        "1 dossier attend « courrier recommandé ouvert », jusqu’au mercredi",
        "Courriels sortants mis de côté : 1",
        "Premier jour sans fondement : 20 mars 2026",
        "1 autre délai expire dans les trois prochains jours ; il n’appelle aucune action.",
    ):
        assert said in text.replace("\N{NARROW NO-BREAK SPACE}", " "), (said, text)


def test_the_alarms_are_too_and_clients_keep_their_own(session: Session, at: datetime) -> None:
    made = announce(session, at=at)
    notice_id = add_client(session, made, "acme", at=at, language="en")
    serve(session, notice_id, at)
    message_id = add_notice_message(session, made, "acme", at=at)
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.PARKED, last_reply=CONTACT_CHANGED)
    )
    response_id = add_response(
        session, notice_id, made.cases["acme"][1], ResponseKind.OBJECTION, at=at, text="We object."
    )
    queue_receipts(session, response_id, at=at)
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    session.execute(update(ResponseRow).values(disowned_at=at))
    queue_objection_alarm(session, response_id, LEGAL, at=at)
    failed = {"failure_reason": HoldReason.NOT_SERVED, "failure": CONTACT_CHANGED}
    session.execute(update(NoticeRow).values(state=NoticeState.NOT_SERVED, **failed))
    queue_delivery_alarm(session, [notice_id], LEGAL, at=at)
    session.commit()
    due = claims.claim_due(session, by="t", until=at + HOUR, limit=500, at=at).messages
    session.commit()
    batch = MailBuilder(FRENCH, mail_texts(CONTEXT, lambda: at)).build(session, due, at=at)
    mails = [
        (one.message, message_from_bytes(one.raw, policy=policy.default)) for one in batch.ready
    ]
    to_legal = {x.logical_key.partition(":")[0]: mail for x, mail in mails if not x.contact_id}
    assert set(to_legal) == {"objection_alarm", "delivery_alarm"}
    for message, mail in mails:
        if message.contact_id is None:
            assert_french(mail, *(["We object."] if message.response_id else []))
        else:
            assert mail["Content-Language"] == "en"
            assert "receipt of your answer" in mail["Subject"]
    subjects = {str(mail["Subject"]).replace("\N{NO-BREAK SPACE}", " ") for _, mail in mails}
    assert {
        "[2026-003-00001] Opposition : Acme SARL, Sentry",
        "[2026-003-00001] Une réponse est désavouée : Acme SARL",
        "[2026-003-00001] Notification non effectuée : Acme SARL",
    } <= subjects
    # Our own words on record are translated; those of a server stay as they came.
    alarm = flowing(to_legal["delivery_alarm"])
    assert "Le contact désigné, son nom ou son adresse a changé" in alarm, alarm
    assert {x.contact_id is None for x, _ in mails} == {True, False}


def test_the_alarm_of_transfers_is_too(session: Session, at: datetime) -> None:
    world = LapseWorld(session, at=at)
    world.add_entry("mirador", in_us(in_full("scc_eu_2021_m3", expires_on=date(2026, 12, 31))))
    world.find(date(2026, 12, 2))
    session.execute(update(MessageRow).values(to_address=LEGAL))
    ((purpose, mail),) = legal_mails(session, datetime(2026, 12, 2, 12, tzinfo=at.tzinfo))
    assert purpose is MessagePurpose.TRANSFER_ALARM
    assert_french(mail)
    assert "aucun à partir du 1er janvier 2027" in str(mail["Subject"])
    assert "dans 30 jours" in flowing(mail)
