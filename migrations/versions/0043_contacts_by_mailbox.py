"""Who signs in to the portal is found by their mailbox without reading every contact.

An index on an expression: where a later migration rebuilds the table on SQLite, it has to create
this index again (tests/storage/test_portal_plans.py fails otherwise).
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contacts_lower_email", "contacts", [sa.text("lower(email)")], unique=False)


def downgrade() -> None:
    op.drop_index("ix_contacts_lower_email", table_name="contacts")
