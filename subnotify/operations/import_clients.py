"""Clients and their contacts, from an import file."""

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_run import Effect, ImportRun
from subnotify.operations.refuse_unprintable import (
    refuse_unprintable_contact,
    refuse_unprintable_name,
)
from subnotify.operations.tell_old_address import (
    MovedContact,
    find_move,
    is_untold,
    tell_old_addresses,
)
from subnotify.rules.registry_entries import AgreementEntry, ClientEntry, ContactEntry, RegistryFile
from subnotify.storage.agreements import AgreementRows, ClientRows
from subnotify.storage.tables import AgreementContactRow, ClientRow, ContactRow

# What a notice is addressed by: a change of it is a change of the designated contact.
_DESIGNATING = ("name", "email", "postal_address")
# Designated contacts at whose old address nobody could be told: only mails tell of it.
UNTOLD = "contacts_not_told"


def import_clients(
    run: ImportRun, file: RegistryFile, clients: ClientRows, agreements: AgreementRows
) -> frozenset[int]:
    """Keep the clients and contacts; the ids of designated contacts that are changed by letter."""
    for number, entry in enumerate(file.clients):
        stored = clients.clients.get(entry.key)
        if stored is not None:
            addressed = clients.contacts[stored.id].values()
            refuse_unprintable_name(run, entry, stored, addressed, f"clients[{number}]")
        _keep_client(run, entry, clients)
    run.session.flush()
    known = {
        (key, contact)
        for key, row in clients.clients.items()
        for contact in clients.contacts.get(row.id, ())
    }
    changed: set[int] = set()
    moved: list[MovedContact] = []
    entries = {agreement.key: agreement for agreement in file.agreements}
    names = {row.id: key for key, row in agreements.agreements.items()}
    for number, entry in enumerate(file.clients):
        client = clients.clients[entry.key]
        for place, contact in enumerate(entry.contacts):
            where = f"clients[{number}].contacts[{place}]"
            stored_contact = clients.contacts[client.id].get(contact.key)
            refuse_unprintable_contact(run, entry, contact, stored_contact, where)
            if (entry.key, contact.key) not in known:
                _add_contact(run, contact, client, clients)
                continue
            row = clients.contacts[client.id][contact.key]
            designations = agreements.designated.get(row.id, [])
            if designations and _changes_designation(run, row, contact):
                for designation in designations:
                    name = names[designation.agreement_id]
                    _ask_for_letter(run, designation, name, entries.get(name), contact, where)
                _record_change(run, row, contact, designations)
                changed.add(row.id)
            moved += _moves(run, row, contact)
            name = f"{entry.key}/{contact.key}"
            if designations and run.is_published and is_untold(_addresses(row), _values(contact)):
                run.count(UNTOLD, Effect.NEW, name)
            differs = run.assign("contacts", name, row, **_values(contact))
            run.count("contacts", Effect.CHANGED if differs else Effect.UNCHANGED, name)
    run.session.flush()
    tell_old_addresses(run.session, moved, on=run.today, at=run.at)
    return frozenset(changed)


def _add_contact(
    run: ImportRun, contact: ContactEntry, client: ClientRow, clients: ClientRows
) -> None:
    row = ContactRow(client_id=client.id, key=contact.key, **_values(contact))
    run.session.add(row)
    clients.contacts[client.id][contact.key] = row
    name = f"{client.key}/{contact.key}"
    run.note_all("contacts", name, {}, _values(contact))
    run.count("contacts", Effect.NEW, name)


def _keep_client(run: ImportRun, entry: ClientEntry, clients: ClientRows) -> None:
    row = clients.clients.get(entry.key)
    if row is None:
        row = ClientRow(key=entry.key, name=entry.name, country=entry.country, created_at=run.at)
        run.session.add(row)
        clients.clients[entry.key] = row
        run.note_all("clients", entry.key, {}, {"name": entry.name, "country": entry.country})
        run.count("clients", Effect.NEW, entry.key)
        return
    changed = run.assign("clients", entry.key, row, name=entry.name, country=entry.country)
    if changed:
        run.changed_clients.add(row.id)
    run.count("clients", Effect.CHANGED if changed else Effect.UNCHANGED, entry.key)


def _values(contact: ContactEntry) -> dict[str, str | None]:
    return {
        "name": contact.name,
        "role_title": contact.role_title,
        "email": contact.email or None,
        "postal_address": contact.postal_address,
        "phone": contact.phone,
    }


def _changes_designation(run: ImportRun, row: ContactRow, contact: ContactEntry) -> bool:
    values = _values(contact)
    return run.is_published and any(getattr(row, x) != values[x] for x in _DESIGNATING)


def _moves(run: ImportRun, row: ContactRow, contact: ContactEntry) -> list[MovedContact]:
    """What its old address is told of. Before the first publication nothing was sent to it."""
    if not run.is_published:
        return []
    move = find_move(row.id, _addresses(row), _values(contact))
    return [move] if move is not None else []


def _addresses(row: ContactRow) -> dict[str, str | None]:
    return {"email": row.email, "postal_address": row.postal_address}


def _ask_for_letter(
    run: ImportRun,
    designation: AgreementContactRow,
    agreement: str,
    entry: AgreementEntry | None,
    contact: ContactEntry,
    where: str,
) -> None:
    """A designated contact changes by registered letter: the file must give its reference."""
    given = [
        x.letter_reference for x in (entry.contacts if entry else ()) if x.contact == contact.key
    ]
    if given and given[0] and given[0] != designation.letter_reference:
        return
    run.problem(
        where,
        "“%(contact)s” is a designated notice contact of the agreement “%(agreement)s”, and a"
        " designated contact is changed by registered letter.",
        "Under notice_contacts of that agreement, give the letter_reference of the new letter.",
        contact=contact.key,
        agreement=agreement,
    )


def _record_change(
    run: ImportRun,
    row: ContactRow,
    contact: ContactEntry,
    designations: list[AgreementContactRow],
) -> None:
    values = _values(contact)
    run.evidence += [
        NewEvidence(
            "designated_contact_changed",
            "agreement",
            designation.agreement_id,
            {
                "by": run.by,
                "before": {x: getattr(row, x) for x in _DESIGNATING},
                "after": {x: values[x] for x in _DESIGNATING},
            },
        )
        for designation in designations
    ]
