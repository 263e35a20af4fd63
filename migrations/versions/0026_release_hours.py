"""A release may have an hour at which it is released by itself, and an alarm when it is not."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
    *("transfer_alarm", "reminder", "legal_digest", "address_changed"),
)
NEW_PURPOSE = "release_alarm"
COLUMNS = (
    ("planned_for_at", INSTANT),
    ("planned_by", sa.String(length=200)),
    ("planned_at", INSTANT),
    ("planned_reason", sa.Text()),
    ("hour_refused_at", INSTANT),
    ("hour_refusal", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("releases", sa.Column(name, kind, nullable=True))
    check_purposes((*PURPOSES, NEW_PURPOSE))


def downgrade() -> None:
    new = f"(SELECT id FROM messages WHERE purpose = '{NEW_PURPOSE}')"
    for table in ("attempts", "sealed_mails"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute(f"DELETE FROM messages WHERE purpose = '{NEW_PURPOSE}'")
    check_purposes(PURPOSES)
    for name, _ in reversed(COLUMNS):
        op.drop_column("releases", name)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")
