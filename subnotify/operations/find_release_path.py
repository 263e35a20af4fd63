"""Where a release stands on its path. Reads only."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.release_checks import load_draft
from subnotify.rules.release_path import StepLine, release_path
from subnotify.rules.releases import release_problems
from subnotify.rules.words import ReleaseState
from subnotify.storage.release_reports import is_ended
from subnotify.storage.releases import get_release_row, get_vendor_row
from subnotify.storage.sending_progress import count_release


def find_release_path(
    session: Session, release_id: int, *, zone: ZoneInfo, at: datetime
) -> tuple[StepLine, ...]:
    """The steps of a release at `at`; zone: the vendor's. Raises NotFound."""
    row = get_release_row(session, release_id)
    state = ReleaseState(row.state)
    if state is ReleaseState.RELEASED:
        return release_path(
            state,
            (),
            is_sent=count_release(session, release_id).notice_mails.left == 0,
            is_ended=is_ended(session, release_id),
        )
    draft = load_draft(session, row, get_vendor_row(session), zone=zone, at=at)
    return release_path(state, release_problems(draft.changes, draft.texts, on=draft.on))
