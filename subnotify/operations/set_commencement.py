"""Set whether a released change commences by itself once its gate is open."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.words import ChangeState
from subnotify.storage.operators import Operator
from subnotify.storage.releases import get_released_change


def set_commencement(
    session: Session,
    release_id: int,
    change_id: int,
    *,
    by_itself: bool,
    by: Operator,
    at: datetime,
) -> None:
    """Let the change commence by itself on its day, or wait for a person.

    Setting what is set already does nothing. Raises MoveNotAllowed for a change that has
    commenced or was withdrawn, NotFound.
    """
    with transaction(session):
        row = get_released_change(session, release_id, change_id)
        if row.state != ChangeState.RELEASED.value:
            raise MoveNotAllowed(reason="The change is not announced any more.")
        if row.commences_by_itself == by_itself:
            return
        row.commences_by_itself = by_itself
        append_evidence(
            session,
            "commencement_set",
            actor=f"operator:{by.id}",
            object_type="change",
            object_id=change_id,
            content={"by_itself": by_itself},
            at=at,
        )
