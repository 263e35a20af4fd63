"""Windows computed anew, terms that became computable, and the mail that tells a later deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHANNELS = ("email", "post", "registered_post", "portal", "list_publication")
PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer"),
)
NEW_CHANNELS = (*CHANNELS, "subscription")
NEW_PURPOSES = (*PURPOSES, "window_longer")


def upgrade() -> None:
    create_window_proposals()
    create_terms_reassessments()
    check_messages(NEW_CHANNELS, NEW_PURPOSES)


def downgrade() -> None:
    forget_new_messages()
    check_messages(CHANNELS, PURPOSES)
    op.drop_table("terms_reassessments")
    op.drop_table("window_proposals")


def create_window_proposals() -> None:
    op.create_table(
        "window_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("old_versions", sa.String(length=200), nullable=False),
        sa.Column("new_versions", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('longer', 'grace', 'shorter', 'failed', 'same')",
            name=op.f("ck_window_proposals_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'applied', 'dismissed', 'same', 'outdated')",
            name=op.f("ck_window_proposals_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_window_proposals_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_proposals")),
        sa.UniqueConstraint(
            "notice_id", "new_versions", name=op.f("uq_window_proposals_notice_id_new_versions")
        ),
    )
    op.create_index(op.f("ix_window_proposals_state_kind"), "window_proposals", ["state", "kind"])


def create_terms_reassessments() -> None:
    op.create_table(
        "terms_reassessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["terms_versions.id"], name=op.f("fk_terms_reassessments_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_reassessments")),
    )
    op.create_index(op.f("ix_terms_reassessments_terms_id"), "terms_reassessments", ["terms_id"])


def check_messages(channels: tuple[str, ...], purposes: tuple[str, ...]) -> None:
    """Which channels and purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        for column, values in (("channel", channels), ("purpose", purposes)):
            name = op.f(f"ck_messages_{column}_known")
            messages.drop_constraint(name, type_="check")
            messages.create_check_constraint(name, is_one_of(column, values))


def is_one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def forget_new_messages() -> None:
    """Messages that the step before knows nothing of."""
    new = "(SELECT id FROM messages WHERE purpose = 'window_longer' OR channel = 'subscription')"
    for table in ("attempts", "sealed_mails", "receipt_proofs", "brought_in_notices"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute(f"DELETE FROM messages WHERE id IN {new}")
