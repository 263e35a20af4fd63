"""What tests of the pages of sending share: addresses, states of mails, evidence."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import MessageState
from subnotify.storage.tables import EvidenceRow, MessageRow

QUEUE = "/desk/sending"


def sending(release_id: int, step: str = "") -> str:
    return f"/desk/releases/{release_id}/sending{step}"


def put(session: Session, state: MessageState, number: int, **values: object) -> list[int]:
    """Put so many queued mails into this state; their ids."""
    ids = list(
        session.scalars(
            select(MessageRow.id)
            .where(MessageRow.state == MessageState.QUEUED)
            .order_by(MessageRow.id)
            .limit(number)
        )
    )
    session.execute(update(MessageRow).where(MessageRow.id.in_(ids)).values(state=state, **values))
    session.commit()
    return ids


def states(session: Session) -> dict[str, int]:
    rows = session.execute(select(MessageRow.state, func.count()).group_by(MessageRow.state))
    found = dict(rows.all())
    session.rollback()  # the browser's turn to write
    return found


def evidence(session: Session, type_: str) -> int:
    found = session.scalar(select(func.count()).where(EvidenceRow.type == type_)) or 0
    session.rollback()
    return found
