"""The mail that tells a client that a change was withdrawn for everybody."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
    *("transfer_alarm", "reminder", "legal_digest", "address_changed"),
    "release_alarm",
)


def upgrade() -> None:
    check_purposes((*PURPOSES, "withdrawn"))


def downgrade() -> None:
    # Before this, a closing mail said it.
    op.execute("UPDATE messages SET purpose = 'closing' WHERE purpose = 'withdrawn'")
    check_purposes(PURPOSES)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")
