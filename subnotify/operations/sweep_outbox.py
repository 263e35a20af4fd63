"""Find what is stuck or missing in the outbox, so that nothing waits for ever unseen."""

import logging
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.storage import outbox_sweep
from subnotify.storage.letter_rows import queue_missing_letters
from subnotify.storage.outbox_sweep import OutboxState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """queued: mails that were missing, letters: letters that were; freed: mails that nobody was
    sending, or that a pause held back which is over; state: how the outbox stands now."""

    queued: int
    freed: int
    state: OutboxState
    letters: int = 0


def sweep_outbox(session: Session, *, zone: ZoneInfo, at: datetime) -> Swept:
    """Queue what is missing, free what is stuck, and count what still needs a person.

    zone: the vendor's, for the day on which a designation counts. Idempotent; the log names what
    was found.
    """
    with transaction(session):
        on = at.astimezone(zone).date()
        queued = outbox_sweep.queue_missing_notices(session, on=on, at=at)
        letters = queue_missing_letters(session, on=on, at=at)
        freed = outbox_sweep.free_unclaimed(session) + outbox_sweep.free_unpaused(session)
        state = outbox_sweep.find_outbox_state(session, at=at)
    if queued:
        log.warning("%s notice mails were missing and are queued", queued)
    if letters:
        log.warning("%s letters were missing and are queued", letters)
    if freed:
        log.warning("%s mails were held back for no reason any more", freed)
    if state.stuck:
        log.error("%s mails are due for more than an hour and nothing sends them", state.stuck)
    return Swept(queued, freed, state, letters)
