"""The steps of an objection on its way to its outcome, and the codes that confirm some."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import Measure, ResponseChannel, StepKind
from subnotify.storage.tables.base import Base, enum_column, one_of


class ObjectionStepRow(Base):
    """A step by legal or the client. Never edited: it starts to count, or is taken back, once."""

    __tablename__ = "objection_steps"
    __table_args__ = (
        one_of("kind", StepKind),
        one_of("measure", Measure),
        one_of("channel", ResponseChannel),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    # Of a proposal.
    measure: Mapped[str | None] = mapped_column(enum_column())
    text: Mapped[str] = mapped_column(Text, default="")
    # Of an answer: the proposal, how it came, and through whose link.
    about_id: Mapped[int | None] = mapped_column(ForeignKey("objection_steps.id"))
    channel: Mapped[str | None] = mapped_column(enum_column())
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(200))
    # When the mail leaves; None while an acceptance awaits its code.
    counts_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(200))


class StepCodeRow(Base):
    """A code mailed to a contact to confirm that it accepts a proposal."""

    __tablename__ = "step_codes"
    __table_args__ = (Index(None, "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("objection_steps.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
