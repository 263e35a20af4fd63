"""Known injections in the envelope: refused before a word is said, or said as one command."""

from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

import pytest

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import UnsafeHeader
from subnotify.delivery.results import DeliveryState
from subnotify.delivery.smtp import SmtpConnection
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from tests.support.header_payloads import PAYLOADS
from tests.support.smtp_server import ScriptedSmtpServer

MAIL = b"Subject: test\r\n\r\ntext\r\n"


@pytest.fixture
def dsn_server() -> Iterator[ScriptedSmtpServer]:
    with ScriptedSmtpServer(extensions=("8BITMIME", "SMTPUTF8", "DSN")) as server:
        yield server


@pytest.fixture
def deliver(dsn_server: ScriptedSmtpServer) -> Iterator[Callable[[Envelope], list[str]]]:
    """Send a mail under an envelope; the commands that the server got for it."""
    settings = SmtpSettings(dsn_server.host, dsn_server.port, Security.NONE)
    with SmtpConnection(settings) as connection:

        def send(envelope: Envelope) -> list[str]:
            before = len(dsn_server.commands)
            result = connection.deliver(envelope, MAIL)
            assert result.state is DeliveryState.HANDED_OVER, result
            said = [line for _, line in dsn_server.commands[before:]]
            return [x for x in said if not x.lower().startswith(("ehlo", "data"))]

        yield send


def _octets(xtext: str) -> bytes:
    """RFC 3461, 4, read back."""
    return unquote_to_bytes(xtext.replace("%", "%25").replace("+", "%"))


def test_payloads_in_the_envelope(
    deliver: Callable[[Envelope], list[str]], dsn_server: ScriptedSmtpServer
) -> None:
    for payload in [*PAYLOADS, "o'neil+tag=x@c.example", "josé@c.example", "a&b@c.example"]:
        for sender, recipient in ((payload, "b@c.example"), ("a@c.example", payload)):
            before = len(dsn_server.commands)
            try:
                mail, rcpt = deliver(Envelope(sender, recipient, "id-1", report_success=True))
            except UnsafeHeader:
                assert len(dsn_server.commands) == before  # nothing of it was said
                continue
            options = mail.removeprefix(f"MAIL FROM:<{sender}>").split()
            is_ascii = (sender + recipient).isascii()
            assert options == ([] if is_ascii else ["SMTPUTF8", "BODY=8BITMIME"]) + [
                "RET=HDRS",
                "ENVID=id-1",
            ]
            notify, *orcpt = rcpt.removeprefix(f"RCPT TO:<{recipient}>").split()
            assert notify == "NOTIFY=SUCCESS,FAILURE,DELAY"
            if recipient.isascii():
                (only,) = orcpt
                kind, _, written = only.partition(";")
                assert kind == "ORCPT=rfc822"
                assert _octets(written).decode() == recipient
            else:
                assert orcpt == []
    assert dsn_server.mails
    assert not any("thief" in x.recipient and "%" not in x.recipient and "!" not in x.recipient
                   for x in dsn_server.mails)  # fmt: skip


def test_payloads_as_the_envelopes_id(deliver: Callable[[Envelope], list[str]]) -> None:
    """It is ours, and hexadecimal; all the same it can say nothing but itself."""
    for payload in PAYLOADS:
        if not payload:
            continue
        mail, _ = deliver(Envelope("a@c.example", "b@c.example", payload[:300]))
        head, _, written = mail.partition(" ENVID=")
        assert head == "MAIL FROM:<a@c.example> RET=HDRS"
        assert written.isascii() and written.isprintable() and " " not in written
        meant = payload[:300].encode("utf-8", "replace")
        assert _octets(written) == meant
