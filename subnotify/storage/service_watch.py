"""What the probes of the public address found, read for the rules."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.rules.outages import Outage, ServiceRecord
from subnotify.storage.tables import OutageRow, ServiceWatchRow

WATCH_ID = 1


def find_service_record(session: Session, *, since: datetime) -> ServiceRecord | None:
    """What is known of the time from `since` on; None before the first probe."""
    watch = session.execute(
        select(
            ServiceWatchRow.last_probe_at,
            ServiceWatchRow.longest_pause_seconds,
            ServiceWatchRow.tolerated_seconds,
        ).where(ServiceWatchRow.id == WATCH_ID)
    ).one_or_none()
    if watch is None:
        return None
    rows = session.execute(
        select(OutageRow.began_at, OutageRow.ended_at)
        .where(or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > since))
        .order_by(OutageRow.began_at)
    )
    return ServiceRecord(
        outages=tuple(Outage(row.began_at, row.ended_at) for row in rows),
        last_probe_at=watch.last_probe_at,
        longest_pause=timedelta(seconds=watch.longest_pause_seconds),
        tolerated=timedelta(seconds=watch.tolerated_seconds),
    )
