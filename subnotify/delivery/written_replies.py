"""A person's answer to one of our mails, as a mail program writes it: the demonstration's clients
answer so, and production writes none."""

import quopri
from datetime import datetime
from email.message import EmailMessage

from subnotify.delivery.headers import (
    Mailbox,
    address_header,
    date_header,
    guard_message_id,
    guard_subject,
    id_list_header,
    text_header,
    token_header,
)
from subnotify.delivery.mail_folder import parse_mail
from subnotify.delivery.mime import mint_message_id, read_mailbox

_ATTRIBUTIONS = {
    "en": "On {at:%d/%m/%Y at %H:%M}, {name} <{address}> wrote:",
    "fr": "Le {at:%d/%m/%Y à %H:%M}, {name} <{address}> a écrit :",
}
_MOST_REFERENCES = 20


def find_reply_address(raw: bytes) -> str | None:
    """Where the mail wants its answers; None where it names no place or has no name itself."""
    mail = parse_mail(raw)
    if not mail["Reply-To"] or not mail["Message-ID"]:
        return None
    return read_mailbox(raw, "Reply-To")[1] or None


def reply_subject(mail: EmailMessage) -> str:
    subject = str(mail["Subject"] or "")
    return subject if subject[:3].casefold() == "re:" else f"Re: {subject}"


def quoted_below(raw: bytes) -> str:
    """The plain text of a mail, each line marked, below a line that says whose it is."""
    mail = parse_mail(raw)
    name, address = read_mailbox(raw, "From")
    date = mail["Date"].datetime if mail["Date"] else None
    language = str(mail["Content-Language"] or "en")[:2]
    attribution = _ATTRIBUTIONS.get(language, _ATTRIBUTIONS["en"])
    head = attribution.format(at=date, name=name, address=address) if date else ""
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    return "\n".join([head, *(f"> {line}".rstrip() for line in text.rstrip().splitlines())])


def write_reply(raw: bytes, text: str, *, sender: Mailbox, at: datetime) -> tuple[str, bytes]:
    """The address that the mail `raw` wants its answers at, and an answer with CRLF lines.

    Raises LookupError for a mail that takes no answers, `UnsafeHeader` for one with headers that
    may not stand in another mail.
    """
    address = find_reply_address(raw)
    if address is None:
        raise LookupError("the mail names no address for answers")
    mail = parse_mail(raw)
    answered = guard_message_id(str(mail["Message-ID"]).strip())
    before = str(mail["References"] or "").split()[-_MOST_REFERENCES:]
    head = (
        address_header("From", sender),
        address_header("To", Mailbox(address, read_mailbox(raw, "Reply-To")[0])),
        text_header("Subject", guard_subject(reply_subject(mail))),
        token_header("Message-ID", mint_message_id(sender.domain)),
        date_header(at),
        id_list_header("In-Reply-To", [answered]),
        id_list_header("References", [*map(guard_message_id, before), answered]),
    )
    words = "\n".join(text.strip().splitlines())
    return address, b"".join(head) + plain_part(f"{words}\n\n{quoted_below(raw)}\n")


def plain_part(text: str) -> bytes:
    """The headers and the body of a mail of plain text."""
    body = quopri.encodestring(text.encode("utf-8", "replace"))
    return (
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + body.replace(b"\n", b"\r\n")
    )
