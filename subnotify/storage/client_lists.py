"""Loads what decides which list applies to one agreement on a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.rules.client_list_facts import AgreementSide, CaseOfClient, EntryOfList
from subnotify.rules.errors import NotFound
from subnotify.rules.gates import may_use_early
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import CaseState, ChangeKind, HoldReason, Outcome
from subnotify.storage.country_exceptions import exceptions_by_agreement
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ListEntryRow,
    ServiceRow,
    SubprocessorRow,
    TermsVersionRow,
)


def load_entries(session: Session, on: date) -> list[EntryOfList]:
    """The list of the vendor's day `on`, by key, phased-out entries after the present one.

    A correction says the same change's entry better: it goes on under the change it corrects, and
    since the day it began.
    """
    rows = session.execute(
        select(ListEntryRow, SubprocessorRow.key)
        .join(SubprocessorRow, SubprocessorRow.id == ListEntryRow.subprocessor_id)
        .where(ListEntryRow.in_force_from_on <= on)
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    ).all()
    ended: dict[tuple[int, date], tuple[int | None, date]] = {}
    found = []
    for row, key in rows:
        change_id, from_on = row.change_id, row.in_force_from_on
        if change_id is None:
            corrected = (row.subprocessor_id, row.in_force_from_on)
            change_id, from_on = ended.get(corrected, (None, from_on))
        if row.in_force_until_on is not None:
            ended[row.subprocessor_id, row.in_force_until_on] = (change_id, from_on)
            if row.in_force_until_on <= on:
                continue
        found.append(
            EntryOfList(
                id=row.id,
                subprocessor_id=row.subprocessor_id,
                key=key,
                facts=facts_from_mapping(row.facts),
                from_on=from_on,
                until_on=row.in_force_until_on,
                phased_out_from_on=row.phased_out_from_on,
                change_id=change_id,
            )
        )
    return sorted(found, key=lambda x: (x.key, x.is_phased_out(on), x.id))


def load_agreement_side(
    session: Session, agreement_id: int, *, on: date, at: datetime, zone: ZoneInfo
) -> AgreementSide:
    """What the agreement says on the vendor's day `on`, its cases as they stood at `at`.

    Cases keep no history of their states: one that was settled after `at` counts as open then,
    with the holds it has now. Raises NotFound.
    """
    agreement = session.get(AgreementRow, agreement_id)
    if agreement is None:
        raise NotFound
    exceptions = exceptions_by_agreement(session, [agreement_id]).get(agreement_id, ())
    return AgreementSide(
        bought=_bought(session, agreement_id, on),
        allowed=_allowed(session, agreement_id, at),
        exceptions=tuple(exceptions),
        cases=tuple(_cases(session, agreement_id, on, at, zone)),
        has_ended=agreement.ended_on is not None and agreement.ended_on < on,
    )


def _bought(session: Session, agreement_id: int, on: date) -> dict[str, date | None]:
    rows = session.execute(
        select(ServiceRow.key, AgreementServiceRow.from_on)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .where(
            AgreementServiceRow.agreement_id == agreement_id,
            or_(AgreementServiceRow.from_on.is_(None), AgreementServiceRow.from_on <= on),
            or_(AgreementServiceRow.until_on.is_(None), AgreementServiceRow.until_on > on),
        )
    )
    return dict(rows.all())


def _allowed(session: Session, agreement_id: int, at: datetime) -> frozenset[str]:
    """By the version of the terms on record at `at`; before the first one, by that one."""
    versions = session.execute(
        select(TermsVersionRow.terms, TermsVersionRow.recorded_at)
        .where(TermsVersionRow.agreement_id == agreement_id)
        .order_by(TermsVersionRow.number)
    ).all()
    if not versions:
        return frozenset()
    known = [x for x in versions if x.recorded_at <= at] or versions[:1]
    return terms_from_mapping(known[-1].terms).allowed_countries


def _cases(
    session: Session, agreement_id: int, on: date, at: datetime, zone: ZoneInfo
) -> Sequence[CaseOfClient]:
    rows = session.execute(
        select(CaseRow, ChangeRow)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.agreement_id == agreement_id, ChangeRow.commenced_at.is_not(None))
        .order_by(CaseRow.id)
    )
    found = []
    for case, change in rows:
        commenced_at = change.commenced_at
        if commenced_at is not None and commenced_at.astimezone(zone).date() <= on:
            commenced_on = commenced_at.astimezone(zone).date()
            found.append(_case(case, change, commenced_on, at, zone))
    return found


def _case(
    case: CaseRow, change: ChangeRow, commenced_on: date, at: datetime, zone: ZoneInfo
) -> CaseOfClient:
    state, holds = CaseState(case.state), [HoldReason(x) for x in case.holds]
    settled_at = case.outcome_at
    found = CaseOfClient(
        id=case.id,
        change_id=change.id,
        kind=ChangeKind(change.kind),
        subprocessor_id=change.subprocessor_id,
        replaced_id=change.replaced_id,
        commenced_on=commenced_on,
        state=state,
        outcome=Outcome(case.outcome) if case.outcome else None,
        settled_on=settled_at.astimezone(zone).date() if settled_at else None,
        is_gated_out=case.gated_out_at is not None and case.gated_out_at <= at,
        is_lead_over=_is_lead_over(case, at),
    )
    if settled_at is not None and settled_at > at:
        state = CaseState.OPEN
        found = replace(found, state=state, outcome=None, settled_on=None)
    return replace(found, uses_early=may_use_early(state, holds, case.early_use_at, at=at))


def _is_lead_over(case: CaseRow, at: datetime) -> bool:
    ends = [x for x in (case.lead_ends_at, case.early_use_at) if x is not None]
    return case.lead_ends_at is None or min(ends) <= at
