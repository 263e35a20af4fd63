"""Imports that wait to be confirmed, and how notices of before subnotify were given."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "'registry', 'clients', 'contacts', 'agreements', 'designations', 'windows'"
PROOFS = "'recipient_server', 'acknowledgement', 'registered_delivery'"


def upgrade() -> None:
    create_import_proposals()
    create_import_files()
    create_brought_in_notices()


def downgrade() -> None:
    op.drop_table("brought_in_notices")
    op.drop_table("import_files")
    op.drop_table("import_proposals")


def create_import_proposals() -> None:
    op.create_table(
        "import_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("entries_digest", sa.String(length=64), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_import_proposals_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_proposals")),
    )
    op.create_index(
        op.f("ix_import_proposals_operator_id_at"), "import_proposals", ["operator_id", "at"]
    )


def create_import_files() -> None:
    op.create_table(
        "import_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_import_files_kind_known")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["import_proposals.id"], name=op.f("fk_import_files_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_files")),
    )
    op.create_index(op.f("ix_import_files_proposal_id"), "import_files", ["proposal_id"])


def create_brought_in_notices() -> None:
    op.create_table(
        "brought_in_notices",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.String(length=40), nullable=True),
        sa.Column("proof_reference", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(f"proof IN ({PROOFS})", name=op.f("ck_brought_in_notices_proof_known")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_brought_in_notices_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_brought_in_notices_notice_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_brought_in_notices")),
    )
    op.create_index(op.f("ix_brought_in_notices_notice_id"), "brought_in_notices", ["notice_id"])
