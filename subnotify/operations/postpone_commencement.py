"""Let an announced change commence later than announced: a plain information, never a new notice.

Bringing commencement forward is a new release. Windows that end with commencement, or are counted
back from it, are computed anew for their cases, and only ever grow.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.queue_messages import queue_postponed
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.cases import grown_window
from subnotify.rules.errors import MoveNotAllowed, NoticeTooLate, ProblemsFound, RuleError
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.publication_gaps import transfer_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.terms_checks import has_window
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.windows import (
    Window,
    compute_window,
    is_from_receipt,
    needs_commencement,
    window_from_mapping,
    window_to_mapping,
)
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.operators import Operator
from subnotify.storage.postponements import (
    list_running,
    list_told_of_postponement,
    list_too_late,
)
from subnotify.storage.releases import get_released_change
from subnotify.storage.tables import CaseRow, ChangeRow

CHUNK = 500


class NotPostponed(RuleError):
    message = (
        "Choose a day after the announced one (%(day)s). Bringing commencement forward is a new"
        " release with new windows."
    )


def postpone_commencement(
    session: Session,
    release_id: int,
    change_id: int,
    commencement_on: date,
    *,
    reason: str,
    by: Operator,
    at: datetime,
) -> int:
    """Set a later day for one change and tell its clients; how many windows grew.

    A notice that came too late for its window may be in time for the later day: it is judged
    anew. Raises NotPostponed, ReasonMissing, MoveNotAllowed for a change that has commenced or was
    withdrawn, ProblemsFound where a transfer basis ends before the later day, NotFound.
    """
    said = written_reason(reason)
    actor = f"operator:{by.id}"
    with transaction(session):
        row = get_released_change(session, release_id, change_id)
        before_on = row.commencement_on
        refuse_postponement(session, row, commencement_on)
        row.commencement_on = commencement_on
        session.flush()
        grown = _grow_windows(session, row, actor, at)
        serve_notices(session, list_too_late(session, change_id), actor=actor, at=at)
        queue_postponed(session, list_told_of_postponement(session, change_id), at=at)
        append_evidence(
            session,
            "commencement_postponed",
            actor=actor,
            object_type="change",
            object_id=change_id,
            content={
                "before_on": before_on,
                "commencement_on": commencement_on,
                "reason": said,
                "windows": {str(x): window_to_mapping(window) for x, window in grown.items()},
            },
            at=at,
        )
    return len(grown)


def refuse_postponement(session: Session, change: ChangeRow, on: date) -> None:
    """Raises NotPostponed, MoveNotAllowed, ProblemsFound as `postpone_commencement` does."""
    if change.state != ChangeState.RELEASED.value:
        raise MoveNotAllowed(reason="The change is not announced any more.")
    if change.commencement_on is not None and on <= change.commencement_on:
        raise NotPostponed(day=change.commencement_on.isoformat())
    _refuse_unlawful(session, change, on)


def _refuse_unlawful(session: Session, change: ChangeRow, on: date) -> None:
    """Raises ProblemsFound where a location has no lawful transfer basis on the later day."""
    if change.kind == ChangeKind.REMOVAL:
        return
    assessed = EntryAssessor(session).assess(facts_from_mapping(change.facts or {}), on=on)
    problems = transfer_gaps(assessed, "commencement_on")
    if problems:
        raise ProblemsFound(problems)


def _grow_windows(
    session: Session, change: ChangeRow, actor: str, at: datetime
) -> dict[int, Window]:
    """The windows of open cases that hang on commencement, by case, as they run from now on."""
    announced = facts_from_mapping(change.facts or {})
    grown: dict[int, Window] = {}
    ends: list[dict[str, Any]] = []
    for case in list_running(session, change.id):
        window = longer_window(case, announced, change.commencement_on)
        if window is None:
            continue
        grown[case.id] = window
        ends.append(
            {
                "id": case.id,
                "window": window_to_mapping(window),
                "closes_at": max(window.closes_at, case.closes_at),
                "silence_after_at": max(window.silence_after_at, case.silence_after_at),
            }
        )
    for part in _chunks(ends):
        session.execute(update(CaseRow), part)
        apply_standings(session, [one["id"] for one in part], actor=actor, at=at)
    return grown


def longer_window(
    case: Row[Any], announced: SubprocessorFacts, commencement_on: date | None
) -> Window | None:
    """The window for the later day; None where it does not hang on it, or would not grow."""
    terms = terms_for_change(terms_from_mapping(case.terms), announced)
    if not has_window(terms) or not needs_commencement(terms):
        return None
    old = window_from_mapping(case.window)
    calendar = get_calendar(terms.counting.holiday_calendar)
    try:
        computed = compute_window(
            terms,
            case.served_at,
            calendar,
            commencement_on=commencement_on,
            from_receipt=is_from_receipt(old),
        )
    except NoticeTooLate:
        return None
    window = grown_window(old, computed)
    return window if window.closes_at > old.closes_at else None


def _chunks(rows: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
