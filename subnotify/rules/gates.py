"""The commencement gate: whether a change may take effect, and who still stands in its way.

DESIGN section 3 item 7: a change commences for a client only after its case is settled; a client
that a person gated out does not hold the others up, and the change is not used for it meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from subnotify.rules.case_facts import Standing
from subnotify.rules.cases import NOT_USED, may_use
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import CaseState, Outcome

# The old subprocessor stays in use for such a client. A terminated client keeps nothing.
KEEPS_THE_OLD = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED})


class Use(StrEnum):
    """What the gate says of one client."""

    MAY_USE = "may_use"  # settled, and the commencement day has come
    FROM_COMMENCEMENT = "from_commencement"  # settled; the day is still to come
    NOT_USED = "not_used"  # settled: never for this client
    GATED_OUT = "gated_out"  # not settled; a person keeps the change away from it
    BLOCKS = "blocks"  # not settled


@dataclass(frozen=True)
class CaseTally:
    """How many cases of a change stand alike."""

    state: CaseState
    outcome: Outcome | None
    is_gated_out: bool
    count: int


@dataclass(frozen=True)
class Gate:
    """The gate of one change. cases: of all agreements; blocking: those that hold it shut."""

    commencement_at: datetime | None
    has_come: bool
    cases: int
    settled: int
    gated_out: int
    blocking: int

    @property
    def is_settled(self) -> bool:
        """No client stands in the way (any more)."""
        return self.blocking == 0

    @property
    def is_open(self) -> bool:
        """The change may commence now."""
        return self.has_come and self.is_settled


def use_of_change(
    state: CaseState,
    outcome: Outcome | None,
    *,
    is_gated_out: bool,
    commencement_at: datetime | None,
    at: datetime,
) -> Use:
    """What the gate says of one client at `at`."""
    if state is not CaseState.CLOSED or outcome is None:
        return Use.GATED_OUT if is_gated_out else Use.BLOCKS
    if outcome in NOT_USED or outcome is Outcome.CHANGE_WITHDRAWN:
        return Use.NOT_USED
    if commencement_at is None:
        return Use.FROM_COMMENCEMENT
    usable = may_use(Standing(state, (), outcome), at=at, commencement_at=commencement_at)
    return Use.MAY_USE if usable else Use.FROM_COMMENCEMENT


def gate_of_change(
    tallies: Iterable[CaseTally], commencement_on: date | None, zone: ZoneInfo, *, at: datetime
) -> Gate:
    """The gate at `at`. zone: the vendor's, in which the commencement day begins.

    A change without cases (an entry for which the vendor is the controller) waits for its day
    only. Without a commencement day nothing commences.
    """
    start = start_of_day(commencement_on, zone) if commencement_on else None
    cases = settled = gated_out = blocking = 0
    for tally in tallies:
        use = use_of_change(
            tally.state,
            tally.outcome,
            is_gated_out=tally.is_gated_out,
            commencement_at=start,
            at=at,
        )
        cases += tally.count
        if use is Use.BLOCKS:
            blocking += tally.count
        elif use is Use.GATED_OUT:
            gated_out += tally.count
        else:
            settled += tally.count
    has_come = start is not None and at >= start
    return Gate(start, has_come, cases, settled, gated_out, blocking)
