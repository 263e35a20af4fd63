"""A release may correct another one and take its place."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("releases") as releases:
        releases.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        releases.create_foreign_key(
            op.f("fk_releases_corrects_id_releases"), "releases", ["corrects_id"], ["id"]
        )
        releases.create_index(op.f("ix_releases_corrects_id"), ["corrects_id"])


def downgrade() -> None:
    with op.batch_alter_table("releases") as releases:
        releases.drop_index(op.f("ix_releases_corrects_id"))
        releases.drop_constraint(op.f("fk_releases_corrects_id_releases"), type_="foreignkey")
        releases.drop_column("corrects_id")
