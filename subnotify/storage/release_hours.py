"""The hour at which an approved release is released by itself: a part of its row."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.release_hours import PlannedHour
from subnotify.rules.words import ReleaseState
from subnotify.storage.tables import ReleaseRow


def hour_of(row: ReleaseRow) -> PlannedHour | None:
    """The hour that is planned for it, or at which it was released or refused."""
    if row.planned_for_at is None or row.planned_at is None:
        return None
    said = row.hour_refusal
    return PlannedHour(
        at=row.planned_for_at,
        by=row.planned_by or "",
        planned_at=row.planned_at,
        reason=row.planned_reason or "",
        refused_at=row.hour_refused_at,
        refusal=(said["message"], tuple(sorted(said["values"].items()))) if said else None,
    )


def list_due_releases(session: Session, at: datetime) -> list[int]:
    """Approved releases whose hour has come and that were not refused at it, by hour."""
    return list(
        session.scalars(
            select(ReleaseRow.id)
            .where(
                ReleaseRow.state == ReleaseState.APPROVED.value,
                ReleaseRow.planned_for_at <= at,
                ReleaseRow.hour_refused_at.is_(None),
            )
            .order_by(ReleaseRow.planned_for_at, ReleaseRow.id)
        )
    )


def clear_hour(row: ReleaseRow) -> None:
    """No hour is planned any more."""
    row.planned_for_at = None
    row.planned_by = None
    row.planned_at = None
    row.planned_reason = None
    row.hour_refused_at = None
    row.hour_refusal = None
