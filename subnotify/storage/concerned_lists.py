"""Lists and counts of the agreements that changes concern.

Every figure over all agreements is one grouped query, every list a page; so ten thousand
agreements cost what fifty do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Row, Subquery, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.releases import Unservable
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import ContactKind
from subnotify.storage.concerned import (
    agreements_buying,
    concerned,
    contact_is_designated,
    service_is_bought,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ChangeServiceRow,
    ClientRow,
    ContactRow,
    ServiceRow,
    TermsVersionRow,
)

CHUNK = 500


@dataclass(frozen=True)
class TermsGroup:
    """Agreements concerned that share terms, language and what hinders them.

    terms_id: one version standing for all with the same digest; None where there are no terms.
    """

    digest: str | None
    terms_id: int | None
    language: str
    serving_problem: Unservable | None
    terms_problem: Unservable | None
    agreements: int


@dataclass(frozen=True)
class ConcernedContact:
    name: str
    email: str | None
    kind: ContactKind
    clause: str = ""


@dataclass(frozen=True)
class ConcernedAgreement:
    """One agreement concerned: problems is what keeps it from being served or computed.

    not_computable: the code that its terms version carries.
    """

    id: int
    reference: str
    client_name: str
    language: str
    terms_id: int | None
    digest: str | None
    problems: tuple[Unservable, ...]
    not_computable: str | None = None
    services: tuple[str, ...] = ()
    contacts: tuple[ConcernedContact, ...] = ()


def list_groups(session: Session, change_ids: Sequence[int], on: date) -> tuple[TermsGroup, ...]:
    """All agreements concerned, counted by terms, language and problems; largest group first."""
    if not change_ids:
        return ()
    found = concerned(change_ids, on)
    keys = (
        found.c.digest,
        found.c.language,
        found.c.serving_problem,
        found.c.terms_problem,
    )
    rows = session.execute(
        select(*keys, func.min(found.c.terms_id).label("terms_id"), func.count().label("number"))
        .group_by(*keys)
        .order_by(func.count().desc(), func.min(found.c.id))
    )
    return tuple(
        TermsGroup(
            row.digest,
            row.terms_id,
            row.language,
            _unservable(row.serving_problem),
            _unservable(row.terms_problem),
            row.number,
        )
        for row in rows
    )


def load_terms(session: Session, terms_ids: Iterable[int]) -> Mapping[int, NoticeTerms]:
    """Terms versions by id."""
    ids = sorted(set(terms_ids))
    terms: dict[int, NoticeTerms] = {}
    for start in range(0, len(ids), CHUNK):
        rows = session.execute(
            select(TermsVersionRow.id, TermsVersionRow.terms).where(
                TermsVersionRow.id.in_(ids[start : start + CHUNK])
            )
        )
        terms |= {row.id: terms_from_mapping(row.terms) for row in rows}
    return terms


def list_wanting_dates(session: Session, change_id: int, on: date) -> tuple[str, ...]:
    """References of the agreements concerned whose terms want the subprocessing agreement's
    dates."""
    found = concerned([change_id], on)
    rows = session.execute(
        select(found.c.reference).where(found.c.wants_dates).order_by(found.c.reference)
    )
    return tuple(rows.scalars())


def list_languages(session: Session, change_id: int, on: date) -> frozenset[str]:
    """The languages of the agreements that one change concerns."""
    found = agreements_buying([change_id], on)
    rows = session.execute(
        select(AgreementRow.language).where(AgreementRow.id.in_(found)).distinct()
    )
    return frozenset(rows.scalars())


def list_unservable(
    session: Session, change_ids: Sequence[int], on: date
) -> tuple[ConcernedAgreement, ...]:
    """Agreements concerned that cannot be served or computed, by client: what legal confirms."""
    if not change_ids:
        return ()
    found = concerned(change_ids, on)
    hindered = or_(found.c.serving_problem.is_not(None), found.c.terms_problem.is_not(None))
    return _agreements(session, found, hindered)


def list_concerned(
    session: Session, change_ids: Sequence[int], on: date, *, limit: int, offset: int
) -> tuple[ConcernedAgreement, ...]:
    """One page of the agreements concerned, by client, with services and contacts."""
    if not change_ids:
        return ()
    # First the page, then what it shows: the rest of a long list costs nothing.
    rows = session.scalars(
        select(AgreementRow.id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(AgreementRow.id.in_(agreements_buying(change_ids, on)))
        .order_by(ClientRow.name, AgreementRow.id)
        .limit(limit)
        .offset(offset)
    )
    page = _agreements(session, concerned(change_ids, on, only=rows.all()))
    return _with_details(session, page, change_ids, on)


def find_concerned(
    session: Session, change_ids: Sequence[int], agreement_id: int, on: date
) -> ConcernedAgreement | None:
    """One agreement, with services and contacts, if the changes concern it."""
    if not change_ids:
        return None
    page = _agreements(session, concerned(change_ids, on, only=[agreement_id]))
    return next(iter(_with_details(session, page, change_ids, on)), None)


def name_services_by_change(
    session: Session, agreement_ids: Sequence[int], change_ids: Sequence[int], on: date
) -> Mapping[int, Mapping[int, tuple[str, ...]]]:
    """Per agreement and change, the names of the services concerned that the agreement buys;
    changes that do not concern it are left out."""
    rows = session.execute(
        select(AgreementServiceRow.agreement_id, ChangeServiceRow.change_id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == ChangeServiceRow.service_id)
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ServiceRow.id)
        .where(
            AgreementServiceRow.agreement_id.in_(agreement_ids),
            ChangeServiceRow.change_id.in_(change_ids),
            service_is_bought(on),
        )
        .order_by(ServiceRow.name)
    )
    named: dict[int, dict[int, tuple[str, ...]]] = {one: {} for one in agreement_ids}
    for agreement_id, change_id, name in rows:
        told = named[agreement_id]
        told[change_id] = (*told.get(change_id, ()), name)
    return named


def _agreements(
    session: Session, found: Subquery, condition: ColumnElement[bool] | None = None
) -> tuple[ConcernedAgreement, ...]:
    """The agreements of `concerned` with their clients' names, by client."""
    query = select(found, ClientRow.name.label("client_name")).join(
        ClientRow, ClientRow.id == found.c.client_id
    )
    if condition is not None:
        query = query.where(condition)
    rows = session.execute(query.order_by(ClientRow.name, found.c.id))
    return tuple(
        ConcernedAgreement(
            id=row.id,
            reference=row.reference,
            client_name=row.client_name,
            language=row.language,
            terms_id=row.terms_id,
            digest=row.digest,
            problems=tuple(
                problem
                for problem in (_unservable(row.serving_problem), _unservable(row.terms_problem))
                if problem is not None
            ),
            not_computable=row.not_computable,
        )
        for row in rows
    )


