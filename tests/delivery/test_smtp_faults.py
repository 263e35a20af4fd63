"""Every verb with every fault: what becomes of the mail, and of the connection.

The rows come from RFC 5321, 4.2.2 to 4.2.4 (what a code means), 3.8 (421 may answer any command,
and the server then closes) and 4.2.5 (only the reply to the final dot hands a mail over); 4.5.3.2
for replies that do not come.
"""

from dataclasses import dataclass

import pytest

from subnotify.delivery.courier import Envelope
from subnotify.delivery.results import Concern, DeliveryState, Verb
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from tests.support.smtp_server import ScriptedSmtpServer, TlsPair

RAW = b"Subject: x\r\n\r\nbody\r\n"
DEFERRED, REJECTED = DeliveryState.DEFERRED, DeliveryState.REJECTED
SIGN_IN_FAILED = DeliveryState.AUTHENTICATION_FAILED
SERVER, SENDER, MAIL = Concern.SERVER, Concern.SENDER, Concern.MAIL


@dataclass(frozen=True)
class Row:
    """fault: a reply, "drop" or "stall". kept: the connection serves the next mail."""

    verb: str
    fault: str
    state: DeliveryState
    concern: Concern
    kept: bool

    def __str__(self) -> str:
        return f"{self.verb}-{self.fault.partition(' ')[0]}"


def _rows() -> list[Row]:
    rows = []
    for verb in ("connect", "ehlo", "starttls", "auth"):
        for fault in ("451 4.3.0", "421 4.3.2", "554 5.3.2", "drop", "stall"):
            state = SIGN_IN_FAILED if (verb, fault[0]) == ("auth", "5") else DEFERRED
            rows.append(Row(verb, fault, state, SERVER, kept=False))
    for verb in ("mail", "rcpt", "data", "final_dot"):
        whom = SENDER if verb == "mail" else MAIL
        refused = DEFERRED if verb == "mail" else REJECTED
        silence = DeliveryState.UNKNOWN if verb == "final_dot" else DEFERRED
        needs_sign_in = DEFERRED if verb == "final_dot" else SIGN_IN_FAILED
        rows += [
            Row(verb, "450 4.2.0 later", DEFERRED, whom, kept=True),
            Row(verb, "451 4.3.0 error", DEFERRED, whom, kept=True),
            Row(verb, "452 4.3.1 storage", DEFERRED, whom, kept=True),
            Row(verb, "452 4.5.3 too many", DEFERRED, whom, kept=True),
            Row(verb, "421 4.3.2 closing", DEFERRED, whom, kept=False),
            Row(verb, "550 5.0.0 no", refused, whom, kept=True),
            Row(verb, "552 5.3.4 size", REJECTED, MAIL, kept=True),
            Row(verb, "554 5.0.0 no", refused, whom, kept=True),
            Row(verb, "530 5.7.0 sign in", needs_sign_in, SERVER, kept=False)
            if verb != "final_dot"
            else Row(verb, "530 5.7.0 sign in", DEFERRED, SENDER, kept=True),
            Row(verb, "550 5.1.8 your domain", DEFERRED, SENDER, kept=True),
            Row(verb, "drop", silence, whom, kept=False),
            Row(verb, "stall", silence, whom, kept=False),
        ]
    return rows


@pytest.mark.parametrize("row", _rows(), ids=str)
@pytest.mark.parametrize("pipelining", [False, True], ids=["one-by-one", "pipelining"])
def test_every_verb_with_every_fault(tls_pair: TlsPair, row: Row, *, pipelining: bool) -> None:
    extensions = ("8BITMIME", "PIPELINING") if pipelining else ("8BITMIME",)
    with ScriptedSmtpServer(
        extensions=extensions, tls_context=tls_pair.server, password=("vendor", "right")
    ) as server:
        if row.fault[0].isdigit():
            code, _, text = row.fault.partition(" ")
            server.answer(row.verb, int(code), text, times=1)
        else:
            getattr(server, row.fault)(row.verb, times=1)
        settings = SmtpSettings(
            server.host,
            server.port,
            Security.STARTTLS,
            username="vendor",
            password="right",
            timeout_seconds=1.5 if row.fault == "stall" else 5,
        )
        with SmtpConnection(settings, tls_context=tls_pair.client) as connection:
            result = connection.deliver(Envelope("a@vendor.example", "one@client.example"), RAW)
            assert (result.state, result.verb, result.concern) == (
                row.state,
                Verb(row.verb),
                row.concern,
            )
            assert result.code == (int(row.fault[:3]) if row.fault[0].isdigit() else None)
            assert server.mails == []
            # Whatever happened, the next mail goes out whole, on this connection or a new one.
            then = connection.deliver(Envelope("a@vendor.example", "two@client.example"), RAW)
            assert then.state is DeliveryState.HANDED_OVER
        assert [(mail.recipient, mail.raw) for mail in server.mails] == [
            ("two@client.example", RAW)
        ]
        assert server.sessions == (1 if row.kept else 2)
