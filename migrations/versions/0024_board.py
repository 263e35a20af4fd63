"""What legal's board is read by: cases in the order of their time left, by owner and by outcome,
and the words by which they are found."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WORD = sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql")
CLOSED = sa.text("outcome_at IS NOT NULL")
OWNED = sa.text("owner IS NOT NULL")
PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})


def upgrade() -> None:
    op.drop_index(op.f("ix_cases_state_closes_at"), table_name="cases")
    op.create_index(
        op.f("ix_cases_state_closes_at_id"), "cases", ["state", "closes_at", "id"], unique=False
    )
    op.create_index(
        "ix_cases_outcome_at",
        "cases",
        ["outcome_at", "id"],
        unique=False,
        postgresql_where=CLOSED,
        sqlite_where=CLOSED,
    )
    op.create_index(
        "ix_cases_owner",
        "cases",
        ["owner", "state"],
        unique=False,
        postgresql_where=OWNED,
        sqlite_where=OWNED,
    )
    op.create_index(op.f("ix_clients_country"), "clients", ["country"], unique=False)
    create_words("agreement_words", "agreement_id", "agreements")
    create_words("change_words", "change_id", "changes")
    fill_words()


def create_words(table: str, column: str, named: str) -> None:
    op.create_table(
        table,
        sa.Column("word", WORD, nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{named}.id"], name=op.f(f"fk_{table}_{column}")),
        sa.PrimaryKeyConstraint("word", column, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def fill_words() -> None:
    """For what is on record already."""
    connection = op.get_bind()
    agreements = connection.execute(
        sa.text(
            "SELECT a.id, c.name, a.reference FROM agreements a"
            " JOIN clients c ON c.id = a.client_id"
        )
    )
    write(
        "agreement_words",
        "agreement_id",
        [
            (row.id, word)
            for row in agreements
            for word in words(row.name, row.reference, f"{row.id:05d}")
        ],
    )
    changes = sa.table("changes", *(sa.column(x) for x in ("id", "release_id")))
    facts = sa.column("facts", sa.JSON())
    releases = sa.table("releases", sa.column("id"), sa.column("number"))
    announced = connection.execute(
        sa.select(changes.c.id, facts, releases.c.number)
        .join_from(changes, releases, releases.c.id == changes.c.release_id)
        .where(releases.c.number.is_not(None))
    )
    write(
        "change_words",
        "change_id",
        [
            (row.id, word)
            for row in announced
            for word in words(str((row.facts or {}).get("name", "")), row.number)
        ],
    )


def write(table: str, column: str, rows: list[tuple[int, str]]) -> None:
    target = sa.table(table, sa.column("word"), sa.column(column))
    for start in range(0, len(rows), 5000):
        part = [{"word": word, column: number} for number, word in rows[start : start + 5000]]
        op.get_bind().execute(target.insert(), part)


def words(*texts: str) -> set[str]:
    found = set()
    for text in texts:
        apart = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(x for x in apart if not unicodedata.combining(x)).translate(PLAIN)
        found |= {word[:60] for word in re.findall(r"[^\W_]+", plain)}
    return found


def downgrade() -> None:
    op.drop_table("change_words")
    op.drop_table("agreement_words")
    op.drop_index(op.f("ix_clients_country"), table_name="clients")
    op.drop_index("ix_cases_owner", table_name="cases")
    op.drop_index("ix_cases_outcome_at", table_name="cases")
    op.drop_index(op.f("ix_cases_state_closes_at_id"), table_name="cases")
    op.create_index(op.f("ix_cases_state_closes_at"), "cases", ["state", "closes_at"], unique=False)
