"""What ends or begins on a day, as conditions: for the board's filter and its calendar alike."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from subnotify.rules.words import CaseState, ChangeState, NoticeState
from subnotify.storage.data_returns import is_owed
from subnotify.storage.tables import CaseRow, ChangeRow, DataReturnRow, NoticeRow

_RUNNING = [CaseState.OPEN.value, CaseState.OBJECTED.value, CaseState.HOLD.value]
_CLOCKS = (CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)


def window_runs() -> ColumnElement[bool]:
    """The notice of the case is served as things stand: what came back stops the window, whose end
    stays on record. An open case has such a notice."""
    # Few notices are not served, and an index names them: a list that is made once costs less than
    # a look at the notice of each case.
    other = [state.value for state in NoticeState if state is not NoticeState.SERVED]
    unserved = select(NoticeRow.id).where(NoticeRow.state.in_(other)).correlate(None)
    return or_(CaseRow.state == CaseState.OPEN.value, CaseRow.notice_id.not_in(unserved))


def window_ends_on(after: Any, until: Any) -> ColumnElement[bool]:
    """The window of a case that is not closed. after, until: instants or columns of them."""
    between = and_(CaseRow.closes_at > after, CaseRow.closes_at <= until)
    return and_(CaseRow.state.in_(_RUNNING), between, window_runs())


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