def _with_details(
    session: Session, page: Sequence[ConcernedAgreement], change_ids: Sequence[int], on: date
) -> tuple[ConcernedAgreement, ...]:
    ids = [agreement.id for agreement in page]
    services = _services_concerned(session, ids, change_ids, on)
    contacts = _contacts(session, ids, on)
    return tuple(
        replace(
            agreement,
            services=services.get(agreement.id, ()),
            contacts=contacts.get(agreement.id, ()),
        )
        for agreement in page
    )


def _unservable(value: str | None) -> Unservable | None:
    return None if value is None else Unservable(value)


def _services_concerned(
    session: Session, agreement_ids: Sequence[int], change_ids: Sequence[int], on: date
) -> Mapping[int, tuple[str, ...]]:
    rows = session.execute(
        select(AgreementServiceRow.agreement_id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .join(ChangeServiceRow, ChangeServiceRow.service_id == ServiceRow.id)
        .where(
            AgreementServiceRow.agreement_id.in_(agreement_ids),
            ChangeServiceRow.change_id.in_(change_ids),
            service_is_bought(on),
        )
        .distinct()
        .order_by(ServiceRow.name)
    )
    return _grouped(rows.all())


def _grouped(rows: Iterable[Row[int, str]]) -> Mapping[int, tuple[str, ...]]:
    """The second column's values by the first one's."""
    grouped: dict[int, tuple[str, ...]] = {}
    for key, value in rows:
        grouped[key] = (*grouped.get(key, ()), value)
    return grouped


def _contacts(
    session: Session, agreement_ids: Sequence[int], on: date
) -> Mapping[int, tuple[ConcernedContact, ...]]:
    rows = session.execute(
        select(
            AgreementContactRow.agreement_id,
            ContactRow.name,
            ContactRow.email,
            AgreementContactRow.kind,
            AgreementContactRow.clause,
        )
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(AgreementContactRow.agreement_id.in_(agreement_ids), contact_is_designated(on))
        .order_by(AgreementContactRow.kind.desc(), ContactRow.name, ContactRow.id)
    )
    contacts: dict[int, tuple[ConcernedContact, ...]] = {}
    for agreement_id, name, email, kind, clause in rows:
        contact = ConcernedContact(name, email, ContactKind(kind), clause)
        contacts[agreement_id] = (*contacts.get(agreement_id, ()), contact)
    return contacts
