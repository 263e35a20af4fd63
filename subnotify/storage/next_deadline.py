"""The deadline that comes next, over all clients: what legal looks for first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, ChangeKind
from subnotify.storage.due_days import window_runs
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    NoticeRow,
    TermsVersionRow,
)

# In which a window may run; a closed case waits for nobody's deadline.
_RUNNING = (CaseState.OPEN, CaseState.OBJECTED, CaseState.HOLD)


@dataclass(frozen=True)
class NextDeadline:
    """The window of one case that closes next. name: of the subprocessor. zone: the agreement's."""

    case_id: int
    client: str
    kind: ChangeKind
    name: str
    closes_at: datetime
    zone: str


def find_next_closing(session: Session, *, at: datetime) -> NextDeadline | None:
    """The first window to close after `at`. One query, each state read by its index."""
    first = union_all(
        *(
            select(
                select(CaseRow.id.label("id"), CaseRow.closes_at.label("closes_at"))
                .where(CaseRow.state == state.value, CaseRow.closes_at > at, window_runs())
                .order_by(CaseRow.closes_at, CaseRow.id)
                .limit(1)
                .subquery()
            )
            for state in _RUNNING
        )
    ).subquery()
    row = session.execute(
        select(
            CaseRow.id,
            ClientRow.name.label("client"),
            ChangeRow.kind,
            ChangeRow.facts["name"].as_string().label("name"),
            CaseRow.closes_at,
            TermsVersionRow.terms["counting"]["time_zone"].as_string().label("zone"),
        )
        .join(first, first.c.id == CaseRow.id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .order_by(CaseRow.closes_at, CaseRow.id)
        .limit(1)
    ).one_or_none()
    if row is None or row.closes_at is None:
        return None
    return NextDeadline(
        case_id=row.id,
        client=row.client,
        kind=ChangeKind(row.kind),
        name=row.name or "",
        closes_at=row.closes_at,
        zone=row.zone or "UTC",
    )
