"""Words by which cases are found, written when a name is."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.search_words import LONGEST
from subnotify.storage.tables.base import Base

# By code point on every machine: a prefix is then a range of the index.
_WORD = String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql")


class AgreementWordRow(Base):
    """A word of the client's name or of the agreement's reference; its number, as notices have."""

    __tablename__ = "agreement_words"
    __table_args__ = (Index(None, "agreement_id"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"), primary_key=True)


class ChangeWordRow(Base):
    """A word of the subprocessor's name as announced, or of the release's number."""

    __tablename__ = "change_words"
    __table_args__ = (Index(None, "change_id"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id"), primary_key=True)
