"""From when a settlement counts: until then legal can undo it, and no outcome comes of it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was settled before: it counted at once.
    op.add_column("settlements", sa.Column("counts_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("settlements", "counts_at")
