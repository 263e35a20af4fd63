"""What the days of the board's calendar hold, counted up to a cap."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CompoundSelect,
    Date,
    FromClause,
    Select,
    func,
    literal,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from subnotify.rules.lanes import DueKind, due_on
from subnotify.storage.board_filter import BoardFilter, conditions
from subnotify.storage.due_days import begins_on, clock_ends_on, data_is_due_on, window_ends_on
from subnotify.storage.tables import CaseRow, ChangeRow, DataReturnRow, UtcDateTime

# Of each kind on each day.
MOST_OF_A_DAY = 1_000


def count_due(
    session: Session,
    shown: BoardFilter,
    days: Sequence[date],
    zone: ZoneInfo,
    *,
    most: int = MOST_OF_A_DAY,
) -> Mapping[date, Mapping[DueKind, int]]:
    """How many cases that `shown` lets through have something due, by day of the zone; changes,
    where they commence. `most` + 1 where there are more; days and kinds without any are left out.

    Three queries at most, however many cases and days there are.
    """
    if not days:
        return {}
    asked = _days(days, zone).subquery("days")
    counts = _counts(asked, conditions(session, shown), most)
    rows = session.execute(select(asked.c.number, *(x.label(k) for k, x in counts.items())))
    found = {
        days[row.number]: {kind: n for kind in DueKind if (n := getattr(row, kind.value))}
        for row in rows
    }
    return {day: found[day] for day in days if found.get(day)}


def _days(days: Sequence[date], zone: ZoneInfo) -> CompoundSelect[Any]:
    """The days as rows, so that each count is one plan, run for each of them."""
    spans = [due_on(DueKind.WINDOW, day, zone) for day in days]
    return union_all(
        *(
            select(
                literal(number).label("number"),
                literal(x.day, Date).label("day"),
                type_coerce(literal(x.after, UtcDateTime()), UtcDateTime()).label("after"),
                type_coerce(literal(x.until, UtcDateTime()), UtcDateTime()).label("until"),
            )
            for number, x in enumerate(spans)
        )
    )


def _counts(days: FromClause, wanted: Collection[Any], most: int) -> Mapping[str, Any]:
    when = days.c
    of_a_change = select(CaseRow.id).where(CaseRow.change_id == ChangeRow.id, *wanted)
    queries: Mapping[DueKind, Select[Any]] = {
        DueKind.WINDOW: select(literal(1)).where(window_ends_on(when.after, when.until), *wanted),
        DueKind.OBJECTION: select(literal(1)).where(clock_ends_on(when.after, when.until), *wanted),
        DueKind.COMMENCEMENT: select(literal(1)).where(
            begins_on(when.day), of_a_change.correlate(ChangeRow).exists()
        ),
        DueKind.DATA: select(literal(1))
        .select_from(DataReturnRow)
        .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
        .where(data_is_due_on(when.day), *wanted),
    }
    return {kind.value: _capped(query, days, most) for kind, query in queries.items()}


def _capped(query: Select[Any], days: FromClause, most: int) -> Any:
    few = query.where(true()).correlate(days).limit(most + 1).subquery()
    return select(func.count()).select_from(few).correlate(days).scalar_subquery()
