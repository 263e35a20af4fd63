"""What the texts of a batch of messages need, loaded in a constant number of queries."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from subnotify.rules.allowed_countries import read_countries
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ContactKind, NoticeState, Outcome
from subnotify.storage.id_lists import among
from subnotify.storage.mail_releases import (
    ChangeOfMail,
    ReleaseOfMail,
    load_changes_of_mail,
    load_releases_of_mail,
)
from subnotify.storage.plain_rows import plain_rows
from subnotify.storage.serving_moves import serving_moves
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ClientRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    ServiceRow,
    SettlementRow,
    TermsVersionRow,
)
from subnotify.storage.tables.base import Json


@dataclass(frozen=True, slots=True)
class StoredTerms:
    """Terms as stored; equal for equal `key`: what mails quote of them included."""

    mapping: Json
    key: str


@dataclass(frozen=True)
class NoticeOfMail:
    """A notice with its parties. window is the mapping as stored; where the notice is not served
    it is that of a former serving, and runs no longer."""

    id: int
    reference: str
    release_id: int
    agreement_id: int
    agreement_reference: str
    client_name: str
    language: str
    terms: StoredTerms | None
    window: Json | None
    state: NoticeState
    served_proof: str | None
    failure_reason: str | None
    failure: str | None
    # Those that the client's data fall under; empty: all of the vendor's.
    laws: frozenset[ExportLaw] = frozenset()
    serving_moves: int = 0


@dataclass(frozen=True)
class CaseOfMail:
    id: int
    notice_id: int
    change_id: int
    outcome: Outcome | None
    closes_at: datetime | None
    window: Mapping[str, Any] | None = None
    # When the second silence rule ended an objection.
    unresolved_ends_at: datetime | None = None
    # Countries that the agreement does not allow and no exception covers.
    blocked: tuple[str, ...] = ()
    # When it was closed, and how many outcomes were recorded, corrections included.
    outcome_at: datetime | None = None
    outcomes: int = 0


@dataclass(frozen=True)
class ServiceOfMail:
    """A service that an agreement buys, from a day (included) to another (excluded)."""

    id: int
    from_on: date | None
    until_on: date | None

    def is_bought(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (
            self.until_on is None or on < self.until_on
        )


@dataclass(frozen=True)
class DesignationOfMail:
    kind: ContactKind
    clause: str


@dataclass(frozen=True)
class MailFacts:
    """cases: by notice, in the order of the changes. bought: services by agreement.

    designations: how a contact is designated, by (agreement, contact). services: names by key.
    responses: rows by id. settlements: the last that stands, by case.
    """

    notices: Mapping[int, NoticeOfMail]
    cases: Mapping[int, list[CaseOfMail]]
    changes: Mapping[int, ChangeOfMail]
    releases: Mapping[int, ReleaseOfMail]
    bought: Mapping[int, Sequence[ServiceOfMail]]
    designations: Mapping[tuple[int, int], DesignationOfMail]
    services: Mapping[str, str]
    responses: Mapping[int, ResponseRow]
    settlements: Mapping[int, SettlementRow]


def load_mail_facts(
    session: Session, notice_ids: Collection[int], response_ids: Collection[int]
) -> MailFacts:
    """Everything about these notices and responses that a mail about them says."""
    notices = _notices(session, notice_ids)
    cases = _cases(session, notice_ids)
    change_ids = {case.change_id for of_notice in cases.values() for case in of_notice}
    case_ids = [case.id for of_notice in cases.values() for case in of_notice if case.outcome]
    changes = load_changes_of_mail(session, change_ids)
    agreement_ids = {notice.agreement_id for notice in notices.values()}
    for of_notice in cases.values():
        of_notice.sort(key=lambda case: (changes[case.change_id].position, case.id))
    return MailFacts(
        notices=notices,
        cases=cases,
        changes=changes,
        releases=load_releases_of_mail(session, {notice.release_id for notice in notices.values()}),
        bought=_bought(session, agreement_ids),
        designations=_designations(session, agreement_ids),
        services={
            row.key: row.name for row in session.execute(select(ServiceRow.key, ServiceRow.name))
        },
        responses=_responses(session, response_ids),
        settlements=_settlements(session, case_ids),
    )


def _notices(session: Session, ids: Collection[int]) -> dict[int, NoticeOfMail]:
    rows = session.execute(
        select(
            NoticeRow.id,
            NoticeRow.reference,
            NoticeRow.release_id,
            NoticeRow.agreement_id,
            AgreementRow.reference.label("agreement_reference"),
            ClientRow.name,
            NoticeRow.language,
            # As text: most agreements share their terms, which are then read once.
            cast(TermsVersionRow.terms, Text).label("terms"),
            *(NoticeRow.window, NoticeRow.state),
            NoticeRow.served_proof,
            NoticeRow.failure_reason,
            NoticeRow.failure,
            AgreementRow.export_laws,
            serving_moves().label("serving_moves"),
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(among(NoticeRow.id, ids))
    )
    return {
        row.id: NoticeOfMail(
            id=row.id,
            reference=row.reference,
            release_id=row.release_id,
            agreement_id=row.agreement_id,
            agreement_reference=row.agreement_reference,
            client_name=row.name,
            language=row.language,
            terms=_read_terms(row.terms) if row.terms else None,
            window=row.window,
            state=NoticeState(row.state),
            served_proof=row.served_proof,
            failure_reason=row.failure_reason,
            failure=row.failure,
            laws=row.export_laws,
            serving_moves=row.serving_moves,
        )
        for row in plain_rows(rows)
    }


@lru_cache(maxsize=512)
def _read_terms(text: str) -> StoredTerms:
    mapping = json.loads(text)
    return StoredTerms(mapping, json.dumps(mapping, sort_keys=True))


def _cases(session: Session, notice_ids: Collection[int]) -> dict[int, list[CaseOfMail]]:
    outcomes = (
        select(func.count())
        .where(OutcomeRow.case_id == CaseRow.id)
        .correlate(CaseRow)
        .scalar_subquery()
        .label("outcomes")
    )
    rows = session.execute(
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.change_id,
            CaseRow.outcome,
            CaseRow.closes_at,
            CaseRow.window,
            CaseRow.unresolved_ends_at,
            CaseRow.blocked_countries,
            CaseRow.outcome_at,
            outcomes,
        ).where(among(CaseRow.notice_id, notice_ids))
    )
    cases: dict[int, list[CaseOfMail]] = {notice_id: [] for notice_id in notice_ids}
    for row in plain_rows(rows):
        outcome = Outcome(row.outcome) if row.outcome else None
        cases[row.notice_id].append(
            CaseOfMail(
                row.id,
                row.notice_id,
                row.change_id,
                outcome,
                row.closes_at,
                row.window,
                row.unresolved_ends_at,
                read_countries(row.blocked_countries),
                row.outcome_at,
                row.outcomes,
            )
        )
    return cases


def _bought(session: Session, agreement_ids: Collection[int]) -> dict[int, list[ServiceOfMail]]:
    rows = session.execute(
        select(
            AgreementServiceRow.agreement_id,
            AgreementServiceRow.service_id,
            AgreementServiceRow.from_on,
            AgreementServiceRow.until_on,
        ).where(among(AgreementServiceRow.agreement_id, agreement_ids))
    )
    bought: dict[int, list[ServiceOfMail]] = {agreement_id: [] for agreement_id in agreement_ids}
    for agreement_id, service_id, from_on, until_on in rows:
        bought[agreement_id].append(ServiceOfMail(service_id, from_on, until_on))
    return bought


def _designations(
    session: Session, agreement_ids: Collection[int]
) -> dict[tuple[int, int], DesignationOfMail]:
    """The present one of each contact; an ended one where there is no other."""
    rows = session.execute(
        select(
            AgreementContactRow.agreement_id,
            AgreementContactRow.contact_id,
            AgreementContactRow.kind,
            AgreementContactRow.clause,
        )
        .where(among(AgreementContactRow.agreement_id, agreement_ids))
        .order_by(AgreementContactRow.ended_on.is_(None), AgreementContactRow.id)
    )
    return {
        (row.agreement_id, row.contact_id): DesignationOfMail(ContactKind(row.kind), row.clause)
        for row in plain_rows(rows)
    }


def _responses(session: Session, ids: Collection[int]) -> dict[int, ResponseRow]:
    if not ids:
        return {}
    rows = session.scalars(select(ResponseRow).where(among(ResponseRow.id, ids)))
    return {row.id: row for row in rows}


def _settlements(session: Session, case_ids: Collection[int]) -> dict[int, SettlementRow]:
    if not case_ids:
        return {}
    rows = session.scalars(
        select(SettlementRow)
        .where(among(SettlementRow.case_id, case_ids), SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    )
    return {row.case_id: row for row in rows}
