"""Exceptions that clients made to the countries their agreements allow: reading."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.allowed_countries import CountryException
from subnotify.rules.errors import NotFound
from subnotify.storage.tables import (
    ChangeRow,
    CountryExceptionRow,
    ListEntryRow,
    SubprocessorRow,
)

CHUNK = 5_000


@dataclass(frozen=True)
class RecordedException:
    """An exception with its document, and who recorded and ended it.

    subprocessor: key of the one it is for; None: for every one.
    """

    id: int
    agreement_id: int
    exception: CountryException
    subprocessor: str | None
    reference: str
    note: str
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_by: str | None


def list_recorded_exceptions(session: Session, agreement_id: int) -> tuple[RecordedException, ...]:
    """Those of an agreement, the ended ones too; the newest first."""
    rows = session.execute(
        select(CountryExceptionRow, SubprocessorRow.key)
        .outerjoin(SubprocessorRow, SubprocessorRow.id == CountryExceptionRow.subprocessor_id)
        .where(CountryExceptionRow.agreement_id == agreement_id)
        .order_by(CountryExceptionRow.id.desc())
    )
    return tuple(_recorded(row, key) for row, key in rows)


def get_recorded_exception(
    session: Session, agreement_id: int, exception_id: int
) -> RecordedException:
    """One of this agreement's. Raises NotFound."""
    for recorded in list_recorded_exceptions(session, agreement_id):
        if recorded.id == exception_id:
            return recorded
    raise NotFound


def exceptions_by_agreement(
    session: Session, agreement_ids: Iterable[int]
) -> Mapping[int, list[CountryException]]:
    """What each of these agreements excepts, whenever it holds; agreements without are left out."""
    ids = sorted(set(agreement_ids))
    found: dict[int, list[CountryException]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        rows = select(CountryExceptionRow).where(CountryExceptionRow.agreement_id.in_(part))
        for row in session.scalars(rows):
            found[row.agreement_id].append(exception_of(row))
    return found


def exception_of(row: CountryExceptionRow) -> CountryException:
    return CountryException(row.country, row.subprocessor_id, row.from_on, row.until_on)


def _recorded(row: CountryExceptionRow, key: str | None) -> RecordedException:
    return RecordedException(
        id=row.id,
        agreement_id=row.agreement_id,
        exception=exception_of(row),
        subprocessor=key,
        reference=row.reference,
        note=row.note,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def name_subprocessors(session: Session) -> dict[int, str]:
    """Every subprocessor's name by its id: as announced or listed last, else as drafted; by name.

    One that has no name yet goes by its key.
    """
    names = dict(session.execute(select(SubprocessorRow.id, SubprocessorRow.key)).all())
    drafted = select(SubprocessorRow.id, SubprocessorRow.draft_facts["name"].as_string())
    listed = select(ListEntryRow.subprocessor_id, ListEntryRow.facts["name"].as_string())
    announced = select(ChangeRow.subprocessor_id, ChangeRow.facts["name"].as_string())
    for query in (
        drafted.where(SubprocessorRow.draft_facts.is_not(None)),
        listed.order_by(ListEntryRow.in_force_from_on, ListEntryRow.id),
        announced.where(ChangeRow.facts.is_not(None)).order_by(ChangeRow.id),
    ):
        names |= {number: name for number, name in session.execute(query) if name}
    return dict(sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0])))
