"""Changes and the releases that announce them."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import ChangeKind, ChangeState, ReleaseState
from subnotify.storage.tables.base import Base, Json, enum_column, one_of


class ReleaseRow(Base):
    __tablename__ = "releases"
    __table_args__ = (one_of("state", ReleaseState), Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    # "2026-003", given at release: a draft has none.
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    state: Mapped[str] = mapped_column(enum_column())
    # Per language: {"en": ..., "fr": ...}
    reason: Mapped[Json] = mapped_column(JSON)
    paragraph: Mapped[Json] = mapped_column(JSON)
    commencement_on: Mapped[date | None]
    commences_by_itself: Mapped[bool] = mapped_column(default=False)
    # The release that this one corrects and takes the place of.
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"), index=True)
    # Why the notice is at short notice, per language; empty: it is no emergency.
    emergency_reason: Mapped[Json] = mapped_column(JSON, default=dict, server_default="{}")
    drafted_by: Mapped[str] = mapped_column(String(200))
    drafted_at: Mapped[datetime]
    # Grows with each edit; an approval names the revision it saw.
    revision: Mapped[int] = mapped_column(default=1)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None]
    # Agreements that cannot be served or computed, as legal confirmed them: sorted agreement ids.
    confirmed_unservable: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    # Agreements whose lead time the notice misses, likewise.
    confirmed_late: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    released_by: Mapped[str | None] = mapped_column(String(200))
    released_at: Mapped[datetime | None]
    # Why one person both approved and released, where the setting allows it.
    one_person_reason: Mapped[str | None] = mapped_column(Text)
    # It is released by itself at this instant, once approved: who planned it and when, and why it
    # was refused then: {"message": ..., "values": {...}}.
    planned_for_at: Mapped[datetime | None]
    planned_by: Mapped[str | None] = mapped_column(String(200))
    planned_at: Mapped[datetime | None]
    planned_reason: Mapped[str | None] = mapped_column(Text)
    hour_refused_at: Mapped[datetime | None]
    hour_refusal: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    # A person stopped its mails that had not left yet.
    sending_paused_at: Mapped[datetime | None]
    sending_paused_by: Mapped[str | None] = mapped_column(String(200))
    # What was announced, frozen at release, and its SHA-256.
    content: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    content_digest: Mapped[str | None] = mapped_column(String(64))


class ChangeRow(Base):
    __tablename__ = "changes"
    __table_args__ = (
        one_of("kind", ChangeKind),
        one_of("state", ChangeState),
        CheckConstraint(
            "(kind = 'replacement') = (replaced_id IS NOT NULL)", name="replaced_named"
        ),
        UniqueConstraint("release_id", "position"),
        Index(None, "state", "commencement_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    position: Mapped[int | None]
    kind: Mapped[str] = mapped_column(enum_column())
    state: Mapped[str] = mapped_column(enum_column())
    subprocessor_id: Mapped[int] = mapped_column(ForeignKey("subprocessors.id"))
    replaced_id: Mapped[int | None] = mapped_column(ForeignKey("subprocessors.id"))
    # The facts as announced, frozen at release (a draft reads the subprocessor's draft facts).
    facts: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    # What the list said of it when an amendment was released.
    before_facts: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    commencement_on: Mapped[date | None]
    commences_by_itself: Mapped[bool] = mapped_column(default=False)
    commenced_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    drafted_by: Mapped[str] = mapped_column(String(200))
    drafted_at: Mapped[datetime]


class ChangeServiceRow(Base):
    """A service that a change concerns; written with the draft, frozen at release."""

    __tablename__ = "change_services"
    __table_args__ = (Index(None, "service_id"),)

    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
