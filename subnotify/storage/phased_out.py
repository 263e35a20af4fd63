"""Entries that some client kept after they left the list for everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import ChangeState
from subnotify.storage.tables import ChangeRow, ListEntryRow


@dataclass(frozen=True)
class PhasedOut:
    """An entry phased out from a day on, and not ended yet."""

    entry_id: int
    subprocessor_id: int
    from_on: date


def list_phased_out(session: Session) -> tuple[PhasedOut, ...]:
    rows = session.execute(
        select(ListEntryRow.id, ListEntryRow.subprocessor_id, ListEntryRow.phased_out_from_on)
        .where(
            ListEntryRow.phased_out_from_on.is_not(None),
            ListEntryRow.in_force_until_on.is_(None),
        )
        .order_by(ListEntryRow.id)
    )
    return tuple(
        PhasedOut(entry_id, subprocessor_id, from_on)
        for entry_id, subprocessor_id, from_on in rows
        if from_on is not None
    )


def list_changes_phasing_out(session: Session, entry: PhasedOut, zone: ZoneInfo) -> Sequence[int]:
    """The changes that commenced on the vendor's day from which the entry is phased out, and
    replaced, amended or removed it. zone: the vendor's."""
    first = start_of_day(entry.from_on, zone)
    after = start_of_day(entry.from_on + timedelta(days=1), zone)
    query = select(ChangeRow.id).where(
        ChangeRow.state == ChangeState.COMMENCED.value,
        ChangeRow.commenced_at >= first,
        ChangeRow.commenced_at < after,
        or_(
            ChangeRow.subprocessor_id == entry.subprocessor_id,
            ChangeRow.replaced_id == entry.subprocessor_id,
        ),
    )
    return session.scalars(query.order_by(ChangeRow.id)).all()


def end_entry(session: Session, entry_id: int, until_on: date) -> bool:
    """The entry ends on that day, the first without it; False where it has ended already."""
    done = session.execute(
        update(ListEntryRow)
        .where(ListEntryRow.id == entry_id, ListEntryRow.in_force_until_on.is_(None))
        .values(in_force_until_on=until_on)
        .returning(ListEntryRow.id)
    )
    return done.first() is not None
