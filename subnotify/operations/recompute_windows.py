"""Compute running windows anew when holidays or time zones are known better than before.

What comes out is kept as a proposal. Nothing is changed here: legal applies what gives the client
more time (`apply_recomputation`), and nothing ever takes any.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import VERSIONS, UnknownCalendar, get_calendar
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NoticeTooLate, TermsNotComputable
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.recomputations import (
    Recomputed,
    compare_windows,
    compute_anew,
    most_urgent,
)
from subnotify.rules.steps import Step, StepKind
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.windows import (
    Window,
    is_from_receipt,
    started_at,
    window_from_mapping,
    window_key,
)
from subnotify.storage.recomputations import (
    NewProposal,
    ProposedWindow,
    append_proposals,
    list_notices_to_recompute,
    list_running_windows,
    outdate_proposals,
    proposed_to_mapping,
)
from subnotify.storage.servings import load_announced

ACTOR = "job:recompute_windows"
CHUNK = 500
CalendarOf = Callable[[str], HolidayCalendar]


@dataclass
class RecomputationReport:
    """Notices by what their recomputation gave; outdated: proposals nobody need decide."""

    found: Counter[Recomputed] = field(default_factory=Counter)
    outdated: int = 0


def recompute_windows(
    session: Session,
    *,
    versions: str = VERSIONS,
    calendar_of: CalendarOf = get_calendar,
    actor: str = ACTOR,
    at: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> RecomputationReport:
    """Recompute every running window that was computed with other data; what came of it.

    versions: of holidays and time zones as they are now; calendar_of gives their calendars. Each
    window is computed from the trigger and the terms version it was computed from. One that stays
    as it is is kept too, so that nothing is computed twice: where nothing changed, a run is one
    query. `stop` is asked between chunks.
    """
    report = RecomputationReport()
    with transaction(session):
        report.outdated = outdate_proposals(session, versions=versions)
    engine = _Engine(calendar_of)
    after_id = 0
    while not stop():
        with transaction(session):
            ids = list_notices_to_recompute(session, versions, after_id=after_id, limit=CHUNK)
            if not ids:
                return report
            after_id = ids[-1]
            proposals = _recompute(session, engine, ids, versions)
            kept = append_proposals(session, proposals, at=at)
            _append_evidence(session, proposals, kept, actor, at)
            report.found.update(x.kind for x in proposals)
    return report


class _Engine:
    """Computes a window once for all notices with the same terms, day and calendar."""

    def __init__(self, calendar_of: CalendarOf) -> None:
        self._calendar_of = calendar_of
        self._terms: dict[str, NoticeTerms] = {}
        self._windows: dict[Hashable, Window] = {}

    def terms(self, row: Row[Any]) -> NoticeTerms:
        if row.digest not in self._terms:
            self._terms[row.digest] = terms_from_mapping(row.terms)
        return self._terms[row.digest]

    def window(
        self, terms_key: Hashable, terms: NoticeTerms, running: Window, trigger_at: datetime
    ) -> Window:
        commences = tuple(step for step in running.steps if step.kind is StepKind.COMMENCES)
        key = (
            *(terms_key, commences, is_from_receipt(running)),
            window_key(terms, trigger_at, _day(commences)),
        )
        if key not in self._windows:
            calendar = self._calendar_of(terms.counting.holiday_calendar)
            self._windows[key] = compute_anew(terms, running, trigger_at, calendar)
        return started_at(self._windows[key], trigger_at)


def _day(steps: Sequence[Step]) -> date | None:
    return steps[0].day if steps else None


def _recompute(
    session: Session, engine: _Engine, notice_ids: Sequence[int], versions: str
) -> list[NewProposal]:
    rows = list_running_windows(session, notice_ids)
    ruled = {row.change_id for row in rows if engine.terms(row).notice_rules}
    announced = load_announced(session, ruled) if ruled else {}
    windows: dict[int, list[ProposedWindow]] = defaultdict(list)
    for alike in _alike(rows, engine):
        windows[alike[0].notice_id].append(_compare(engine, alike, announced))
    return [_proposal(notice_id, found, versions) for notice_id, found in windows.items()]


def _alike(rows: Sequence[Row[Any]], engine: _Engine) -> list[list[Row[Any]]]:
    """The cases of a notice that share a window and the terms it was computed from."""
    groups: dict[Hashable, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        rules = bool(engine.terms(row).notice_rules)
        own = row.change_id if rules else None
        groups[row.notice_id, window_from_mapping(row.window), own].append(row)
    return list(groups.values())


def _compare(
    engine: _Engine, alike: Sequence[Row[Any]], announced: Mapping[int, SubprocessorFacts]
) -> ProposedWindow:
    row = alike[0]
    case_ids = tuple(one.id for one in alike)
    terms, running = engine.terms(row), window_from_mapping(row.window)
    key: Hashable = row.digest
    if terms.notice_rules:
        terms = terms_for_change(terms, announced[row.change_id])
        key = (row.digest, row.change_id)
    try:
        computed = engine.window(key, terms, running, row.served_at)
    except (TermsNotComputable, NoticeTooLate, UnknownCalendar) as error:
        reason = error.reason if isinstance(error, TermsNotComputable) else type(error).__name__
        return ProposedWindow(case_ids, Recomputed.FAILED, running, None, failure=reason)
    kind = compare_windows(running, computed)
    return ProposedWindow(case_ids, kind, running, computed)


def _proposal(notice_id: int, windows: Sequence[ProposedWindow], versions: str) -> NewProposal:
    """What differs is shown; of what does not, only the fact is kept."""
    return NewProposal(
        notice_id,
        old_versions=", ".join(sorted({x.old.versions for x in windows}))[:200],
        new_versions=versions,
        kind=most_urgent([x.kind for x in windows]),
        windows=tuple(x for x in windows if x.kind is not Recomputed.SAME),
    )


def _append_evidence(
    session: Session,
    proposals: Sequence[NewProposal],
    kept: Mapping[int, int],
    actor: str,
    at: datetime,
) -> None:
    facts = [
        NewEvidence(
            "window_recomputation_proposed",
            "notice",
            x.notice_id,
            {
                "proposal": kept[x.notice_id],
                "old_versions": x.old_versions,
                "new_versions": x.new_versions,
                "windows": [proposed_to_mapping(one) for one in x.windows],
            },
        )
        for x in proposals
        if x.kind is not Recomputed.SAME
    ]
    append_evidence_many(session, facts, actor=actor, at=at)
