"""Foresee the end of sending: of a draft that would be released now, or of a release on its way,
and whether every notice leaves before the last instant that keeps its clocks. Reads only."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.plan_release import ReleasePlan
from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.sending_days import Commencement, latest_sending_before
from subnotify.rules.sending_estimates import (
    LatestSending,
    SendingEstimate,
    SendingLimits,
    SendingVerdict,
    Waiting,
    estimate_sending,
    judge_end,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.storage.concerned_lists import load_terms
from subnotify.storage.mail_queue import QueuePause, find_pause
from subnotify.storage.outbox import count_by_state
from subnotify.storage.planning import list_by_terms
from subnotify.storage.releases import Release, get_release
from subnotify.storage.sending_forecasts import (
    AnnouncedChange,
    WaitingTerms,
    count_draft_mails,
    list_announced_changes,
    list_waiting_agreements,
    list_waiting_terms,
)
from subnotify.storage.sending_pauses import find_release_pause
from subnotify.storage.sending_progress import (
    ON_THEIR_WAY,
    ReleaseProgress,
    count_largest_domain,
    count_release,
    measure_speed,
)

NAMED_AT_MOST = 20
# By terms and changes: what one look computed the next one need not. Emptied when it grows large.
_LATEST: dict[Hashable, datetime | None] = {}
_REMEMBERED_AT_MOST = 50_000


@dataclass(frozen=True)
class NamedAgreement:
    """An agreement whose notice may leave too late. before_at: by when it had to (exclusive)."""

    id: int
    client_name: str
    reference: str
    before_at: datetime


@dataclass(frozen=True)
class DraftSending:
    """What sending a draft takes if it is released now. others: mails that wait already. named:
    some of those at risk."""

    mails: int
    others: int
    estimate: SendingEstimate
    verdict: SendingVerdict
    limits: SendingLimits
    named: tuple[NamedAgreement, ...]


@dataclass(frozen=True)
class ReleaseSending:
    """A release on its way. estimate: as if nothing is held back; a pause of the release or of
    the whole queue puts it off. late_from_start: agreements that legal confirmed as late.

    named: some of those at risk, and of those missed.
    """

    release: Release
    progress: ReleaseProgress
    paused_at: datetime | None
    paused_by: str
    paused_because: str
    queue_pause: QueuePause | None
    estimate: SendingEstimate
    verdict: SendingVerdict
    rate: float | None
    limits: SendingLimits
    late_from_start: int
    named: tuple[NamedAgreement, ...]

    @property
    def is_held_back(self) -> bool:
        return self.paused_at is not None or self.queue_pause is not None

    @property
    def is_moving(self) -> bool:
        """Something is on its way and nothing holds it back."""
        return self.progress.is_on_its_way and not self.is_held_back


def foresee_draft(
    session: Session, plan: ReleasePlan, limits: SendingLimits, *, at: datetime
) -> DraftSending:
    """What sending takes if the draft of this plan is released at `at`, behind what is queued."""
    mails, largest = count_draft_mails(session, plan.notified_ids, plan.on)
    others = _on_their_way(session)
    waiting = Waiting(mails, others, largest)
    estimate = estimate_sending(waiting, limits, measure_speed(session, at=at), at=at)
    deadlines = [
        LatestSending(x.plan.sending_before, x.agreements, x.digest)
        for x in plan.terms
        if x.digest is not None
        and x.plan is not None
        and x.plan.sending_before is not None
        # The plan says of the others that they are late, whenever the notice is sent.
        and x.plan.sending_before > at
    ]
    verdict = judge_end(deadlines, estimate.ends_at, at=at)
    by_digest = {x.digest: x.before_at for x in verdict.at_risk}
    agreements = list_by_terms(
        session, plan.notified_ids, list(by_digest)[:NAMED_AT_MOST], plan.on, limit=NAMED_AT_MOST
    )
    named = tuple(
        NamedAgreement(x.id, x.client_name, x.reference, by_digest[x.digest]) for x in agreements
    )
    return DraftSending(mails, others, estimate, verdict, limits, named)


def foresee_release(
    session: Session, release_id: int, limits: SendingLimits, *, zone: ZoneInfo, at: datetime
) -> ReleaseSending:
    """How far a release has come at `at`, and when its notices will have left. zone: the
    vendor's, in which commencement begins. Raises NotFound."""
    release = get_release(session, release_id)
    progress = count_release(session, release_id)
    pause = find_release_pause(session, release_id)
    mails = progress.notice_mails
    largest = count_largest_domain(session) if limits.per_domain_per_minute else 0
    waiting = Waiting(
        mails.left,
        max(0, _on_their_way(session) - mails.on_their_way),
        largest,
        mails.last_due_at if mails.deferred else None,
    )
    speed = measure_speed(session, at=at)
    estimate = estimate_sending(waiting, limits, speed, at=at)
    known = _deadlines(session, release, zone) if mails.left else []
    late = [x for x in known if release.released_at and x.before_at <= release.released_at]
    verdict = judge_end((x for x in known if x not in late), estimate.ends_at, at=at)
    return ReleaseSending(
        release=release,
        progress=progress,
        paused_at=pause.at if pause else None,
        paused_by=pause.by if pause else "",
        paused_because=pause.because if pause else "",
        queue_pause=find_pause(session),
        estimate=estimate,
        verdict=verdict,
        rate=speed.rate,
        limits=limits,
        late_from_start=sum(x.agreements for x in late),
        named=_named(session, release_id, verdict),
    )


