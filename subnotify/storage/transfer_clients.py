"""Which clients a transfer concerns: running agreements that buy the services of an entry, of
clients whose data fall under the law. As SQL, whatever the number of clients."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, String, func, literal, or_, select, type_coerce
from sqlalchemy import union_all as all_of
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import VendorRole
from subnotify.storage.concerned import agreement_is_active, service_is_bought
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    ClientRow,
    ServiceRow,
)

CHUNK = 100


@dataclass(frozen=True)
class Concern:
    """Keys of services, and laws: an agreement is concerned that buys one and falls under one."""

    services: frozenset[str]
    laws: frozenset[ExportLaw]


@dataclass(frozen=True)
class Concerned:
    clients: int
    agreements: int


@dataclass(frozen=True)
class AgreementConcerned:
    """One of a page. services: names of those concerned that it buys."""

    id: int
    client_id: int
    client: str
    reference: str
    services: tuple[str, ...]


def concern_of(facts: SubprocessorFacts, laws: Collection[ExportLaw]) -> Concern:
    """What an entry concerns; nobody where the vendor is controller: clients' data are not
    in it."""
    is_clients = facts.role is VendorRole.PROCESSOR
    return Concern(frozenset(facts.services if is_clients else ()), frozenset(laws))


def count_concerned(
    session: Session, concerns: Collection[Concern], on: date
) -> dict[Concern, Concerned]:
    """Clients and agreements that each of these concerns on a day; one query for a hundred."""
    asked = sorted(set(concerns), key=lambda x: (sorted(x.services), sorted(x.laws)))
    counted = dict.fromkeys(asked, Concerned(0, 0))
    for start in range(0, len(asked), CHUNK):
        part = asked[start : start + CHUNK]
        queries = [
            select(
                literal(number),
                func.count(AgreementRow.client_id.distinct()),
                func.count(),
            ).where(AgreementRow.id.in_(_agreements([concern], on)))
            for number, concern in enumerate(part)
        ]
        for number, clients, agreements in session.execute(all_of(*queries)):
            counted[part[number]] = Concerned(clients, agreements)
    return counted


def count_concerned_by_any(session: Session, concerns: Collection[Concern], on: date) -> Concerned:
    """Clients and agreements that one or more of these concern, each counted once."""
    if not concerns:
        return Concerned(0, 0)
    found = _agreements(list(concerns), on)
    row = session.execute(
        select(func.count(AgreementRow.client_id.distinct()), func.count()).where(
            AgreementRow.id.in_(found)
        )
    ).one()
    return Concerned(*row)


def list_concerned_by_any(
    session: Session, concerns: Sequence[Concern], on: date, *, limit: int, offset: int
) -> list[AgreementConcerned]:
    """One page of the agreements concerned, by client."""
    if not concerns:
        return []
    rows = session.execute(
        select(AgreementRow.id, ClientRow.id, ClientRow.name, AgreementRow.reference)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(AgreementRow.id.in_(_agreements(concerns, on)))
        .order_by(ClientRow.name, AgreementRow.id)
        .limit(limit)
        .offset(offset)
    ).all()
    services = _services_bought(session, [row[0] for row in rows], concerns, on)
    return [
        AgreementConcerned(agreement_id, client_id, client, reference, services[agreement_id])
        for agreement_id, client_id, client, reference in rows
    ]


def _agreements(concerns: Sequence[Concern], on: date) -> Select[int]:
    each = [
        ServiceRow.key.in_(sorted(concern.services)) & _falls_under(concern.laws)
        for concern in concerns
    ]
    return (
        select(AgreementServiceRow.agreement_id)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .join(AgreementRow, AgreementRow.id == AgreementServiceRow.agreement_id)
        .where(agreement_is_active(on), service_is_bought(on), or_(*each))
        .distinct()
    )


def _falls_under(laws: Collection[ExportLaw]) -> ColumnElement[bool]:
    """The agreement names none of its laws (all of the vendor's count then), or one of these."""
    named = type_coerce(AgreementRow.export_laws, String)
    return or_(named == "", *(named.contains(law.value, autoescape=True) for law in sorted(laws)))


def _services_bought(
    session: Session, agreement_ids: Sequence[int], concerns: Sequence[Concern], on: date
) -> dict[int, tuple[str, ...]]:
    keys = sorted({key for concern in concerns for key in concern.services})
    bought: dict[int, tuple[str, ...]] = dict.fromkeys(agreement_ids, ())
    rows = session.execute(
        select(AgreementServiceRow.agreement_id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == AgreementServiceRow.service_id)
        .where(
            AgreementServiceRow.agreement_id.in_(agreement_ids),
            ServiceRow.key.in_(keys),
            service_is_bought(on),
        )
        .order_by(ServiceRow.name)
    )
    for agreement_id, name in rows:
        bought[agreement_id] = (*bought[agreement_id], name)
    return bought
