"""Bytes of letters that were taken back are kept; a batch names the day it was handed over; what
waits for the printer is found without reading all letters; a letter knows which deadline it tells,
and since when its address is struck out."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
IN_NO_BATCH = sa.text("batch_id IS NULL")
IS_FORMER = sa.text("former_on IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "former_seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.Column("link_digest", sa.String(length=64), nullable=True),
        sa.Column("taken_back_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["letter_batches.id"], name=op.f("fk_former_seals_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_former_seals_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_seals")),
    )
    for column in ("batch_id", "message_id"):
        op.create_index(op.f(f"ix_former_seals_{column}"), "former_seals", [column], unique=False)
    op.add_column("letter_batches", sa.Column("handed_over_on", sa.Date(), nullable=True))
    op.add_column("letters", sa.Column("told_closes_at", INSTANT, nullable=True))
    op.add_column("letters", sa.Column("former_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_letters_former",
        "letters",
        ["former_on"],
        unique=False,
        postgresql_where=IS_FORMER,
        sqlite_where=IS_FORMER,
    )
    op.create_index(
        "ix_letters_waiting",
        "letters",
        ["state", "message_id"],
        unique=False,
        postgresql_where=IN_NO_BATCH,
        sqlite_where=IN_NO_BATCH,
    )


def downgrade() -> None:
    op.drop_index("ix_letters_waiting", table_name="letters")
    op.drop_index("ix_letters_former", table_name="letters")
    op.drop_column("letters", "former_on")
    op.drop_column("letters", "told_closes_at")
    op.drop_column("letter_batches", "handed_over_on")
    # What was sealed is in the evidence by its digest.
    op.drop_table("former_seals")
