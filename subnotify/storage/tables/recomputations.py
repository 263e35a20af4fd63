"""Windows computed anew, and terms that the program learnt to compute."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.recomputations import ProposalState, Recomputed
from subnotify.storage.tables.base import Base, enum_column, one_of


class WindowProposalRow(Base):
    """What newer holidays or time zones would make of the running windows of one notice."""

    __tablename__ = "window_proposals"
    __table_args__ = (
        UniqueConstraint("notice_id", "new_versions"),
        one_of("kind", Recomputed),
        one_of("state", ProposalState),
        Index(None, "state", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    old_versions: Mapped[str] = mapped_column(String(200))
    new_versions: Mapped[str] = mapped_column(String(200))
    # The one that gives the client most, of its windows.
    kind: Mapped[str] = mapped_column(enum_column())
    state: Mapped[str] = mapped_column(enum_column())
    # One entry for each window that differs: storage.recomputations.ProposedWindow as a mapping.
    windows: Mapped[list[Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    # Once applied: [case, old end, new end] for each case that got a later deadline.
    told: Mapped[list[Any]] = mapped_column(JSON, default=list)


class TermsReassessmentRow(Base):
    """A version of terms was computable or not, and newer rules say otherwise. Codes as in
    terms_versions.not_computable; None: computable."""

    __tablename__ = "terms_reassessments"
    __table_args__ = (Index(None, "terms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    terms_id: Mapped[int] = mapped_column(ForeignKey("terms_versions.id"))
    before: Mapped[str | None] = mapped_column(String(200))
    after: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]
