"""Paper: letters to contacts and their batches, letters from clients, documents on request."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import (
    CorrectionState,
    IncomingLetterKind,
    LetterEventKind,
    LetterEventSource,
    LetterProduct,
    LetterReason,
    LetterState,
    ResponseChannel,
)
from subnotify.storage.tables.base import Base, enum_column, one_of


class LetterRow(Base):
    """The paper side of a message whose channel is post or registered post."""

    __tablename__ = "letters"
    __table_args__ = (
        one_of("product", LetterProduct),
        one_of("state", LetterState),
        one_of("reason", LetterReason),
        Index(None, "state", "product"),
        # What waits for the printer, the oldest first.
        Index(
            "ix_letters_waiting",
            "state",
            "message_id",
            postgresql_where=text("batch_id IS NULL"),
            sqlite_where=text("batch_id IS NULL"),
        ),
        Index(None, "batch_id", "position"),
        Index(None, "proof_number"),
        # To contacts and addresses that were struck out: few.
        Index(
            "ix_letters_former",
            "former_on",
            postgresql_where=text("former_on IS NOT NULL"),
            sqlite_where=text("former_on IS NOT NULL"),
        ),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    product: Mapped[str] = mapped_column(enum_column())
    reason: Mapped[str] = mapped_column(enum_column())
    state: Mapped[str] = mapped_column(enum_column())
    # The address as it was when the letter was queued, a line each.
    address_lines: Mapped[list[str]] = mapped_column(JSON)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("letter_batches.id"))
    # Within the batch, from 1 on.
    position: Mapped[int | None]
    pages: Mapped[int | None]
    # The number on the proof of posting; empty for plain post.
    proof_number: Mapped[str] = mapped_column(String(80), default="")
    # The end of the window that its bytes tell; None: they tell none.
    told_closes_at: Mapped[datetime | None]
    # From this day on, the vendor's, its contact or address was struck out by letter.
    former_on: Mapped[date | None]


class LetterEventRow(Base):
    """What became of a letter, each kind once: a file read twice changes nothing."""

    __tablename__ = "letter_events"
    __table_args__ = (
        one_of("kind", LetterEventKind),
        one_of("source", LetterEventSource),
        UniqueConstraint("message_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    # The day on the proof, in the zone of the agreement.
    on: Mapped[date] = mapped_column("happened_on")
    proof_number: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(enum_column())
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    # When two persons corrected its day; what it was is in the correction.
    corrected_at: Mapped[datetime | None]


class LetterContradictionRow(Base):
    """What was told of a letter and contradicts an event on record: one of them is untrue. While
    it is open, silence of its client decides nothing."""

    __tablename__ = "letter_contradictions"
    __table_args__ = (
        one_of("kind", LetterEventKind),
        one_of("source", LetterEventSource),
        Index(
            "ix_letter_contradictions_open",
            "message_id",
            "kind",
            "happened_on",
            "proof_number",
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
            sqlite_where=text("settled_at IS NULL"),
        ),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    on: Mapped[date] = mapped_column("happened_on")
    proof_number: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(enum_column())
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    # Two persons found it untrue, or what it contradicted: then it is an event of the letter.
    settled_at: Mapped[datetime | None]


class LetterEventCorrectionRow(Base):
    """Two persons correct an event of a letter. The event as it was recorded stays here."""

    __tablename__ = "letter_event_corrections"
    __table_args__ = (
        one_of("kind", LetterEventKind),
        one_of("source", LetterEventSource),
        one_of("state", CorrectionState),
        Index(None, "message_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    # The event as it was recorded, by whom, when and from what.
    kind: Mapped[str] = mapped_column(enum_column())
    was_on: Mapped[date]
    proof_number: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(enum_column())
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    # The true day; None: it did not happen to this letter.
    on: Mapped[date | None] = mapped_column("happened_on")
    # It is about what contradicts an event, not about the event.
    contradiction_id: Mapped[int | None] = mapped_column(ForeignKey("letter_contradictions.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(enum_column())
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(String(200))
    # As in evidence ("operator:3"): a name may change, or be another one's.
    proposed_actor: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))


class DocumentRow(Base):
    """A file kept with a record: a scan, or a list as it was given out. Encrypted at rest."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the bytes; the ciphertext is bound to it.
    digest: Mapped[str] = mapped_column(String(64))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str] = mapped_column(String(150))
    octets: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(200))


class IncomingLetterRow(Base):
    """A letter from a client, as legal has it before it."""

    __tablename__ = "incoming_letters"
    __table_args__ = (
        one_of("kind", IncomingLetterKind),
        one_of("channel", ResponseChannel),
        Index(None, "filed_at", "received_on"),
        Index(None, "client_id", "filed_at"),
        Index(None, "notice_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(enum_column())
    channel: Mapped[str] = mapped_column(enum_column())
    # As in `rules.letters.Letter`.
    received_on: Mapped[date]
    dispatched_on: Mapped[date | None]
    # The number of the registered letter.
    letter_reference: Mapped[str] = mapped_column(String(200), default="")
    # The reference that the letter quotes: of a notice, or of the slip that came with it.
    quoted_reference: Mapped[str] = mapped_column(String(40), default="")
    from_name: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    # None: it waits for a person, and silence of its client waits with it.
    filed_at: Mapped[datetime | None]
    filed_by: Mapped[str | None] = mapped_column(String(200))
    filed_note: Mapped[str] = mapped_column(Text, default="")


class LetterResponseRow(Base):
    """Which letter said what a response says: one for each change it speaks of."""

    __tablename__ = "letter_responses"
    __table_args__ = (Index(None, "incoming_letter_id"),)

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    incoming_letter_id: Mapped[int] = mapped_column(ForeignKey("incoming_letters.id"))


class DocumentRequestRow(Base):
    """A written request for the list, and its answer: who, when, which version."""

    __tablename__ = "document_requests"
    __table_args__ = (
        one_of("channel", ResponseChannel),
        Index(None, "agreement_id"),
        Index(None, "answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    incoming_letter_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_letters.id"))
    channel: Mapped[str] = mapped_column(enum_column())
    requested_on: Mapped[date]
    requested_by: Mapped[str] = mapped_column(String(200))
    # The list as it applied on this day, in this language.
    as_of_on: Mapped[date]
    language: Mapped[str] = mapped_column(String(2))
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(200))
    answered_on: Mapped[date | None]
    answered_through: Mapped[str | None] = mapped_column(enum_column())
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    # What names the version of the list that the document shows.
    list_version: Mapped[str] = mapped_column(String(80), default="")
