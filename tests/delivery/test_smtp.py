"""What one try to hand a mail over comes to, for each thing a server or network may do."""

from collections.abc import Iterator

import pytest

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import UnsafeHeader
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from tests.support.smtp_server import ScriptedSmtpServer, TlsPair

RAW = b"Subject: x\r\n\r\n.leading dot\r\n..two\r\nend\r\n"
SENDER = "bounce@vendor.example"


def settings_for(server: ScriptedSmtpServer, **changes: object) -> SmtpSettings:
    values: dict[str, object] = {
        "host": server.host,
        "port": server.port,
        "security": Security.NONE,
        "timeout_seconds": 5,
    }
    return SmtpSettings(**(values | changes))  # type: ignore[arg-type]


def patience(act: str) -> float:
    """In seconds: for a stall as long as a server on a busy machine may take to answer."""
    return 1.5 if act == "stall" else 5


@pytest.fixture
def connection(smtp_server: ScriptedSmtpServer) -> Iterator[SmtpConnection]:
    with SmtpConnection(settings_for(smtp_server)) as connection:
        yield connection


def deliver(connection: SmtpConnection, to: str = "dpo@client.example") -> DeliveryResult:
    return connection.deliver(Envelope(SENDER, to), RAW)


def test_handed_over_with_reply_and_host(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection
) -> None:
    smtp_server.answer("final_dot", 250, "2.0.0 Ok: queued as 4F1")
    result = deliver(connection)
    assert result == DeliveryResult(
        DeliveryState.HANDED_OVER,
        Verb.FINAL_DOT,
        250,
        "2.0.0 Ok: queued as 4F1",
        f"127.0.0.1:{smtp_server.port} [127.0.0.1]",
    )
    (mail,) = smtp_server.mails
    assert (mail.envelope_from, mail.recipient, mail.raw) == (SENDER, "dpo@client.example", RAW)


def test_a_connection_is_reused_and_leaves_with_quit(smtp_server: ScriptedSmtpServer) -> None:
    with SmtpConnection(settings_for(smtp_server)) as connection:
        for number in range(5):
            assert deliver(connection, f"{number}@client.example").code == 250
    assert smtp_server.sessions == 1
    assert [mail.session for mail in smtp_server.mails] == [1] * 5
    assert smtp_server.commands[-1] == (1, "quit")


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "final_dot"])
@pytest.mark.parametrize(
    ("code", "state"),
    [(450, DeliveryState.DEFERRED), (452, DeliveryState.DEFERRED), (550, DeliveryState.REJECTED)],
)
def test_a_refusal_names_its_verb_and_the_next_mail_goes_on(
    smtp_server: ScriptedSmtpServer,
    connection: SmtpConnection,
    verb: str,
    code: int,
    state: DeliveryState,
) -> None:
    smtp_server.answer(verb, code, "5.1.1 told\nin two lines", times=1)
    result = deliver(connection)
    # At MAIL no recipient was named: it speaks of us.
    expected = DeliveryState.DEFERRED if verb == "mail" else state
    assert (result.state, result.verb, result.code) == (expected, verb, code)
    assert result.reply == "5.1.1 told\nin two lines"
    assert not result.concerns_server
    assert smtp_server.mails == []
    assert deliver(connection, "next@client.example").state is DeliveryState.HANDED_OVER
    assert smtp_server.sessions == 1


def test_one_dead_address_does_not_touch_another(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection
) -> None:
    smtp_server.answer("rcpt", 550, "no such user", address="dead@client.example")
    states = [deliver(connection, f"{who}@client.example").state for who in ("a", "dead", "b")]
    assert states == ["handed_over", "rejected", "handed_over"]


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "final_dot"])
def test_421_closes_the_session_and_defers(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection, verb: str
) -> None:
    smtp_server.answer(verb, 421, "4.3.2 shutting down", times=1)
    result = deliver(connection)
    assert (result.state, result.verb, result.code) == (DeliveryState.DEFERRED, verb, 421)
    assert deliver(connection).state is DeliveryState.HANDED_OVER
    assert smtp_server.sessions == 2


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("act", ["drop", "stall"])
def test_lost_before_the_final_dot_is_deferred(
    smtp_server: ScriptedSmtpServer, verb: str, act: str
) -> None:
    getattr(smtp_server, act)(verb, times=1)
    with SmtpConnection(settings_for(smtp_server, timeout_seconds=patience(act))) as connection:
        result = deliver(connection)
        assert (result.state, result.verb, result.code) == (DeliveryState.DEFERRED, verb, None)
        assert smtp_server.mails == []
        assert deliver(connection).state is DeliveryState.HANDED_OVER


