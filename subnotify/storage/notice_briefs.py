"""What answering a notice needs to know of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    NoticeRow,
    ServiceRow,
    TermsVersionRow,
)


@dataclass(frozen=True)
class NoticeBrief:
    """What answering a notice needs to know. positions: of the changes in the release, by case.

    services: by case, the names by key of the services concerned under this agreement.
    change_ids: by case.
    """

    notice_id: int
    reference: str
    terms: NoticeTerms | None
    case_ids: tuple[int, ...]
    positions: Mapping[int, int]
    services: Mapping[int, Mapping[str, str]]
    change_ids: Mapping[int, int]

    def services_of(self, case_ids: Collection[int]) -> dict[str, str]:
        """Names by key of the services that these changes concern; of all, if none is named."""
        chosen = case_ids or self.case_ids
        return {
            key: name for case_id in chosen for key, name in self.services.get(case_id, {}).items()
        }


def get_notice_brief(session: Session, notice_id: int) -> NoticeBrief:
    """Raises NotFound."""
    row = session.execute(
        select(
            NoticeRow.reference,
            NoticeRow.agreement_id,
            NoticeRow.created_at,
            TermsVersionRow.terms,
        )
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.id == notice_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    cases = session.execute(
        select(CaseRow.id, CaseRow.change_id, ChangeRow.position)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.notice_id == notice_id)
        .order_by(ChangeRow.position, CaseRow.id)
    ).all()
    names = _services(session, row.agreement_id, row.created_at.date(), cases)
    return NoticeBrief(
        notice_id=notice_id,
        reference=row.reference,
        terms=terms_from_mapping(row.terms) if row.terms is not None else None,
        case_ids=tuple(case.id for case in cases),
        positions={case.id: case.position or 1 for case in cases},
        services=names,
        change_ids={case.id: case.change_id for case in cases},
    )


def _services(
    session: Session, agreement_id: int, on: date, cases: Collection[Any]
) -> dict[int, dict[str, str]]:
    """The services that both the change names and the agreement bought when it was noticed."""
    of_change = {case.change_id: case.id for case in cases}
    rows = session.execute(
        select(ChangeServiceRow.change_id, ServiceRow.key, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == ChangeServiceRow.service_id)
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ServiceRow.id)
        .where(
            ChangeServiceRow.change_id.in_(of_change),
            AgreementServiceRow.agreement_id == agreement_id,
            or_(AgreementServiceRow.until_on.is_(None), AgreementServiceRow.until_on > on),
        )
        .order_by(ServiceRow.name)
    )
    names: dict[int, dict[str, str]] = {case.id: {} for case in cases}
    for row in rows:
        names[of_change[row.change_id]][row.key] = row.name
    return names
