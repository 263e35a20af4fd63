"""Reads what the commencement gates of changes rest on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.gates import KEEPS_THE_OLD, CaseTally
from subnotify.rules.words import CaseState, ChangeState, HoldReason, Outcome, VendorRole
from subnotify.storage.concerned import agreement_is_active, service_is_bought
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    NoticeRow,
    ReleaseRow,
)


@dataclass(frozen=True)
class GateClient:
    """One case as the gate's page shows it."""

    case_id: int
    client: str
    agreement: str
    notice_reference: str
    state: CaseState
    holds: tuple[HoldReason, ...]
    outcome: Outcome | None
    closes_at: datetime | None
    gated_out_at: datetime | None
    gated_out_note: str | None


def tally_cases(
    session: Session, change_ids: Iterable[int], *, on: date
) -> dict[int, list[CaseTally]]:
    """How the cases of each change stand, in two grouped queries for all of them.

    An agreement that an announced change concerns on the day `on` and that has no case (it was
    signed, or bought the service, since the release) counts as a case that waits for its notice.
    """
    ids = list(change_ids)
    gated_out = case((CaseRow.gated_out_at.is_not(None), 1), else_=0)
    rows = session.execute(
        select(CaseRow.change_id, CaseRow.state, CaseRow.outcome, gated_out, func.count())
        .where(CaseRow.change_id.in_(ids))
        .group_by(CaseRow.change_id, CaseRow.state, CaseRow.outcome, gated_out)
    )
    tallies: dict[int, list[CaseTally]] = defaultdict(list)
    for change_id, state, outcome, is_gated_out, count in rows:
        tallies[change_id].append(
            CaseTally(
                CaseState(state), Outcome(outcome) if outcome else None, bool(is_gated_out), count
            )
        )
    for change_id, count in count_unnotified(session, ids, on).items():
        tallies[change_id].append(CaseTally(CaseState.WAITING, None, False, count))
    return tallies


def count_unnotified(session: Session, change_ids: Sequence[int], on: date) -> dict[int, int]:
    """How many agreements each announced change concerns on that day without having a case."""
    has_case = (
        select(CaseRow.id)
        .where(
            CaseRow.change_id == ChangeRow.id,
            CaseRow.agreement_id == AgreementServiceRow.agreement_id,
        )
        .exists()
    )
    rows = session.execute(
        select(ChangeRow.id, func.count(AgreementServiceRow.agreement_id.distinct()))
        .join(ChangeServiceRow, ChangeServiceRow.change_id == ChangeRow.id)
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ChangeServiceRow.service_id)
        .join(AgreementRow, AgreementRow.id == AgreementServiceRow.agreement_id)
        .where(
            ChangeRow.id.in_(change_ids),
            ChangeRow.state == ChangeState.RELEASED.value,
            ChangeRow.facts["role"].as_string() == VendorRole.PROCESSOR.value,
            agreement_is_active(on),
            service_is_bought(on),
            ~has_case,
        )
        .group_by(ChangeRow.id)
    )
    return dict(rows.all())


def list_announced(session: Session) -> list[tuple[int, int, str]]:
    """Changes announced and neither in force nor withdrawn: id, release id, release number."""
    rows = session.execute(
        select(ChangeRow.id, ReleaseRow.id, ReleaseRow.number)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(ChangeRow.state == ChangeState.RELEASED.value)
        .order_by(ReleaseRow.id, ChangeRow.id)
    )
    return [(change_id, release_id, number or "") for change_id, release_id, number in rows]


def list_changes_due(session: Session, until_on: date) -> list[int]:
    """Released changes that commence by themselves and whose day is `until_on` or before."""
    return list(
        session.scalars(
            select(ChangeRow.id)
            .where(
                ChangeRow.state == ChangeState.RELEASED.value,
                ChangeRow.commences_by_itself.is_(True),
                ChangeRow.commencement_on <= until_on,
            )
            .order_by(ChangeRow.commencement_on, ChangeRow.id)
        )
    )


def lock_change(session: Session, change_id: int) -> ChangeRow | None:
    """The change as it is now, kept from other writers until the transaction ends."""
    return session.get(
        ChangeRow, change_id, populate_existing=True, with_for_update={"key_share": True}
    )


def is_old_kept(session: Session, change_id: int) -> bool:
    """Whether some client keeps what the change replaces or removes."""
    kept = or_(
        CaseRow.outcome.in_([outcome.value for outcome in KEEPS_THE_OLD]),
        and_(CaseRow.outcome.is_(None), CaseRow.gated_out_at.is_not(None)),
    )
    found = session.scalar(select(CaseRow.id).where(CaseRow.change_id == change_id, kept).limit(1))
    return found is not None


def list_gate_clients(
    session: Session, change_id: int, *, only_unsettled: bool, offset: int, limit: int
) -> Sequence[GateClient]:
    """Cases of a change by client: all of them, or those without an outcome."""
    query = (
        select(
            CaseRow.id,
            ClientRow.name,
            AgreementRow.reference,
            NoticeRow.reference,
            CaseRow.state,
            CaseRow.holds,
            CaseRow.outcome,
            CaseRow.closes_at,
            CaseRow.gated_out_at,
            CaseRow.gated_out_note,
        )
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.change_id == change_id)
        .order_by(ClientRow.name, CaseRow.id)
        .offset(offset)
        .limit(limit)
    )
    if only_unsettled:
        query = query.where(CaseRow.outcome.is_(None))
    return [_gate_client(row) for row in session.execute(query)]


def _gate_client(row: Any) -> GateClient:
    return GateClient(
        case_id=row[0],
        client=row[1],
        agreement=row[2],
        notice_reference=row[3],
        state=CaseState(row[4]),
        holds=tuple(HoldReason(hold) for hold in row[5]),
        outcome=Outcome(row[6]) if row[6] else None,
        closes_at=row[7],
        gated_out_at=row[8],
        gated_out_note=row[9],
    )
