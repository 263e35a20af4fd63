"""The declarative base, and the column types every table shares."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from subnotify.rules.transfer_words import ExportLaw

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive datetime is refused: it has no meaning here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, got the naive {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite gives the digits back without a zone; what we stored was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LawSet(TypeDecorator[frozenset[ExportLaw]]):
    """Export laws, as their sorted codes; none is the empty text."""

    impl = String(80)
    cache_ok = True

    def process_bind_param(self, value: frozenset[ExportLaw] | None, dialect: Dialect) -> str:
        return " ".join(sorted(law.value for law in value or ()))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[ExportLaw]:
        return frozenset(ExportLaw(code) for code in (value or "").split())


class Base(DeclarativeBase):
    # Flask-SQLAlchemy copies the body of this class into one of its own, where an attribute
    # `type_annotation_map` beside the registry is refused; so the registry carries both.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime()},
    )


def enum_column(length: int = 40) -> String:
    """The type of a closed set; pair it with `one_of` in the table's arguments."""
    return String(length)


def one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """A CHECK that keeps `column` within the closed set, named after the column."""
    members = [str(v) for v in values] if isinstance(values, tuple) else [v.value for v in values]
    listed = ", ".join(f"'{m}'" for m in members)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


Json = dict[str, Any]
