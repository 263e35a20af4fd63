"""What building a batch of mails gives: mails to hand over, what is stored, what is left."""

from dataclasses import dataclass, field
from datetime import datetime

from subnotify.delivery.courier import Envelope
from subnotify.rules.words import MessageState
from subnotify.storage.outbox import BuiltMail, OutgoingMessage


@dataclass(frozen=True, slots=True)
class ReadyMail:
    """A message with its bytes, its attempt number, its envelope and the digest of the bytes."""

    message: OutgoingMessage
    number: int
    envelope: Envelope
    raw: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that leaves its batch before any attempt: parked, or for later."""

    message: OutgoingMessage
    state: MessageState
    reason: str
    next_attempt_at: datetime | None = None


@dataclass
class BuiltBatch:
    """ready: mails to hand over, in the order of their messages; new: what is stored of those
    that were built just now; aside: the messages that leave the batch."""

    ready: list[ReadyMail] = field(default_factory=list)
    new: list[BuiltMail] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
