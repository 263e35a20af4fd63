"""What the tests of legal's operations share: a person, and where a case stands."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.confirm_read import confirm_read
from subnotify.rules.words import CaseState, ConfirmationKind, HoldReason, Outcome
from subnotify.storage.tables import CaseRow, EvidenceRow, MessageRow, ResponseRow

PARIS = ZoneInfo("Europe/Paris")
LEGAL = {"by": "Lea Legal", "actor": "operator:1"}
SECOND = {"by": "Sam Second", "actor": "operator:2"}


def case_of(session: Session, case_id: int) -> CaseRow:
    row = session.get(CaseRow, case_id, populate_existing=True)
    assert row is not None
    # What the row was now, whatever comes later.
    session.expunge(row)
    session.rollback()
    return row


def standing_of(session: Session, case_id: int) -> tuple[CaseState, list[HoldReason], Any]:
    row = case_of(session, case_id)
    outcome = Outcome(row.outcome) if row.outcome else None
    return CaseState(row.state), [HoldReason(hold) for hold in row.holds], outcome


def confirm_all(session: Session, at: datetime) -> None:
    """Legal says that replies and registered post are read up to `at`."""
    for kind in ConfirmationKind:
        confirm_read(session, kind, at.astimezone(PARIS).date(), zone=PARIS, at=at, **LEGAL)


def evidence_types(session: Session) -> list[str]:
    types = list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)))
    session.rollback()
    return types


def messages_of(session: Session, case_id: int, purpose: str) -> list[MessageRow]:
    rows = session.scalars(
        select(MessageRow).where(MessageRow.case_id == case_id, MessageRow.purpose == purpose)
    ).all()
    session.rollback()
    return list(rows)


def add_response(
    session: Session,
    notice_id: int,
    case_id: int | None,
    kind: str,
    received_at: datetime,
    *,
    channel: str = "link",
    **columns: Any,
) -> int:
    """A response as the client's page records it (the standing is applied by the caller)."""
    row = ResponseRow(
        reference=f"R-{notice_id}-{case_id}-{kind}-{received_at.timestamp()}"[:40],
        notice_id=notice_id,
        case_id=case_id,
        kind=kind,
        channel=channel,
        state=columns.pop("state", "effective"),
        received_at=received_at,
        digest="0" * 64,
        **columns,
    )
    session.add(row)
    session.flush()
    return row.id
