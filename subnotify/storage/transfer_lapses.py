"""Tasks about places of the list that stop being lawful, and what legal was told of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.locations import Location
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import LapseState
from subnotify.storage.tables import TransferAlarmRow, TransferLapseRow


@dataclass(frozen=True)
class LapseKey:
    """What a task is about. place: see `place_of`; instrument: the code of what it rested on."""

    subprocessor_id: int
    place: str
    law: ExportLaw
    instrument: str
    lapses_on: date


@dataclass(frozen=True)
class StoredLapse:
    """A task. told_days_ahead: the nearest of 180, 90, 30 and 0 that legal was told of."""

    id: int
    key: LapseKey
    state: LapseState
    told_days_ahead: int
    opened_at: datetime
    closed_at: datetime | None
    note: str
    noted_by: str | None
    noted_at: datetime | None


@dataclass(frozen=True)
class Telling:
    """Legal was told of a task, that many days ahead."""

    lapse_id: int
    days_ahead: int
    told_at: datetime


def place_of(location: Location) -> str:
    """Country or organisation with the kind of location: "US hosting"."""
    return f"{location.organisation or location.country} {location.kind.value}"


def list_open_lapses(session: Session) -> list[StoredLapse]:
    """All open tasks, in the order they were opened."""
    query = select(TransferLapseRow).where(TransferLapseRow.state == LapseState.OPEN.value)
    return [_stored(row) for row in session.scalars(query.order_by(TransferLapseRow.id))]


def open_lapses(
    session: Session, keys: Iterable[LapseKey], told: Mapping[LapseKey, int], *, at: datetime
) -> dict[LapseKey, int]:
    """Open a task for each of these; their ids. One that was closed before is opened again.

    told: how many days ahead legal is told of each now.
    """
    opened = {}
    for key in keys:
        row = session.scalar(
            select(TransferLapseRow).where(
                TransferLapseRow.subprocessor_id == key.subprocessor_id,
                TransferLapseRow.place == key.place,
                TransferLapseRow.law == key.law.value,
                TransferLapseRow.instrument == key.instrument,
                TransferLapseRow.lapses_on == key.lapses_on,
            )
        )
        if row is None:
            row = TransferLapseRow(
                subprocessor_id=key.subprocessor_id,
                place=key.place,
                law=key.law.value,
                instrument=key.instrument,
                lapses_on=key.lapses_on,
                note="",
            )
            session.add(row)
        row.state, row.opened_at, row.closed_at = LapseState.OPEN.value, at, None
        row.told_days_ahead = told[key]
        session.flush()
        opened[key] = row.id
    return opened


def set_told(session: Session, lapse_id: int, days_ahead: int) -> None:
    session.execute(
        update(TransferLapseRow)
        .where(TransferLapseRow.id == lapse_id)
        .values(told_days_ahead=days_ahead)
    )


def close_lapses(session: Session, lapse_ids: Collection[int], *, at: datetime) -> None:
    session.execute(
        update(TransferLapseRow)
        .where(TransferLapseRow.id.in_(lapse_ids))
        .values(state=LapseState.REPLACED.value, closed_at=at)
    )


def append_tellings(session: Session, tellings: Sequence[Telling]) -> tuple[int, int]:
    """Record what one mail tells; the first and last of the numbers these got. Not empty."""
    rows = [
        TransferAlarmRow(lapse_id=x.lapse_id, days_ahead=x.days_ahead, told_at=x.told_at)
        for x in tellings
    ]
    session.add_all(rows)
    session.flush()
    numbers = [row.id for row in rows]
    return min(numbers), max(numbers)


def list_told(session: Session, first: int, last: int) -> list[StoredLapse]:
    """The tasks that one mail tells of, the first day without first."""
    rows = session.scalars(
        select(TransferLapseRow)
        .join(TransferAlarmRow, TransferAlarmRow.lapse_id == TransferLapseRow.id)
        .where(TransferAlarmRow.id.between(first, last))
        .order_by(TransferLapseRow.lapses_on, TransferLapseRow.id)
    )
    return [_stored(row) for row in rows]


def list_tellings(session: Session, lapse_id: int) -> list[Telling]:
    """What legal was told of one task, oldest first."""
    rows = session.scalars(
        select(TransferAlarmRow)
        .where(TransferAlarmRow.lapse_id == lapse_id)
        .order_by(TransferAlarmRow.id)
    )
    return [Telling(row.lapse_id, row.days_ahead, row.told_at) for row in rows]


def count_open_lapses(session: Session) -> int:
    return sum(count_lapses(session, LapseState.OPEN).values())


def count_lapses(session: Session, state: LapseState) -> dict[str, int]:
    """How many tasks there are by what the places rested on (a code, "": nothing), most first."""
    number = func.count(TransferLapseRow.id)
    rows = session.execute(
        select(TransferLapseRow.instrument, number)
        .where(TransferLapseRow.state == state.value)
        .group_by(TransferLapseRow.instrument)
        .order_by(number.desc(), TransferLapseRow.instrument)
    )
    return dict(rows.all())


def list_lapses_page(
    session: Session,
    state: LapseState,
    *,
    instrument: str | None = None,
    limit: int,
    offset: int,
) -> list[StoredLapse]:
    """One page: open ones by the first day without, closed ones the last closed first.

    instrument: only those of places that rested on it; None: all.
    """
    order = (
        (TransferLapseRow.lapses_on, TransferLapseRow.id)
        if state is LapseState.OPEN
        else (TransferLapseRow.closed_at.desc(), TransferLapseRow.id.desc())
    )
    query = select(TransferLapseRow).where(TransferLapseRow.state == state.value)
    if instrument is not None:
        query = query.where(TransferLapseRow.instrument == instrument)
    rows = session.scalars(query.order_by(*order).limit(limit).offset(offset))
    return [_stored(row) for row in rows]


def get_lapse(session: Session, lapse_id: int) -> StoredLapse:
    """Raises NotFound."""
    row = session.get(TransferLapseRow, lapse_id)
    if row is None:
        raise NotFound
    return _stored(row)


def set_note(session: Session, lapse_id: int, *, note: str, by: str, at: datetime) -> None:
    session.execute(
        update(TransferLapseRow)
        .where(TransferLapseRow.id == lapse_id)
        .values(note=note, noted_by=by, noted_at=at)
    )


def _stored(row: TransferLapseRow) -> StoredLapse:
    return StoredLapse(
        id=row.id,
        key=LapseKey(
            row.subprocessor_id, row.place, ExportLaw(row.law), row.instrument, row.lapses_on
        ),
        state=LapseState(row.state),
        told_days_ahead=row.told_days_ahead,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        note=row.note,
        noted_by=row.noted_by,
        noted_at=row.noted_at,
    )
