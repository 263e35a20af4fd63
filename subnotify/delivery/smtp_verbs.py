"""What is said to an SMTP server, verb by verb, and what a failure means at each of them."""

import re
import smtplib
import socket
from collections.abc import Callable

from subnotify.delivery.courier import Envelope
from subnotify.delivery.results import DeliveryState, Verb

_REPLY_LIMIT = 1000
_PLAIN_XTEXT = re.compile(r"[!-*,-<>-~]*\Z")


class SessionFailed(Exception):
    """The session cannot go on: at which verb, and what that means for the mail."""

    def __init__(self, state: DeliveryState, verb: Verb, code: int | None, reply: str) -> None:
        super().__init__(reply)
        self.state, self.verb, self.code, self.reply = state, verb, code, reply


def say(smtp: smtplib.SMTP, verb: Verb, *commands: str) -> None:
    """Commands in one packet. A line break in one of them would be a command more."""
    text = "\r\n".join(commands)
    if text.count("\n") != len(commands) - 1 or text.count("\r") != len(commands) - 1:
        raise ValueError("a command contains a line break")
    try:
        smtp.send(f"{text}\r\n")
    except OSError as error:
        raise deferred(verb, None, words_of(error)) from error


def said(verb: Verb, say: Callable[[], tuple[int, bytes]]) -> tuple[int, str]:
    """Say one verb before the final dot. A lost connection there defers: the server has nothing."""
    try:
        code, octets = say()
    except smtplib.SMTPResponseException as error:
        raise deferred(verb, error.smtp_code, text_of(error.smtp_error)) from error
    except OSError as error:
        raise deferred(verb, None, words_of(error)) from error
    if not 200 <= code < 600:
        raise deferred(verb, code, text_of(octets) or "the reply cannot be read")
    return code, text_of(octets)


def deferred(verb: Verb, code: int | None, reply: str) -> SessionFailed:
    return SessionFailed(DeliveryState.DEFERRED, verb, code, reply)


def unknown(code: int | None, reply: str) -> SessionFailed:
    return SessionFailed(DeliveryState.UNKNOWN, Verb.FINAL_DOT, code, reply)


def text_of(octets: bytes | str) -> str:
    text = octets if isinstance(octets, str) else octets.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd")[:_REPLY_LIMIT]


def words_of(error: BaseException) -> str:
    return str(error) or type(error).__name__


def peer(smtp: smtplib.SMTP) -> str:
    if smtp.sock is None:
        return "?"
    try:
        return str(smtp.sock.getpeername()[0])
    except OSError:
        return "?"


def own_name() -> str:
    # smtplib would ask the name servers, which can take half a minute.
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


# `smtplib.SMTPException` is an `OSError`: one clause below catches both.
def sign_in(smtp: smtplib.SMTP, username: str, password: str) -> None:
    failed = DeliveryState.AUTHENTICATION_FAILED
    try:
        smtp.login(username, password)
    except smtplib.SMTPAuthenticationError as error:
        reply = text_of(error.smtp_error)
        if 400 <= error.smtp_code < 500:  # 454: a temporary failure of the server's own
            raise deferred(Verb.AUTH, error.smtp_code, reply) from error
        raise SessionFailed(failed, Verb.AUTH, error.smtp_code, reply) from error
    except smtplib.SMTPServerDisconnected as error:
        raise deferred(Verb.AUTH, None, words_of(error)) from error
    except smtplib.SMTPException as error:  # no AUTH offered, or no method we know
        raise SessionFailed(failed, Verb.AUTH, None, words_of(error)) from error
    except OSError as error:
        raise deferred(Verb.AUTH, None, words_of(error)) from error


def report_options(envelope: Envelope) -> str:
    """RFC 3461, 4.3 and 4.4: reports carry the headers alone, and quote the envelope's id."""
    return " RET=HDRS" + (f" ENVID={_xtext(envelope.envelope_id)}" if envelope.envelope_id else "")


def report_wishes(envelope: Envelope) -> str:
    """RFC 3461, 4.1 and 4.2. An address beyond ASCII is not quoted: that needs another form."""
    wanted = "SUCCESS,FAILURE,DELAY" if envelope.report_success else "FAILURE,DELAY"
    if not envelope.recipient.isascii():
        return f" NOTIFY={wanted}"
    return f" NOTIFY={wanted} ORCPT=rfc822;{_xtext(envelope.recipient)}"


def _xtext(text: str) -> str:
    """RFC 3461, 4: what is not plain is written as + and its octet."""
    if _PLAIN_XTEXT.match(text):
        return text
    octets = text.encode("utf-8", "replace")
    return "".join(chr(x) if 33 <= x <= 126 and x not in b"+=" else f"+{x:02X}" for x in octets)
