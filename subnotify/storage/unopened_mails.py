"""Mails of ours that no seal key opens: they wait until somebody puts the key back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.troubles import SEAL_DOES_NOT_OPEN
from subnotify.rules.words import MessageState
from subnotify.storage.sending_pauses import WAITING
from subnotify.storage.tables import MessageRow


@dataclass(frozen=True, slots=True)
class UnopenedMails:
    """oldest_queued_at: of the one that waits longest; None where there is none."""

    count: int
    oldest_queued_at: datetime | None


def count_unopened(session: Session) -> UnopenedMails:
    """Those whose last try ended with the seal; a try that opens it leaves another reply."""
    count, oldest = session.execute(
        select(func.count(), func.min(MessageRow.queued_at)).where(
            MessageRow.state.in_((*WAITING, MessageState.PAUSED)),
            MessageRow.last_reply == SEAL_DOES_NOT_OPEN,
        )
    ).one()
    return UnopenedMails(count, oldest)
