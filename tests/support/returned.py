"""Mails that come back: replies, bounces and automatic answers to a scenario's notices."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy.orm import Session

from subnotify.delivery.mail_tags import TagKind, tagged_address
from subnotify.delivery.sealing import SealKey
from subnotify.operations.receive_mail import ReturnSettings, receive_mail
from subnotify.rules.words import IncomingSource
from tests.support.scenario import Announced
from tests.support.settings import SEAL_KEY

KEY = SealKey(SEAL_KEY)
BASE = "notices@vendor.example"
RETURN = ReturnSettings(
    return_address=BASE,
    keys=(KEY,),
    legal_email="legal@vendor.example",
    own_addresses=("privacy@vendor.example",),
)


def tagged(kind: TagKind, message_id: int) -> str:
    """The address that we gave a message for its bounces or its replies."""
    return tagged_address(BASE, kind, message_id, KEY)


def reply_to(
    announced: Announced,
    text: str,
    *,
    tag: TagKind | None = TagKind.REPLY,
    sent_at: datetime | None = None,
    subject: str = "Re: Notice",
) -> bytes:
    """A person's answer to the notice, to the address that stands in it, or to the bare one."""
    mail = EmailMessage()
    mail["From"] = "Camille Perrin <dpo0@client1.example>"
    mail["To"] = tagged(tag, announced.message_ids[0]) if tag else BASE
    mail["Subject"] = subject
    if sent_at is not None:
        mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = f"<{abs(hash((text, str(sent_at))))}@client.example>"
    mail.set_content(text + "\n")
    return mail.as_bytes()


def automatic_reply(announced: Announced, text: str = "I am away until Monday.") -> bytes:
    """RFC 3834."""
    mail = EmailMessage()
    mail["From"] = "Camille Perrin <dpo0@client1.example>"
    mail["To"] = tagged(TagKind.REPLY, announced.message_ids[0])
    mail["Subject"] = "Automatic reply: Notice"
    mail["Auto-Submitted"] = "auto-replied"
    mail["Message-ID"] = "<away@client.example>"
    mail.set_content(text + "\n")
    return mail.as_bytes()


def delivery_report(
    to: str,
    action: str = "failed",
    *,
    status: str = "5.1.1",
    happened_at: datetime | None = None,
    recipient: str = "dpo0@client1.example",
    host: str = "mx.client.example",
    words: str = "550 5.1.1 User unknown",
    number: int = 1,
    original: str = "",
) -> bytes:
    """A report of RFC 3464 from a mail server, to the address `to`."""
    orcpt = f"Original-Recipient: rfc822;{original}\r\n" if original else ""
    when = f"Last-Attempt-Date: {format_datetime(happened_at)}\r\n" if happened_at else ""
    return (
        "Return-Path: <>\r\n"
        f"Message-ID: <dsn-{number}-{action}@mx.client.example>\r\n"
        f"From: Mail Delivery System <MAILER-DAEMON@{host}>\r\n"
        f"To: <{to}>\r\n"
        "Subject: Delivery report\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\n"
        "This is the mail system.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; {host}\r\n\r\n"
        f"{orcpt}Final-Recipient: rfc822; {recipient}\r\n"
        f"Action: {action}\r\n"
        f"Status: {status}\r\n"
        f"Remote-MTA: dns; {host}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n"
        f"{when}"
        "\r\n--b--\r\n"
    ).encode()


def receive(
    session: Session, raw: bytes, received_at: datetime, *, at: datetime | None = None
) -> int:
    """Take it from the mailbox at once, or at `at`."""
    return receive_mail(
        session,
        raw,
        received_at=received_at,
        source=IncomingSource.IMAP,
        place="imap:test:INBOX:1",
        settings=RETURN,
        at=at or received_at,
    )
