"""Handing mails to an SMTP server, one recipient each, and saying exactly how far it came.

The verbs are used one by one, because what a failure means depends on where it happened: before
the final dot of DATA the server has nothing; after it, without a reply, nobody knows (RFC 5321,
4.2.5 and 6.1).
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from types import TracebackType

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import guard_address
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.delivery.smtp_settings import Security, SmtpSettings

__all__ = ["Security", "SmtpConnection", "SmtpSettings"]

# `smtplib.SMTPException` is an `OSError`: one clause below catches both.
_AUTHENTICATION_CODES = (530, 534, 535, 538)  # RFC 4954, 6; 530 also comes at MAIL
_SERVICE_CLOSES = 421
_ACCEPTED = {Verb.MAIL: (250,), Verb.RCPT: (250, 251, 252), Verb.DATA: (354,)}
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_REPLY_LIMIT = 1000


class _SessionFailed(Exception):
    def __init__(self, state: DeliveryState, verb: Verb, code: int | None, reply: str) -> None:
        super().__init__(reply)
        self.state, self.verb, self.code, self.reply = state, verb, code, reply


class SmtpConnection:
    """One connection to the configured server, opened at the first mail and reused.

    Not for use by two threads. A context manager that takes leave of the server at the end.
    `tls_context` is for servers with a private certificate authority; it must verify.
    """

    def __init__(
        self, settings: SmtpSettings, *, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._tls_context = tls_context
        self._smtp: smtplib.SMTP | None = None
        self._host = f"{settings.host}:{settings.port}"
        self._mails_on_connection = 0

    def __enter__(self) -> "SmtpConnection":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take leave and close. What the server answers to QUIT changes nothing."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except OSError:
                smtp.close()

    def deliver(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
        """Try once to hand `raw` (a whole mail with CRLF lines) over for one recipient.

        Returns the result and raises nothing for what servers and networks do. A connection that
        the server closed between two mails is opened again once, because nothing of this mail was
        said on it. Raises `UnsafeHeader` for an address that is not plainly `local@domain`
        (smtplib would quietly send to what it makes of it).
        """
        guard_address(envelope.sender)
        guard_address(envelope.recipient)
        reused = self._smtp is not None and self._mails_on_connection > 0
        result = self._deliver_once(envelope, raw)
        closed_between_mails = (
            reused
            and self._smtp is None
            and result.verb is Verb.MAIL
            and result.state is DeliveryState.DEFERRED
        )
        return self._deliver_once(envelope, raw) if closed_between_mails else result

    def sign_in(self, sender: str) -> DeliveryResult | None:
        """Open the connection, sign in and name `sender`, then take it back: nothing is sent.

        None if the server takes all of it, else what it refused, and where.
        """
        guard_address(sender)
        try:
            smtp = self._smtp or self._open()
            code, reply = _said(Verb.MAIL, lambda: smtp.docmd("MAIL", f"FROM:<{sender}>"))
            if code != 250:
                return self._refused(smtp, Verb.MAIL, code, reply)
            _said(Verb.MAIL, smtp.rset)
        except _SessionFailed as failure:
            self._drop()
            return DeliveryResult(
                failure.state, failure.verb, failure.code, failure.reply, self._host
            )
        return None

    def _deliver_once(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
        try:
            smtp = self._smtp or self._open()
            self._mails_on_connection += 1
            return self._hand_over(smtp, envelope, raw)
        except _SessionFailed as failure:
            self._drop()
            return DeliveryResult(
                failure.state, failure.verb, failure.code, failure.reply, self._host
            )

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        context = self._tls_context or ssl.create_default_context()
        hostname = settings.local_hostname or _own_name()
        try:
            if settings.security is Security.TLS:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.host,
                    settings.port,
                    local_hostname=hostname,
                    timeout=settings.timeout_seconds,
                    context=context,
                )
            else:
                smtp = smtplib.SMTP(
                    settings.host,
                    settings.port,
                    local_hostname=hostname,
                    timeout=settings.timeout_seconds,
                )
        except smtplib.SMTPResponseException as error:
            reply = _text(error.smtp_error)
            raise _deferred(Verb.CONNECT, error.smtp_code, reply) from error
        except OSError as error:
            raise _deferred(Verb.CONNECT, None, _words(error)) from error
        self._smtp = smtp
        self._mails_on_connection = 0
        self._host = f"{settings.host}:{settings.port} [{_peer(smtp)}]"
        self._greet(smtp)
        if settings.security is Security.STARTTLS:
            self._start_tls(smtp, context)
        if settings.username is not None and settings.password is not None:
            _sign_in(smtp, settings.username, settings.password)
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        code, reply = _said(Verb.EHLO, smtp.ehlo)
        if code != 250:
            raise _deferred(Verb.EHLO, code, reply)

    def _start_tls(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if not smtp.has_extn("starttls"):
            # Never in the clear instead: somebody may have stripped the offer.
            raise _deferred(Verb.STARTTLS, None, "the server offers no STARTTLS; TLS is required")
        try:
            smtp.starttls(context=context)
        except smtplib.SMTPResponseException as error:
            reply = _text(error.smtp_error)
            raise _deferred(Verb.STARTTLS, error.smtp_code, reply) from error
        except (OSError, ValueError) as error:
            raise _deferred(Verb.STARTTLS, None, _words(error)) from error
        self._greet(smtp)

    def _hand_over(self, smtp: smtplib.SMTP, envelope: Envelope, raw: bytes) -> DeliveryResult:
        options = ""
        if not (envelope.recipient.isascii() and envelope.sender.isascii()):
            if not smtp.has_extn("smtputf8"):
                return self._result(
                    DeliveryState.REJECTED,
                    Verb.MAIL,
                    None,
                    "the address has characters beyond ASCII and the server has no SMTPUTF8;"
                    " write the domain in its xn-- form or use another address",
                )
            options = " SMTPUTF8 BODY=8BITMIME"
            smtp.command_encoding = "utf-8"
        wishes = ""
        if smtp.has_extn("dsn"):
            options += _report_options(envelope)
            wishes = _report_wishes(envelope)
        # Said directly: smtplib's own verbs parse each address anew, a fifth of the whole time.
        commands = (
            (Verb.MAIL, f"MAIL FROM:<{envelope.sender}>{options}"),
            (Verb.RCPT, f"RCPT TO:<{envelope.recipient}>{wishes}"),
            (Verb.DATA, "DATA"),
        )
        at_once = smtp.has_extn("pipelining")
        if at_once:
            _say(smtp, Verb.MAIL, *(command for _, command in commands))
        for place, (verb, command) in enumerate(commands):
            if not at_once:
                _say(smtp, verb, command)
            code, reply = _said(verb, smtp.getreply)
            if code not in _ACCEPTED[verb]:
                if at_once and code != _SERVICE_CLOSES:
                    self._read_rest(smtp, len(commands) - place - 1)
                return self._refused(smtp, verb, code, reply)
        return self._send_content(smtp, raw)

    def _read_rest(self, smtp: smtplib.SMTP, number: int) -> None:
        """The replies to what was said along with a refused command (RFC 2920, 3.1)."""
        try:
            code = 0
            for _ in range(number):
                code, _reply = smtp.getreply()
            if number and code in _ACCEPTED[Verb.DATA]:
                # It waits for a mail that has no recipient: it gets an empty one.
                smtp.send(b".\r\n")
                smtp.getreply()
        except OSError:
            self._drop()

    def _send_content(self, smtp: smtplib.SMTP, raw: bytes) -> DeliveryResult:
        dotted = raw.startswith(b".") or b"\n." in raw
        content = _LEADING_DOT.sub(b"..", raw) if dotted else raw
        content += b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            # The final dot is the last thing written: if this fails, it never went out whole.
            smtp.send(content)
        except OSError as error:
            raise _deferred(Verb.DATA, None, _words(error)) from error
        try:
            code, octets = smtp.getreply()
        except OSError as error:
            raise _unknown(None, _words(error)) from error
        reply = _text(octets)
        if 200 <= code < 300:
            return self._result(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, code, reply)
        if not 400 <= code < 600:
            raise _unknown(code, reply or "the reply to the final dot cannot be read")
        return self._refused(smtp, Verb.FINAL_DOT, code, reply)

    def _refused(self, smtp: smtplib.SMTP, verb: Verb, code: int, reply: str) -> DeliveryResult:
        if code == _SERVICE_CLOSES:
            self._drop()
        elif verb is not Verb.FINAL_DOT and self._smtp is not None:
            try:
                smtp.rset()
            except OSError:
                self._drop()
        if code in _AUTHENTICATION_CODES and verb is not Verb.FINAL_DOT:
            self._drop()
            return self._result(DeliveryState.AUTHENTICATION_FAILED, verb, code, reply)
        permanent = 500 <= code < 600
        state = DeliveryState.REJECTED if permanent else DeliveryState.DEFERRED
        return self._result(state, verb, code, reply)

    def _result(
        self, state: DeliveryState, verb: Verb, code: int | None, reply: str
    ) -> DeliveryResult:
        return DeliveryResult(state, verb, code, reply, self._host)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _report_options(envelope: Envelope) -> str:
    """RFC 3461, 4.3 and 4.4: reports carry the headers alone, and quote the envelope's id."""
    return " RET=HDRS" + (f" ENVID={_xtext(envelope.envelope_id)}" if envelope.envelope_id else "")


