"""What clients may answer besides: a waiver of the rest of the window, that somebody else is the
right person, and the conditions of an objection."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KINDS = ("acknowledgement", "question", "more_time", "no_objection", "objection", "withdrawal")
NEW_KINDS = ("waiver", "wrong_person")
TIMELINESS = ("in_time", "late", "disputed", "no_window")


def upgrade() -> None:
    with op.batch_alter_table("responses") as responses:
        for name, type_ in (
            ("conditions", sa.Text()),
            ("named_name", sa.String(length=200)),
            ("named_address", sa.String(length=320)),
        ):
            responses.add_column(sa.Column(name, type_, nullable=False, server_default=""))
        responses.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        one_of(responses, "kind", (*KINDS, *NEW_KINDS))
        one_of(responses, "timeliness", (*TIMELINESS, "waived"))


def downgrade() -> None:
    # A waiver says yes as "no objection" does, and who names somebody else says a thing that a
    # person reads, as a question is.
    op.execute("UPDATE responses SET kind = 'no_objection' WHERE kind = 'waiver'")
    op.execute("UPDATE responses SET kind = 'question' WHERE kind = 'wrong_person'")
    op.execute("UPDATE responses SET timeliness = 'late' WHERE timeliness = 'waived'")
    with op.batch_alter_table("responses") as responses:
        one_of(responses, "timeliness", TIMELINESS)
        one_of(responses, "kind", KINDS)
        for name in ("confirmed_at", "named_address", "named_name", "conditions"):
            responses.drop_column(name)


def one_of(batch, column: str, values: tuple[str, ...]) -> None:
    """Which values a column may have."""
    name = op.f(f"ck_responses_{column}_known")
    batch.drop_constraint(name, type_="check")
    listed = ", ".join(repr(value) for value in values)
    batch.create_check_constraint(name, f"{column} IN ({listed})")
