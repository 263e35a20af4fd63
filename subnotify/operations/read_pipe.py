"""Up to when everything is read that the mail server pipes into `subnotify mail receive`.

Nobody says when the pipe is empty: what our side refused waits in the mail server's queue. So
the machine's reading lags behind by more than the longest pause between two of its tries.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.rules.outages import downtime
from subnotify.storage.mail_readings import PIPE, note_read_until, note_reading_worked
from subnotify.storage.service_watch import find_service_record
from subnotify.storage.tables import ServiceWatchRow

# Postfix tries again after 4,000 s at the latest (maximal_backoff_time), others within hours.
LAG = timedelta(hours=6)


def read_pipe(session: Session, *, at: datetime) -> datetime | None:
    """Move the pipe's mark to six hours ago; the instant, or None where it stays.

    It stays while anything in those hours was an outage of ours, or unknown: a mail of before
    may still wait to be tried again.
    """
    until = at - LAG
    with transaction(session):
        note_reading_worked(session, [PIPE], at=at)
        first_probe_at = session.scalar(select(ServiceWatchRow.first_probe_at))
        if first_probe_at is None or first_probe_at > until:
            return None
        record = find_service_record(session, since=until)
        if record is None or downtime(record, since=until, until=at, at=at):
            return None
        note_read_until(session, [PIPE], until)
    return until
