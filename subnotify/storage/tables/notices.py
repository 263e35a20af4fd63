"""Notices, cases, responses, and what persons decide about them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    NoticeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.tables.base import Base, Json, enum_column, one_of

# What the board filters by: a filter that few cases meet is answered by the index alone.
_FILTERED = ["country", "language", "owner", "agreement_id", "change_id"]


class NoticeRow(Base):
    """What one agreement gets of a release."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("release_id", "agreement_id"),
        one_of("state", NoticeState),
        Index(None, "agreement_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "2026-003-00042": release number and agreement id; what people quote.
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    terms_id: Mapped[int | None] = mapped_column(ForeignKey("terms_versions.id"))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(enum_column())
    serving_number: Mapped[int] = mapped_column(default=1)
    # The instant the terms count from, the proof relied on, and the window (rules.windows.Window
    # as a mapping, with its steps) once served.
    served_at: Mapped[datetime | None]
    served_proof: Mapped[str | None] = mapped_column(String(40))
    window: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    # When the last notice contact's message had left.
    dispatched_at: Mapped[datetime | None]
    # Why it is not served: a HoldReason, and the server's words or the missing contact.
    failure_reason: Mapped[str | None] = mapped_column(enum_column())
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class ReceiptProofRow(Base):
    """A proof that a contact received (or was sent) a notice."""

    __tablename__ = "receipt_proofs"
    __table_args__ = (Index(None, "notice_id"), UniqueConstraint("message_id", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    at: Mapped[datetime]


class CaseRow(Base):
    """One change under one agreement."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("change_id", "agreement_id"),
        one_of("state", CaseState),
        one_of("outcome", Outcome),
        Index(None, "notice_id"),
        # With the state: the board asks for some agreements in each lane.
        Index(None, "agreement_id", "state"),
        Index(None, "change_id", "state"),
        Index(None, "state", "silence_after_at"),
        # With the id: the board goes on after a case, and a release's cases all close at once.
        Index(
            None,
            "state",
            "closes_at",
            "id",
            postgresql_include=_FILTERED,
        ),
        Index(None, "state", "unresolved_after_at"),
        Index(None, "change_id", "lead_ends_at"),
        Index(
            "ix_cases_outcome_at",
            "outcome_at",
            "id",
            postgresql_include=[*_FILTERED, "state"],
            sqlite_where=text("outcome_at IS NOT NULL"),
            postgresql_where=text("outcome_at IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_cases_state_{clock}_id",
                # Where the state stands first, the order is found without a guess at their number.
                "state",
                clock,
                "id",
                sqlite_where=text(f"{clock} IS NOT NULL"),
                postgresql_where=text(f"{clock} IS NOT NULL"),
            )
            for clock in ("accommodation_ends_at", "unresolved_ends_at")
        ),
        Index(
            "ix_cases_owner",
            "owner",
            "state",
            sqlite_where=text("owner IS NOT NULL"),
            postgresql_where=text("owner IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    state: Mapped[str] = mapped_column(enum_column())
    # rules.words.HoldReason values, sorted; empty unless on hold (or objected with a doubt).
    holds: Mapped[list[str]] = mapped_column(JSON, default=list)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    # closes_at plus grace: before it silence closes nothing.
    silence_after_at: Mapped[datetime | None]
    # Given now: when the lead time is over, and from when the terms let the change be used while
    # the window still runs (after_lead_time, an emergency). None: no such clause, or not served.
    lead_ends_at: Mapped[datetime | None]
    early_use_at: Mapped[datetime | None]
    # Of the objections that nobody settled: the end of the accommodation period; when the second
    # silence rule of the terms ends the matter, and that plus grace.
    accommodation_ends_at: Mapped[datetime | None]
    unresolved_ends_at: Mapped[datetime | None]
    unresolved_after_at: Mapped[datetime | None]
    # A client spoke or a person acted: such a case is decided one by one, never in bulk.
    is_quiet: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[str | None] = mapped_column(enum_column())
    outcome_at: Mapped[datetime | None]
    # Its own window, where the terms have another for this change than for the notice's others.
    window: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    # Not used for this client until it is settled; lets the change commence for the others.
    gated_out_at: Mapped[datetime | None]
    gated_out_note: Mapped[str | None] = mapped_column(Text)
    # Countries of the change that the terms do not allow and no exception covers: "IN US".
    blocked_countries: Mapped[str] = mapped_column(String(400), default="", server_default="")
    # Copies for the board: the client's country as it is now, the notice's language.
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    # The name of the operator who looks after it.
    owner: Mapped[str | None] = mapped_column(String(200))


class OutcomeRow(Base):
    """Outcomes as recorded, never edited. A correction is a row that names the one it corrects."""

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int] = mapped_column(default=1)
    # None in a correction that only reopens (closed to hold).
    outcome: Mapped[str | None] = mapped_column(enum_column())
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("outcomes.id"))
    # Of `accepted_unresolved`: the last response whose objection it ends.
    covers_up_to: Mapped[int | None]
    # In a correction: the HoldReason that took the outcome back.
    reopened_because: Mapped[str | None] = mapped_column(enum_column())


class ResponseRow(Base):
    """What a client said about a case (case_id) or about the whole notice (case_id is None)."""

    __tablename__ = "responses"
    __table_args__ = (
        one_of("kind", ResponseKind),
        one_of("channel", ResponseChannel),
        one_of("state", ResponseState),
        one_of("timeliness", Timeliness),
        Index(None, "notice_id"),
        Index(None, "case_id"),
        Index(None, "leading_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "R-000123-7F3K": what the receipt quotes.
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    channel: Mapped[str] = mapped_column(enum_column())
    state: Mapped[str] = mapped_column(enum_column())
    # Both dates are kept; for the link they are the same instant.
    received_at: Mapped[datetime]
    dispatched_on: Mapped[date | None]
    timeliness: Mapped[str | None] = mapped_column(enum_column())
    # A person decided a disputed, late or malformed objection to count: "in_time" or "late".
    timeliness_decided: Mapped[str | None] = mapped_column(enum_column())
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    by_name: Mapped[str] = mapped_column(String(200), default="")
    by_role: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    services: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Of an objection: under which conditions there would be none.
    conditions: Mapped[str] = mapped_column(Text, default="", server_default="")
    # Of "I am not the right person": who is. A proposal for legal, nothing more.
    named_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    named_address: Mapped[str] = mapped_column(String(320), default="", server_default="")
    letter_reference: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[str | None] = mapped_column(String(200))
    # The same form sent twice is one response.
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Given on the page of another notice of the same client: the first response given there.
    leading_id: Mapped[int | None] = mapped_column(ForeignKey("responses.id"))
    # When its code was entered. None before this was kept: then the code's row alone says it.
    confirmed_at: Mapped[datetime | None]
    # SHA-256 of the canonical content, printed on the receipt.
    digest: Mapped[str] = mapped_column(String(64))
    # A person has read it; until then it holds silence (questions, disputes, late objections).
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str | None] = mapped_column(Text)
    # "This was not me" was pressed.
    disowned_at: Mapped[datetime | None]
    # A person looked into the disowned response.
    disowned_cleared_at: Mapped[datetime | None]


class CodeRow(Base):
    """A code mailed to a contact to confirm what gives up protection."""

    __tablename__ = "codes"
    __table_args__ = (Index(None, "response_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class SettlementRow(Base):
    """Legal's decision on an objection. The latest one counts."""

    __tablename__ = "settlements"
    __table_args__ = (one_of("kind", SettlementKind), Index(None, "case_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    # The objection it settles; a later one in time is not settled by it.
    response_id: Mapped[int | None] = mapped_column(ForeignKey("responses.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    note: Mapped[str] = mapped_column(Text, default="")
    services: Mapped[list[str]] = mapped_column(JSON, default=list)
    takes_effect_on: Mapped[date | None]
    # Of a termination: the day its notice was received (or given), and by whom it was given.
    declared_on: Mapped[date | None]
    terminated_by: Mapped[str | None] = mapped_column(enum_column())
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(200))
    # No outcome comes of it before: until then it can be undone. None: it counted at once.
    counts_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class HoldClearanceRow(Base):
    """A person cleared a hold, and why."""

    __tablename__ = "hold_clearances"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    reason: Mapped[str] = mapped_column(enum_column())
    note: Mapped[str] = mapped_column(Text)
    cleared_at: Mapped[datetime]
    cleared_by: Mapped[str] = mapped_column(String(200))


class TwoPersonDecisionRow(Base):
    """A step for two persons: `no_objection` after broken silence, or a corrected record."""

    __tablename__ = "two_person_decisions"
    __table_args__ = (
        one_of("kind", ("close_no_objection", "correct_record")),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(enum_column())
    note: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(200))
    # As in evidence ("operator:3"); None: proposed before this was kept.
    proposed_actor: Mapped[str | None] = mapped_column(String(80))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None]


class ConfirmationRow(Base):
    """A person confirms: replies read, or registered post opened, up to an instant."""

    __tablename__ = "confirmations"
    __table_args__ = (one_of("kind", ConfirmationKind), Index(None, "kind", "up_to_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(enum_column())
    # Exclusive: everything that came before this instant is read.
    up_to_at: Mapped[datetime]
    up_to_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
