"""Scans that legal keeps with a case: slips, letters, settlements, certificates."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import PaperKind
from subnotify.storage.tables.base import Base, enum_column, one_of


class CasePaperRow(Base):
    """A scan of a case. Rows are added, never changed."""

    __tablename__ = "case_papers"
    __table_args__ = (one_of("kind", PaperKind), UniqueConstraint("case_id", "document_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    note: Mapped[str] = mapped_column(Text, default="")
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(200))
