"""The steps of an objection on its way to an outcome: acknowledged, proposed, answered."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
    *(
        "transfer_alarm",
        "reminder",
        "legal_digest",
        "address_changed",
        "release_alarm",
        "withdrawn",
    ),
)
NEW_PURPOSES = ("objection_step", "step_alarm")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    check_purposes((*PURPOSES, *NEW_PURPOSES))
    create_steps()
    op.create_table(
        "step_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["step_id"], ["objection_steps.id"], name=op.f("fk_step_codes_step_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_codes")),
    )
    op.create_index(op.f("ix_step_codes_step_id"), "step_codes", ["step_id"], unique=False)


def downgrade() -> None:
    op.drop_table("step_codes")
    op.drop_table("objection_steps")
    listed = ", ".join(repr(value) for value in NEW_PURPOSES)
    new = f"(SELECT id FROM messages WHERE purpose IN ({listed}))"
    for table in ("attempts", "sealed_mails"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute(f"DELETE FROM messages WHERE purpose IN ({listed})")
    check_purposes(PURPOSES)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")


def create_steps() -> None:
    op.create_table(
        "objection_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.String(length=200), nullable=False),
        sa.Column("counts_at", INSTANT, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "channel IN ('link', 'reply', 'post', 'registered_post', 'other')",
            name=op.f("ck_objection_steps_channel_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('acknowledged', 'proposed', 'accepted', 'refused')",
            name=op.f("ck_objection_steps_kind_known"),
        ),
        sa.CheckConstraint(
            "measure IN ('alternative', 'configuration', 'not_used')",
            name=op.f("ck_objection_steps_measure_known"),
        ),
        sa.ForeignKeyConstraint(
            ["about_id"], ["objection_steps.id"], name=op.f("fk_objection_steps_about_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_objection_steps_case_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_objection_steps_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_steps")),
    )
    op.create_index(
        op.f("ix_objection_steps_case_id"), "objection_steps", ["case_id"], unique=False
    )
