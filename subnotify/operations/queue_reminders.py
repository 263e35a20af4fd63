"""Remind clients that have not answered, while their window runs.

A reminder serves no notice, opens no window and moves no date. Each is queued once for a serving
of the notice, to each contact that got it: two runners at once, or a run repeated, double nothing.
Whether it is still of use is asked again when it is sent (`build_mails`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import literal, null
from sqlalchemy.orm import Session

from subnotify.config_mail import ReminderTimes
from subnotify.operations.queue_messages import insert_messages, logical_key
from subnotify.operations.transaction import transaction
from subnotify.rules.reminders import ReminderKind, find_due, plan_reminders
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import CaseState, Channel, MessagePurpose, MessageState
from subnotify.storage.database import begin_read_only
from subnotify.storage.reminders import (
    WAITING_STATES,
    RunningWindow,
    list_not_reminded,
    list_running_windows,
    list_unanswered,
    to_be_reminded,
)
from subnotify.storage.tables import ContactRow, MessageRow, NoticeRow, UtcDateTime

CHUNK = 5_000


def queue_reminders(
    session: Session,
    *,
    times: ReminderTimes,
    at: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Queue what is due at `at`; how many mails. `stop` is asked between chunks.

    Cases are read in chunks along their deadlines, without a lock; only what is due is written,
    a transaction for each chunk. A notice is reminded as soon as one of its unanswered cases is.
    """
    if not times.at_half_time and not times.days_before:
        return 0
    queued = 0
    for state in WAITING_STATES:
        after: RunningWindow | None = None
        while not stop():
            windows, due = _find_due(session, state, times, after, at)
            queued += _queue(session, due, at)
            if len(windows) < CHUNK:
                break
            after = windows[-1]
    return queued


def _find_due(
    session: Session,
    state: CaseState,
    times: ReminderTimes,
    after: RunningWindow | None,
    at: datetime,
) -> tuple[Sequence[RunningWindow], dict[ReminderKind, list[int]]]:
    """The next chunk of running windows, and the notices in it of which to remind."""
    begin_read_only(session)
    try:
        windows = list_running_windows(session, state, after=after, limit=CHUNK, at=at)
        due = {}
        for kind, notices in _due_notices(windows, times, at).items():
            left = list_not_reminded(session, notices, kind)
            due[kind] = sorted(list_unanswered(session, left, at=at)) if left else []
        return windows, due
    finally:
        session.rollback()


def _due_notices(
    windows: Iterable[RunningWindow], times: ReminderTimes, at: datetime
) -> dict[ReminderKind, set[int]]:
    due: defaultdict[ReminderKind, set[int]] = defaultdict(set)
    known: dict[tuple[datetime, datetime, str], ReminderKind | None] = {}
    for window in windows:
        if window.zone is None:
            continue
        key = (window.opens_at, window.closes_at, window.zone)
        if key not in known:
            plan = plan_reminders(
                window.opens_at,
                window.closes_at,
                zone_of(window.zone),
                at_half_time=times.at_half_time,
                days_before=times.days_before,
            )
            known[key] = find_due(plan, at=at)
        if (kind := known[key]) is not None:
            due[kind].add(window.notice_id)
    return due


def _queue(session: Session, due: dict[ReminderKind, list[int]], at: datetime) -> int:
    if not any(due.values()):
        return 0
    with transaction(session):
        return sum(_queue_kind(session, ids, kind, at) for kind, ids in due.items() if ids)


def _queue_kind(
    session: Session, notice_ids: Collection[int], kind: ReminderKind, at: datetime
) -> int:
    # An answer may have come since they were found.
    waiting = list_unanswered(session, notice_ids, at=at)
    key = logical_key(
        "reminder",
        *(NoticeRow.id, ContactRow.id, NoticeRow.serving_number, literal(kind.value)),
    )
    instant = literal(at, UtcDateTime())
    columns = [
        key,
        literal(MessagePurpose.REMINDER.value),
        literal(Channel.EMAIL.value),
        NoticeRow.id,
        null(),
        null(),
        ContactRow.id,
        MessageRow.contact_kind,
        NoticeRow.serving_number,
        MessageRow.to_address,
        NoticeRow.language,
        literal(MessageState.QUEUED.value),
        instant,
        instant,
        literal(0),
    ]
    return insert_messages(session, to_be_reminded(columns, sorted(waiting), at))
