"""What legal writes to a client about a notice, beside its answers to single questions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.storage.tables.base import Base


class LegalMessageRow(Base):
    """One message of legal to the client. Only ever added: its digest stands in the evidence."""

    __tablename__ = "legal_messages"
    __table_args__ = (Index(None, "notice_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    # From which case it was written; the client reads it on the page of the whole notice.
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(200))
    # The same form sent twice is one message.
    form_token: Mapped[str] = mapped_column(String(64), unique=True)
    # SHA-256 of the canonical content.
    digest: Mapped[str] = mapped_column(String(64))
