"""What the texts of a batch of messages need, loaded in a constant number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts, facts_from_mapping
from subnotify.rules.texts import LocalText, local_text
from subnotify.rules.words import ChangeKind, ContactKind, Outcome
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    ListEntryRow,
    NoticeRow,
    ReleaseRow,
    ResponseRow,
    ServiceRow,
    SettlementRow,
    TermsVersionRow,
)
from subnotify.storage.tables.base import Json


@dataclass(frozen=True)
class NoticeOfMail:
    """A notice with its parties. terms and window are mappings as stored; terms_digest leaves the
    provenance out."""

    id: int
    reference: str
    release_id: int
    agreement_id: int
    agreement_reference: str
    client_name: str
    language: str
    terms: Json | None
    terms_digest: str
    window: Json | None
    served_proof: str | None
    failure_reason: str | None
    failure: str | None


@dataclass(frozen=True)
class CaseOfMail:
    id: int
    notice_id: int
    change_id: int
    outcome: Outcome | None
    closes_at: datetime | None
    window: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ChangeOfMail:
    """services: names by service id, in their order."""

    id: int
    position: int
    kind: ChangeKind
    facts: SubprocessorFacts
    replaced: SubprocessorFacts | None
    commencement_on: date | None
    services: Mapping[int, str]


@dataclass(frozen=True)
class ReleaseOfMail:
    id: int
    released_at: datetime | None
    reason: LocalText
    paragraph: LocalText
    emergency: LocalText


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
    changes = _changes(session, change_ids)
    agreement_ids = {notice.agreement_id for notice in notices.values()}
    for of_notice in cases.values():
        of_notice.sort(key=lambda case: (changes[case.change_id].position, case.id))
    return MailFacts(
        notices=notices,
        cases=cases,
        changes=changes,
        releases=_releases(session, {notice.release_id for notice in notices.values()}),
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
        select(NoticeRow, AgreementRow.reference, ClientRow.name, TermsVersionRow)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.id.in_(ids))
        # What is being sent may have changed since this session last read it.
        .execution_options(populate_existing=True)
    )
    return {
        row.id: NoticeOfMail(
            id=row.id,
            reference=row.reference,
            release_id=row.release_id,
            agreement_id=row.agreement_id,
            agreement_reference=agreement_reference,
            client_name=client_name,
            language=row.language,
            terms=terms.terms if terms else None,
            terms_digest=terms.digest if terms else "",
            window=row.window,
            served_proof=row.served_proof,
            failure_reason=row.failure_reason,
            failure=row.failure,
        )
        for row, agreement_reference, client_name, terms in rows
    }


def _cases(session: Session, notice_ids: Collection[int]) -> dict[int, list[CaseOfMail]]:
    rows = session.execute(
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.change_id,
            CaseRow.outcome,
            CaseRow.closes_at,
            CaseRow.window,
        ).where(CaseRow.notice_id.in_(notice_ids))
    )
    cases: dict[int, list[CaseOfMail]] = {notice_id: [] for notice_id in notice_ids}
    for row in rows:
        outcome = Outcome(row.outcome) if row.outcome else None
        cases[row.notice_id].append(
            CaseOfMail(row.id, row.notice_id, row.change_id, outcome, row.closes_at, row.window)
        )
    return cases


def _changes(session: Session, ids: Collection[int]) -> dict[int, ChangeOfMail]:
    rows = list(session.scalars(select(ChangeRow).where(ChangeRow.id.in_(ids))))
    services = _change_services(session, ids)
    replaced = _entries(session, {row.replaced_id for row in rows if row.replaced_id})
    return {
        row.id: ChangeOfMail(
            row.id,
            row.position or 0,
            ChangeKind(row.kind),
            facts_from_mapping(row.facts or {}),
            replaced.get(row.replaced_id) if row.replaced_id else None,
            row.commencement_on,
            services.get(row.id, {}),
        )
        for row in rows
    }


def _change_services(session: Session, ids: Collection[int]) -> dict[int, dict[int, str]]:
    rows = session.execute(
        select(ChangeServiceRow.change_id, ServiceRow.id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == ChangeServiceRow.service_id)
        .where(ChangeServiceRow.change_id.in_(ids))
        .order_by(ServiceRow.name, ServiceRow.id)
    )
    services: dict[int, dict[int, str]] = {}
    for change_id, service_id, name in rows:
        services.setdefault(change_id, {})[service_id] = name
    return services


def _entries(session: Session, subprocessor_ids: Collection[int]) -> dict[int, SubprocessorFacts]:
    """What the list said last of each of these."""
    rows = session.execute(
        select(ListEntryRow.subprocessor_id, ListEntryRow.facts)
        .where(ListEntryRow.subprocessor_id.in_(subprocessor_ids))
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    )
    return {row.subprocessor_id: facts_from_mapping(row.facts) for row in rows}


def _releases(session: Session, ids: Collection[int]) -> dict[int, ReleaseOfMail]:
    rows = session.execute(
        select(
            ReleaseRow.id,
            ReleaseRow.released_at,
            ReleaseRow.reason,
            ReleaseRow.paragraph,
            ReleaseRow.emergency_reason,
        ).where(ReleaseRow.id.in_(ids))
    )
    return {
        row.id: ReleaseOfMail(
            row.id,
            row.released_at,
            local_text(row.reason),
            local_text(row.paragraph),
            local_text(row.emergency_reason),
        )
        for row in rows
    }


def _bought(session: Session, agreement_ids: Collection[int]) -> dict[int, list[ServiceOfMail]]:
    rows = session.execute(
        select(
            AgreementServiceRow.agreement_id,
            AgreementServiceRow.service_id,
            AgreementServiceRow.from_on,
            AgreementServiceRow.until_on,
        ).where(AgreementServiceRow.agreement_id.in_(agreement_ids))
    )
    bought: dict[int, list[ServiceOfMail]] = {agreement_id: [] for agreement_id in agreement_ids}
    for agreement_id, service_id, from_on, until_on in rows:
        bought[agreement_id].append(ServiceOfMail(service_id, from_on, until_on))
    return bought


def _designations(
    session: Session, agreement_ids: Collection[int]
) -> dict[tuple[int, int], DesignationOfMail]:
    """The present one of each contact; an ended one where there is no other."""
    rows = session.scalars(
        select(AgreementContactRow)
        .where(AgreementContactRow.agreement_id.in_(agreement_ids))
        .order_by(AgreementContactRow.ended_on.is_(None), AgreementContactRow.id)
    )
    return {
        (row.agreement_id, row.contact_id): DesignationOfMail(ContactKind(row.kind), row.clause)
        for row in rows
    }


def _responses(session: Session, ids: Collection[int]) -> dict[int, ResponseRow]:
    if not ids:
        return {}
    rows = session.scalars(select(ResponseRow).where(ResponseRow.id.in_(ids)))
    return {row.id: row for row in rows}


def _settlements(session: Session, case_ids: Collection[int]) -> dict[int, SettlementRow]:
    if not case_ids:
        return {}
    rows = session.scalars(
        select(SettlementRow)
        .where(SettlementRow.case_id.in_(case_ids), SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    )
    return {row.case_id: row for row in rows}
