"""One agreement as the desk shows it: services, contacts, versions of its terms, its cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ContactKind,
    NoticeState,
    Outcome,
    SettlementKind,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    ContactRow,
    NoticeRow,
    ReleaseRow,
    ServiceRow,
    SettlementRow,
    TermsVersionRow,
)
from subnotify.storage.tables.base import Json

MOST_CASES = 200


@dataclass(frozen=True)
class AgreementHead:
    """The agreement and whose it is. ended_on: its last day. laws: of the vendor's export laws
    those of this client's data; empty: all of them."""

    id: int
    key: str
    reference: str
    language: str
    signed_on: date | None
    ended_on: date | None
    client_id: int
    client: str
    laws: frozenset[ExportLaw] = frozenset()


@dataclass(frozen=True)
class BoughtService:
    """until_on: the first day without it. is_terminated: the client terminated it."""

    id: int
    key: str
    name: str
    from_on: date | None
    until_on: date | None
    is_terminated: bool

    @property
    def last_day(self) -> date | None:
        return self.until_on - timedelta(days=1) if self.until_on else None


@dataclass(frozen=True)
class NamedContact:
    """A naming of a contact in the agreement; id is the naming's own."""

    id: int
    contact_id: int
    name: str
    role_title: str
    email: str | None
    kind: ContactKind
    clause: str
    designated_on: date | None
    letter_reference: str
    ended_on: date | None


@dataclass(frozen=True)
class TermsVersion:
    number: int
    is_current: bool
    terms: Json
    not_computable: str | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class AgreementCase:
    """zone: of the terms that its notice was made under; None while they are unknown."""

    id: int
    release_number: str
    notice_reference: str
    notice_state: NoticeState
    change_kind: ChangeKind
    subprocessor: str
    state: CaseState
    outcome: Outcome | None
    closes_at: datetime | None
    zone: str | None


@dataclass(frozen=True)
class AgreementFile:
    head: AgreementHead
    services: tuple[BoughtService, ...]
    contacts: tuple[NamedContact, ...]
    terms: tuple[TermsVersion, ...]
    cases: tuple[AgreementCase, ...]


def get_agreement_head(session: Session, agreement_id: int) -> AgreementHead:
    """Raises NotFound."""
    found = session.execute(
        select(AgreementRow, ClientRow.name)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(AgreementRow.id == agreement_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, client = found
    return AgreementHead(
        id=row.id,
        key=row.key,
        reference=row.reference,
        language=row.language,
        signed_on=row.signed_on,
        ended_on=row.ended_on,
        client_id=row.client_id,
        client=client,
        laws=row.export_laws,
    )


def get_agreement_file(session: Session, agreement_id: int) -> AgreementFile:
    """The agreement with all that belongs to it; of its cases the latest 200. Raises NotFound."""
    return AgreementFile(
        head=get_agreement_head(session, agreement_id),
        services=list_bought_services(session, agreement_id),
        contacts=list_named_contacts(session, agreement_id),
        terms=_terms(session, agreement_id),
        cases=_cases(session, agreement_id),
    )


def list_bought_services(session: Session, agreement_id: int) -> tuple[BoughtService, ...]:
    """Its services by name, also those that have ended."""
    terminated = _terminated_keys(session, agreement_id)
    rows = session.execute(
        select(
            ServiceRow.id,
            ServiceRow.key,
            ServiceRow.name,
            AgreementServiceRow.from_on,
            AgreementServiceRow.until_on,
        )
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ServiceRow.id)
        .where(AgreementServiceRow.agreement_id == agreement_id)
        .order_by(ServiceRow.name, ServiceRow.id)
    )
    return tuple(BoughtService(*row, row.key in terminated) for row in rows)


def _terminated_keys(session: Session, agreement_id: int) -> frozenset[str]:
    named = session.scalars(
        select(SettlementRow.services)
        .join(CaseRow, CaseRow.id == SettlementRow.case_id)
        .where(
            CaseRow.agreement_id == agreement_id,
            SettlementRow.kind == SettlementKind.TERMINATED.value,
            SettlementRow.undone_at.is_(None),
        )
    )
    return frozenset(key for keys in named for key in keys)


def list_named_contacts(session: Session, agreement_id: int) -> tuple[NamedContact, ...]:
    """Its notice contacts, then its copy contacts; of each those that stand come first."""
    rows = session.execute(
        select(AgreementContactRow, ContactRow)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(AgreementContactRow.agreement_id == agreement_id)
        .order_by(
            AgreementContactRow.kind.desc(),
            AgreementContactRow.ended_on.is_not(None),
            AgreementContactRow.id,
        )
    )
    return tuple(
        NamedContact(
            id=row.id,
            contact_id=contact.id,
            name=contact.name,
            role_title=contact.role_title,
            email=contact.email,
            kind=ContactKind(row.kind),
            clause=row.clause,
            designated_on=row.designated_on,
            letter_reference=row.letter_reference,
            ended_on=row.ended_on,
        )
        for row, contact in rows
    )


def count_open_cases(session: Session, agreement_id: int) -> int:
    """Its cases without an outcome."""
    query = select(func.count(CaseRow.id)).where(
        CaseRow.agreement_id == agreement_id, CaseRow.outcome.is_(None)
    )
    return session.scalar(query) or 0


def find_zone(session: Session, agreement_id: int) -> str | None:
    """The IANA zone in which its present terms count days; None while they are unknown."""
    terms = session.scalar(
        select(TermsVersionRow.terms).where(
            TermsVersionRow.agreement_id == agreement_id, TermsVersionRow.is_current
        )
    )
    return terms["counting"]["time_zone"] if terms else None


def _terms(session: Session, agreement_id: int) -> tuple[TermsVersion, ...]:
    rows = session.scalars(
        select(TermsVersionRow)
        .where(TermsVersionRow.agreement_id == agreement_id)
        .order_by(TermsVersionRow.number.desc())
    )
    return tuple(
        TermsVersion(
            number=row.number,
            is_current=row.is_current,
            terms=row.terms,
            not_computable=row.not_computable,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row in rows
    )


def _cases(session: Session, agreement_id: int) -> tuple[AgreementCase, ...]:
    rows = session.execute(
        select(
            CaseRow.id,
            CaseRow.state,
            CaseRow.outcome,
            CaseRow.closes_at,
            NoticeRow.reference,
            NoticeRow.state.label("notice_state"),
            ChangeRow.kind,
            ChangeRow.facts,
            ReleaseRow.number,
            TermsVersionRow.terms["counting"]["time_zone"].as_string().label("zone"),
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(CaseRow.agreement_id == agreement_id)
        .order_by(CaseRow.id.desc())
        .limit(MOST_CASES)
    )
    return tuple(_case(row) for row in rows)


def _case(row: Any) -> AgreementCase:
    return AgreementCase(
        id=row.id,
        release_number=row.number or "",
        notice_reference=row.reference,
        notice_state=NoticeState(row.notice_state),
        change_kind=ChangeKind(row.kind),
        subprocessor=str((row.facts or {}).get("name", "")),
        state=CaseState(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        closes_at=row.closes_at,
        zone=row.zone,
    )
