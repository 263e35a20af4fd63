"""Handing mails to an SMTP server, one recipient each, and saying exactly how far it came.

Each verb is said and its reply read here, because what a failure means depends on where it
happened: before the final dot of DATA the server has nothing; after it, without a reply, nobody
knows (RFC 5321, 4.2.5 and 6.1).
"""

import re
import smtplib
import ssl
from types import TracebackType

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import guard_address
from subnotify.delivery.refusals import AUTHENTICATION_CODES, concern_of
from subnotify.delivery.results import Concern, DeliveryResult, DeliveryState, Verb
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from subnotify.delivery.smtp_verbs import (
    SessionFailed,
    deferred,
    own_name,
    peer,
    report_options,
    report_wishes,
    said,
    say,
    sign_in,
    text_of,
    unknown,
    words_of,
)

__all__ = ["Security", "SmtpConnection", "SmtpSettings"]

# `smtplib.SMTPException` is an `OSError`: one clause below catches both.
_SERVICE_CLOSES = 421
_ACCEPTED = {Verb.MAIL: (250,), Verb.RCPT: (250, 251, 252), Verb.DATA: (354,)}
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


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
            code, reply = said(Verb.MAIL, lambda: smtp.docmd("MAIL", f"FROM:<{sender}>"))
            if code != 250:
                return self._refused(smtp, Verb.MAIL, code, reply)
            said(Verb.MAIL, smtp.rset)
        except SessionFailed as failure:
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
        except SessionFailed as failure:
            self._drop()
            return DeliveryResult(
                failure.state, failure.verb, failure.code, failure.reply, self._host
            )

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        hostname = settings.local_hostname or own_name()
        try:
            if settings.security is Security.TLS:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.host,
                    settings.port,
                    local_hostname=hostname,
                    timeout=settings.timeout_seconds,
                    context=self._context(),
                )
            else:
                smtp = smtplib.SMTP(
                    settings.host,
                    settings.port,
                    local_hostname=hostname,
                    timeout=settings.timeout_seconds,
                )
        except smtplib.SMTPResponseException as error:
            reply = text_of(error.smtp_error)
            raise deferred(Verb.CONNECT, error.smtp_code, reply) from error
        except OSError as error:
            raise deferred(Verb.CONNECT, None, words_of(error)) from error
        self._smtp = smtp
        self._mails_on_connection = 0
        self._host = f"{settings.host}:{settings.port} [{peer(smtp)}]"
        self._greet(smtp)
        if settings.security is Security.STARTTLS:
            self._start_tls(smtp)
        if settings.username is not None and settings.password is not None:
            sign_in(smtp, settings.username, settings.password)
        return smtp

    def _context(self) -> ssl.SSLContext:
        # Read anew for each connection, which takes longer than a mail: only where TLS is spoken.
        return self._tls_context or ssl.create_default_context()

    def _greet(self, smtp: smtplib.SMTP) -> None:
        code, reply = said(Verb.EHLO, smtp.ehlo)
        if code != 250:
            raise deferred(Verb.EHLO, code, reply)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        if not smtp.has_extn("starttls"):
            # Never in the clear instead: somebody may have stripped the offer.
            raise deferred(Verb.STARTTLS, None, "the server offers no STARTTLS; TLS is required")
        try:
            smtp.starttls(context=self._context())
        except smtplib.SMTPResponseException as error:
            reply = text_of(error.smtp_error)
            raise deferred(Verb.STARTTLS, error.smtp_code, reply) from error
        except (OSError, ValueError) as error:
            raise deferred(Verb.STARTTLS, None, words_of(error)) from error
        self._greet(smtp)

    def _hand_over(self, smtp: smtplib.SMTP, envelope: Envelope, raw: bytes) -> DeliveryResult:
        options = ""
        beyond_ascii = not (envelope.recipient.isascii() and envelope.sender.isascii())
        if beyond_ascii:
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
            options += report_options(envelope)
            wishes = report_wishes(envelope)
        # Said directly: smtplib's own verbs parse each address anew, a fifth of the whole time.
        commands = (
            (Verb.MAIL, f"MAIL FROM:<{envelope.sender}>{options}"),
            (Verb.RCPT, f"RCPT TO:<{envelope.recipient}>{wishes}"),
            (Verb.DATA, "DATA"),
        )
        at_once = smtp.has_extn("pipelining")
        if at_once:
            say(smtp, Verb.MAIL, *(command for _, command in commands))
        for place, (verb, command) in enumerate(commands):
            if not at_once:
                say(smtp, verb, command)
            code, reply = said(verb, smtp.getreply)
            if code not in _ACCEPTED[verb]:
                if at_once and code != _SERVICE_CLOSES:
                    self._read_rest(smtp, len(commands) - place - 1)
                return self._refused(smtp, verb, code, reply, beyond_ascii=beyond_ascii)
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
            raise deferred(Verb.DATA, None, words_of(error)) from error
        try:
            code, octets = smtp.getreply()
        except OSError as error:
            raise unknown(None, words_of(error)) from error
        reply = text_of(octets)
        if 200 <= code < 300:
            return self._result(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, code, reply)
        if not 400 <= code < 600:
            raise unknown(code, reply or "the reply to the final dot cannot be read")
        return self._refused(smtp, Verb.FINAL_DOT, code, reply)

    def _refused(
        self,
        smtp: smtplib.SMTP,
        verb: Verb,
        code: int,
        reply: str,
        *,
        beyond_ascii: bool = False,
    ) -> DeliveryResult:
        if code == _SERVICE_CLOSES:
            self._drop()
        elif verb is not Verb.FINAL_DOT and self._smtp is not None:
            try:
                smtp.rset()
            except OSError:
                self._drop()
        if code in AUTHENTICATION_CODES and verb is not Verb.FINAL_DOT:
            self._drop()
            return self._result(DeliveryState.AUTHENTICATION_FAILED, verb, code, reply)
        concern = concern_of(verb, code, reply, beyond_ascii=beyond_ascii)
        final = 500 <= code < 600 and concern is Concern.MAIL
        state = DeliveryState.REJECTED if final else DeliveryState.DEFERRED
        return self._result(state, verb, code, reply)

    def _result(
        self, state: DeliveryState, verb: Verb, code: int | None, reply: str
    ) -> DeliveryResult:
        return DeliveryResult(state, verb, code, reply, self._host)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()
