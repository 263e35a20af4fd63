"""Answers given alike under a client's other agreements know the one that leads them."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("responses") as responses:
        responses.add_column(sa.Column("leading_id", sa.Integer(), nullable=True))
        responses.create_foreign_key(
            op.f("fk_responses_leading_id"), "responses", ["leading_id"], ["id"]
        )
    op.create_index(op.f("ix_responses_leading_id"), "responses", ["leading_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_responses_leading_id"), "responses")
    with op.batch_alter_table("responses") as responses:
        responses.drop_constraint(op.f("fk_responses_leading_id"), type_="foreignkey")
        responses.drop_column("leading_id")