@pytest.mark.parametrize("act", ["drop", "stall"])
@pytest.mark.parametrize("stored", [True, False])
def test_lost_after_the_final_dot_is_unknown(
    smtp_server: ScriptedSmtpServer, act: str, stored: bool
) -> None:
    getattr(smtp_server, act)("final_dot", stored=stored)
    with SmtpConnection(settings_for(smtp_server, timeout_seconds=patience(act))) as connection:
        result = deliver(connection)
    assert (result.state, result.verb) == (DeliveryState.UNKNOWN, Verb.FINAL_DOT)
    assert result.code is None
    assert len(smtp_server.mails) == stored


def test_an_unreadable_final_reply_is_unknown(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection
) -> None:
    smtp_server.answer("final_dot", 999, "?")
    assert deliver(connection).state is DeliveryState.UNKNOWN


def test_a_session_closed_between_two_mails_is_opened_again(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection
) -> None:
    deliver(connection)
    smtp_server.drop("mail", times=1)
    assert deliver(connection).state is DeliveryState.HANDED_OVER
    smtp_server.answer("mail", 421, "too many mails on this connection", times=1)
    assert deliver(connection).state is DeliveryState.HANDED_OVER
    assert [mail.session for mail in smtp_server.mails] == [1, 2, 3]


def test_no_server_is_deferred_and_concerns_all() -> None:
    with ScriptedSmtpServer() as server:
        settings = settings_for(server)
    result = deliver(SmtpConnection(settings))
    assert (result.state, result.verb) == (DeliveryState.DEFERRED, Verb.CONNECT)
    assert result.concerns_server


@pytest.mark.parametrize("verb", ["connect", "ehlo"])
@pytest.mark.parametrize("act", ["421", "554", "drop", "stall"])
def test_a_server_that_does_not_open_defers_all(
    smtp_server: ScriptedSmtpServer, verb: str, act: str
) -> None:
    if act.isdigit():
        smtp_server.answer(verb, int(act), "no service here")
    else:
        getattr(smtp_server, act)(verb)
    with SmtpConnection(settings_for(smtp_server, timeout_seconds=patience(act))) as connection:
        result = deliver(connection)
    assert (result.state, result.verb) == (DeliveryState.DEFERRED, verb)
    assert result.concerns_server


def test_starttls_is_used_and_checked(tls_pair: TlsPair) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server) as server:
        settings = settings_for(server, security=Security.STARTTLS)
        with SmtpConnection(settings, tls_context=tls_pair.client) as connection:
            assert deliver(connection).state is DeliveryState.HANDED_OVER
        assert server.mails[0].over_tls
        untrusted = deliver(SmtpConnection(settings))
        assert (untrusted.state, untrusted.verb) == (DeliveryState.DEFERRED, Verb.STARTTLS)
        assert "certificate" in untrusted.reply.lower()
        assert len(server.mails) == 1


def test_starttls_stripped_sends_nothing_in_the_clear(tls_pair: TlsPair) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server, offer_starttls=False) as server:
        settings = settings_for(
            server, security=Security.STARTTLS, username="vendor", password="secret"
        )
        result = deliver(SmtpConnection(settings, tls_context=tls_pair.client))
        assert (result.state, result.verb) == (DeliveryState.DEFERRED, Verb.STARTTLS)
        assert result.concerns_server
        assert server.mails == []
        assert all(not line.upper().startswith(("MAIL", "AUTH")) for _, line in server.commands)


@pytest.mark.parametrize("act", ["454", "drop", "stall"])
def test_starttls_refused_is_deferred(tls_pair: TlsPair, act: str) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server) as server:
        if act.isdigit():
            server.answer("starttls", int(act))
        else:
            getattr(server, act)("starttls")
        settings = settings_for(server, security=Security.STARTTLS, timeout_seconds=patience(act))
        result = deliver(SmtpConnection(settings, tls_context=tls_pair.client))
        assert (result.state, result.verb) == (DeliveryState.DEFERRED, Verb.STARTTLS)
        assert server.mails == []


