"""The lanes of legal's board: which cases stand in which."""

from datetime import timedelta
from enum import StrEnum

from subnotify.rules.words import CaseState

SOON = timedelta(days=3)


class Lane(StrEnum):
    """due: cases of the other lanes of which a clock ends within SOON. Never stored."""

    DUE = "due"
    OPEN = "open"
    HOLD = "hold"
    OBJECTIONS = "objections"
    CLOSED = "closed"


# Each case stands in one lane by its state, and in `due` besides where its time is short.
LANE_STATES = {
    Lane.DUE: (CaseState.OPEN, CaseState.HOLD, CaseState.OBJECTED),
    Lane.OPEN: (CaseState.OPEN, CaseState.WAITING),
    Lane.HOLD: (CaseState.HOLD,),
    Lane.OBJECTIONS: (CaseState.OBJECTED,),
    Lane.CLOSED: (CaseState.CLOSED,),
}
