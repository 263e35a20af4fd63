"""The commencement gate: whether a change may take effect, and who still stands in its way.

DESIGN section 3 item 7: a change commences for a client only after its lead time and after its
case is settled; where the contract lets the window outlive the lead time (or allows replacement in
an emergency) it may be used while the window runs, until somebody objects. A client that a person
gated out does not hold the others up, and the change is not used for it meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from subnotify.rules.case_facts import Standing
from subnotify.rules.cases import NOT_USED, may_use
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import CaseState, ChangeState, HoldReason, Outcome

# The old subprocessor stays in use for such a client. A terminated client keeps nothing.
KEEPS_THE_OLD = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED})

# What keeps silence from closing a case, though nobody objects: where the terms let the change be
# used while the window runs, these stop no use.
STOPS_NO_USE = frozenset(
    {
        HoldReason.REPLIES_NOT_READ,
        HoldReason.POST_NOT_OPENED,
        HoldReason.SILENCE_BROKEN,
        HoldReason.WAITS_FOR_PERSON,
    }
)
# The change is not used for such a client anyway, or there is no client any more.
_NEVER_USED = NOT_USED | {Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED}
STOPS_EARLY_USE = frozenset(HoldReason) - STOPS_NO_USE


class Use(StrEnum):
    """What the gate says of one client."""

    MAY_USE = "may_use"  # settled, and the commencement day has come
    EARLY = "early"  # the window runs, the terms allow the use, and the day has come
    AWAITS_LEAD_TIME = "awaits_lead_time"  # settled; the lead time is not over
    FROM_COMMENCEMENT = "from_commencement"  # settled; the day is still to come
    NOT_USED = "not_used"  # settled: never for this client
    GATED_OUT = "gated_out"  # not settled; a person keeps the change away from it
    NOT_ALLOWED = "not_allowed"  # its agreement does not allow a country; no exception does
    BLOCKS = "blocks"  # not settled


@dataclass(frozen=True)
class CaseTally:
    """How many cases of a change stand alike, at one instant.

    is_lead_over: the lead time has passed, is waived, or there is none. uses_early: the terms let
    the change be used while the window runs, from an instant that has come (`may_use_early`).
    is_blocked: the agreement does not allow a country, and no exception covers it.
    """

    state: CaseState
    outcome: Outcome | None
    is_gated_out: bool
    count: int
    is_lead_over: bool = True
    uses_early: bool = False
    is_blocked: bool = False


class Blocker(StrEnum):
    """Why a change may not commence at this instant."""

    NOT_ANNOUNCED = "not_announced"
    WITHDRAWN = "withdrawn"
    NO_DAY = "no_day"
    DAY_NOT_COME = "day_not_come"
    CASES_NOT_SETTLED = "cases_not_settled"
    NOT_LAWFUL = "not_lawful"
    CLOCK_IN_DOUBT = "clock_in_doubt"
    MAIL_UNREAD = "mail_unread"


@dataclass(frozen=True)
class Gate:
    """The gate of one change. cases: of all agreements; early: not settled, but the terms let the
    change be used meanwhile; blocking: those that hold it shut; not_allowed: those whose
    agreements do not allow a country, which keep nobody waiting."""

    commencement_at: datetime | None
    has_come: bool
    cases: int
    settled: int
    gated_out: int
    blocking: int
    early: int = 0
    not_allowed: int = 0

    @property
    def is_settled(self) -> bool:
        """No client stands in the way (any more)."""
        return self.blocking == 0

    @property
    def is_open(self) -> bool:
        """The change may commence now."""
        return self.has_come and self.is_settled


def may_use_early(
    state: CaseState, holds: Iterable[HoldReason], early_use_at: datetime | None, *, at: datetime
) -> bool:
    """Whether the change may be used for the client though its case is not settled.

    early_use_at: from when its terms allow that; None where they do not. An objection that is
    open, and a notice that does not count (any more), stop the use.
    """
    if early_use_at is None or at < early_use_at:
        return False
    return state is CaseState.OPEN or (
        state is CaseState.HOLD and not STOPS_EARLY_USE.intersection(holds)
    )


def use_of_change(
    state: CaseState,
    outcome: Outcome | None,
    *,
    is_gated_out: bool,
    commencement_at: datetime | None,
    at: datetime,
    is_lead_over: bool = True,
    uses_early: bool = False,
    is_blocked: bool = False,
) -> Use:
    """What the gate says of one client at `at`; see `CaseTally` for what is given.

    An outcome that would let the change be used opens nothing while a country is not allowed.
    """
    has_come = commencement_at is not None and at >= commencement_at
    if is_blocked and outcome not in _NEVER_USED:
        return Use.NOT_ALLOWED
    if state is not CaseState.CLOSED or outcome is None:
        if is_gated_out:
            return Use.GATED_OUT
        if not uses_early:
            return Use.BLOCKS
        return Use.EARLY if has_come else Use.FROM_COMMENCEMENT
    if outcome in NOT_USED or outcome is Outcome.CHANGE_WITHDRAWN:
        return Use.NOT_USED
    if not is_lead_over and outcome is not Outcome.AGREEMENT_ENDED:
        return Use.GATED_OUT if is_gated_out else Use.AWAITS_LEAD_TIME
    if commencement_at is None:
        return Use.FROM_COMMENCEMENT
    usable = may_use(Standing(state, (), outcome), at=at, commencement_at=commencement_at)
    return Use.MAY_USE if usable else Use.FROM_COMMENCEMENT


def gate_of_change(
    tallies: Iterable[CaseTally], commencement_on: date | None, zone: ZoneInfo, *, at: datetime
) -> Gate:
    """The gate at `at`, from tallies of the same instant. zone: the vendor's, in which the
    commencement day begins.

    A change without cases (an entry for which the vendor is the controller) waits for its day
    only. Without a commencement day nothing commences.
    """
    start = start_of_day(commencement_on, zone) if commencement_on else None
    cases = settled = gated_out = blocking = early = not_allowed = 0
    for tally in tallies:
        use = use_of_change(
            tally.state,
            tally.outcome,
            is_gated_out=tally.is_gated_out,
            commencement_at=start,
            at=at,
            is_lead_over=tally.is_lead_over,
            uses_early=tally.uses_early,
            is_blocked=tally.is_blocked,
        )
        cases += tally.count
        if use in (Use.BLOCKS, Use.AWAITS_LEAD_TIME):
            blocking += tally.count
        elif use is Use.GATED_OUT:
            gated_out += tally.count
        elif use is Use.NOT_ALLOWED:
            not_allowed += tally.count
        elif tally.outcome is None:
            early += tally.count
        else:
            settled += tally.count
    has_come = start is not None and at >= start
    return Gate(start, has_come, cases, settled, gated_out, blocking, early, not_allowed)


def blockers_of(
    gate: Gate, state: ChangeState, *, is_lawful: bool, is_frozen: bool, is_mail_unread: bool
) -> tuple[Blocker, ...]:
    """What keeps the change from commencing, in the order in which a person would mend it; empty
    where it may commence now.

    is_lawful: every location has its transfer basis today. is_frozen: the clock is in doubt.
    is_mail_unread: what came may be an objection, and nobody has read it; that counts where the
    change would be used while a window runs (a person may let it commence all the same). A
    change that has commenced is blocked by the clients alone whose cases are open (again).
    """
    if state is ChangeState.WITHDRAWN:
        return (Blocker.WITHDRAWN,)
    if state is ChangeState.DRAFT:
        return (Blocker.NOT_ANNOUNCED,)
    unsettled = (Blocker.CASES_NOT_SETTLED,) if not gate.is_settled else ()
    if state is ChangeState.COMMENCED:
        return unsettled
    found = []
    if gate.commencement_at is None:
        found.append(Blocker.NO_DAY)
    elif not gate.has_come:
        found.append(Blocker.DAY_NOT_COME)
    if not is_lawful:
        found.append(Blocker.NOT_LAWFUL)
    if is_frozen:
        found.append(Blocker.CLOCK_IN_DOUBT)
    if is_mail_unread and gate.early:
        found.append(Blocker.MAIL_UNREAD)
    return (*found, *unsettled)
