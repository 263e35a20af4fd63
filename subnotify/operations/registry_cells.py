"""What is stored of clients, contacts, agreements and designations, as cells of plain tables."""

from collections.abc import Iterator
from datetime import date

from subnotify.rules.csv_entries import joined, service_text, terms_cells
from subnotify.rules.csv_layouts import ImportKind
from subnotify.storage.agreements import AgreementRows, ClientRows
from subnotify.storage.tables import AgreementContactRow, AgreementRow, ClientRow, ContactRow

Cells = dict[str, str]


def client_cells(row: ClientRow) -> Cells:
    return {"key": row.key, "name": row.name, "country": row.country}


def contact_cells(client: str, row: ContactRow) -> Cells:
    return {
        "client": client,
        "key": row.key,
        "name": row.name,
        "role_title": row.role_title,
        "email": row.email or "",
        "postal_address": row.postal_address,
        "phone": row.phone,
    }


def agreement_cells(
    row: AgreementRow, client: str, agreements: AgreementRows, services: dict[int, str]
) -> Cells:
    """services: keys by id."""
    bought = sorted(
        (services[service_id], _day(one.from_on), _day(one.until_on))
        for service_id, one in agreements.services[row.id].items()
    )
    terms = agreements.terms.get(row.id)
    return {
        "key": row.key,
        "client": client,
        "reference": row.reference,
        "language": row.language,
        "signed_on": _day(row.signed_on),
        "ended_on": _day(row.ended_on),
        "services": joined([service_text(*one) for one in bought]),
        "laws": joined(sorted(row.export_laws)),
        **terms_cells(terms.terms if terms else None),
    }


def designation_cells(agreement: str, contact: str, row: AgreementContactRow) -> Cells:
    return {
        "agreement": agreement,
        "contact": contact,
        "kind": row.kind,
        "clause": row.clause,
        "designated_on": _day(row.designated_on),
        "letter_reference": row.letter_reference,
        "ended_on": _day(row.ended_on),
    }


def stored_cells(
    kind: ImportKind, clients: ClientRows, agreements: AgreementRows, services: dict[int, str]
) -> Iterator[Cells]:
    """Everything stored of one kind, by key. Of designations, those that stand."""
    by_id = {row.id: row for row in clients.clients.values()}
    if kind is ImportKind.CLIENTS:
        for _, client in sorted(clients.clients.items()):
            yield client_cells(client)
    elif kind is ImportKind.CONTACTS:
        for key, client in sorted(clients.clients.items()):
            for _, contact in sorted(clients.contacts[client.id].items()):
                yield contact_cells(key, contact)
    elif kind is ImportKind.AGREEMENTS:
        for _, row in sorted(agreements.agreements.items()):
            yield agreement_cells(row, by_id[row.client_id].key, agreements, services)
    else:
        for key, row in sorted(agreements.agreements.items()):
            names = {x.id: x.key for x in clients.contacts[row.client_id].values()}
            for designation in agreements.contacts[row.id]:
                if designation.ended_on is None:
                    yield designation_cells(key, names[designation.contact_id], designation)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
