"""Notices for agreements that an announced change has come to concern since its release."""

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.judge_countries import judge_countries
from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.release_changes import FAILURE_TEXTS, NO_ADDRESS
from subnotify.operations.transaction import transaction
from subnotify.rules.words import NoticeState
from subnotify.storage.database import begin_read_only
from subnotify.storage.gates import count_unnotified, list_announced, lock_change
from subnotify.storage.release_messages import insert_messages, insert_release_letters
from subnotify.storage.release_rows import insert_cases, insert_notices
from subnotify.storage.tables import CaseRow, NoticeRow

ACTOR = "job:notify_late"


def notify_late(session: Session, *, zone: ZoneInfo, legal_email: str, at: datetime) -> int:
    """Notify agreements that were signed, or bought a service, while a change is announced; how
    many notices were made.

    Each gets a notice of its own with a full window, and a case for each change of the release
    that concerns it. An agreement that has a notice of the release already gets no second one: it
    keeps the gate shut, and the change is announced anew for it. zone: the vendor's. Legal is
    told of a notice that cannot be served. Two runners at once make one notice.
    """
    begin_read_only(session)
    announced = list_announced(session)
    today = at.astimezone(zone).date()
    missing = count_unnotified(session, [change_id for change_id, _, _ in announced], today)
    session.rollback()
    late: dict[tuple[int, str], list[int]] = defaultdict(list)
    for change_id, release_id, number in announced:
        if change_id in missing:
            late[(release_id, number)].append(change_id)
    return sum(
        _notify(session, release_id, number, changes, zone, legal_email, at)
        for (release_id, number), changes in late.items()
    )


def _notify(
    session: Session,
    release_id: int,
    number: str,
    change_ids: list[int],
    zone: ZoneInfo,
    legal_email: str,
    at: datetime,
) -> int:
    on = at.astimezone(zone).date()
    with transaction(session):
        # Another runner waits here, and then finds nothing left to do.
        for change_id in change_ids:
            lock_change(session, change_id)
        still = list(count_unnotified(session, change_ids, on))
        if not still:
            return 0
        made = insert_notices(
            session, release_id, number, still, FAILURE_TEXTS, on=on, at=at, only_missing=True
        )
        for change_id in still:
            insert_cases(session, release_id, change_id, on=on, notices_made_at=at)
        for insert in (insert_messages, insert_release_letters):
            insert(session, release_id, NO_ADDRESS, on=on, at=at, notices_made_at=at)
        notices = session.execute(
            select(NoticeRow.id, NoticeRow.state, NoticeRow.agreement_id).where(
                NoticeRow.release_id == release_id, NoticeRow.created_at == at
            )
        ).all()
        cases = session.scalars(
            select(CaseRow.id).where(CaseRow.notice_id.in_([row.id for row in notices]))
        ).all()
        judge_countries(session, cases, today=on, actor=ACTOR, at=at)
        apply_standings(session, cases, actor=ACTOR, at=at)
        failed = [row.id for row in notices if row.state == NoticeState.NOT_SERVED]
        queue_delivery_alarm(session, failed, legal_email, at=at)
        if made:
            append_evidence(
                session,
                "release_notified_late",
                actor=ACTOR,
                object_type="release",
                object_id=release_id,
                content={
                    "changes": still,
                    "agreements": [row.agreement_id for row in notices],
                    "notices": [row.id for row in notices],
                },
                at=at,
            )
    return made