def _report_wishes(envelope: Envelope) -> str:
    """RFC 3461, 4.1 and 4.2. An address beyond ASCII is not quoted: that needs another form."""
    wanted = "SUCCESS,FAILURE,DELAY" if envelope.report_success else "FAILURE,DELAY"
    if not envelope.recipient.isascii():
        return f" NOTIFY={wanted}"
    return f" NOTIFY={wanted} ORCPT=rfc822;{_xtext(envelope.recipient)}"


def _xtext(text: str) -> str:
    """RFC 3461, 4: what is not plain is written as + and its octet."""
    octets = text.encode("utf-8", "replace")
    return "".join(chr(x) if 33 <= x <= 126 and x not in b"+=" else f"+{x:02X}" for x in octets)


def _sign_in(smtp: smtplib.SMTP, username: str, password: str) -> None:
    failed = DeliveryState.AUTHENTICATION_FAILED
    try:
        smtp.login(username, password)
    except smtplib.SMTPAuthenticationError as error:
        reply = _text(error.smtp_error)
        if 400 <= error.smtp_code < 500:  # 454: a temporary failure of the server's own
            raise _deferred(Verb.AUTH, error.smtp_code, reply) from error
        raise _SessionFailed(failed, Verb.AUTH, error.smtp_code, reply) from error
    except smtplib.SMTPServerDisconnected as error:
        raise _deferred(Verb.AUTH, None, _words(error)) from error
    except smtplib.SMTPException as error:  # no AUTH offered, or no method we know
        raise _SessionFailed(failed, Verb.AUTH, None, _words(error)) from error
    except OSError as error:
        raise _deferred(Verb.AUTH, None, _words(error)) from error


