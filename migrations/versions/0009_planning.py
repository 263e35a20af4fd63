"""When the lead time of a case ends, and releases at short notice."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("lead_ends_at", "early_use_at"):
        op.add_column("cases", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_cases_change_id_lead_ends_at"), "cases", ["change_id", "lead_ends_at"])
    op.add_column(
        "releases", sa.Column("emergency_reason", sa.JSON(), server_default="{}", nullable=False)
    )
    op.add_column("releases", sa.Column("confirmed_late", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("releases", "confirmed_late")
    op.drop_column("releases", "emergency_reason")
    op.drop_index(op.f("ix_cases_change_id_lead_ends_at"), "cases")
    op.drop_column("cases", "early_use_at")
    op.drop_column("cases", "lead_ends_at")
