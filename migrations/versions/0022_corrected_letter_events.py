"""Events of letters that two persons correct; what came back is found without reading all mails."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CAME_BACK = sa.text("bounced_at IS NOT NULL")
OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    _create_contradictions()
    op.add_column("letter_events", sa.Column("corrected_at", INSTANT, nullable=True))
    for table in ("two_person_decisions", "list_corrections"):
        op.add_column(table, sa.Column("proposed_actor", sa.String(length=80), nullable=True))
    op.create_table(
        "letter_event_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("was_on", sa.Date(), nullable=False),
        sa.Column("proof_number", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("contradiction_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_actor", sa.String(length=80), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('handed_over', 'printed', 'posted', 'presented', 'received', 'unclaimed',"
            " 'returned')",
            name=op.f("ck_letter_event_corrections_kind_known"),
        ),
        sa.CheckConstraint(
            "source IN ('desk', 'file', 'provider')",
            name=op.f("ck_letter_event_corrections_source_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')",
            name=op.f("ck_letter_event_corrections_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["contradiction_id"],
            ["letter_contradictions.id"],
            name=op.f("fk_letter_event_corrections_contradiction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_letter_event_corrections_message_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_event_corrections")),
    )
    for column in ("message_id", "state"):
        op.create_index(
            op.f(f"ix_letter_event_corrections_{column}"),
            "letter_event_corrections",
            [column],
            unique=False,
        )
    op.create_index(
        op.f("ix_messages_bounced_at"),
        "messages",
        ["bounced_at"],
        unique=False,
        postgresql_where=CAME_BACK,
        sqlite_where=CAME_BACK,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_bounced_at"), table_name="messages")
    # What was corrected stays in the events of the letters, and how in the evidence.
    op.drop_table("letter_event_corrections")
    for table in ("two_person_decisions", "list_corrections"):
        op.drop_column(table, "proposed_actor")
    op.drop_column("letter_events", "corrected_at")
    # What contradicted an event is in the evidence.
    op.drop_table("letter_contradictions")


def _create_contradictions() -> None:
    op.create_table(
        "letter_contradictions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("proof_number", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('handed_over', 'printed', 'posted', 'presented', 'received', 'unclaimed',"
            " 'returned')",
            name=op.f("ck_letter_contradictions_kind_known"),
        ),
        sa.CheckConstraint(
            "source IN ('desk', 'file', 'provider')",
            name=op.f("ck_letter_contradictions_source_known"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_letter_contradictions_message_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_contradictions")),
    )
    op.create_index(
        op.f("ix_letter_contradictions_message_id"),
        "letter_contradictions",
        ["message_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_letter_contradictions_open"),
        "letter_contradictions",
        ["message_id", "kind", "happened_on", "proof_number"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
