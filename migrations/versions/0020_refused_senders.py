"""What the mail host says against us as the sender, and pauses that ended without a mail taken."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_queue", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail_queue", sa.Column("refused_reply", sa.Text(), nullable=True))
    # How often a sign-in that worked ended a pause since the host last took a mail.
    op.add_column(
        "mail_queue", sa.Column("lifted", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    for column in ("lifted", "refused_reply", "refused_at"):
        op.drop_column("mail_queue", column)
