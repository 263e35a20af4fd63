"""The cases whose objection clock runs, in the order of the board's pages."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

CLOCKS = ("accommodation_ends_at", "unresolved_ends_at")


def upgrade() -> None:
    for clock in CLOCKS:
        op.drop_index(f"ix_cases_{clock}", table_name="cases")
        _index(f"ix_cases_state_{clock}_id", ["state", clock, "id"], clock)


def downgrade() -> None:
    for clock in CLOCKS:
        op.drop_index(f"ix_cases_state_{clock}_id", table_name="cases")
        _index(f"ix_cases_{clock}", [clock], clock)


def _index(name: str, columns: list[str], clock: str) -> None:
    runs = sa.text(f"{clock} IS NOT NULL")
    op.create_index(name, "cases", columns, unique=False, postgresql_where=runs, sqlite_where=runs)
