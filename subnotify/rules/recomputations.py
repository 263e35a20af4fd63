"""Windows computed anew, when holidays or time zones are known better than before.

DESIGN section 3 item 4: windows only grow. What follows from new data is proposed to legal, who
may give the client more time and never takes any.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.steps import StepKind
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window, compute_window, is_from_receipt


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


def compute_anew(
    terms: NoticeTerms, running: Window, trigger_at: datetime, calendar: HolidayCalendar
) -> Window:
    """The window of the same trigger and the same terms by another calendar.

    trigger_at: what `compute_window` was given when `running` was computed (where a clause deems
    the notice received: its dispatch). The day of commencement is the one that `running` names: a
    postponement since then is no matter of holidays. Raises as `compute_window`.
    """
    days = (step.day for step in running.steps if step.kind is StepKind.COMMENCES)
    return compute_window(
        terms,
        trigger_at,
        calendar,
        commencement_on=next(days, None),
        from_receipt=is_from_receipt(running),
    )


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
