"""Versions of agreements' notice terms, and the agreements whose terms leave dates open."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    NoticeRow,
    TermsVersionRow,
)

_CURRENT = and_(TermsVersionRow.agreement_id == AgreementRow.id, TermsVersionRow.is_current)


@dataclass(frozen=True)
class TermsVersion:
    """running_cases: cases without an outcome that were opened under it, and keep it."""

    number: int
    is_current: bool
    terms: NoticeTerms
    not_computable: str | None
    recorded_at: datetime
    recorded_by: str
    running_cases: int = 0


@dataclass(frozen=True)
class IncompleteAgreement:
    """terms None: not on record. not_computable: a code; the contradictions are in the terms."""

    agreement_id: int
    client: str
    reference: str
    terms: NoticeTerms | None
    not_computable: str | None
    is_contradictory: bool


@dataclass(frozen=True)
class IncompleteCounts:
    """Agreements by what is wrong with their terms; one may count under two."""

    all: int
    missing: int
    not_computable: int
    contradictory: int


def find_current_row(session: Session, agreement_id: int) -> TermsVersionRow | None:
    """The current version, as the database has it now."""
    return session.scalar(
        select(TermsVersionRow)
        .where(TermsVersionRow.agreement_id == agreement_id, TermsVersionRow.is_current)
        .execution_options(populate_existing=True)
    )


def find_current_version(session: Session, agreement_id: int) -> TermsVersion | None:
    row = find_current_row(session, agreement_id)
    return _version(row, _running(session, agreement_id).get(row.id, 0)) if row else None


def get_version(session: Session, agreement_id: int, number: int) -> TermsVersion:
    """One version of an agreement's terms. Raises NotFound."""
    row = session.scalar(
        select(TermsVersionRow).where(
            TermsVersionRow.agreement_id == agreement_id, TermsVersionRow.number == number
        )
    )
    if row is None:
        raise NotFound
    return _version(row, _running(session, agreement_id).get(row.id, 0))


def list_versions(session: Session, agreement_id: int) -> tuple[TermsVersion, ...]:
    """All versions, the newest first."""
    running = _running(session, agreement_id)
    rows = session.scalars(
        select(TermsVersionRow)
        .where(TermsVersionRow.agreement_id == agreement_id)
        .order_by(TermsVersionRow.number.desc())
    )
    return tuple(_version(row, running.get(row.id, 0)) for row in rows)


def find_terms(session: Session, terms_id: int | None) -> NoticeTerms | None:
    """The terms of one version, as the rules read them; None where there is none."""
    row = session.get(TermsVersionRow, terms_id) if terms_id is not None else None
    return None if row is None else terms_from_mapping(row.terms)


def _version(row: TermsVersionRow, running: int) -> TermsVersion:
    return TermsVersion(
        number=row.number,
        is_current=row.is_current,
        terms=terms_from_mapping(row.terms),
        not_computable=row.not_computable,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        running_cases=running,
    )


def _running(session: Session, agreement_id: int) -> dict[int, int]:
    """Cases without an outcome, by the id of the version they were opened under."""
    rows = session.execute(
        select(NoticeRow.terms_id, func.count(CaseRow.id))
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.agreement_id == agreement_id, CaseRow.outcome.is_(None))
        .group_by(NoticeRow.terms_id)
    )
    return {terms_id: count for terms_id, count in rows if terms_id is not None}


def count_incomplete(session: Session, *, today: date) -> IncompleteCounts:
    """How many agreements that have not ended by `today` the list holds."""
    missing, unknown, torn = _reasons()
    found = session.execute(
        select(
            func.count(),
            func.count().filter(missing),
            func.count().filter(unknown),
            func.count().filter(torn),
        )
        .select_from(AgreementRow)
        .outerjoin(TermsVersionRow, _CURRENT)
        .where(_still_runs(today), or_(missing, unknown, torn))
    ).one()
    return IncompleteCounts(*found)


def list_incomplete(
    session: Session, *, today: date, skip: int, most: int
) -> tuple[IncompleteAgreement, ...]:
    """Agreements whose terms are missing, not computable or contradictory, by client and
    reference: `most` of them after the first `skip`. Ended ones are left out."""
    rows = session.execute(
        select(AgreementRow, ClientRow.name, TermsVersionRow)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(TermsVersionRow, _CURRENT)
        .where(_still_runs(today), or_(*_reasons()))
        .order_by(ClientRow.name, AgreementRow.reference, AgreementRow.id)
        .offset(skip)
        .limit(most)
    )
    return tuple(
        IncompleteAgreement(
            agreement_id=agreement.id,
            client=client,
            reference=agreement.reference,
            terms=terms_from_mapping(row.terms) if row else None,
            not_computable=row.not_computable if row else None,
            is_contradictory=row.is_contradictory if row else False,
        )
        for agreement, client, row in rows
    )


def _reasons() -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return (
        TermsVersionRow.id.is_(None),
        TermsVersionRow.not_computable.is_not(None),
        TermsVersionRow.is_contradictory.is_(True),
    )


def _still_runs(today: date) -> ColumnElement[bool]:
    return or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on >= today)
