"""The mail that tells a client that a change commences later than announced."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer"),
)


def upgrade() -> None:
    check_purposes((*PURPOSES, "postponed"))


def downgrade() -> None:
    new = "(SELECT id FROM messages WHERE purpose = 'postponed')"
    for table in ("attempts", "sealed_mails", "receipt_proofs", "brought_in_notices"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute("DELETE FROM messages WHERE purpose = 'postponed'")
    check_purposes(PURPOSES)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")
