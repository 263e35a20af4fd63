"""The plan of a whole release, summed up from the plans of the terms it concerns. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from subnotify.rules.planning import TermsPlan


@dataclass(frozen=True)
class PlannedTerms:
    """Agreements with the same terms, by the digest of these, and what is planned for them.

    plan: None where no date can be computed.
    """

    digest: str | None
    agreements: int
    plan: TermsPlan | None


@dataclass(frozen=True)
class PlanSummary:
    """Counts are of agreements.

    earliest_on: the first vendor's day on which commencement is lawful for everybody whose dates
    can be computed; None where there is nobody. The others speak of the wanted day, and are 0 or
    None without one. latest_sending_on: the last day to send for everybody; unreachable: how
    many there are for whom no day of sending would do. gated: those for whom the wanted day is
    too early; late: those whose lead time is missed; too_late: those whose window would be over
    before it opens; running: those whose window outlives commencement, which their terms allow.
    """

    earliest_on: date | None
    latest_sending_on: date | None
    agreements: int
    not_computable: int
    gated: int
    late: int
    too_late: int
    running: int
    in_august: int
    at_christmas: int


def worst_of(plans: Iterable[TermsPlan]) -> TermsPlan:
    """One plan for all changes of a release under the same terms: what is worst of each.

    Where notice rules treat the changes differently, an agreement is planned as if it were
    concerned by all of them.
    """
    found = list(plans)
    worst = max(found, key=_badness)
    unmet = [x for x in found if not x.is_lead_met and x.lead_due_on is not None]
    sending = [x.latest_sending_on for x in found if x.latest_sending_on is not None]
    before = [x.sending_before for x in found if x.sending_before is not None]
    return replace(
        worst,
        earliest_on=max(x.earliest_on for x in found),
        latest_sending_on=min(sending, default=None),
        sending_before=min(before, default=None),
        is_lead_met=not unmet,
        lead_due_on=min((x.lead_due_on for x in unmet if x.lead_due_on), default=worst.lead_due_on),
        days_missed=max(x.days_missed for x in found),
        days_outlived=max(x.days_outlived for x in found),
        in_august=any(x.in_august for x in found),
        at_christmas=any(x.at_christmas for x in found),
    )


def _badness(plan: TermsPlan) -> tuple[bool, int, date]:
    return plan.course.too_late_since is not None, plan.days_missed, plan.earliest_on


def sum_up(planned: Iterable[PlannedTerms]) -> PlanSummary:
    """The release as a whole."""
    groups = list(planned)
    found = [(x.plan, x.agreements) for x in groups if x.plan is not None]
    sending = [x.latest_sending_on for x, _ in found if x.latest_sending_on is not None]
    return PlanSummary(
        earliest_on=max((x.earliest_on for x, _ in found), default=None),
        latest_sending_on=min(sending, default=None),
        agreements=sum(x.agreements for x in groups),
        not_computable=sum(x.agreements for x in groups if x.plan is None),
        gated=sum(n for x, n in found if x.is_gated_alone),
        late=sum(n for x, n in found if not x.is_lead_met),
        too_late=sum(n for x, n in found if x.course.too_late_since is not None),
        running=sum(n for x, n in found if x.runs_past_commencement),
        in_august=sum(n for x, n in found if x.in_august),
        at_christmas=sum(n for x, n in found if x.at_christmas),
    )


def held_back(planned: Iterable[PlannedTerms]) -> Sequence[PlannedTerms]:
    """The terms for which the wanted day is too early, the worst first."""
    gated = [x for x in planned if x.plan is not None and x.plan.is_gated_alone]
    return sorted(gated, key=_rank, reverse=True)


def _rank(group: PlannedTerms) -> tuple[bool, int, date, int, str]:
    plan = group.plan
    if plan is None:
        raise ValueError("only planned terms are ranked")
    return (*_badness(plan), group.agreements, group.digest or "")


def is_late(group: PlannedTerms) -> bool:
    """Legal confirms these by name: the notice misses the lead time, or comes too late for any
    window."""
    plan = group.plan
    return plan is not None and (not plan.is_lead_met or plan.course.too_late_since is not None)
