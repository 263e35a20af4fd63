"""Judge notices whose messages have all come to an end, should that not have happened yet.

Whoever records a result judges the notice in the same transaction. This finds what an older
version or a repaired database left behind, so that no client waits for a window because of it.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from subnotify.operations.queue_alarms import queue_delivery_alarm
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.words import ContactKind, MessagePurpose, MessageState, NoticeState
from subnotify.storage.tables import MessageRow, NoticeRow

ACTOR = "job:sweep_notices"
CHUNK = 500
_ON_THEIR_WAY = (
    MessageState.QUEUED.value,
    MessageState.SENDING.value,
    MessageState.DEFERRED.value,
    MessageState.UNKNOWN.value,
    MessageState.PAUSED.value,
)


def sweep_notices(session: Session, *, legal_email: str, at: datetime) -> int:
    """Judge them; how many were looked at. Idempotent: judging anew without news writes nothing.

    legal_email: who is told of notices that turn out not to be served.
    """
    ids = _list_finished(session)
    session.rollback()
    for start in range(0, len(ids), CHUNK):
        with transaction(session):
            failed = serve_notices(session, ids[start : start + CHUNK], actor=ACTOR, at=at)
            queue_delivery_alarm(session, failed, legal_email, at=at)
    return len(ids)


def _list_finished(session: Session) -> list[int]:
    """Notices still queued or being served although nothing of them is on its way any more, and
    of which nobody has taken note: their dispatch is not dated and no failure is written."""
    return list(
        session.scalars(
            select(NoticeRow.id)
            .where(
                NoticeRow.state.in_([NoticeState.QUEUED.value, NoticeState.SERVING.value]),
                NoticeRow.dispatched_at.is_(None),
                ~_message(MessageRow.state.in_(_ON_THEIR_WAY)),
                _message(),
            )
            .order_by(NoticeRow.id)
        )
    )


def _message(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The notice's present serving has such a message to a designated notice contact."""
    return exists().where(
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.purpose == MessagePurpose.NOTICE.value,
        MessageRow.contact_kind == ContactKind.NOTICE.value,
        MessageRow.serving_number == NoticeRow.serving_number,
        *conditions,
    )
