"""Withdraw an announced change for everybody: open cases end, a termination stands.

Where it was the last that stood of a notice, what has not left of that notice is not sent any
more. Where other changes of the notice stand, it goes out: what is not built yet says which change
was withdrawn, and sealed bytes are never built anew. Whoever may have heard of the change
is told by one mail that it was withdrawn, whatever was answered before
(queue_messages.queue_closing says who that is, and why). A termination stands, and the mail says
so.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.cancel_overtaken import cancel_overtaken
from subnotify.operations.queue_messages import queue_withdrawn
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.words import ChangeState, MessagePurpose
from subnotify.storage.operators import Operator
from subnotify.storage.overtaken_mails import list_overtaken_of_notices, lock_of_change
from subnotify.storage.releases import get_released_change, list_notice_ids
from subnotify.storage.tables import ChangeRow
from subnotify.storage.tables.base import Json

CHUNK = 500


def withdraw_change(
    session: Session, release_id: int, change_id: int, *, reason: str, by: Operator, at: datetime
) -> int:
    """Withdraw the change; how many cases it had.

    The rules say what becomes of each case: open ones close as withdrawn, one in which the client
    terminated stays (DESIGN section 3 item 13). A notice that is cancelled so is not served, which
    is nothing that legal must be alarmed of. Raises ReasonMissing,
    ReasonTooLong, NotFound, and MoveNotAllowed for a change that was withdrawn before or has
    commenced (its removal is a change of its own).
    """
    said = written_reason(reason)
    actor = f"operator:{by.id}"
    with transaction(session):
        row = get_released_change(session, release_id, change_id)
        if row.state == ChangeState.COMMENCED.value:
            raise MoveNotAllowed(
                reason="The change has taken effect. Ending the use is a change of its own."
            )
        if row.state != ChangeState.RELEASED.value:
            raise MoveNotAllowed(reason="The change is not announced any more.")
        return end_announced(session, row, {"reason": said}, actor=actor, at=at)


def end_announced(
    session: Session, change: ChangeRow, content: Json, *, actor: str, at: datetime
) -> int:
    """The announced change, which the caller has locked, is withdrawn within its transaction; how
    many cases it had. content: why, for the evidence."""
    case_ids = lock_of_change(session, change.id)
    change.state = ChangeState.WITHDRAWN.value
    change.withdrawn_at = at
    session.flush()
    append_evidence(
        session,
        "change_withdrawn",
        actor=actor,
        object_type="change",
        object_id=change.id,
        content=content,
        at=at,
    )
    for start in range(0, len(case_ids), CHUNK):
        apply_standings(session, case_ids[start : start + CHUNK], actor=actor, at=at)
    queue_withdrawn(session, change.id, at=at)
    _cancel_unsent(session, change.id, actor=actor, at=at)
    return len(case_ids)


def _cancel_unsent(session: Session, change_id: int, *, actor: str, at: datetime) -> None:
    """What has not left of notices of which nothing stands any more, part by part: there may be
    many."""
    notice_ids = list_notice_ids(session, change_id)
    for start in range(0, len(notice_ids), CHUNK):
        mails = list_overtaken_of_notices(session, notice_ids[start : start + CHUNK])
        cancel_overtaken(session, mails, actor=actor, at=at)
        unsent = {x.notice_id for x in mails if x.purpose is MessagePurpose.NOTICE}
        serve_notices(session, unsent, actor=actor, at=at)
