"""What ends or begins on a day, as conditions: for the board's filter and its calendar alike."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from subnotify.rules.words import CaseState, ChangeState
from subnotify.storage.data_returns import is_owed
from subnotify.storage.tables import CaseRow, ChangeRow, DataReturnRow

_RUNNING = [CaseState.OPEN.value, CaseState.OBJECTED.value, CaseState.HOLD.value]
_CLOCKS = (CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)


def window_ends_on(after: Any, until: Any) -> ColumnElement[bool]:
    """The window of a case that is not closed. after, until: instants or columns of them."""
    return and_(CaseRow.state.in_(_RUNNING), CaseRow.closes_at > after, CaseRow.closes_at <= until)


def clock_ends_on(after: Any, until: Any) -> ColumnElement[bool]:
    """A clock of an objection that nobody settled."""
    ends = or_(*(and_(clock > after, clock <= until) for clock in _CLOCKS))
    return and_(CaseRow.state != CaseState.CLOSED.value, ends)


def begins_on(day: Any) -> ColumnElement[bool]:
    """A change that was announced and has not commenced."""
    return and_(ChangeRow.state == ChangeState.RELEASED.value, ChangeRow.commencement_on == day)


def data_is_due_on(day: Any) -> ColumnElement[bool]:
    """Data of a client that is still to be returned or destroyed; joined with its case."""
    return and_(*is_owed(), DataReturnRow.due_on == day)
