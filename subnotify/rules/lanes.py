"""The lanes of legal's board: which cases stand in which."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import CaseState

SOON = timedelta(days=3)


class Lane(StrEnum):
    """due: cases of the other lanes of which a clock ends within SOON. Never stored."""

    DUE = "due"
    OPEN = "open"
    HOLD = "hold"
    OBJECTIONS = "objections"
    CLOSED = "closed"


class DueKind(StrEnum):
    """What ends or begins on a day of the calendar: a client's window, the clock of an objection,
    the use of what was announced, the time to return or destroy data. Never stored."""

    WINDOW = "window"
    OBJECTION = "objection"
    COMMENCEMENT = "commencement"
    DATA = "data"


@dataclass(frozen=True)
class Due:
    """What is due on a day. after, until: its bounds. What ends at midnight ends on the day before
    it, as everywhere else."""

    kind: DueKind
    day: date
    after: datetime
    until: datetime


def due_on(kind: DueKind, day: date, zone: ZoneInfo) -> Due:
    """The day as it is in the zone."""
    return Due(kind, day, start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone))


# Each case stands in one lane by its state, and in `due` besides where its time is short.
LANE_STATES = {
    Lane.DUE: (CaseState.OPEN, CaseState.HOLD, CaseState.OBJECTED),
    Lane.OPEN: (CaseState.OPEN, CaseState.WAITING),
    Lane.HOLD: (CaseState.HOLD,),
    Lane.OBJECTIONS: (CaseState.OBJECTED,),
    Lane.CLOSED: (CaseState.CLOSED,),
}
