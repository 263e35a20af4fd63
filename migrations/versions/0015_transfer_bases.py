"""Newer reference data, tasks about bases that lapse, corrections of the list, export laws and
countries of an agreement, and what an amendment changes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "agreements",
        sa.Column("export_laws", sa.String(length=80), server_default="", nullable=False),
    )
    op.add_column(
        "cases",
        sa.Column("blocked_countries", sa.String(length=400), server_default="", nullable=False),
    )
    op.add_column("changes", sa.Column("before_facts", sa.JSON(), nullable=True))
    op.add_column(
        "subprocessors",
        sa.Column("internal_notes", sa.Text(), server_default="", nullable=False),
    )
    create_references()
    create_lapses()
    create_corrections()
    create_country_exceptions()


def downgrade() -> None:
    for table in (
        *("country_exceptions", "list_corrections", "transfer_lapses", "transfer_references"),
    ):
        op.drop_table(table)
    op.drop_column("subprocessors", "internal_notes")
    op.drop_column("changes", "before_facts")
    op.drop_column("cases", "blocked_countries")
    op.drop_column("agreements", "export_laws")


def create_references() -> None:
    op.create_table(
        "transfer_references",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_references")),
        sa.UniqueConstraint("digest", name=op.f("uq_transfer_references_digest")),
    )


def create_lapses() -> None:
    op.create_table(
        "transfer_lapses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subprocessor_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=240), nullable=False),
        sa.Column("law", sa.String(length=40), nullable=False),
        sa.Column("instrument", sa.String(length=200), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("told_days_ahead", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "law IN ('EU_GDPR', 'CH_FADP', 'UK_GDPR')", name=op.f("ck_transfer_lapses_law_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'replaced')", name=op.f("ck_transfer_lapses_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"],
            ["subprocessors.id"],
            name=op.f("fk_transfer_lapses_subprocessor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_lapses")),
        sa.UniqueConstraint(
            *("subprocessor_id", "place", "law", "instrument", "lapses_on"),
            name=op.f("uq_transfer_lapses_task"),
        ),
    )
    op.create_index(
        op.f("ix_transfer_lapses_state_lapses_on"), "transfer_lapses", ["state", "lapses_on"]
    )


def create_corrections() -> None:
    op.create_table(
        "list_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subprocessor_id", sa.Integer(), nullable=False),
        sa.Column("before_facts", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')",
            name=op.f("ck_list_corrections_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"],
            ["subprocessors.id"],
            name=op.f("fk_list_corrections_subprocessor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_corrections")),
    )
    op.create_index(op.f("ix_list_corrections_state"), "list_corrections", ["state"])
    op.create_index(
        op.f("ix_list_corrections_subprocessor_id"), "list_corrections", ["subprocessor_id"]
    )


def create_country_exceptions() -> None:
    op.create_table(
        "country_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("subprocessor_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_country_exceptions_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"],
            ["subprocessors.id"],
            name=op.f("fk_country_exceptions_subprocessor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_exceptions")),
    )
    op.create_index(
        op.f("ix_country_exceptions_agreement_id"), "country_exceptions", ["agreement_id"]
    )
