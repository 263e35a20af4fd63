"""Plan a release: until when to send it, from when it may commence, and who holds it back.

Reads only. Dates are computed once for all agreements that share terms, and once for all terms
that differ in nothing that moves a date.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.release_checks import DraftedRelease, load_draft, refuse_announced
from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.planning import TermsPlan, plan_terms, timing_key
from subnotify.rules.release_plans import (
    PlannedTerms,
    PlanSummary,
    held_back,
    is_late,
    sum_up,
    worst_of,
)
from subnotify.rules.releases import ReleaseChange
from subnotify.rules.sending_days import Commencement
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.windows import window_key
from subnotify.storage.concerned_lists import TermsGroup, list_groups, load_terms
from subnotify.storage.planning import PlannedAgreement, list_all_by_terms, list_by_terms
from subnotify.storage.releases import get_release_row, get_vendor_row

PAGE_SIZE = 50
# Plans are pure: what one page computed the next one need not. Emptied when it grows too large.
_PLANS: dict[Hashable, TermsPlan | None] = {}
_REMEMBERED_AT_MOST = 20_000


@dataclass(frozen=True)
class AgreementPlan:
    """One agreement with the plan of its terms."""

    agreement: PlannedAgreement
    plan: TermsPlan


@dataclass(frozen=True)
class ReleasePlan:
    """What a draft release would do if it were sent and received at the instant of the plan.

    commencement_on: the wanted day, None while it is not chosen. held_back: one page of the
    agreements for which it is too early, the worst first; held_back_count: of all pages. terms:
    the plans by terms, the most frequent first. notified_ids: the changes that get notices.
    """

    on: date
    commencement_on: date | None
    is_emergency: bool
    summary: PlanSummary
    terms: tuple[PlannedTerms, ...]
    held_back: tuple[AgreementPlan, ...]
    held_back_count: int
    page_number: int
    notified_ids: tuple[int, ...] = ()

    @property
    def pages(self) -> int:
        return max(1, -(-self.held_back_count // PAGE_SIZE))


def plan_release(
    session: Session, release_id: int, *, zone: ZoneInfo, at: datetime, page: int = 1
) -> ReleasePlan:
    """The plan of a draft at `at`; zone: the vendor's; page: of those held back, from 1.

    Raises ReleaseNotEditable for what is announced already, NotFound.
    """
    row = get_release_row(session, release_id)
    refuse_announced(row)
    draft = load_draft(session, row, get_vendor_row(session), zone=zone, at=at)
    groups = list_groups(session, draft.notified_ids, draft.on)
    planned = plan_groups(session, draft, groups, zone=zone, at=at)
    return plan_of(session, draft, planned, page=page)


def plan_of(
    session: Session, draft: DraftedRelease, planned: tuple[PlannedTerms, ...], *, page: int = 1
) -> ReleasePlan:
    """The plan of a release from the plans of its terms."""
    ranked = held_back(planned)
    page = max(1, page)
    return ReleasePlan(
        on=draft.on,
        commencement_on=draft.texts.commencement_on,
        is_emergency=draft.texts.is_emergency,
        summary=sum_up(planned),
        terms=planned,
        held_back=_page(session, draft, ranked, page),
        held_back_count=sum(group.agreements for group in ranked),
        page_number=page,
        notified_ids=draft.notified_ids,
    )


def plan_groups(
    session: Session,
    draft: DraftedRelease,
    groups: Iterable[TermsGroup],
    *,
    zone: ZoneInfo,
    at: datetime,
    known: Mapping[str, NoticeTerms] | None = None,
) -> tuple[PlannedTerms, ...]:
    """The plan of each terms among the agreements concerned, the most frequent first.

    known: terms by digest that the caller has read already.
    """
    totals: dict[str | None, int] = defaultdict(int)
    versions: dict[str, int] = {}
    for group in groups:
        totals[group.digest] += group.agreements
        if group.digest is not None and group.terms_id is not None:
            versions[group.digest] = group.terms_id
    if known is None:
        read = load_terms(session, versions.values())
        known = {digest: read[terms_id] for digest, terms_id in versions.items()}
    planner = _Planner([x for x in draft.changes if x.is_notified], draft, zone, at)
    return tuple(
        PlannedTerms(digest, number, planner.plan(known[digest]) if digest is not None else None)
        for digest, number in sorted(totals.items(), key=lambda item: -item[1])
    )


def list_late(
    session: Session, draft: DraftedRelease, planned: Iterable[PlannedTerms]
) -> tuple[AgreementPlan, ...]:
    """The agreements whose lead time the notice misses, or that get it too late for any window,
    by client: what legal confirms by name."""
    plans = {x.digest: x.plan for x in planned if x.digest is not None and is_late(x)}
    digests = [digest for digest in plans if digest is not None]
    agreements = list_all_by_terms(session, draft.notified_ids, digests, draft.on)
    found = ((agreement, plans[agreement.digest]) for agreement in agreements)
    return tuple(AgreementPlan(agreement, plan) for agreement, plan in found if plan is not None)


def list_late_ids(
    session: Session, draft: DraftedRelease, *, zone: ZoneInfo, at: datetime
) -> list[int]:
    """The same, by id, for a draft that is to be approved or released at `at`."""
    groups = list_groups(session, draft.notified_ids, draft.on)
    planned = plan_groups(session, draft, groups, zone=zone, at=at)
    return sorted(line.agreement.id for line in list_late(session, draft, planned))


class _Planner:
    """Plans by what moves a date: five thousand terms have few different clocks."""

    def __init__(
        self, changes: Sequence[ReleaseChange], draft: DraftedRelease, zone: ZoneInfo, at: datetime
    ) -> None:
        self._changes = changes
        self._zone = zone
        self._at = at
        on = draft.texts.commencement_on
        emergency = draft.texts.is_emergency
        self._commencement = None if on is None else Commencement(on, zone, emergency)
        self._wanted = (on, zone.key, emergency)
        if len(_PLANS) > _REMEMBERED_AT_MOST:
            _PLANS.clear()

    def plan(self, terms: NoticeTerms) -> TermsPlan | None:
        """The worst of all changes; None where no date can be computed."""
        if not_computable(terms) is not None:
            return None
        found = [self._plan_change(terms, change) for change in self._changes]
        plans = [plan for plan in found if plan is not None]
        return worst_of(plans) if plans and len(plans) == len(found) else None

    def _plan_change(self, terms: NoticeTerms, change: ReleaseChange) -> TermsPlan | None:
        own = terms_for_change(terms, change.facts)
        today = self._at.astimezone(self._zone).date()
        sent = window_key(own, self._at, None)
        key = (timing_key(own, change.kind), change.kind, sent, today, self._wanted)
        if key not in _PLANS:
            _PLANS[key] = self._computed(own, change)
        return _PLANS[key]

    def _computed(self, own: NoticeTerms, change: ReleaseChange) -> TermsPlan | None:
        try:
            return plan_terms(
                own,
                change.kind,
                get_calendar(own.counting.holiday_calendar),
                sent_at=self._at,
                zone=self._zone,
                commencement=self._commencement,
            )
        except TermsNotComputable:
            return None


def _page(
    session: Session, draft: DraftedRelease, ranked: Sequence[PlannedTerms], page: int
) -> tuple[AgreementPlan, ...]:
    """The agreements of one page: only the terms that reach into it are asked for."""
    first = (page - 1) * PAGE_SIZE
    ends = list(accumulate(group.agreements for group in ranked))
    shown = [
        (end - group.agreements, group)
        for group, end in zip(ranked, ends, strict=True)
        if end > first and end - group.agreements < first + PAGE_SIZE
    ]
    if not shown:
        return ()
    plans = {group.digest: group.plan for _, group in shown}
    agreements = list_by_terms(
        session,
        draft.notified_ids,
        [group.digest for _, group in shown if group.digest is not None],
        draft.on,
        limit=PAGE_SIZE,
        offset=first - shown[0][0],
    )
    found = ((agreement, plans[agreement.digest]) for agreement in agreements)
    return tuple(AgreementPlan(agreement, plan) for agreement, plan in found if plan is not None)
