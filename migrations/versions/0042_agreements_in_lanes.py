"""The cases of some agreements in a lane of the board are found without reading the whole lane."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_cases_agreement_id", table_name="cases")
    op.create_index("ix_cases_agreement_id_state", "cases", ["agreement_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_cases_agreement_id_state", table_name="cases")
    op.create_index("ix_cases_agreement_id", "cases", ["agreement_id"], unique=False)
