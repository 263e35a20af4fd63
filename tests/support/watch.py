"""The probes of the public address, in tests that move the clock by days."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.storage.tables import ServiceWatchRow

A_PROBE_AGO = timedelta(minutes=1)


def probes_went_on(session: Session, *, at: datetime) -> None:
    """While the test's time passed, the worker asked each minute, and was answered."""
    last = at - A_PROBE_AGO
    session.execute(
        update(ServiceWatchRow)
        .where(ServiceWatchRow.last_probe_at < last)
        .values(last_probe_at=last, last_up_at=last)
    )
    session.commit()