def test_implicit_tls(tls_pair: TlsPair) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server, implicit_tls=True) as server:
        settings = settings_for(server, security=Security.TLS)
        with SmtpConnection(settings, tls_context=tls_pair.client) as connection:
            assert deliver(connection).state is DeliveryState.HANDED_OVER
        assert server.mails[0].over_tls
        assert deliver(SmtpConnection(settings)).verb is Verb.CONNECT


def test_wrong_credentials_reject_nothing(tls_pair: TlsPair) -> None:
    with ScriptedSmtpServer(tls_context=tls_pair.server, password=("vendor", "right")) as server:
        for password, state in [("wrong", "authentication_failed"), ("right", "handed_over")]:
            settings = settings_for(
                server, security=Security.STARTTLS, username="vendor", password=password
            )
            with SmtpConnection(settings, tls_context=tls_pair.client) as connection:
                result = deliver(connection)
            assert result.state == state
        server.answer("auth", 454, "4.7.0 temporary failure")
        result = deliver(SmtpConnection(settings, tls_context=tls_pair.client))
        assert (result.state, result.verb) == (DeliveryState.DEFERRED, Verb.AUTH)
        server.forget_rules()
        anonymous = settings_for(server, security=Security.STARTTLS)
        result = deliver(SmtpConnection(anonymous, tls_context=tls_pair.client))
        assert (result.state, result.code) == (DeliveryState.AUTHENTICATION_FAILED, 530)
        assert result.concerns_server


def test_a_disabled_account_rejects_nothing(smtp_server: ScriptedSmtpServer) -> None:
    smtp_server.answer("mail", 525, "5.7.13 user account disabled")
    result = deliver(SmtpConnection(settings_for(smtp_server)))
    assert (result.state, result.verb) == (DeliveryState.AUTHENTICATION_FAILED, Verb.MAIL)


def test_a_server_without_auth_is_an_authentication_failure(
    smtp_server: ScriptedSmtpServer,
) -> None:
    result = deliver(SmtpConnection(settings_for(smtp_server, username="a", password="b")))
    assert (result.state, result.verb) == (DeliveryState.AUTHENTICATION_FAILED, Verb.AUTH)


def test_an_address_beyond_ascii_needs_smtputf8(smtp_server: ScriptedSmtpServer) -> None:
    with SmtpConnection(settings_for(smtp_server)) as connection:
        assert deliver(connection, "josé@client.example").state is DeliveryState.HANDED_OVER
        assert deliver(connection).state is DeliveryState.HANDED_OVER
    assert smtp_server.mails[0].recipient == "josé@client.example"
    with (
        ScriptedSmtpServer(extensions=()) as server,
        SmtpConnection(settings_for(server)) as connection,
    ):
        result = deliver(connection, "josé@client.example")
        assert result.state is DeliveryState.REJECTED
        assert "SMTPUTF8" in result.reply
        assert deliver(connection).state is DeliveryState.HANDED_OVER


@pytest.mark.parametrize(
    "raw", [b"", b".", b"no line end", b".\r\n", b"a\r\n.\r\nMAIL FROM:<x>\r\n"]
)
def test_no_content_ends_the_data_early(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection, raw: bytes
) -> None:
    assert connection.deliver(Envelope(SENDER, "dpo@client.example"), raw).code == 250
    assert smtp_server.mails[0].raw.removesuffix(b"\r\n") == raw.removesuffix(b"\r\n")
    assert sum(line.lower().startswith("mail") for _, line in smtp_server.commands) == 1


@pytest.mark.parametrize("address", ["a@b.c>\r\nDATA", "a@b.c, d@e.f", "A <a@b.c>", ""])
def test_an_address_that_is_not_one_plain_address_is_refused(
    smtp_server: ScriptedSmtpServer, connection: SmtpConnection, address: str
) -> None:
    for sender, to in [(SENDER, address), (address, "dpo@client.example")]:
        with pytest.raises(UnsafeHeader):
            connection.deliver(Envelope(sender, to), RAW)
    assert smtp_server.sessions == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "a"},
        {"password": "a"},
        {"username": "a", "password": "b", "security": Security.NONE},
        {"timeout_seconds": 0},
    ],
)
def test_contradictory_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="SMTP"):
        SmtpSettings(**({"host": "smtp.example.org", "port": 587} | changes))  # type: ignore[arg-type]


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(SmtpSettings("h", 25, username="a", password="secret"))
