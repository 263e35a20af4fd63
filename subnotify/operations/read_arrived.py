"""Mails as they arrive, and what each says: parsing that one bad mail cannot stop."""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime

from subnotify.delivery.incoming import read_incoming
from subnotify.delivery.incoming_mail import IncomingMail, UnreadableMail
from subnotify.delivery.mail_tags import TEST_MESSAGE_ID, TagKind
from subnotify.delivery.sealing import SealKey
from subnotify.rules.words import FiledAs, IncomingKind, TagStanding
from subnotify.storage.incoming import TaggedMessage

log = logging.getLogger(__name__)

# A larger mail is not read by the machine: a person opens it.
LARGEST_READ = 25 * 1024 * 1024


@dataclass(frozen=True)
class ReturnSettings:
    """return_address: the base of our tagged addresses, None where there are none.

    own_addresses: all that we write from. keys: the present seal key, then those it replaced.
    """

    return_address: str | None
    keys: tuple[SealKey, ...] = field(repr=False)
    legal_email: str
    own_addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArrivedMail:
    """A mail as it came. received_at: when our server took it. recipient: to whom, if it says.

    is_whole: False where `raw` is only the header part of a mail too large to be read. note: what
    evidence should keep of how it came.
    """

    raw: bytes = field(repr=False)
    received_at: datetime
    place: str = ""
    recipient: str | None = None
    is_whole: bool = True
    note: str = ""


class ReadMail:
    """A mail with what it says. message: what its valid tag names, once it was looked up."""

    def __init__(self, arrived: ArrivedMail, says: IncomingMail) -> None:
        self.arrived = arrived
        self.says = says
        self.digest = digest_of(arrived.raw)
        self.message: TaggedMessage | None = None

    @property
    def is_proven_report(self) -> bool:
        """It came to the address of bounces that we gave one message, and that message left.

        The address of replies stands in the mail itself: whoever has it could write a report.
        """
        tag, message = self.says.tag, self.message
        return (
            self.says.kind is IncomingKind.REPORT
            and bool(self.says.reports)
            and tag is not None
            and tag.kind is TagKind.BOUNCE
            and message is not None
            and message.was_tried
        )

    @property
    def is_test_report(self) -> bool:
        """It reports of a test mail, which is no message: nobody need read it."""
        tag = self.says.tag
        return (
            self.says.kind is IncomingKind.REPORT
            and tag is not None
            and tag.kind is TagKind.BOUNCE
            and tag.message_id == TEST_MESSAGE_ID
        )

    @property
    def filed_as(self) -> FiledAs | None:
        """None: it waits for a person."""
        if self.is_proven_report or self.is_test_report:
            return FiledAs.REPORT
        is_automatic = self.says.kind is IncomingKind.AUTO_REPLY and not self.says.for_person
        return FiledAs.AUTO_REPLY if is_automatic else None


def digest_of(raw: bytes) -> str:
    """What makes two arrivals the same mail."""
    return hashlib.sha256(raw).hexdigest()


def read_arrived(arrived: ArrivedMail, settings: ReturnSettings) -> ReadMail:
    """A mail read; what cannot be read is taken for a reply that a person must read."""
    try:
        says = read_incoming(
            arrived.raw if arrived.is_whole else arrived.raw[:LARGEST_READ],
            return_address=settings.return_address,
            own_addresses=settings.own_addresses,
            keys=settings.keys,
            envelope_recipient=arrived.recipient or None,
        )
    except UnreadableMail as error:
        says = _unread(f"it could not be read: {error}")
    except Exception as error:
        # Whatever it is: one mail must not stop the others, nor be lost.
        log.exception("an incoming mail could not be read")
        says = _unread(f"it could not be read: {type(error).__name__}")
    return ReadMail(arrived, says if arrived.is_whole else _too_large(says))


def _unread(reason: str) -> IncomingMail:
    return IncomingMail(IncomingKind.REPLY, TagStanding.MISSING, reason=reason)


def _too_large(says: IncomingMail) -> IncomingMail:
    """Without its body nobody knows what it is: a person opens it in the mailbox."""
    return IncomingMail(
        kind=IncomingKind.REPLY,
        tag_standing=says.tag_standing,
        tag=says.tag,
        message_ids=says.message_ids,
        from_address=says.from_address,
        from_name=says.from_name,
        subject=says.subject,
        reason="it is too large to be read by the machine, but for its header",
        sent_at=says.sent_at,
    )
