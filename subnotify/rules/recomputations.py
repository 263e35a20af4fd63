"""Windows computed anew, when holidays or time zones are known better than before.

DESIGN section 3 item 4: windows only grow. What follows from new data is proposed to legal, who
may give the client more time and never takes any.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from subnotify.rules.holidays import ONE_DAY, SATURDAY, SUNDAY, HolidayCalendar
from subnotify.rules.periods import parts_of
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import Unit
from subnotify.rules.time_limits import Step, StepKind
from subnotify.rules.windows import Window, compute_window

_SKIPS_HOLIDAYS = frozenset({Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES})
_ENDS = frozenset({StepKind.CLOSES, StepKind.CLOSES_AT})


class Recomputed(StrEnum):
    """How a window computed anew stands to the one that runs."""

    LONGER = "longer"  # it would end later
    GRACE = "grace"  # it ends alike; silence would count later
    SHORTER = "shorter"
    FAILED = "failed"  # it cannot be computed any more
    SAME = "same"


class ProposalState(StrEnum):
    """What became of a recomputation."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    DISMISSED = "dismissed"
    SAME = "same"  # nothing to decide; kept so that it is not computed again
    OUTDATED = "outdated"  # its cases ended, or its notice was served anew


MAY_BE_APPLIED = frozenset({Recomputed.LONGER, Recomputed.GRACE})


@dataclass(frozen=True)
class Difference:
    """Steps that one of two computations has and the other lacks, in their order."""

    gone: tuple[Step, ...]
    added: tuple[Step, ...]


def compute_anew(
    terms: NoticeTerms, running: Window, trigger_at: datetime, calendar: HolidayCalendar
) -> Window:
    """The window of the same trigger and the same terms by another calendar.

    trigger_at: what `compute_window` was given when `running` was computed (where a clause deems
    the notice received: its dispatch). The day of commencement is the one that `running` names: a
    postponement since then is no matter of holidays. Raises as `compute_window`.
    """
    days = (step.day for step in running.steps if step.kind is StepKind.COMMENCES)
    return compute_window(terms, trigger_at, calendar, commencement_on=next(days, None))


def compare_windows(running: Window, computed: Window) -> Recomputed:
    """Which of the two gives the client more time.

    A window that grew from an earlier serving of the notice has that serving's steps: no data made
    it longer, so the computed one is not said to be shorter.
    """
    if computed.closes_at > running.closes_at:
        return Recomputed.LONGER
    if computed.closes_at < running.closes_at:
        return Recomputed.SHORTER if _same_start(running, computed) else Recomputed.SAME
    later_grace = computed.silence_after_at > running.silence_after_at
    return Recomputed.GRACE if later_grace else Recomputed.SAME


def _same_start(running: Window, computed: Window) -> bool:
    return running.steps[:1] == computed.steps[:1]


def most_urgent(kinds: Iterable[Recomputed]) -> Recomputed:
    """What a notice with several windows is listed under: more time first."""
    return min(kinds, key=list(Recomputed).index)


def lengthened(running: Window, computed: Window) -> Window:
    """The computed window where it gives more, in every respect what `running` gave at least."""
    if computed.closes_at < running.closes_at:
        return running
    return replace(
        computed,
        opens_at=min(running.opens_at, computed.opens_at),
        silence_after_at=max(running.silence_after_at, computed.silence_after_at),
    )


def difference(old: Window, new: Window) -> Difference:
    """What the two computations do not have in common, but for where they end."""
    return Difference(
        gone=tuple(x for x in old.steps if x not in new.steps and x.kind not in _ENDS),
        added=tuple(x for x in new.steps if x not in old.steps and x.kind not in _ENDS),
    )


def holidays_passed_over(
    terms: NoticeTerms, window: Window, calendar: HolidayCalendar
) -> tuple[tuple[date, str], ...]:
    """Holidays on days that would have been counted, where the period is in working days.

    A person who checks the date needs them: the steps name only days that moved the end.
    """
    period = terms.objection_period
    units = {part.unit for part in parts_of(period)} if period is not None else set()
    first, last = window.steps[0].day, window.last_day
    if not units & _SKIPS_HOLIDAYS or first > last:
        return ()
    idle = {SATURDAY, SUNDAY} if Unit.BUSINESS_DAYS in units else {SUNDAY}
    found = []
    day = first + ONE_DAY
    while day <= last:
        name = calendar.holiday_name(day)
        if name is not None and day.weekday() not in idle:
            found.append((day, name))
        day += ONE_DAY
    return tuple(found)
