"""Decides whether notices are served, and opens the windows of their cases."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.rules.cases import grown_window
from subnotify.rules.serving import Serving, judge_served_notice, judge_serving
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import (
    Window,
    compute_window,
    started_at,
    window_from_mapping,
    window_to_mapping,
)
from subnotify.rules.words import NoticeState
from subnotify.storage.servings import list_cases_of, load_deliveries, lock_notices
from subnotify.storage.tables import CaseRow, NoticeRow

CHUNK = 500


def serve_notices(
    session: Session, notice_ids: Iterable[int], *, actor: str = "job:serve_notices", at: datetime
) -> list[int]:
    """Judge these notices anew from what became of their messages; the ids that newly failed.

    A step of the operation that recorded a hand-over, a refusal, a proof or a bounce, inside its
    transaction. A served notice stays served, whatever further proof comes: its window never
    moves to an earlier day. Only a bounce withdraws it; served anew, its window only grows.
    """
    ids = sorted(set(notice_ids))
    failed: list[int] = []
    terms = _TermsCache()
    for start in range(0, len(ids), CHUNK):
        failed += _serve(session, ids[start : start + CHUNK], terms, actor, at)
    return failed


class _TermsCache:
    """Terms and windows, read and computed once for all agreements with the same terms."""

    def __init__(self) -> None:
        self._terms: dict[str, NoticeTerms] = {}
        self._windows: dict[tuple[str, date], Window] = {}

    def terms(self, row: Row[Any]) -> NoticeTerms | None:
        if row.digest is None:
            return None
        if row.digest not in self._terms:
            self._terms[row.digest] = terms_from_mapping(row.terms)
        return self._terms[row.digest]

    def window(self, row: Row[Any], trigger_at: datetime) -> Window:
        terms = self._terms[row.digest]
        day = trigger_at.astimezone(zone_of(terms.counting.time_zone)).date()
        key = (row.digest, day)
        if key not in self._windows:
            calendar = get_calendar(terms.counting.holiday_calendar)
            self._windows[key] = compute_window(terms, trigger_at, calendar)
        return started_at(self._windows[key], trigger_at)


def _serve(
    session: Session, ids: Sequence[int], cache: _TermsCache, actor: str, at: datetime
) -> list[int]:
    session.flush()
    deliveries = load_deliveries(session, ids)
    changed: dict[int, Serving] = {}
    windows: dict[int, Window] = {}
    failed = []
    for row in lock_notices(session, ids):
        judge = judge_served_notice if row.state == NoticeState.SERVED else judge_serving
        serving = judge(cache.terms(row), deliveries.get(row.id, []))
        if not _is_news(row, serving):
            continue
        changed[row.id] = serving
        if serving.trigger_at is not None:
            old = window_from_mapping(row.window) if row.window else None
            windows[row.id] = grown_window(old, cache.window(row, serving.trigger_at))
        if serving.state is NoticeState.NOT_SERVED:
            failed.append(row.id)
    if changed:
        _write_notices(session, changed, windows)
        _append_evidence(session, changed, windows, actor, at)
        cases = list_cases_of(session, list(changed))
        _write_windows(session, cases, windows)
        apply_standings(session, [case.id for case in cases], actor=actor, at=at)
    return failed


def _is_news(row: Row[Any], serving: Serving) -> bool:
    if row.state == NoticeState.SERVED and serving.state is not NoticeState.NOT_SERVED:
        return False
    return (row.state, row.failure_reason, row.dispatched_at) != (
        serving.state,
        serving.failure,
        serving.dispatched_at,
    )


def _write_notices(
    session: Session, changed: dict[int, Serving], windows: dict[int, Window]
) -> None:
    session.execute(
        update(NoticeRow),
        [
            {
                "id": notice_id,
                "state": serving.state.value,
                "served_at": serving.trigger_at,
                "served_proof": serving.proof.value if serving.proof else None,
                "dispatched_at": serving.dispatched_at,
                "failure_reason": serving.failure.value if serving.failure else None,
                "failure": serving.failure_text or None,
            }
            for notice_id, serving in changed.items()
        ],
    )
    if windows:
        session.execute(
            update(NoticeRow),
            [{"id": x, "window": window_to_mapping(window)} for x, window in windows.items()],
        )


def _write_windows(session: Session, cases: Sequence[Row[Any]], windows: dict[int, Window]) -> None:
    """The window of each case; an end that a person granted later, or that ran before, stays."""
    opened = [case for case in cases if case.notice_id in windows]
    if opened:
        session.execute(
            update(CaseRow),
            [_case_window(case, windows[case.notice_id]) for case in opened],
        )


def _case_window(case: Row[Any], window: Window) -> dict[str, Any]:
    return {
        "id": case.id,
        "opens_at": window.opens_at,
        "closes_at": max(window.closes_at, case.closes_at or window.closes_at),
        "silence_after_at": max(
            window.silence_after_at, case.silence_after_at or window.silence_after_at
        ),
    }


def _append_evidence(
    session: Session,
    changed: dict[int, Serving],
    windows: dict[int, Window],
    actor: str,
    at: datetime,
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                f"notice_{serving.state.value}",
                "notice",
                notice_id,
                {
                    "trigger_at": serving.trigger_at,
                    "proof": serving.proof,
                    "failure": serving.failure,
                    "failure_text": serving.failure_text,
                    "window": window_to_mapping(windows[notice_id])
                    if notice_id in windows
                    else None,
                },
            )
            for notice_id, serving in changed.items()
        ],
        actor=actor,
        at=at,
    )
