"""Legal confirms ahead who is told late if an approved release goes out at a later hour."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.plan_release import list_late_ids
from subnotify.operations.release_changes import refuse_not_approved
from subnotify.operations.release_checks import (
    ContentChanged,
    load_draft,
    refuse_incomplete,
    refuse_other_late,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.release_hours import MOST_DAYS_AHEAD, HourPassed, HourTooFar
from subnotify.storage.operators import Operator
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.releases import lock_release


def confirm_late(
    session: Session,
    release_id: int,
    *,
    revision: int,
    hour: datetime,
    confirmed_late: Iterable[int],
    by: Operator,
    zone: ZoneInfo,
    at: datetime,
) -> int:
    """Record that legal saw these agreements as told late at `hour`, beside those of the approval;
    how many are new. The approval stands: what is announced is the same.

    confirmed_late: at least those that are late then. zone: the vendor's. Raises AlreadyReleased,
    ReleaseNotApproved, HourPassed, HourTooFar, ProblemsFound, ContentChanged, LateNotConfirmed,
    NotFound.
    """
    if hour <= at:
        raise HourPassed
    if hour > at + timedelta(days=MOST_DAYS_AHEAD):
        raise HourTooFar(days=MOST_DAYS_AHEAD)
    with transaction(session):
        vendor = lock_vendor(session)
        row = lock_release(session, release_id)
        refuse_not_approved(row, revision)
        draft = load_draft(session, row, vendor, zone=zone, at=hour)
        refuse_incomplete(draft)
        if draft.content_digest != row.content_digest:
            raise ContentChanged
        late = list_late_ids(session, draft, zone=zone, at=hour)
        refuse_other_late(session, confirmed_late, late)
        before = set(row.confirmed_late or ())
        if before.issuperset(late):
            return 0
        row.confirmed_late = sorted(before.union(late))
        append_evidence(
            session,
            "release_late_confirmed",
            actor=f"operator:{by.id}",
            object_type="release",
            object_id=release_id,
            content={"revision": revision, "hour": hour, "confirmed_late": row.confirmed_late},
            at=at,
        )
    return len(set(late) - before)
