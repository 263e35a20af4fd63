"""Agreements that get no notice of a release, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from subnotify.storage.concerned import agreement_is_active, agreements_buying
from subnotify.storage.tables import AgreementRow, ClientRow


@dataclass(frozen=True)
class ExcludedAgreement:
    """An agreement that gets no notice, because it has ended or buys no service concerned."""

    id: int
    reference: str
    client_name: str
    has_ended: bool


def count_excluded(session: Session, change_ids: Sequence[int], on: date) -> tuple[int, int]:
    """Agreements that get no notice: active ones that buy no service concerned, ended ones."""
    total = session.scalar(select(func.count()).select_from(AgreementRow)) or 0
    active = (
        session.scalar(
            select(func.count()).select_from(AgreementRow).where(agreement_is_active(on))
        )
        or 0
    )
    buying = agreements_buying(change_ids, on).subquery()
    served = session.scalar(select(func.count()).select_from(buying)) or 0
    return active - served, total - active


def list_excluded(
    session: Session, change_ids: Sequence[int], on: date, *, limit: int, offset: int
) -> tuple[ExcludedAgreement, ...]:
    """One page of the agreements that get no notice; the active ones first, by client."""
    ended = case((agreement_is_active(on), 0), else_=1)
    rows = session.execute(
        select(AgreementRow.id, AgreementRow.reference, ClientRow.name, ended.label("ended"))
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(AgreementRow.id.not_in(agreements_buying(change_ids, on)))
        .order_by(ended, ClientRow.name, AgreementRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(
        ExcludedAgreement(row.id, row.reference, row.name, bool(row.ended)) for row in rows
    )
