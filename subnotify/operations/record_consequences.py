"""What an outcome does beyond its case: exceptions of the list, ends of services."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import Standing
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import Outcome, SettlementKind
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import (
    AgreementExceptionRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    NoticeRow,
    ServiceRow,
    SettlementRow,
    TermsVersionRow,
)

_GATED = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED})


def record_consequences(session: Session, closed: Mapping[int, Standing], *, at: datetime) -> None:
    """Within the caller's transaction, for cases that have just got their outcome.

    Accommodated or not authorised: a dated exception of the agreement, the subprocessor is not
    used for it. Terminated: the services named by legal end for the agreement on the day of
    effect, which is the first day without them.
    """
    excepted = [case_id for case_id, standing in closed.items() if standing.outcome in _GATED]
    terminated = [x for x, standing in closed.items() if standing.outcome is Outcome.TERMINATED]
    if excepted:
        _except_from_use(session, excepted, at)
    for case_id in terminated:
        _end_services(session, case_id, at)


def _except_from_use(session: Session, case_ids: list[int], at: datetime) -> None:
    rows = session.execute(
        select(CaseRow.agreement_id, CaseRow.change_id, ChangeRow.commencement_on)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.id.in_(case_ids))
    ).all()
    insert_once(
        session,
        AgreementExceptionRow,
        [
            {
                "agreement_id": row.agreement_id,
                "change_id": row.change_id,
                "from_on": row.commencement_on or at.date(),
                "note": "",
            }
            for row in rows
        ],
    )


def _end_services(session: Session, case_id: int, at: datetime) -> None:
    settlement = session.scalars(
        select(SettlementRow)
        .where(
            SettlementRow.case_id == case_id,
            SettlementRow.undone_at.is_(None),
            SettlementRow.kind == SettlementKind.TERMINATED,
        )
        .order_by(SettlementRow.id.desc())
        .limit(1)
    ).one()
    agreement_id = session.scalars(select(CaseRow.agreement_id).where(CaseRow.id == case_id)).one()
    until_on = settlement.takes_effect_on or _local_day(session, case_id, at)
    session.execute(
        update(AgreementServiceRow)
        .where(
            AgreementServiceRow.agreement_id == agreement_id,
            AgreementServiceRow.service_id.in_(
                select(ServiceRow.id).where(ServiceRow.key.in_(settlement.services))
            ),
            # One that was to end later anyway ends now; one that has ended stays as it is.
            or_(AgreementServiceRow.until_on.is_(None), AgreementServiceRow.until_on > until_on),
        )
        .values(until_on=until_on)
    )


def _local_day(session: Session, case_id: int, at: datetime) -> date:
    """The day of `at` in the agreement's zone: at window close that is the day after the last."""
    terms = session.scalars(
        select(TermsVersionRow.terms)
        .join(NoticeRow, NoticeRow.terms_id == TermsVersionRow.id)
        .join(CaseRow, CaseRow.notice_id == NoticeRow.id)
        .where(CaseRow.id == case_id)
    ).one_or_none()
    zone = zone_of(terms_from_mapping(terms).counting.time_zone) if terms else zone_of("UTC")
    closes_at = session.scalars(select(CaseRow.closes_at).where(CaseRow.id == case_id)).one()
    return (closes_at or at).astimezone(zone).date()
