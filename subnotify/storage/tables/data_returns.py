"""The data of clients whose services ended: to be returned or destroyed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.terms_words import DataAtEnd
from subnotify.storage.tables.base import Base, enum_column, one_of


class DataReturnRow(Base):
    """What a termination leaves to do about the client's data; one for each case."""

    __tablename__ = "data_returns"
    __table_args__ = (
        UniqueConstraint("case_id"),
        one_of("wanted", DataAtEnd),
        one_of("choice", (DataAtEnd.DESTROY, DataAtEnd.RETURN)),
        Index(None, "done_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    # What the terms say is done with it.
    wanted: Mapped[str] = mapped_column(enum_column())
    # The first day without the services.
    ended_on: Mapped[date]
    # None where the terms set no number of days.
    due_on: Mapped[date | None]
    # Where the client chooses: return or destroy.
    choice: Mapped[str | None] = mapped_column(enum_column())
    choice_note: Mapped[str] = mapped_column(Text, default="")
    chosen_at: Mapped[datetime | None]
    chosen_by: Mapped[str | None] = mapped_column(String(200))
    done_on: Mapped[date | None]
    done_note: Mapped[str] = mapped_column(Text, default="")
    # Where no certificate is kept with the case.
    why_no_proof: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(200))
