"""What came back: mails to our own addresses, and reports of delivery."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import (
    DeliveryEventKind,
    EventSource,
    FiledAs,
    IncomingKind,
    IncomingSource,
    TagStanding,
)
from subnotify.storage.tables.base import Base, enum_column, one_of


class IncomingMailRow(Base):
    """One mail as it came, for good. The same bytes are kept once, however often they are read."""

    __tablename__ = "incoming_mails"
    __table_args__ = (
        one_of("source", IncomingSource),
        one_of("kind", IncomingKind),
        one_of("tag", TagStanding),
        one_of("filed_as", FiledAs),
        # What waits for a person, the oldest first; and what waits of one client.
        Index(None, "filed_at", "received_at"),
        Index(None, "client_id", "filed_at"),
        Index(None, "notice_id"),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(enum_column())
    # The folder and number in the mailbox; empty for the pipe.
    place: Mapped[str] = mapped_column(String(300), default="")
    # When our server took it: this counts. When subnotify read it: this does not.
    received_at: Mapped[datetime]
    collected_at: Mapped[datetime]
    # SHA-256 of the bytes, and the bytes, encrypted like sent ones.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str] = mapped_column(enum_column())
    tag: Mapped[str] = mapped_column(enum_column())
    # What its valid tag ties it to; a person may tie a mail without one.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    from_address: Mapped[str] = mapped_column(String(254), default="")
    from_name: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    # Of what it says it answers: a hint for a person, no proof.
    in_reply_to: Mapped[str] = mapped_column(String(998), default="")
    # What its own Date header says: the sender may have written anything.
    sent_at: Mapped[datetime | None]
    # The plain words, shortened; the whole is in the bytes.
    text: Mapped[str] = mapped_column(Text, default="")
    # Why it is taken for a report or an automatic reply.
    reason: Mapped[str] = mapped_column(Text, default="")
    # None: it waits for a person, and silence of its client waits with it.
    filed_at: Mapped[datetime | None]
    filed_as: Mapped[str | None] = mapped_column(enum_column())
    filed_by: Mapped[str | None] = mapped_column(String(200))
    filed_note: Mapped[str] = mapped_column(Text, default="")


class MailResponseRow(Base):
    """Which mail said what a response says: one for each change it speaks of."""

    __tablename__ = "mail_responses"
    __table_args__ = (Index(None, "incoming_mail_id"),)

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    incoming_mail_id: Mapped[int] = mapped_column(ForeignKey("incoming_mails.id"))


class DeliveryEventRow(Base):
    """One report about one of our mails, each once however often it is told."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        one_of("source", EventSource),
        one_of("kind", DeliveryEventKind),
        UniqueConstraint("source", "external_id"),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(enum_column())
    # The relay's own id of the event; for a mail its digest and the number of the report in it.
    external_id: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    incoming_mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mails.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    # When it happened, as far as the report says; when we were told.
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    # RFC 3463, like 5.1.1; empty where the report has none.
    status: Mapped[str] = mapped_column(String(20), default="")
    # The server that said so.
    host: Mapped[str] = mapped_column(String(254), default="")
    words: Mapped[str] = mapped_column(Text, default="")


class MailboxReadingRow(Base):
    """How far a place where mail arrives was read: a folder of the mailbox, or the pipe."""

    __tablename__ = "mailbox_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    # "imap:host:user:INBOX" or "pipe".
    place: Mapped[str] = mapped_column(String(300), unique=True)
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    # Every mail that our server took before this instant was read by the machine.
    read_until_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    # Since when reading fails, and the last error: a fact as rules/troubles.py stores it.
    failing_since_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(Text, default="")
