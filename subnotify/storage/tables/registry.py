"""The vendor, its services, and the list of subprocessors."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.storage.tables.base import Base, Json


class VendorRow(Base):
    """The organisation that runs subnotify. One row, id 1."""

    __tablename__ = "vendor"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Everything the public page says of the vendor: rules.vendor.VendorProfile as a mapping.
    profile: Mapped[Json] = mapped_column(JSON)
    # Grows with every publication and commencement; pages and caches compare it.
    list_version: Mapped[int] = mapped_column(default=0)
    list_changed_at: Mapped[datetime | None]
    first_published_at: Mapped[datetime | None]


class ServiceRow(Base):
    __tablename__ = "services"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class SubprocessorRow(Base):
    """One subprocessor or recipient. `draft_facts` is what the publisher works on."""

    __tablename__ = "subprocessors"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    # rules.subprocessors.SubprocessorFacts as a mapping; None once it equals the list.
    draft_facts: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    drafted_at: Mapped[datetime | None]
    drafted_by: Mapped[str | None] = mapped_column(String(200))
    # For the vendor's own people: never published, never frozen with a release.
    internal_notes: Mapped[str] = mapped_column(Text, default="", server_default="")


class ListEntryRow(Base):
    """What the list said of a subprocessor from one day (included) to another (excluded)."""

    __tablename__ = "list_entries"
    __table_args__ = (
        Index(None, "subprocessor_id", "in_force_from_on"),
        CheckConstraint(
            "in_force_until_on IS NULL OR in_force_until_on >= in_force_from_on",
            name="interval",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subprocessor_id: Mapped[int] = mapped_column(ForeignKey("subprocessors.id"))
    facts: Mapped[Json] = mapped_column(JSON)
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
    # Some client keeps it after it left the list for everybody else (DESIGN section 4).
    phased_out_from_on: Mapped[date | None]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("changes.id"))
    published_at: Mapped[datetime]


class ListPublicationRow(Base):
    """Each publication or change of the list, with the version it made."""

    __tablename__ = "list_publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_version: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
