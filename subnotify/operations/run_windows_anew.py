"""Run the windows of single cases in full again, from now. Windows only grow (DESIGN section 3)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.case_windows import CaseWindows
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.case_holds import accepts
from subnotify.rules.cases import grown_window
from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.windows import Window
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.servings import list_cases_of, lock_notices


def run_windows_anew(
    session: Session, case_ids: Iterable[int], *, actor: str, at: datetime
) -> list[int]:
    """Give each of these cases a full window from `at`, inside the caller's transaction; the ids
    of those that got a later end.

    One with an outcome, without a window, or whose client has accepted expressly keeps what it
    has; so does one whose terms count back from a day that leaves no room.
    """
    session.flush()
    ids = sorted(set(case_ids))
    facts = load_case_facts(session, ids, at=at)
    grown = {}
    for case_id in ids:
        window = _window_from(session, case_id, facts[case_id], at)
        if window is not None:
            grown[case_id] = window
    append_evidence_many(
        session,
        [
            NewEvidence(
                "window_extended",
                "case",
                case_id,
                {
                    "last_day": window.last_day,
                    "closes_at": window.closes_at,
                    "silence_after_at": window.silence_after_at,
                },
            )
            for case_id, window in grown.items()
        ],
        actor=actor,
        at=at,
    )
    return list(grown)


def _window_from(session: Session, case_id: int, facts: CaseFacts, at: datetime) -> Window | None:
    """The window that the case has got; None where it keeps the one it has."""
    if facts.outcome is not None or facts.window is None or accepts(facts):
        return None
    case = lock_case(session, case_id)
    (notice,) = lock_notices(session, [case.notice_id])
    rows = [x for x in list_cases_of(session, [case.notice_id]) if x.id == case_id]
    windows = CaseWindows()
    if windows.terms(notice) is None:
        return None
    windows.learn_changes(session, {case.change_id})
    try:
        fresh = windows.case_windows(notice, at, rows).get(case_id)
    except NoticeTooLate:
        return None
    if fresh is None or fresh.closes_at <= facts.window.closes_at:
        return None
    grown = grown_window(facts.window, fresh)
    case.closes_at, case.silence_after_at = grown.closes_at, grown.silence_after_at
    session.flush()
    return grown
