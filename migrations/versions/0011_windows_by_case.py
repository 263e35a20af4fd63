"""A case may have a window of its own, where the terms differ by the kind of change."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("window", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "window")
