"""Imports hold tables of the list too: subprocessors, their locations, the bases of each."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = ("registry", "clients", "contacts", "agreements", "designations", "windows")
NEW = ("subprocessors", "locations", "bases")


def upgrade() -> None:
    check_kinds((*KINDS, *NEW))


def downgrade() -> None:
    listed = ", ".join(repr(kind) for kind in NEW)
    op.execute(f"DELETE FROM import_files WHERE kind IN ({listed})")
    check_kinds(KINDS)


def check_kinds(kinds: tuple[str, ...]) -> None:
    """Which kinds of file an import may hold."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("import_files") as files:
        name = op.f("ck_import_files_kind_known")
        files.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in kinds)
        files.create_check_constraint(name, f"kind IN ({listed})")
