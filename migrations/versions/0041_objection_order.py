"""The board finds objections in the order of their clocks without sorting all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

CLOCKS = ("accommodation_ends_at", "unresolved_ends_at")


def upgrade() -> None:
    for clock in CLOCKS:
        index_clock(clock, ["state", clock, "id"])


def index_clock(clock: str, columns: list[str]) -> None:
    runs = sa.text(f"{clock} IS NOT NULL")
    op.drop_index(f"ix_cases_{clock}", table_name="cases")
    op.create_index(
        f"ix_cases_{clock}",
        "cases",
        columns,
        unique=False,
        postgresql_where=runs,
        sqlite_where=runs,
    )


def downgrade() -> None:
    for clock in CLOCKS:
        index_clock(clock, [clock])
