"""What clients and their mail servers send back in the history, to the tagged addresses that the
mails themselves name."""

import secrets
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy import select

from subnotify.delivery.headers import (
    Mailbox,
    address_header,
    date_header,
    id_list_header,
    text_header,
    token_header,
)
from subnotify.delivery.mail_folder import MailFolder, parse_mail
from subnotify.delivery.mime import mint_message_id, read_mailbox
from subnotify.delivery.written_replies import plain_part, write_reply
from subnotify.demo.return_pipe import ReturnPipe, with_trace
from subnotify.demo.stage import Stage
from subnotify.rules.words import DeliveryEventKind
from subnotify.storage.tables import MessageRow

_REPORT_TEXTS = {
    DeliveryEventKind.DELAYED: (
        "Delayed Mail (still being retried)",
        "Your message could not be delivered for more than 4 hour(s).\r\n"
        "It will be retried until it is 5 day(s) old.",
        "Action: delayed\r\nStatus: 4.4.1\r\n"
        "Diagnostic-Code: smtp; 451 4.4.1 no answer from the mailbox server",
    ),
    DeliveryEventKind.DELIVERED: (
        "Successful Mail Delivery Report",
        "Your message was successfully delivered to the destination(s) listed below.",
        "Action: delivered\r\nStatus: 2.0.0\r\n"
        "Diagnostic-Code: smtp; 250 2.0.0 delivered to mailbox",
    ),
}


class ReturnPost:
    """The way back. Each mail is kept in the folder too, as the mail server keeps it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        # Its settings always name the folder.
        self._folder = MailFolder(stage.settings.demo_mailbox or Path())
        self._pipe = ReturnPipe(stage.settings, stage.session_factory)

    def reply(self, release_id: int, agreement: str, text: str, *, at: datetime) -> int:
        """Answer a notice by mail, as its contact; the id of the incoming mail."""
        notice_mail = self._notice_mail(release_id, agreement)
        sender = _contact_of(notice_mail)
        to, raw = write_reply(notice_mail, text, sender=sender, at=at)
        return self._send(raw, envelope_from=sender.address, to=to, at=at)

    def reply_automatically(
        self, release_id: int, agreement: str, subject: str, text: str, *, at: datetime
    ) -> int:
        """The contact's mailbox answers a notice itself, as RFC 3834 asks; the mail's id."""
        notice_mail = self._notice_mail(release_id, agreement)
        answered, sender = parse_mail(notice_mail), _contact_of(notice_mail)
        # Responders answer the envelope sender, not Reply-To (RFC 3834, 4).
        to = _return_path(notice_mail)
        message_id = str(answered["Message-ID"]).strip()
        head = (
            address_header("From", sender),
            token_header("To", to),
            text_header("Subject", subject),
            token_header("Message-ID", mint_message_id(sender.domain)),
            date_header(at),
            id_list_header("In-Reply-To", [message_id]),
            token_header("Auto-Submitted", "auto-replied"),
        )
        raw = b"".join(head) + plain_part(text)
        return self._send(raw, envelope_from="", to=to, at=at)

    def report(
        self, release_id: int, agreement: str, kind: DeliveryEventKind, *, at: datetime
    ) -> int:
        """The client's mail server reports on a notice (RFC 3464); the mail's id."""
        notice_mail = self._notice_mail(release_id, agreement)
        to, recipient = _return_path(notice_mail), _contact_of(notice_mail)
        host = f"mx.{recipient.domain}"
        raw = _report(notice_mail, kind, host=host, recipient=recipient.address, to=to, at=at)
        return self._send(raw, envelope_from="", to=to, at=at)

    def _send(self, raw: bytes, *, envelope_from: str, to: str, at: datetime) -> int:
        traced = with_trace(raw, at=at)
        mail_id = self._pipe.take(traced, envelope_from=envelope_from, recipient=to, at=at)
        self._folder.append(traced, envelope_from=envelope_from, recipient=to)
        return mail_id

    def _notice_mail(self, release_id: int, agreement: str) -> bytes:
        """The notice as the mail server delivered it to the agreement's first contact."""
        with self._stage.session() as session:
            notice = self._stage.find_notice(session, release_id, agreement)
            message_id = session.scalar(
                select(MessageRow.message_id_header).where(
                    MessageRow.link_digest == notice.link_digest
                )
            )
        raw = self._folder.find_by_message_id(message_id) if message_id else None
        if raw is None:
            raise LookupError(f"no mail brought the notice of release {release_id} to {agreement}")
        return raw


def _report(
    notice_mail: bytes,
    kind: DeliveryEventKind,
    *,
    host: str,
    recipient: str,
    to: str,
    at: datetime,
) -> bytes:
    subject, words, fields = _REPORT_TEXTS[kind]
    mail, boundary = parse_mail(notice_mail), secrets.token_hex(12)
    return "\r\n".join(
        (
            f"From: Mail Delivery System <MAILER-DAEMON@{host}>",
            f"To: {to}",
            f"Subject: {subject}",
            f"Date: {format_datetime(at)}",
            f"Message-ID: {mint_message_id(host)}",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status;",
            f' boundary="{boundary}"',
            "",
            f"--{boundary}",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            f"This is the mail system at host {host}.",
            "",
            words,
            "",
            f"<{recipient}>",
            "",
            f"--{boundary}",
            "Content-Type: message/delivery-status",
            "",
            f"Reporting-MTA: dns; {host}",
            "",
            f"Final-Recipient: rfc822; {recipient}",
            fields,
            f"Last-Attempt-Date: {format_datetime(at)}",
            "",
            f"--{boundary}",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {str(mail['Message-ID']).strip()}",
            f"Date: {mail['Date']}",
            "",
            f"--{boundary}--",
            "",
        )
    ).encode()


def _contact_of(notice_mail: bytes) -> Mailbox:
    name, address = read_mailbox(notice_mail, "To")
    return Mailbox(address, name)


def _return_path(notice_mail: bytes) -> str:
    return str(parse_mail(notice_mail)["Return-Path"]).strip().strip("<>")
