"""Private addresses under which operators' calendar programs fetch the deadlines."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "operator_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_operator_calendars_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_calendars")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_operator_calendars_token_digest")),
    )
    op.create_index(
        op.f("ix_operator_calendars_operator_id"), "operator_calendars", ["operator_id"]
    )


def downgrade() -> None:
    op.drop_table("operator_calendars")
