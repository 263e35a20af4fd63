"""Evidence: append-only facts, and (apart, erasable) the contents their digests speak of."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.storage.tables.base import Base, Json


class EvidenceRow(Base):
    """One fact. Triggers refuse update, delete, replace and truncate. No personal data here."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    # "operator:3", "client", "job:close_windows": who caused it, without a name.
    actor: Mapped[str] = mapped_column(String(80))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    # SHA-256 over salt and canonical content.
    digest: Mapped[str] = mapped_column(String(64))


class EvidenceContentRow(Base):
    """Salt and content behind a digest. Erasing it leaves the evidence standing."""

    __tablename__ = "evidence_contents"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    content: Mapped[Json] = mapped_column(JSON)
