"""One-off mails (codes, sign-in and reset links) through Flask-Mail.

Flask-Mail brings its settings, its switch to send nothing and its signal. Its traps are closed
here: it sets no timeout, starts TLS without checking the certificate, drops refused recipients
silently when there are several, raises when the farewell fails after the server accepted, and
emits lines over 998 octets. So the connection is ours, a mail has one recipient, and the bytes
come from `mime.py`.
"""

import ssl
from collections.abc import Sequence
from datetime import datetime

from flask_mail import Connection, Mail, Message

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mime import MailSkeleton, mint_message_id
from subnotify.delivery.results import DeliveryResult, DeliveryState
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings


class OneOffMailFailed(Exception):
    """The server did not take the mail, or nobody knows whether it did. `result` says which."""

    def __init__(self, result: DeliveryResult) -> None:
        code = "" if result.code is None else f"{result.code} "
        super().__init__(f"{result.state} at {result.verb}: {code}{result.reply}")
        self.result = result


def flask_mail_config(settings: SmtpSettings, sender: Mailbox) -> dict[str, object]:
    """Return Flask-Mail's configuration for our settings, to be put into the app's config."""
    return {
        "MAIL_SERVER": settings.host,
        "MAIL_PORT": settings.port,
        "MAIL_USE_TLS": settings.security is Security.STARTTLS,
        "MAIL_USE_SSL": settings.security is Security.TLS,
        "MAIL_USERNAME": settings.username,
        "MAIL_PASSWORD": settings.password,
        "MAIL_DEFAULT_SENDER": sender.address,
        "MAIL_DEBUG": False,  # smtplib would print passwords and links
    }


class OneOffMailer:
    """Sends one mail to one address at once. Needs an app context, as Flask-Mail does."""

    def __init__(
        self,
        mail: Mail,
        settings: SmtpSettings,
        *,
        sender: Mailbox,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._mail = mail
        self._settings = settings
        self._sender = sender
        self._tls_context = tls_context

    def send(
        self,
        to: str,
        subject: str,
        text: str,
        html: str,
        *,
        at: datetime,
        language: str = "en",
    ) -> None:
        """Send the mail and return when the server took it.

        `to` is one address, `at` (aware) becomes the Date. Raises `UnsafeHeader` before anything
        is sent, `OneOffMailFailed` when the mail was refused, put off, or its fate is unknown.
        """
        recipient = Mailbox(to)
        raw = MailSkeleton(sender=self._sender, language=language).fill(
            to=recipient,
            subject=subject,
            message_id=mint_message_id(self._sender.domain),
            date=at,
            text=text,
            html=html,
        )
        message = _FilledMessage(raw, recipient, subject, self._sender, at)
        with _OurConnection(self._mail.connect().mail, self._settings, self._tls_context) as host:
            message.send(host)


class _FilledMessage(Message):
    """A Flask-Mail message whose bytes are already made."""

    def __init__(
        self, raw: bytes, to: Mailbox, subject: str, sender: Mailbox, at: datetime
    ) -> None:
        super().__init__(
            subject=subject,
            recipients=[to.address],
            sender=sender.address,
            date=at.timestamp(),
        )
        self._raw = raw

    def as_bytes(self) -> bytes:
        return self._raw


class _SmtpHost:
    """The two methods of `smtplib.SMTP` that Flask-Mail calls, over our connection."""

    def __init__(self, connection: SmtpConnection) -> None:
        self._connection = connection

    def sendmail(
        self,
        envelope_from: str,
        recipients: Sequence[str],
        raw: bytes,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> None:
        (recipient,) = recipients
        result = self._connection.deliver(Envelope(envelope_from, recipient), raw)
        if result.state is not DeliveryState.HANDED_OVER:
            raise OneOffMailFailed(result)

    def quit(self) -> None:
        self._connection.close()


class _OurConnection(Connection):
    def __init__(
        self, mail: Mail, settings: SmtpSettings, tls_context: ssl.SSLContext | None
    ) -> None:
        super().__init__(mail)
        self._settings = settings
        self._tls_context = tls_context

    def configure_host(self) -> _SmtpHost:  # type: ignore[override]
        return _SmtpHost(SmtpConnection(self._settings, tls_context=self._tls_context))
