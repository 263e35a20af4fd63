"""Preview a draft release: who gets a notice under which terms, by when, and what stands in the
way. Reads only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.expected_windows import ExpectedWindows
from subnotify.operations.list_unprintable import Unprintable, list_unprintable
from subnotify.operations.plan_release import (
    AgreementPlan,
    ReleasePlan,
    list_late,
    plan_groups,
    plan_of,
)
from subnotify.operations.preview_countries import BlockedChange, list_blocked_changes
from subnotify.operations.release_checks import DraftedRelease, load_draft
from subnotify.rules.channels import POSTAL_CHANNELS, NoticeChannels, notice_channels
from subnotify.rules.errors import Problem
from subnotify.rules.planning import TermsPlan
from subnotify.rules.release_plans import PlannedTerms
from subnotify.rules.releases import (
    ReleaseChange,
    next_number,
    release_problems,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window
from subnotify.storage.concerned_lists import (
    ConcernedAgreement,
    TermsGroup,
    list_concerned,
    list_groups,
    list_unservable,
)
from subnotify.storage.excluded import ExcludedAgreement, count_excluded, list_excluded
from subnotify.storage.expected_letters import ExpectedLetters, count_letters, list_addressees
from subnotify.storage.releases import (
    Release,
    get_release_row,
    get_vendor_row,
    list_numbers,
    release_of,
)

PAGE_SIZE = 50


@dataclass(frozen=True)
class TermsPreview:
    """Agreements that share notice terms.

    window: what would run if all of them received the notice at the instant of the preview;
    None where the terms are unknown or not computable. plan: likewise.
    """

    terms: NoticeTerms | None
    window: Window | None
    agreements: int
    plan: TermsPlan | None


@dataclass(frozen=True)
class WayPreview:
    """Agreements that get the notice by the same channels and in the same language. hindered: how
    many of them cannot be served or computed."""

    channels: NoticeChannels
    language: str
    agreements: int
    hindered: int


@dataclass(frozen=True)
class AgreementPreview:
    agreement: ConcernedAgreement
    terms: NoticeTerms | None
    window: Window | None
    plan: TermsPlan | None


@dataclass(frozen=True)
class ReleasePreview:
    """What releasing now would do. Counts are over all agreements; `page` and `excluded` hold
    one page each.

    next_number: what the release would be called. unservable, late: what legal has to confirm.
    excluded_without_service, excluded_ended: agreements that get no notice, by reason.
    blocked: changes that go where some agreements allow no processing. letters: how many would be
    printed. unprintable: what they cannot be printed with.
    """

    release: Release
    changes: tuple[ReleaseChange, ...]
    problems: tuple[Problem, ...]
    next_number: str
    groups: tuple[TermsPreview, ...]
    ways: tuple[WayPreview, ...]
    total: int
    page: tuple[AgreementPreview, ...]
    page_number: int
    unservable: tuple[ConcernedAgreement, ...]
    late: tuple[AgreementPlan, ...]
    excluded: tuple[ExcludedAgreement, ...]
    excluded_page_number: int
    excluded_without_service: int
    excluded_ended: int
    blocked: tuple[BlockedChange, ...]
    plan: ReleasePlan
    letters: ExpectedLetters
    unprintable: Unprintable
    on: date

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def excluded_pages(self) -> int:
        return max(1, -(-(self.excluded_without_service + self.excluded_ended) // PAGE_SIZE))

    @property
    def earliest_commencement_on(self) -> date | None:
        """The first day that is lawful for everybody if every notice is received now; None where
        no date can be computed."""
        return self.plan.summary.earliest_on

    @property
    def is_commencement_early(self) -> bool:
        """The chosen day comes before clocks end: the gate will hold the change back."""
        return self.plan.held_back_count > 0

    @property
    def controller_changes(self) -> tuple[ReleaseChange, ...]:
        """Announced on the list; nobody is notified of them."""
        return tuple(change for change in self.changes if not change.is_notified)


def preview_release(
    session: Session,
    release_id: int,
    *,
    zone: ZoneInfo,
    at: datetime,
    page: int = 1,
    excluded_page: int = 1,
    plan_page: int = 1,
) -> ReleasePreview:
    """The preview at `at`; zone: the vendor's; page numbers from 1. Raises NotFound."""
    row = get_release_row(session, release_id)
    vendor = get_vendor_row(session)
    draft = load_draft(session, row, vendor, zone=zone, at=at)
    groups = list_groups(session, draft.notified_ids, draft.on)
    windows = ExpectedWindows(
        session,
        groups,
        at=at,
        commencement_on=draft.texts.commencement_on,
        announced=[change.facts for change in draft.changes if change.is_notified],
    )
    planned = plan_groups(session, draft, groups, zone=zone, at=at, known=windows.known)
    plans = {group.digest: group.plan for group in planned}
    page, excluded_page = max(1, page), max(1, excluded_page)
    listed = list_concerned(
        session, draft.notified_ids, draft.on, limit=PAGE_SIZE, offset=_offset(page)
    )
    excluded = list_excluded(
        session, draft.notified_ids, draft.on, limit=PAGE_SIZE, offset=_offset(excluded_page)
    )
    letters = _letters(session, draft, windows.known.values())
    without_service, ended = count_excluded(session, draft.notified_ids, draft.on)
    return ReleasePreview(
        release=release_of(row),
        changes=draft.changes,
        problems=release_problems(draft.changes, draft.texts, on=draft.on),
        next_number=next_number(draft.on.year, list_numbers(session, draft.on.year)),
        groups=_by_terms(planned, windows),
        ways=_by_way(groups, windows.known),
        total=sum(group.agreements for group in groups),
        page=tuple(
            AgreementPreview(
                x, windows.terms(x.digest), windows.window(x.digest), plans.get(x.digest)
            )
            for x in listed
        ),
        page_number=page,
        unservable=list_unservable(session, draft.notified_ids, draft.on),
        excluded=excluded,
        excluded_page_number=excluded_page,
        excluded_without_service=without_service,
        excluded_ended=ended,
        blocked=list_blocked_changes(
            session,
            draft.changes,
            windows.known,
            on=draft.on,
            commencement_on=draft.texts.commencement_on,
        ),
        plan=plan_of(session, draft, planned, page=plan_page),
        letters=letters,
        unprintable=_unprintable(session, draft) if letters.total else Unprintable(),
        late=list_late(session, draft, planned),
        on=draft.on,
    )


