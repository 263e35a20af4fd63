"""Clients, their agreements, notice terms and contacts."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ContactKind
from subnotify.storage.tables.base import Base, Json, LawSet, enum_column, one_of


class ClientRow(Base):
    __tablename__ = "clients"
    __table_args__ = (Index(None, "country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]


class AgreementRow(Base):
    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'fr')", name="language_known"),
        Index(None, "client_id"),
        Index(None, "ended_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    reference: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    signed_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    # Of the vendor's export laws those that this client's data fall under; none named: all.
    export_laws: Mapped[frozenset[ExportLaw]] = mapped_column(
        LawSet(), default=frozenset(), server_default=""
    )


class TermsVersionRow(Base):
    """One version of an agreement's notice terms. Never edited: a case keeps its version."""

    __tablename__ = "terms_versions"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        Index(
            "uq_terms_versions_current",
            "agreement_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    number: Mapped[int]
    # The version that a notice released now is opened under; at most one per agreement.
    is_current: Mapped[bool] = mapped_column(default=True)
    # rules.terms.NoticeTerms as a mapping, and the SHA-256 of its canonical form without the
    # provenance: agreements with the same terms share it, so dates are computed once for all.
    terms: Mapped[Json] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    # Why the engine cannot compute these terms, as rules.terms names it; None when it can.
    not_computable: Mapped[str | None] = mapped_column(String(200))
    # The terms say two things that cannot both hold, as rules.contradictions finds them.
    is_contradictory: Mapped[bool] = mapped_column(default=False)
    # Copies of what release and preview select by.
    requires_agreement_dates: Mapped[bool] = mapped_column(default=False)
    # By which channels notice is given, as rules.channels writes it: "any email post".
    notice_channels: Mapped[str] = mapped_column(
        String(60), default="any email", server_default="any email"
    )
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))


class AgreementServiceRow(Base):
    """A service that an agreement buys, from one day (included) to another (excluded)."""

    __tablename__ = "agreement_services"
    __table_args__ = (
        UniqueConstraint("agreement_id", "service_id"),
        Index(None, "service_id", "agreement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class ContactRow(Base):
    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("client_id", "key"),
        Index("ix_contacts_lower_email", text("lower(email)")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    name: Mapped[str] = mapped_column(String(200))
    role_title: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str | None] = mapped_column(String(254))
    postal_address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(60), default="")


class AgreementContactRow(Base):
    """A contact of an agreement: a designated notice contact, or one who only gets copies."""

    __tablename__ = "agreement_contacts"
    __table_args__ = (
        one_of("kind", ContactKind),
        Index(None, "agreement_id", "kind"),
        Index(None, "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    # How a notice contact was designated: clause, day, and the letter of a later change.
    clause: Mapped[str] = mapped_column(String(200), default="")
    designated_on: Mapped[date | None]
    letter_reference: Mapped[str] = mapped_column(String(200), default="")
    ended_on: Mapped[date | None]


class AgreementExceptionRow(Base):
    """A subprocessor that is not used for one agreement, from a day on (an accommodation)."""

    __tablename__ = "agreement_exceptions"
    __table_args__ = (UniqueConstraint("agreement_id", "change_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id"))
    from_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")


class CountryExceptionRow(Base):
    """A client lets its data be processed in a country that its terms do not allow."""

    __tablename__ = "country_exceptions"
    __table_args__ = (Index(None, "agreement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    country: Mapped[str] = mapped_column(String(2))
    # Only for this one; None: for every subprocessor.
    subprocessor_id: Mapped[int | None] = mapped_column(ForeignKey("subprocessors.id"))
    # From a day (included) until another (excluded).
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    # The document in which the client agreed.
    reference: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(200))
