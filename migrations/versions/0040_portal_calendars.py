"""Private addresses under which clients' calendar programs fetch their deadlines."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portal_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("mailbox", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_calendars")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_portal_calendars_token_digest")),
    )
    op.create_index(op.f("ix_portal_calendars_mailbox"), "portal_calendars", ["mailbox"])


def downgrade() -> None:
    op.drop_table("portal_calendars")
