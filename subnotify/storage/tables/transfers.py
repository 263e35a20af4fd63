"""Transfer bases: newer reference data, what lapses, and corrections of the list."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import CorrectionState, LapseState
from subnotify.storage.tables.base import Base, Json, enum_column, one_of


class TransferReferenceRow(Base):
    """Reference data newer than the package's own. The latest day of its facts counts."""

    __tablename__ = "transfer_references"

    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    # SHA-256 of the file, which stands beside it as it came.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(200))


class TransferLapseRow(Base):
    """A task for legal: a place of an entry on the list that stops being lawful, or has."""

    __tablename__ = "transfer_lapses"
    __table_args__ = (
        one_of("law", ExportLaw),
        one_of("state", LapseState),
        UniqueConstraint(
            "subprocessor_id",
            "place",
            "law",
            "instrument",
            "lapses_on",
            name="uq_transfer_lapses_task",
        ),
        Index(None, "state", "lapses_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subprocessor_id: Mapped[int] = mapped_column(ForeignKey("subprocessors.id"))
    # Country or organisation with the kind of location: "US hosting".
    place: Mapped[str] = mapped_column(String(240))
    law: Mapped[str] = mapped_column(enum_column())
    # What it rested on: a finding's id or a safeguard's code; "" where nothing was recorded.
    instrument: Mapped[str] = mapped_column(String(200))
    # The first day without a basis.
    lapses_on: Mapped[date]
    state: Mapped[str] = mapped_column(enum_column())
    # The nearest of 180, 90, 30 and 0 days ahead that legal was told of.
    told_days_ahead: Mapped[int]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    noted_by: Mapped[str | None] = mapped_column(String(200))
    noted_at: Mapped[datetime | None]


class TransferAlarmRow(Base):
    """Legal was told of a lapse: how many days ahead (180, 90, 30, 0), and when. What one mail
    tells has one instant, that of its queueing."""

    __tablename__ = "transfer_alarms"
    __table_args__ = (Index(None, "lapse_id"), Index(None, "told_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    lapse_id: Mapped[int] = mapped_column(ForeignKey("transfer_lapses.id"))
    days_ahead: Mapped[int]
    told_at: Mapped[datetime]


class ListCorrectionRow(Base):
    """A difference of the list that is no change: a new telephone number, a basis checked again.
    One person proposes it with a reason, another confirms it."""

    __tablename__ = "list_corrections"
    __table_args__ = (
        one_of("state", CorrectionState),
        Index(None, "state"),
        Index(None, "subprocessor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subprocessor_id: Mapped[int] = mapped_column(ForeignKey("subprocessors.id"))
    before_facts: Mapped[Json] = mapped_column(JSON)
    facts: Mapped[Json] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(enum_column())
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(String(200))
    # As in evidence ("operator:3"); None: proposed before this was kept.
    proposed_actor: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decision_note: Mapped[str] = mapped_column(Text, default="")
