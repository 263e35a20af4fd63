"""Extend the window of one case and tell its client. Windows only grow (DESIGN section 3)."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_messages import queue_extended
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import NotFound, NoticeNotServed, OutcomeRecorded, RuleError
from subnotify.rules.windows import Window, extend_window
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import CaseRow

LONGEST_EXTENSION_DAYS = 366


class LastDayNotLater(RuleError):
    message = "A window only grows. Give a last day after %(last_day)s."


class LastDayTooFar(RuleError):
    message = "This is more than a year after the present last day. Check the date."


def extend_case_window(
    session: Session,
    case_id: int,
    last_day: date,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Give one case a later last day (in the agreement's zone); its grace moves along. A mail of
    its own tells the client, whose calendar gets the later day.

    Raises LastDayNotLater, LastDayTooFar, NoticeNotServed (no window runs), OutcomeRecorded,
    ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        case = lock_case(session, case_id)
        window, longer = _longer(session, case_id, last_day, at)
        before_at, case.closes_at = window.closes_at, longer.closes_at
        case.silence_after_at = max(longer.silence_after_at, window.silence_after_at)
        _append_extended(session, case, last_day, {"note": reason, "by": by}, actor, at)
        apply_standings(session, [case_id], actor=actor, at=at)
        queue_extended(session, case_id, before_at=before_at, closes_at=longer.closes_at, at=at)


def longer_end(
    session: Session, case_id: int, last_day: date, *, at: datetime
) -> tuple[datetime, datetime]:
    """The end that the client was told and the one that this last day would give. Reads only.

    Raises as `extend_case_window`.
    """
    window, longer = _longer(session, case_id, last_day, at)
    return window.closes_at, longer.closes_at


def _longer(session: Session, case_id: int, last_day: date, at: datetime) -> tuple[Window, Window]:
    facts = load_case_facts(session, [case_id], at=at).get(case_id)
    if facts is None:
        raise NotFound
    if facts.outcome is not None:
        raise OutcomeRecorded
    window, terms = facts.window, facts.terms
    if window is None or terms is None:
        raise NoticeNotServed
    _require_later(last_day, window)
    calendar = get_calendar(terms.counting.holiday_calendar)
    return window, extend_window(terms, window, last_day, calendar)


def _require_later(last_day: date, window: Window) -> None:
    if last_day <= window.last_day:
        raise LastDayNotLater(last_day=window.last_day.isoformat())
    if (last_day - window.last_day).days > LONGEST_EXTENSION_DAYS:
        raise LastDayTooFar


def _append_extended(
    session: Session, case: CaseRow, last_day: date, said: dict[str, str], actor: str, at: datetime
) -> None:
    append_evidence(
        session,
        "window_extended",
        actor=actor,
        object_type="case",
        object_id=case.id,
        content={
            "last_day": last_day,
            "closes_at": case.closes_at,
            "silence_after_at": case.silence_after_at,
            **said,
        },
        at=at,
    )
