"""Batches of letters for the printer, and the bytes of letters that were taken back."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import BatchState, LetterProduct
from subnotify.storage.tables.base import Base, enum_column, one_of


class LetterBatchRow(Base):
    """Letters merged for the printer: at most a hundred, of one product."""

    __tablename__ = "letter_batches"
    __table_args__ = (
        one_of("product", LetterProduct),
        one_of("state", BatchState),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "L-000042": the provider takes a batch of this name once.
    key: Mapped[str] = mapped_column(String(40), unique=True)
    product: Mapped[str] = mapped_column(enum_column())
    state: Mapped[str] = mapped_column(enum_column())
    letters: Mapped[int]
    pages: Mapped[int]
    # SHA-256 of the merged PDF and of the manifest, as given to the provider.
    pdf_digest: Mapped[str] = mapped_column(String(64))
    manifest_digest: Mapped[str] = mapped_column(String(64))
    # The merged PDF, sealed like mails; each letter's own bytes are in `sealed_mails`.
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    manifest: Mapped[str] = mapped_column(Text)
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[str] = mapped_column(String(200))
    # Where the provider keeps it, in its own words; None while it has not taken it.
    place: Mapped[str | None] = mapped_column(Text)
    # When that was said, and the day on which it happened, in the vendor's zone; None where it is
    # known from what was told of the letters.
    handed_over_at: Mapped[datetime | None]
    handed_over_on: Mapped[date | None]
    handed_over_by: Mapped[str | None] = mapped_column(String(200))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(200))


class FormerSealRow(Base):
    """The bytes of a letter that were written anew later: its batch was cancelled, it is printed
    after all, or it told a deadline that ran no longer. Somebody may have posted them all the same,
    so they are kept, never changed."""

    __tablename__ = "former_seals"
    __table_args__ = (Index(None, "message_id"), Index(None, "batch_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    # The cancelled batch, and the place in it; None: it was in none.
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("letter_batches.id"))
    position: Mapped[int | None]
    digest: Mapped[str] = mapped_column(String(64))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    # Of the personal link in these bytes, which opens nothing any more.
    link_digest: Mapped[str | None] = mapped_column(String(64))
    taken_back_at: Mapped[datetime]
