"""CSV tables of the list, of clients, contacts, agreements and designations as one import file.

The rows become the same sections that the YAML file has, so that one reading and one import serve
both. Columns that a table leaves out, and entries that a row only refers to, are filled from what
is stored.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from subnotify.operations.csv_content import CsvContent
from subnotify.operations.registry_cells import (
    agreement_cells,
    client_cells,
    contact_cells,
    designation_cells,
)
from subnotify.operations.registry_list_csv import ListTables
from subnotify.rules.csv_entries import read_service, read_terms_cells, several
from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.csv_tables import Table, TableRow, place
from subnotify.rules.words import ContactKind
from subnotify.storage.agreements import AgreementRows, ClientRows

Entry = dict[str, Any]
# What a later one refers to comes first.
_ORDER = (
    ImportKind.SUBPROCESSORS,
    ImportKind.LOCATIONS,
    ImportKind.BASES,
    ImportKind.CLIENTS,
    ImportKind.CONTACTS,
    ImportKind.AGREEMENTS,
    ImportKind.DESIGNATIONS,
)
# Fields of an agreement's terms by the column they are written in.
_TERMS_PATHS = {
    "preset": "preset",
    "objection_number": "objection_period.number",
    "objection_unit": "objection_period.unit",
    "lead_number": "lead_time.number",
    "lead_unit": "lead_time.unit",
    "runs_from": "runs_from",
    "proof_of_receipt": "proof_of_receipt",
}


def read_csv_tables(
    tables: Iterable[tuple[ImportKind, Table]],
    clients: ClientRows,
    agreements: AgreementRows,
    services: Mapping[int, str],
    entries: Mapping[str, Entry],
) -> CsvContent:
    """The tables as one import file; services: keys by id; entries: the list's, as stored."""
    builder = _Builder(clients, agreements, dict(services), entries)
    for kind, table in sorted(tables, key=lambda x: _ORDER.index(x[0])):
        for row in table.rows:
            builder.take(kind, table, row)
    return builder.content


