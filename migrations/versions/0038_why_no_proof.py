"""Why a client's data was dealt with and no certificate is kept with the case."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was recorded before anybody was asked.
    op.add_column("data_returns", sa.Column("why_no_proof", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("data_returns", "why_no_proof")
