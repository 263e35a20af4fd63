"""Whether clients could reach us, and whether our clock can be trusted."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import OutageCause
from subnotify.storage.tables.base import Base, enum_column, one_of


class ServiceWatchRow(Base):
    """One row: the last probe of the public address, and the limits it was made under."""

    __tablename__ = "service_watch"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Before the first probe nothing is known, and nothing is held against anybody.
    first_probe_at: Mapped[datetime]
    last_probe_at: Mapped[datetime]
    last_up_at: Mapped[datetime | None]
    # A longer pause between two probes counts as down.
    longest_pause_seconds: Mapped[int]
    # Down for longer than this in the last 48 hours of a window holds silence.
    tolerated_seconds: Mapped[int]


class OutageRow(Base):
    """A time in which the public address did not answer, or nobody asked."""

    __tablename__ = "outages"
    __table_args__ = (one_of("cause", OutageCause), Index(None, "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(enum_column())
    began_at: Mapped[datetime]
    # None while it lasts.
    ended_at: Mapped[datetime | None]
    # What came instead of an answer: a fact as rules/troubles.py stores it.
    words: Mapped[str] = mapped_column(Text, default="")


class ClockFreezeRow(Base):
    """The wall clock jumped: nothing closes until a person says that it is right again."""

    __tablename__ = "clock_freezes"
    __table_args__ = (Index(None, "lifted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # By the clock that is in doubt.
    noticed_at: Mapped[datetime]
    runner: Mapped[str] = mapped_column(String(80))
    # By how much, against which other clock: a fact as rules/troubles.py stores it.
    words: Mapped[str] = mapped_column(Text)
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(200))
    lift_note: Mapped[str] = mapped_column(Text, default="")
