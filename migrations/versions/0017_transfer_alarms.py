"""The mail that tells legal of transfer bases that end, and what each telling told."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
)


def upgrade() -> None:
    check_purposes((*PURPOSES, "transfer_alarm"))
    op.add_column(
        "transfer_lapses", sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "transfer_alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lapse_id", sa.Integer(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lapse_id"], ["transfer_lapses.id"], name=op.f("fk_transfer_alarms_lapse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_alarms")),
    )
    op.create_index(op.f("ix_transfer_alarms_lapse_id"), "transfer_alarms", ["lapse_id"])
    op.create_index(op.f("ix_transfer_alarms_told_at"), "transfer_alarms", ["told_at"])


def downgrade() -> None:
    op.drop_table("transfer_alarms")
    op.drop_column("transfer_lapses", "noted_at")
    new = "(SELECT id FROM messages WHERE purpose = 'transfer_alarm')"
    for table in ("attempts", "sealed_mails"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute("DELETE FROM messages WHERE purpose = 'transfer_alarm'")
    check_purposes(PURPOSES)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")
