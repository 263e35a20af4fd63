"""What persons confirmed to have read, and how many cases wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, ConfirmationKind, HoldReason
from subnotify.storage.tables import CaseRow, ConfirmationRow

HOLD_OF = {
    ConfirmationKind.REPLIES_READ: HoldReason.REPLIES_NOT_READ,
    ConfirmationKind.REGISTERED_POST_OPENED: HoldReason.POST_NOT_OPENED,
}


@dataclass(frozen=True)
class Waiting:
    """Cases held until a reading is confirmed. latest_at: once it reaches this instant (the last
    deadline, or end of postal grace, among them) none waits any more."""

    cases: int
    latest_at: datetime | None


def list_confirmations(
    session: Session, kind: ConfirmationKind, *, limit: int
) -> Sequence[ConfirmationRow]:
    """The last ones, newest first."""
    return session.scalars(
        select(ConfirmationRow)
        .where(ConfirmationRow.kind == kind.value)
        .order_by(ConfirmationRow.id.desc())
        .limit(limit)
    ).all()


def find_waiting(session: Session, kind: ConfirmationKind) -> Waiting:
    """How many cases are on hold for this reading, whatever else holds them."""
    until = CaseRow.closes_at if kind is ConfirmationKind.REPLIES_READ else CaseRow.silence_after_at
    count, latest_at = session.execute(
        select(func.count(), func.max(until)).where(
            CaseRow.state == CaseState.HOLD.value,
            # A name never occurs inside another one's.
            cast(CaseRow.holds, String).contains(f'"{HOLD_OF[kind].value}"', autoescape=True),
        )
    ).one()
    return Waiting(count, latest_at)