def _letters(
    session: Session, draft: DraftedRelease, known: Iterable[NoticeTerms]
) -> ExpectedLetters:
    by_post = any(
        notice_channels(terms).postal is not None or terms.copy_channels & POSTAL_CHANNELS
        for terms in known
    )
    return count_letters(session, draft.notified_ids, draft.on) if by_post else ExpectedLetters()


def _unprintable(session: Session, draft: DraftedRelease) -> Unprintable:
    return list_unprintable(draft.content, list_addressees(session, draft.notified_ids, draft.on))


def _offset(page: int) -> int:
    return (page - 1) * PAGE_SIZE


def _by_terms(
    planned: Sequence[PlannedTerms], windows: ExpectedWindows
) -> tuple[TermsPreview, ...]:
    """One line per terms, in the order of the plan."""
    return tuple(
        TermsPreview(windows.terms(x.digest), windows.window(x.digest), x.agreements, x.plan)
        for x in planned
    )


def _by_way(
    groups: Iterable[TermsGroup], known: Mapping[str, NoticeTerms]
) -> tuple[WayPreview, ...]:
    """The most frequent first; unknown terms are informed by mail."""
    counts: Counter[tuple[NoticeChannels, str]] = Counter()
    hindered: Counter[tuple[NoticeChannels, str]] = Counter()
    for group in groups:
        terms = known[group.digest] if group.digest is not None else None
        way = (notice_channels(terms), group.language)
        counts[way] += group.agreements
        if group.serving_problem is not None or group.terms_problem is not None:
            hindered[way] += group.agreements
    return tuple(WayPreview(*way, n, hindered[way]) for way, n in counts.most_common())
