"""What an incoming mail says, as far as its bytes show it: no judgement, no database."""

from dataclasses import dataclass
from datetime import datetime

from subnotify.delivery.mail_tags import MailTag
from subnotify.rules.words import DeliveryEventKind, IncomingKind, TagStanding

LONGEST_TEXT = 20_000


class UnreadableMail(ValueError):
    """Bytes that are no mail at all: empty, or without a single header."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says became of one of our mails, for one recipient.

    `status` is a code of RFC 3463 like 5.1.1, empty where there is none. `host` is the server that
    said so: the recipient's own where the report names it, else the reporting one. `happened_at`
    is the last attempt (aware, UTC), None where the report does not say. `words` is the server's
    own text. `standard`: read by RFC 3464; otherwise by the shape of the mail.
    """

    kind: DeliveryEventKind
    status: str = ""
    host: str = ""
    recipient: str = ""
    final_recipient: str = ""
    happened_at: datetime | None = None
    words: str = ""
    standard: bool = True


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail: its name (never a path), its declared type, its size in octets."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """One mail, read. Whoever wrote it may have written anything: only `tag` is proven.

    `tag` is what a VALID `tag_standing` names. `message_ids` are those the mail refers to, with
    their angle brackets, the nearest first; `original_envelope_ids` those of returned reports
    (RFC 3461, 4.4). `text` is what the sender wrote, without the quoted mail where it can be told
    apart, at most `LONGEST_TEXT` characters; `quoted` is what was left out, likewise. `reason` says
    in English why the mail was taken for what it is. `for_person`, not empty: a machine wrote it,
    and yet a person must read it, for example because it says that nobody reads the mailbox.
    `sent_at` is its Date header, aware, UTC.
    """

    kind: IncomingKind
    tag_standing: TagStanding
    tag: MailTag | None = None
    message_ids: tuple[str, ...] = ()
    original_envelope_ids: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    from_address: str = ""
    from_name: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    attachments: tuple[Attachment, ...] = ()
    reason: str = ""
    for_person: str = ""
    sent_at: datetime | None = None
