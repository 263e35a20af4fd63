"""What the board filters by stands in the cases and in the index of their order."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEX = "ix_cases_state_closes_at_id"
FILTERED = ["country", "language", "owner", "agreement_id", "change_id"]
CLOCKS = ("accommodation_ends_at", "unresolved_ends_at")
CLOSED = sa.text("outcome_at IS NOT NULL")


def upgrade() -> None:
    for column in ("country", "language"):
        op.add_column(
            "cases", sa.Column(column, sa.String(length=2), server_default="", nullable=False)
        )
    op.execute(
        """
        UPDATE cases SET
          country = (SELECT c.country FROM clients c JOIN agreements a ON a.client_id = c.id
                      WHERE a.id = cases.agreement_id),
          language = (SELECT n.language FROM notices n WHERE n.id = cases.notice_id)
        """
    )
    op.drop_index(INDEX, table_name="cases")
    op.create_index(
        INDEX,
        "cases",
        ["state", "closes_at", "id"],
        unique=False,
        postgresql_include=FILTERED,
    )
    index_outcomes([*FILTERED, "state"])
    for clock in CLOCKS:
        runs = sa.text(f"{clock} IS NOT NULL")
        op.create_index(
            f"ix_cases_{clock}",
            "cases",
            [clock],
            unique=False,
            postgresql_where=runs,
            sqlite_where=runs,
        )


def index_outcomes(included: list[str]) -> None:
    """The cases that are closed, in the order in which they were."""
    op.drop_index("ix_cases_outcome_at", table_name="cases")
    op.create_index(
        "ix_cases_outcome_at",
        "cases",
        ["outcome_at", "id"],
        unique=False,
        postgresql_where=CLOSED,
        sqlite_where=CLOSED,
        postgresql_include=included,
    )


def downgrade() -> None:
    for clock in CLOCKS:
        op.drop_index(f"ix_cases_{clock}", table_name="cases")
    index_outcomes([])
    op.drop_index(INDEX, table_name="cases")
    op.create_index(INDEX, "cases", ["state", "closes_at", "id"], unique=False)
    op.drop_column("cases", "language")
    op.drop_column("cases", "country")
