"""What an objection's clocks end in, who ended the services, and the data that is owed after."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("accommodation_ends_at", "unresolved_ends_at", "unresolved_after_at"):
        op.add_column("cases", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_cases_state_unresolved_after_at"), "cases", ["state", "unresolved_after_at"]
    )
    op.add_column("outcomes", sa.Column("covers_up_to", sa.Integer(), nullable=True))
    op.add_column("settlements", sa.Column("declared_on", sa.Date(), nullable=True))
    op.add_column("settlements", sa.Column("terminated_by", sa.String(length=40), nullable=True))
    create_data_returns()


def downgrade() -> None:
    op.drop_table("data_returns")
    op.drop_column("settlements", "terminated_by")
    op.drop_column("settlements", "declared_on")
    op.drop_column("outcomes", "covers_up_to")
    op.drop_index(op.f("ix_cases_state_unresolved_after_at"), table_name="cases")
    for name in ("unresolved_after_at", "unresolved_ends_at", "accommodation_ends_at"):
        op.drop_column("cases", name)


def create_data_returns() -> None:
    op.create_table(
        "data_returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.String(length=40), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("choice", sa.String(length=40), nullable=True),
        sa.Column("choice_note", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chosen_by", sa.String(length=200), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "choice IN ('destroy', 'return')", name=op.f("ck_data_returns_choice_known")
        ),
        sa.CheckConstraint(
            "wanted IN ('destroy', 'return', 'client_chooses', 'unspecified')",
            name=op.f("ck_data_returns_wanted_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_data_returns_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_returns")),
        sa.UniqueConstraint("case_id", name=op.f("uq_data_returns_case_id")),
    )
    op.create_index(op.f("ix_data_returns_done_at_due_on"), "data_returns", ["done_at", "due_on"])
