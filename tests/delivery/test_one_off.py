"""One-off mails through Flask-Mail, against a real server: its traps stay closed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_mail import Mail

from subnotify.delivery.headers import Mailbox, UnsafeHeader
from subnotify.delivery.one_off import OneOffMailer, OneOffMailFailed, flask_mail_config
from subnotify.delivery.results import DeliveryState
from subnotify.delivery.smtp import Security, SmtpSettings
from tests.support.smtp_server import ScriptedSmtpServer, TlsPair

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = Mailbox("privacy@vendor.example", "Équipe vie privée")


def _mailer(app: Flask, server: ScriptedSmtpServer, timeout: float = 5) -> OneOffMailer:
    settings = SmtpSettings(server.host, server.port, Security.NONE, timeout_seconds=timeout)
    app.config.update(flask_mail_config(settings, SENDER))
    return OneOffMailer(Mail(app), settings, sender=SENDER)


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    with app.app_context():
        yield app


def test_a_code_is_sent(app: Flask, smtp_server: ScriptedSmtpServer) -> None:
    _mailer(app, smtp_server).send(
        "dpo@client.example",
        "Votre code à usage unique",
        "x" * 3000,
        "<p>é</p>",
        at=AT,
        language="fr",
    )
    (mail,) = smtp_server.mails
    assert (mail.envelope_from, mail.recipient) == ("privacy@vendor.example", "dpo@client.example")
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    parsed = mail.parsed
    assert parsed["Subject"] == "Votre code à usage unique"
    assert parsed["From"] == "Équipe vie privée <privacy@vendor.example>"
    assert parsed["Date"].datetime == AT
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["List-Id"] is None
    text, html = parsed.iter_parts()
    assert text.get_content().strip() == "x" * 3000
    assert html.get_content().strip() == "<p>é</p>"


@pytest.mark.parametrize(
    ("verb", "code", "state"),
    [
        ("rcpt", 550, DeliveryState.REJECTED),
        ("rcpt", 450, DeliveryState.DEFERRED),
        ("final_dot", 554, DeliveryState.REJECTED),
    ],
)
def test_a_refused_recipient_is_an_error(
    app: Flask, smtp_server: ScriptedSmtpServer, verb: str, code: int, state: DeliveryState
) -> None:
    smtp_server.answer(verb, code, "no such user")
    with pytest.raises(OneOffMailFailed, match="no such user") as caught:
        _mailer(app, smtp_server).send("dead@client.example", "Code", "1", "1", at=AT)
    assert caught.value.result.state is state
    assert smtp_server.mails == []


@pytest.mark.parametrize("act", ["drop", "stall"])
def test_a_failed_farewell_is_no_error(
    app: Flask, smtp_server: ScriptedSmtpServer, act: str
) -> None:
    getattr(smtp_server, act)("quit")
    _mailer(app, smtp_server, 1.5).send("dpo@client.example", "Code", "1", "1", at=AT)
    assert len(smtp_server.mails) == 1


def test_a_stalled_server_is_given_up(app: Flask, smtp_server: ScriptedSmtpServer) -> None:
    smtp_server.stall("final_dot", stored=True)
    with pytest.raises(OneOffMailFailed) as caught:
        _mailer(app, smtp_server, 1).send("dpo@client.example", "Code", "1", "1", at=AT)
    assert caught.value.result.state is DeliveryState.UNKNOWN


def test_tls_is_checked(app: Flask, tls_pair: TlsPair) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server) as server:
        settings = SmtpSettings(server.host, server.port, Security.STARTTLS, timeout_seconds=5)
        app.config.update(flask_mail_config(settings, SENDER))
        with pytest.raises(OneOffMailFailed, match="certificate"):
            OneOffMailer(Mail(app), settings, sender=SENDER).send("a@b.c", "C", "1", "1", at=AT)
        trusted = OneOffMailer(Mail(app), settings, sender=SENDER, tls_context=tls_pair.client)
        trusted.send("a@b.c", "C", "1", "1", at=AT)
        assert server.mails[0].over_tls


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@b.c\r\nBcc: x@y.z", "Code"),
        ("a@b.c, d@e.f", "Code"),
        ("a@b.c", "Code\r\nBcc: x@y.z"),
        ("a@b.c", "=?utf-8?q?a=0D=0ABcc:x@y.z?="),
    ],
)
def test_unsafe_headers_send_nothing(
    app: Flask, smtp_server: ScriptedSmtpServer, to: str, subject: str
) -> None:
    with pytest.raises(UnsafeHeader):
        _mailer(app, smtp_server).send(to, subject, "1", "1", at=AT)
    assert smtp_server.sessions == 0


def test_flask_mail_can_record_instead(app: Flask, smtp_server: ScriptedSmtpServer) -> None:
    app.config["MAIL_SUPPRESS_SEND"] = True
    mailer = _mailer(app, smtp_server)
    mailer.send("dpo@client.example", "Code", "1", "1", at=AT)
    assert smtp_server.sessions == 0