class _Builder:
    def __init__(
        self,
        clients: ClientRows,
        agreements: AgreementRows,
        services: dict[int, str],
        entries: Mapping[str, Entry],
    ) -> None:
        self.stored_clients, self.stored = clients, agreements
        self.services = services
        self.owners = {row.id: key for key, row in clients.clients.items()}
        self.content = CsvContent()
        self.list_tables = ListTables(self.content, entries)
        # Where the entry of a key stands in its section.
        self.clients: dict[str, int] = {}
        self.agreements: dict[str, int] = {}

    def take(self, kind: ImportKind, table: Table, row: TableRow) -> None:
        takers = {
            ImportKind.SUBPROCESSORS: self.list_tables.take_subprocessor,
            ImportKind.LOCATIONS: self.list_tables.take_location,
            ImportKind.BASES: self.list_tables.take_basis,
            ImportKind.CLIENTS: self._take_client,
            ImportKind.CONTACTS: self._take_contact,
            ImportKind.AGREEMENTS: self._take_agreement,
            ImportKind.DESIGNATIONS: self._take_designation,
        }
        takers[kind](table, row)

    def _take_client(self, table: Table, row: TableRow) -> None:
        key = row.cells["key"].strip()
        stored = self.stored_clients.clients.get(key)
        cells = {**(client_cells(stored) if stored else {}), **row.cells}
        number = self._append("clients", {x: cells.get(x, "") for x in ("key", "name", "country")})
        self.clients.setdefault(key, number)
        self._note(f"clients[{number}]", table, row)

    def _take_contact(self, table: Table, row: TableRow) -> None:
        client = row.cells["client"].strip()
        number = self._client_number(client, table, row)
        if number is None:
            return
        key = row.cells["key"].strip()
        owner = self.stored_clients.clients.get(client)
        stored = self.stored_clients.contacts[owner.id].get(key) if owner else None
        cells = {**(contact_cells(client, stored) if stored else {}), **row.cells}
        contacts = self.content.data["clients"][number].setdefault("contacts", [])
        contacts.append({name: cell for name, cell in cells.items() if name != "client"})
        self._note(f"clients[{number}].contacts[{len(contacts) - 1}]", table, row)

    def _take_agreement(self, table: Table, row: TableRow) -> None:
        key = row.cells["key"].strip()
        number = self._append("agreements", self._agreement(key, row.cells))
        self.agreements.setdefault(key, number)
        path = f"agreements[{number}]"
        self._note(path, table, row)
        for column, field_path in _TERMS_PATHS.items():
            self.content.places[f"{path}.terms.{field_path}"] = place(table.name, row.line, column)
        bought = []
        for text in several(row.cells.get("services", "")):
            service = read_service(text)
            if service is None:
                self.content.refuse(
                    place(table.name, row.line, "services"),
                    "“%(value)s” is not a service of an agreement.",
                    "Write its key, or its key and days: backup 2026-01-01..2026-12-31.",
                    value=text,
                )
            else:
                bought.append(service)
        if bought:
            self.content.data["agreements"][number]["services"] = bought

    def _agreement(self, key: str, given: Mapping[str, str]) -> Entry:
        stored = self.stored.agreements.get(key)
        cells = {**(self._stored_agreement(key) if stored else {}), **given}
        fields = ("key", "client", "reference", "language", "signed_on", "ended_on")
        entry: Entry = {name: cells.get(name, "") for name in fields}
        if "laws" in given:
            entry["laws"] = several(given["laws"])
        version = self.stored.terms.get(stored.id) if stored else None
        terms = read_terms_cells(given, version.terms if version else None)
        return entry if terms is None else {**entry, "terms": terms}

    def _stored_agreement(self, key: str) -> dict[str, str]:
        row = self.stored.agreements[key]
        return agreement_cells(row, self.owners[row.client_id], self.stored, self.services)

    def _take_designation(self, table: Table, row: TableRow) -> None:
        key = row.cells["agreement"].strip()
        number = self._agreement_number(key, table, row)
        if number is None:
            return
        kind = row.cells["kind"].strip().lower()
        if kind not in set(ContactKind):
            self.content.refuse(
                place(table.name, row.line, "kind"),
                "“%(value)s” is not a known value.",
                "Use one of: %(known)s.",
                value=kind,
                known=", ".join(ContactKind),
            )
            return
        cells = {**self._stored_designation(key, row.cells["contact"].strip()), **row.cells}
        section = f"{kind}_contacts"
        listed = self.content.data["agreements"][number].setdefault(section, [])
        listed.append({x: cell for x, cell in cells.items() if x not in ("agreement", "kind")})
        path = f"agreements[{number}].{section}"
        self._note(f"{path}[{len(listed) - 1}]", table, row)
        # What concerns the contacts of an agreement together is told at the first of them.
        self.content.places.setdefault(path, place(table.name, row.line))

    def _stored_designation(self, agreement: str, contact: str) -> dict[str, str]:
        row = self.stored.agreements.get(agreement)
        known = self.stored_clients.contacts[row.client_id].get(contact) if row else None
        if row is None or known is None:
            return {}
        for one in self.stored.contacts[row.id]:
            if one.contact_id == known.id and one.ended_on is None:
                return designation_cells(agreement, contact, one)
        return {}

    def _client_number(self, key: str, table: Table, row: TableRow) -> int | None:
        """Where the client of a contact stands in the file, put there from what is stored."""
        stored = self.stored_clients.clients.get(key)
        if key not in self.clients and stored is not None:
            self.clients[key] = self._append("clients", dict(client_cells(stored)))
        return self._known(self.clients.get(key), key, "client", table, row)

    def _agreement_number(self, key: str, table: Table, row: TableRow) -> int | None:
        if key not in self.agreements and key in self.stored.agreements:
            self.agreements[key] = self._append("agreements", self._agreement(key, {}))
        return self._known(self.agreements.get(key), key, "agreement", table, row)

    def _known(
        self, number: int | None, key: str, column: str, table: Table, row: TableRow
    ) -> int | None:
        if number is None:
            self.content.refuse(
                place(table.name, row.line, column),
                "“%(key)s” is not known.",
                "Correct the key, or import its table too.",
                key=key,
            )
        return number

    def _append(self, section: str, entry: Entry) -> int:
        entries = self.content.data.setdefault(section, [])
        entries.append(entry)
        return len(entries) - 1

    def _note(self, path: str, table: Table, row: TableRow) -> None:
        self.content.places[path] = place(table.name, row.line)
        for column in table.columns:
            self.content.places[f"{path}.{column}"] = place(table.name, row.line, column)