def _say(smtp: smtplib.SMTP, verb: Verb, *commands: str) -> None:
    """Commands in one packet. A line break in one of them would be a command more."""
    text = "\r\n".join(commands)
    if text.count("\n") != len(commands) - 1 or text.count("\r") != len(commands) - 1:
        raise ValueError("a command contains a line break")
    try:
        smtp.send(f"{text}\r\n")
    except OSError as error:
        raise _deferred(verb, None, _words(error)) from error


def _said(verb: Verb, say: Callable[[], tuple[int, bytes]]) -> tuple[int, str]:
    """Say one verb before the final dot. A lost connection there defers: the server has nothing."""
    try:
        code, octets = say()
    except smtplib.SMTPResponseException as error:
        raise _deferred(verb, error.smtp_code, _text(error.smtp_error)) from error
    except OSError as error:
        raise _deferred(verb, None, _words(error)) from error
    if not 200 <= code < 600:
        raise _deferred(verb, code, _text(octets) or "the reply cannot be read")
    return code, _text(octets)


def _deferred(verb: Verb, code: int | None, reply: str) -> _SessionFailed:
    return _SessionFailed(DeliveryState.DEFERRED, verb, code, reply)


def _unknown(code: int | None, reply: str) -> _SessionFailed:
    return _SessionFailed(DeliveryState.UNKNOWN, Verb.FINAL_DOT, code, reply)


def _text(octets: bytes | str) -> str:
    text = octets if isinstance(octets, str) else octets.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd")[:_REPLY_LIMIT]


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _peer(smtp: smtplib.SMTP) -> str:
    if smtp.sock is None:
        return "?"
    try:
        return str(smtp.sock.getpeername()[0])
    except OSError:
        return "?"


def _own_name() -> str:
    # smtplib would ask the name servers, which can take half a minute.
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
