"""Which terms versions contradict themselves, so that the desk can list them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Versions of before count as free of contradictions until their agreement is entered anew.
    op.add_column(
        "terms_versions",
        sa.Column("is_contradictory", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("terms_versions", "is_contradictory")
