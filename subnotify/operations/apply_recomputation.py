"""Legal's decision on windows computed anew: give the longer one, or leave things as they are.

The path is that of an extension: windows only grow, each case keeps the latest end it ever had,
closed cases are never touched, and the client is told of every later deadline.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import (
    NewEvidence,
    append_evidence,
    append_evidence_many,
)
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.explain_window import explain_window
from subnotify.operations.queue_messages import queue_longer_deadline
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.recomputations import (
    MAY_BE_APPLIED,
    ProposalState,
    Recomputed,
    lengthened,
)
from subnotify.rules.windows import Window, window_from_mapping, window_to_mapping
from subnotify.rules.words import NoticeState
from subnotify.storage.recomputations import (
    ProposedWindow,
    ToldDeadline,
    lock_proposals,
    notices_of_proposals,
    proposed_windows,
    told_to_list,
)
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import CaseRow, NoticeRow, WindowProposalRow

CHUNK = 200


class ShorterStays(RuleError):
    message = "This would not give the client more time. The window stays: windows only grow."


class AlreadyDecided(RuleError):
    message = "This was decided before."


@dataclass
class Applied:
    """What was applied.

    notices: whose windows grew; cases: that got a later deadline (their clients are told);
    closed_cases: of these notices, closed meanwhile and left alone; outdated: proposals whose
    notice was served anew, is no longer served, or has no running case any more; decided: those
    on which somebody decided before.
    """

    notices: int = 0
    cases: int = 0
    closed_cases: int = 0
    outdated: int = 0
    decided: int = 0


@dataclass
class _Growth:
    """What one proposal does to the cases of its notice."""

    proposal: WindowProposalRow
    cases: list[dict[str, Any]] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    notice_window: Window | None = None
    told: list[ToldDeadline] = field(default_factory=list)
    closed: int = 0


def apply_recomputations(
    session: Session, proposal_ids: Collection[int], *, by: str, actor: str, at: datetime
) -> Applied:
    """Give the clients of these proposals the longer windows, and queue the mails that say so.

    What was decided, or overtaken by events, is counted and left alone, so a second click does
    nothing. Raises ShorterStays for a proposal that would not give more time (nothing is applied
    from its chunk of notices then).
    """
    done = Applied()
    ids = sorted(set(proposal_ids))
    for start in range(0, len(ids), CHUNK):
        with transaction(session):
            _apply_chunk(session, ids[start : start + CHUNK], done, by, actor, at)
    return done


def dismiss_recomputation(
    session: Session, proposal_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """Leave the window as it runs, with the reason. Raises ReasonMissing, AlreadyDecided,
    NotFound."""
    reason = written_reason(note)
    with transaction(session):
        row = _locked(session, proposal_id)
        if row.state != ProposalState.PROPOSED:
            raise AlreadyDecided
        _decide(row, ProposalState.DISMISSED, by, at)
        row.note = reason
        append_evidence(
            session,
            "window_recomputation_dismissed",
            actor=actor,
            object_type="notice",
            object_id=row.notice_id,
            content={"proposal": row.id, "kind": row.kind, "reason": reason, "by": by},
            at=at,
        )


def _locked(session: Session, proposal_id: int) -> WindowProposalRow:
    row = next(iter(lock_proposals(session, [proposal_id])), None)
    if row is None or row.state == ProposalState.SAME:
        raise NotFound
    return row


def _decide(row: WindowProposalRow, state: ProposalState, by: str, at: datetime) -> None:
    row.state, row.decided_at, row.decided_by = state.value, at, by


def _apply_chunk(
    session: Session, ids: Sequence[int], done: Applied, by: str, actor: str, at: datetime
) -> None:
    notice_ids = notices_of_proposals(session, ids)
    notices = {row.id: row for row in lock_notices(session, notice_ids)}
    cases = _lock_cases(session, notice_ids)
    growths = []
    for row in lock_proposals(session, ids):
        if row.state != ProposalState.PROPOSED:
            done.decided += 1
            continue
        if Recomputed(row.kind) not in MAY_BE_APPLIED:
            raise ShorterStays
        growth = _growth(row, notices[row.notice_id], cases.get(row.notice_id, []))
        done.closed_cases += growth.closed
        if not growth.cases:
            _decide(row, ProposalState.OUTDATED, by, at)
            done.outdated += 1
            continue
        _decide(row, ProposalState.APPLIED, by, at)
        row.told = told_to_list(growth.told)
        growths.append(growth)
    _write(session, growths, by, actor, at)
    done.notices += len(growths)
    done.cases += sum(len(x.told) for x in growths)


def _lock_cases(session: Session, notice_ids: Sequence[int]) -> Mapping[int, list[CaseRow]]:
    rows = session.scalars(
        select(CaseRow)
        .where(CaseRow.notice_id.in_(notice_ids))
        .order_by(CaseRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[CaseRow]] = {}
    for row in rows:
        found.setdefault(row.notice_id, []).append(row)
    return found


def _growth(row: WindowProposalRow, notice: Any, cases: Sequence[CaseRow]) -> _Growth:
    """What the proposal changes now: nothing where the notice no longer runs the old window."""
    growth = _Growth(row)
    if notice.state != NoticeState.SERVED or notice.window is None:
        return growth
    by_id = {case.id: case for case in cases}
    for proposed in proposed_windows(row):
        if proposed.new is None or proposed.kind not in MAY_BE_APPLIED:
            continue
        longer = lengthened(proposed.old, proposed.new)
        running = [
            by_id[x]
            for x in proposed.case_ids
            if x in by_id and _runs(by_id[x], notice, proposed.old)
        ]
        open_cases = [case for case in running if case.outcome is None]
        growth.closed += len(running) - len(open_cases)
        if open_cases:
            growth.windows.append(longer)
        _add(growth, proposed, longer, open_cases, cases)
    return growth


def _runs(case: CaseRow, notice: Any, old: Window) -> bool:
    stored = case.window or notice.window
    return case.closes_at is not None and window_from_mapping(stored) == old


def _add(
    growth: _Growth,
    proposed: ProposedWindow,
    longer: Window,
    open_cases: Sequence[CaseRow],
    cases: Sequence[CaseRow],
) -> None:
    """The new dates of these cases. The notice's own window grows only if no other case (a closed
    one, say) counts by it; else each case gets a window of its own."""
    sharing = {case.id for case in cases if case.window is None and case.closes_at is not None}
    takes_notice = bool(sharing) and sharing <= {case.id for case in open_cases}
    if takes_notice:
        growth.notice_window = longer
    for case in open_cases:
        before = case.closes_at or proposed.old.closes_at
        closes_at = max(before, longer.closes_at)
        silence = max(case.silence_after_at or longer.silence_after_at, longer.silence_after_at)
        own = case.window is not None or not takes_notice
        growth.cases.append(
            {
                "id": case.id,
                "closes_at": closes_at,
                "silence_after_at": silence,
                "window": window_to_mapping(longer) if own else None,
            }
        )
        if closes_at > before:
            growth.told.append(ToldDeadline(case.id, before, closes_at))


def _write(session: Session, growths: Sequence[_Growth], by: str, actor: str, at: datetime) -> None:
    session.flush()
    changed = [case for growth in growths for case in growth.cases]
    if not changed:
        return
    session.execute(update(CaseRow), changed)
    grown = [
        {"id": x.proposal.notice_id, "window": window_to_mapping(x.notice_window)}
        for x in growths
        if x.notice_window is not None
    ]
    if grown:
        session.execute(update(NoticeRow), grown)
    _append_evidence(session, growths, by, actor, at)
    apply_standings(session, [case["id"] for case in changed], actor=actor, at=at)
    queue_longer_deadline(session, [x.proposal.id for x in growths if x.told], at=at)


def _append_evidence(
    session: Session, growths: Sequence[_Growth], by: str, actor: str, at: datetime
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                "window_recomputed",
                "notice",
                x.proposal.notice_id,
                {
                    "proposal": x.proposal.id,
                    "old_versions": x.proposal.old_versions,
                    "new_versions": x.proposal.new_versions,
                    "windows": [
                        {"window": window_to_mapping(one), "explanation": explain_window(one)}
                        for one in x.windows
                    ],
                    "cases": x.cases,
                    "by": by,
                },
            )
            for x in growths
        ],
        actor=actor,
        at=at,
    )
