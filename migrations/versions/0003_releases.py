"""Releases and changes, and what follows from them: entries in force, exceptions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_releases()
    create_changes()
    create_agreement_exceptions()
    create_change_services()
    create_list_entries()


def downgrade() -> None:
    op.drop_table("list_entries")
    op.drop_table("change_services")
    op.drop_table("agreement_exceptions")
    op.drop_table("changes")
    op.drop_table("releases")


def create_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("paragraph", sa.JSON(), nullable=False),
        sa.Column("commencement_on", sa.Date(), nullable=True),
        sa.Column("commences_by_itself", sa.Boolean(), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_unservable", sa.JSON(), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("one_person_reason", sa.Text(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'released', 'withdrawn')",
            name=op.f("ck_releases_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("number", name=op.f("uq_releases_number")),
    )
    op.create_index(op.f("ix_releases_state"), "releases", ["state"])


def create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("subprocessor_id", sa.Integer(), nullable=False),
        sa.Column("replaced_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("commencement_on", sa.Date(), nullable=True),
        sa.Column("commences_by_itself", sa.Boolean(), nullable=False),
        sa.Column("commenced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'replacement') = (replaced_id IS NOT NULL)",
            name=op.f("ck_changes_replaced_named"),
        ),
        sa.CheckConstraint(
            "kind IN ('addition', 'replacement', 'removal', 'amendment')",
            name=op.f("ck_changes_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'released', 'commenced', 'withdrawn')",
            name=op.f("ck_changes_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_changes_release_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_id"], ["subprocessors.id"], name=op.f("fk_changes_replaced_id")
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"], ["subprocessors.id"], name=op.f("fk_changes_subprocessor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("release_id", "position", name=op.f("uq_changes_release_id_position")),
    )
    op.create_index(
        op.f("ix_changes_state_commencement_on"), "changes", ["state", "commencement_on"]
    )


def create_agreement_exceptions() -> None:
    op.create_table(
        "agreement_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_exceptions_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.id"], name=op.f("fk_agreement_exceptions_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_exceptions")),
        sa.UniqueConstraint(
            "agreement_id", "change_id", name=op.f("uq_agreement_exceptions_agreement_id_change_id")
        ),
    )


def create_change_services() -> None:
    op.create_table(
        "change_services",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.id"], name=op.f("fk_change_services_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_change_services_service_id")
        ),
        sa.PrimaryKeyConstraint("change_id", "service_id", name=op.f("pk_change_services")),
    )
    op.create_index(op.f("ix_change_services_service_id"), "change_services", ["service_id"])


def create_list_entries() -> None:
    op.create_table(
        "list_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subprocessor_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("in_force_from_on", sa.Date(), nullable=False),
        sa.Column("in_force_until_on", sa.Date(), nullable=True),
        sa.Column("phased_out_from_on", sa.Date(), nullable=True),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "in_force_until_on IS NULL OR in_force_until_on >= in_force_from_on",
            name=op.f("ck_list_entries_interval"),
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.id"], name=op.f("fk_list_entries_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"], ["subprocessors.id"], name=op.f("fk_list_entries_subprocessor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entries")),
    )
    op.create_index(
        op.f("ix_list_entries_subprocessor_id_in_force_from_on"),
        "list_entries",
        ["subprocessor_id", "in_force_from_on"],
    )
