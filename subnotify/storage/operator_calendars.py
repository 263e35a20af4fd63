"""Private calendar addresses of operators, kept as SHA-256 digests, and what they tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, ChangeState, Role
from subnotify.storage.data_returns import is_owed
from subnotify.storage.due_days import window_runs
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    DataReturnRow,
    OperatorCalendarRow,
    OperatorRow,
)

# Of each kind. A case is no entry of its own: thousands of windows of one change end at once.
MOST_ENTRIES = 1_000


@dataclass(frozen=True)
class OperatorCalendar:
    """An address that is not revoked. language: in which its entries are told."""

    id: int
    operator_id: int
    language: str
    created_at: datetime


@dataclass(frozen=True)
class CommonEnd:
    """Cases of one change of which something ends at the same instant."""

    change_id: int
    change: str
    at: datetime
    cases: int


@dataclass(frozen=True)
class DueDay:
    """change_id: what commences; None for data that is due to be returned or destroyed."""

    on: date
    change_id: int | None
    change: str
    cases: int


def find_operator_calendar(session: Session, operator_id: int) -> OperatorCalendar | None:
    """The operator's address that opens something."""
    row = session.scalar(_open().where(OperatorCalendarRow.operator_id == operator_id))
    return _calendar(row) if row is not None else None


def find_calendar_of(session: Session, digest: str) -> OperatorCalendar | None:
    """The calendar of an address, if its operator may still see the deadlines."""
    found = session.execute(
        _open()
        .add_columns(OperatorRow.roles)
        .join(OperatorRow, OperatorRow.id == OperatorCalendarRow.operator_id)
        .where(OperatorCalendarRow.token_digest == digest, OperatorRow.active)
    ).one_or_none()
    if found is None or Role.LEGAL.value not in found.roles:
        return None
    return _calendar(found[0])


def append_operator_calendar(
    session: Session, operator_id: int, *, digest: str, language: str, at: datetime
) -> int:
    row = OperatorCalendarRow(
        operator_id=operator_id, token_digest=digest, language=language, created_at=at
    )
    session.add(row)
    session.flush()
    return row.id


def lock_operator_calendars(session: Session, operator_id: int) -> Sequence[OperatorCalendarRow]:
    """Those that open something, after the operator's row, so that two renewals wait in line."""
    session.get(
        OperatorRow, operator_id, populate_existing=True, with_for_update={"key_share": True}
    )
    return session.scalars(
        _open()
        .where(OperatorCalendarRow.operator_id == operator_id)
        .execution_options(populate_existing=True)
    ).all()


def list_window_ends(session: Session, *, at: datetime) -> Sequence[CommonEnd]:
    """The next ends of windows of cases that are not closed, soonest first."""
    return _ends(session, CaseRow.closes_at, CaseRow.state.in_(_RUNNING) & window_runs(), at)


def list_objection_ends(session: Session, *, at: datetime) -> Sequence[CommonEnd]:
    """The next clocks of objections that nobody settled, soonest first."""
    still_open = CaseRow.state != CaseState.CLOSED.value
    clocks = (CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)
    found = [end for clock in clocks for end in _ends(session, clock, still_open, at)]
    return sorted(found, key=lambda x: (x.at, x.change_id))[:MOST_ENTRIES]


def list_commencements(session: Session, *, since: date) -> Sequence[DueDay]:
    """Changes that were announced and have not commenced, by day."""
    rows = session.execute(
        select(ChangeRow.id, ChangeRow.commencement_on, _name())
        .where(
            ChangeRow.state == ChangeState.RELEASED.value,
            ChangeRow.commencement_on >= since,
        )
        .order_by(ChangeRow.commencement_on, ChangeRow.id)
        .limit(MOST_ENTRIES)
    )
    return [DueDay(row.commencement_on, row.id, row.name or "", 0) for row in rows]


def list_data_days(session: Session) -> Sequence[DueDay]:
    """Days by which data of clients is to be returned or destroyed; those that are past, too."""
    rows = session.execute(
        select(DataReturnRow.due_on, func.count().label("cases"))
        .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
        .where(*is_owed(), DataReturnRow.due_on.is_not(None))
        .group_by(DataReturnRow.due_on)
        .order_by(DataReturnRow.due_on)
        .limit(MOST_ENTRIES)
    )
    return [DueDay(row.due_on, None, "", row.cases) for row in rows if row.due_on]


_RUNNING = [CaseState.OPEN.value, CaseState.OBJECTED.value, CaseState.HOLD.value]


def _ends(
    session: Session, clock: Any, which: ColumnElement[bool], at: datetime
) -> Sequence[CommonEnd]:
    counted = (
        select(CaseRow.change_id, clock.label("at"), func.count().label("cases"))
        .where(which, clock > at)
        .group_by(CaseRow.change_id, clock)
        .order_by(clock, CaseRow.change_id)
        .limit(MOST_ENTRIES)
        .subquery()
    )
    rows = session.execute(
        select(counted, _name())
        .join(ChangeRow, ChangeRow.id == counted.c.change_id)
        .order_by(counted.c.at, counted.c.change_id)
    )
    return [CommonEnd(row.change_id, row.name or "", row.at, row.cases) for row in rows]


def _name() -> Any:
    return ChangeRow.facts["name"].as_string().label("name")


def _open() -> Any:
    return select(OperatorCalendarRow).where(OperatorCalendarRow.revoked_at.is_(None))


def _calendar(row: OperatorCalendarRow) -> OperatorCalendar:
    return OperatorCalendar(row.id, row.operator_id, row.language, row.created_at)
