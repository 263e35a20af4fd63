"""The outbox: messages, their sealed bytes, every attempt, and what holds sending back."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import (
    AttemptResult,
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
    PauseCause,
)
from subnotify.storage.tables.base import Base, enum_column, one_of


class MessageRow(Base):
    """One email or letter to one contact (or to legal). One row per logical message."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("purpose", MessagePurpose),
        one_of("channel", Channel),
        one_of("state", MessageState),
        one_of("contact_kind", ContactKind),
        Index(None, "state", "next_attempt_at"),
        Index(None, "notice_id"),
        Index(None, "case_id"),
        Index(None, "response_id"),
        # Few come back: what came back lately is asked for on every morning page.
        Index(
            None,
            "bounced_at",
            postgresql_where=text("bounced_at IS NOT NULL"),
            sqlite_where=text("bounced_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "notice:17:42:email:1" = purpose, notice, contact, channel, serving number. Unique: nothing
    # is doubled, whoever queues it again.
    logical_key: Mapped[str] = mapped_column(String(120), unique=True)
    purpose: Mapped[str] = mapped_column(enum_column())
    channel: Mapped[str] = mapped_column(enum_column())
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    response_id: Mapped[int | None] = mapped_column(ForeignKey("responses.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    # notice or copy; None for mail to legal.
    contact_kind: Mapped[str | None] = mapped_column(enum_column())
    serving_number: Mapped[int] = mapped_column(default=1)
    to_address: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(enum_column())
    # The state before its release was paused.
    paused_from: Mapped[str | None] = mapped_column(enum_column())
    queued_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    # The slot it was given at its domain (DomainSlotRow), until it is tried.
    slot_at: Mapped[datetime | None]
    # A runner's lease: who sends it now, and until when nobody else may.
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until_at: Mapped[datetime | None]
    attempt_count: Mapped[int] = mapped_column(default=0)
    # Minted once with the sealed bytes.
    message_id_header: Mapped[str | None] = mapped_column(String(200), unique=True)
    envelope_from: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str | None] = mapped_column(Text)
    # SHA-256 of the personal link's token; the token itself is only in the sealed bytes.
    link_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_revoked_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    host: Mapped[str | None] = mapped_column(String(254))
    last_reply: Mapped[str | None] = mapped_column(Text)
    # A permanent bounce came back for it.
    bounced_at: Mapped[datetime | None]
    bounce_note: Mapped[str | None] = mapped_column(Text)


class SealedMailRow(Base):
    """The bytes of a message, built once, encrypted at rest, never changed."""

    __tablename__ = "sealed_mails"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class AttemptRow(Base):
    """One try to hand a message over. Written before the network is touched."""

    __tablename__ = "attempts"
    __table_args__ = (
        one_of("result", AttemptResult),
        Index(None, "message_id"),
        # The quota counts the attempts of the last hour.
        Index(None, "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # None while it runs, or after the runner died: then the next claim marks it unknown.
    result: Mapped[str | None] = mapped_column(enum_column())
    verb: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[int | None]
    reply: Mapped[str | None] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(String(254))


class MailQueueRow(Base):
    """One row: whether anything is sent at all. It is also locked by whoever counts the quota."""

    __tablename__ = "mail_queue"
    __table_args__ = (one_of("pause_cause", PauseCause),)

    id: Mapped[int] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None] = mapped_column(String(200))
    pause_cause: Mapped[str | None] = mapped_column(enum_column())
    # A person's reason, or the mail host's words.
    pause_note: Mapped[str | None] = mapped_column(Text)
    # While the host refuses our sign-in: when it is tried again, and how often it was.
    next_sign_in_at: Mapped[datetime | None]
    sign_ins: Mapped[int] = mapped_column(default=0)
    # How often a sign-in that worked ended a pause since the host last took a mail.
    lifted: Mapped[int] = mapped_column(default=0, server_default="0")
    # Since when the host refuses mails because of us, their sender, and what it said last.
    refused_at: Mapped[datetime | None]
    refused_reply: Mapped[str | None] = mapped_column(Text)


class DomainSlotRow(Base):
    """When the next mail may go to a recipients' domain, where a pace is set."""

    __tablename__ = "domain_slots"

    domain: Mapped[str] = mapped_column(String(254), primary_key=True)
    next_at: Mapped[datetime]
