"""A checksum of all rows of each table: what a test compares to say that no row changed."""

import hashlib

from sqlalchemy import Engine, MetaData, select


def row_sums(engine: Engine) -> dict[str, str]:
    """By table."""
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        return {
            table.name: hashlib.sha256(
                "\n".join(
                    sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                ).encode()
            ).hexdigest()
            for table in tables.sorted_tables
        }


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables in which any row came, went or changed."""
    return sorted(table for table in after if after[table] != before[table])
