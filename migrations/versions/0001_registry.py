"""The vendor, its services, and the list of subprocessors."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_list_publications()
    create_services()
    create_subprocessors()
    create_vendor()


def downgrade() -> None:
    op.drop_table("vendor")
    op.drop_table("subprocessors")
    op.drop_table("services")
    op.drop_table("list_publications")


def create_list_publications() -> None:
    op.create_table(
        "list_publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_publications")),
        sa.UniqueConstraint("list_version", name=op.f("uq_list_publications_list_version")),
    )


def create_services() -> None:
    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("key", name=op.f("uq_services_key")),
    )


def create_subprocessors() -> None:
    op.create_table(
        "subprocessors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("draft_facts", sa.JSON(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subprocessors")),
        sa.UniqueConstraint("key", name=op.f("uq_subprocessors_key")),
    )


def create_vendor() -> None:
    op.create_table(
        "vendor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("list_version", sa.Integer(), nullable=False),
        sa.Column("list_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_vendor_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor")),
    )
