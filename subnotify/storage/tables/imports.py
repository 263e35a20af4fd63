"""Imports that wait to be confirmed, and notices that were given before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.words import ProofKind
from subnotify.storage.tables.base import Base, enum_column, one_of


class ImportProposalRow(Base):
    """Files that an operator uploaded, and the differences as they were shown."""

    __tablename__ = "import_proposals"
    __table_args__ = (Index(None, "operator_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    at: Mapped[datetime]
    # When the differences were last computed; [section, new, changed, unchanged] per section, the
    # entries as operations.import_differences has them, and their digest.
    compared_at: Mapped[datetime]
    lines: Mapped[list[Any]] = mapped_column(JSON)
    entries: Mapped[list[Any]] = mapped_column(JSON)
    entries_digest: Mapped[str] = mapped_column(String(64))
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None] = mapped_column(String(200))


class ImportFileRow(Base):
    """One file of a proposal. Its content goes once it is imported; its digest stays."""

    __tablename__ = "import_files"
    __table_args__ = (one_of("kind", ImportKind), Index(None, "proposal_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("import_proposals.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(enum_column())
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class BroughtInNoticeRow(Base):
    """How a notice reached one contact before subnotify was used, as legal stated it.

    Its message was never sent from here: this row says who brought it in, with which proof.
    """

    __tablename__ = "brought_in_notices"
    __table_args__ = (
        one_of(
            "proof",
            (ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY),
        ),
        Index(None, "notice_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    dispatched_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    proof: Mapped[str | None] = mapped_column(enum_column())
    # Where the proof is kept, in legal's words.
    proof_reference: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