def _on_their_way(session: Session) -> int:
    counts = count_by_state(session)
    return sum(counts.get(state, 0) for state in ON_THEIR_WAY)


def _deadlines(session: Session, release: Release, zone: ZoneInfo) -> list[LatestSending]:
    """By when the notices that have not left must leave, by terms; without those whose dates
    cannot be computed or that no change of the release gives a clock."""
    waiting = list_waiting_terms(session, release.id)
    changes = list_announced_changes(session, release.id)
    is_emergency = bool(release.texts.emergency.by_language)
    clocks = _Clocks(changes, zone, is_emergency=is_emergency)
    latest = clocks.latest(session, waiting)
    return [
        LatestSending(before_at, x.agreements, x.digest)
        for x in waiting
        if (before_at := latest[x.digest]) is not None
    ]


class _Clocks:
    """Latest instants of sending, kept by terms for the changes of a release as they are now."""

    def __init__(
        self, changes: Sequence[AnnouncedChange], zone: ZoneInfo, *, is_emergency: bool
    ) -> None:
        self._changes = changes
        self._zone = zone
        self._is_emergency = is_emergency
        dated = tuple((change.id, change.commencement_on) for change in changes)
        self._key = (dated, zone.key, is_emergency)

    def latest(
        self, session: Session, waiting: Iterable[WaitingTerms]
    ) -> Mapping[str, datetime | None]:
        if len(_LATEST) > _REMEMBERED_AT_MOST:
            _LATEST.clear()
        groups = list(waiting)
        unknown = [x for x in groups if (x.digest, self._key) not in _LATEST]
        terms = load_terms(session, (x.terms_id for x in unknown))
        for group in unknown:
            _LATEST[group.digest, self._key] = self._of_terms(terms[group.terms_id])
        return {x.digest: _LATEST[x.digest, self._key] for x in groups}

    def _of_terms(self, terms: NoticeTerms) -> datetime | None:
        """The first of all changes: an agreement is taken to be concerned by all of them."""
        if not_computable(terms) is not None:
            return None
        found = [self._of_change(terms, change) for change in self._changes]
        return min((x for x in found if x is not None), default=None)

    def _of_change(self, terms: NoticeTerms, change: AnnouncedChange) -> datetime | None:
        own = terms_for_change(terms, change.facts)
        if change.kind not in own.changes_covered:
            return None
        commencement = Commencement(change.commencement_on, self._zone, self._is_emergency)
        try:
            calendar = get_calendar(own.counting.holiday_calendar)
            return latest_sending_before(own, calendar, commencement)
        except TermsNotComputable:
            return None


def _named(
    session: Session, release_id: int, verdict: SendingVerdict
) -> tuple[NamedAgreement, ...]:
    by_digest = {x.digest: x.before_at for x in (*verdict.missed, *verdict.at_risk)}
    if not by_digest:
        return ()
    agreements = list_waiting_agreements(session, release_id, by_digest, limit=NAMED_AT_MOST)
    return tuple(
        NamedAgreement(x.id, x.client_name, x.reference, by_digest[x.digest]) for x in agreements
    )
