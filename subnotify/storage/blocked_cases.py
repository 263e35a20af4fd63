"""Agreements that do not allow a country of a change, and their cases: set-based, then the few
that except one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.concerned import agreements_buying
from subnotify.storage.release_rows import StartingGroup, notices_in_groups
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    CountryExceptionRow,
    NoticeRow,
    TermsVersionRow,
)

_CASES = cast(Table, CaseRow.__table__)
CHUNK = 500


@dataclass(frozen=True)
class JudgedCase:
    """What decides whether a case is blocked. blocked: as stored ("IN US").

    allowed: what the terms of its notice allow; empty: no restriction, or no terms.
    """

    id: int
    agreement_id: int
    subprocessor_id: int
    kind: ChangeKind
    commencement_on: date | None
    facts: SubprocessorFacts
    allowed: frozenset[str]
    blocked: str


def block_cases(
    session: Session,
    release_id: int,
    change_id: int,
    countries: str,
    groups: Sequence[StartingGroup],
) -> None:
    """These countries block the cases of a change whose notices are in these groups."""
    for start in range(0, len(groups), CHUNK):
        notices = notices_in_groups(release_id, groups[start : start + CHUNK])
        session.execute(
            update(_CASES)
            .where(CaseRow.change_id == change_id, CaseRow.notice_id.in_(notices))
            .values(blocked_countries=countries)
        )


def list_cases_to_judge(
    session: Session, *, agreement_id: int | None = None, change_id: int | None = None
) -> list[int]:
    """Cases that an exception may block or unblock: all of one agreement; else those of one change,
    or of every change, whose agreements have some exception.

    Of changes announced or in force only.
    """
    whose: ColumnElement[bool] = CaseRow.agreement_id.in_(select(CountryExceptionRow.agreement_id))
    if agreement_id is not None:
        whose = CaseRow.agreement_id == agreement_id
    elif change_id is not None:
        whose = and_(CaseRow.change_id == change_id, whose)
    return list(
        session.scalars(
            select(CaseRow.id)
            .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
            .where(
                whose,
                ChangeRow.state.in_([ChangeState.RELEASED.value, ChangeState.COMMENCED.value]),
            )
            .order_by(CaseRow.id)
        )
    )


def load_judged_cases(session: Session, case_ids: Iterable[int]) -> tuple[JudgedCase, ...]:
    """These cases by id, each under the terms of its notice."""
    rows = session.execute(
        select(
            CaseRow.id,
            CaseRow.agreement_id,
            CaseRow.change_id,
            CaseRow.blocked_countries,
            ChangeRow.subprocessor_id,
            ChangeRow.kind,
            ChangeRow.commencement_on,
            ChangeRow.facts,
            TermsVersionRow.terms,
        )
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(CaseRow.id.in_(sorted(set(case_ids))))
        .order_by(CaseRow.id)
    ).all()
    facts = {row.change_id: facts_from_mapping(row.facts or {}) for row in rows}
    return tuple(
        JudgedCase(
            id=row.id,
            agreement_id=row.agreement_id,
            subprocessor_id=row.subprocessor_id,
            kind=ChangeKind(row.kind),
            commencement_on=row.commencement_on,
            facts=facts[row.change_id],
            allowed=terms_from_mapping(row.terms).allowed_countries if row.terms else frozenset(),
            blocked=row.blocked_countries,
        )
        for row in rows
    )


def write_blocked(session: Session, blocked: Mapping[int, str]) -> None:
    """The countries that block each case, by its id."""
    if blocked:
        session.execute(
            update(CaseRow), [{"id": x, "blocked_countries": blocked[x]} for x in sorted(blocked)]
        )


@dataclass(frozen=True)
class ConcernedName:
    """An agreement that a change concerns. digest: of its present terms."""

    id: int
    client: str
    reference: str
    digest: str


def list_concerned_under(
    session: Session, change_id: int, digests: Sequence[str], on: date
) -> tuple[ConcernedName, ...]:
    """The agreements that a change concerns on the vendor's day `on` whose terms are among these;
    by client."""
    rows: list[ConcernedName] = []
    for start in range(0, len(digests), CHUNK):
        found = session.execute(
            select(AgreementRow.id, ClientRow.name, AgreementRow.reference, TermsVersionRow.digest)
            .join(ClientRow, ClientRow.id == AgreementRow.client_id)
            .join(TermsVersionRow, TermsVersionRow.agreement_id == AgreementRow.id)
            .where(
                TermsVersionRow.is_current,
                TermsVersionRow.digest.in_(digests[start : start + CHUNK]),
                AgreementRow.id.in_(agreements_buying([change_id], on)),
            )
        )
        rows += [ConcernedName(*row) for row in found]
    return tuple(sorted(rows, key=lambda x: (x.client, x.id)))
