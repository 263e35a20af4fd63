"""CSV tables of the list as the section `subprocessors` of an import file, and back.

An entry that a table only refers to, and columns that it leaves out, are filled from what is
stored. The lines of an entry in the tables of locations and of bases are all of them.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from subnotify.operations.csv_content import CsvContent
from subnotify.rules.csv_layouts import PLACE_COLUMNS, ImportKind
from subnotify.rules.csv_list_entries import (
    BASIS_PATHS,
    ENTRY_PATHS,
    basis_cells,
    entry_cells,
    is_without_basis,
    read_basis_cells,
    read_entry_cells,
)
from subnotify.rules.csv_tables import Table, TableRow, place

Entry = dict[str, Any]
Cells = dict[str, str]
_SECTION = "subprocessors"


class ListTables:
    """stored: the entries there are, by key, in the shape of an import file."""

    def __init__(self, content: CsvContent, stored: Mapping[str, Entry]) -> None:
        self.content = content
        self.stored = stored
        # Where the entry of a key stands in the section.
        self.numbers: dict[str, int] = {}
        # What a location had before the lines of its entry began, by key, then place.
        self.kept_bases: dict[str, dict[tuple[str, ...], list[Entry]]] = {}
        self.with_bases: set[str] = set()

    def take_subprocessor(self, table: Table, row: TableRow) -> None:
        key = row.cells["key"].strip()
        number = self._append(read_entry_cells(row.cells, self.stored.get(key, {})))
        self.numbers.setdefault(key, number)
        self._note(f"{_SECTION}[{number}]", table, row, ENTRY_PATHS)

    def take_location(self, table: Table, row: TableRow) -> None:
        key = row.cells["subprocessor"].strip()
        entry = self._entry(key, table, row)
        if entry is None:
            return
        if key not in self.kept_bases:
            self.kept_bases[key] = {
                _place(x): x["bases"] for x in entry.get("locations", ()) if "bases" in x
            }
            entry["locations"] = []
        location: Entry = {x: row.cells.get(x, "").strip() for x in PLACE_COLUMNS}
        if _place(location) in {_place(x) for x in entry["locations"]}:
            self._refuse(
                place(table.name, row.line),
                "This location is there twice.",
                "Keep one of the two; its transfer bases stand in bases.csv.",
            )
            return
        kept = self.kept_bases[key].get(_place(location))
        entry["locations"].append({**location, "bases": kept} if kept else location)
        path = f"{_SECTION}[{self.numbers[key]}].locations[{len(entry['locations']) - 1}]"
        self._note(path, table, row, {})

    def take_basis(self, table: Table, row: TableRow) -> None:
        key = row.cells["subprocessor"].strip()
        entry = self._entry(key, table, row)
        if entry is None:
            return
        if key not in self.with_bases:
            self.with_bases.add(key)
            for location in entry.get("locations", ()):
                location.pop("bases", None)
        wanted = _place(row.cells)
        locations = list(entry.get("locations", ()))
        number = next((i for i, x in enumerate(locations) if _place(x) == wanted), None)
        if number is None:
            self._refuse(
                place(table.name, row.line, "kind"),
                "“%(key)s” has no such location: %(place)s.",
                "Correct country, organisation and kind, or add it to locations.csv.",
                key=key,
                place=" ".join(x for x in wanted if x),
            )
            return
        if is_without_basis(row.cells):
            return
        bases = locations[number].setdefault("bases", [])
        bases.append(read_basis_cells(row.cells))
        path = f"{_SECTION}[{self.numbers[key]}].locations[{number}].bases[{len(bases) - 1}]"
        self._note(path, table, row, BASIS_PATHS)

    def _entry(self, key: str, table: Table, row: TableRow) -> Entry | None:
        """The entry that a line belongs to, put into the file from what is stored."""
        if key not in self.numbers and key in self.stored:
            self.numbers[key] = self._append(deepcopy(self.stored[key]))
        if key in self.numbers:
            entry: Entry = self.content.data[_SECTION][self.numbers[key]]
            path = f"{_SECTION}[{self.numbers[key]}]"
            self.content.places.setdefault(path, place(table.name, row.line))
            return entry
        self._refuse(
            place(table.name, row.line, "subprocessor"),
            "“%(key)s” is not known.",
            "Correct the key, or import its table too.",
            key=key,
        )
        return None

    def _append(self, entry: Entry) -> int:
        entries = self.content.data.setdefault(_SECTION, [])
        entries.append(entry)
        return len(entries) - 1

    def _note(self, path: str, table: Table, row: TableRow, paths: Mapping[str, str]) -> None:
        """paths: where the field of a column stands, if not under the column's own name."""
        self.content.places[path] = place(table.name, row.line)
        for column in table.columns:
            where = f"{path}.{paths.get(column, column)}"
            self.content.places[where] = place(table.name, row.line, column)

    def _refuse(self, where: str, message: str, remedy: str, **params: str) -> None:
        self.content.refuse(where, message, remedy, **params)


def _place(location: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(location.get(column, "")).strip() for column in PLACE_COLUMNS)


def list_cells(kind: ImportKind, entries: Mapping[str, Entry]) -> Iterator[Cells]:
    """The cells of one of the tables of the list, by key. entries: as stored, by key."""
    for key, entry in sorted(entries.items()):
        if kind is ImportKind.SUBPROCESSORS:
            yield entry_cells(entry)
            continue
        for location in entry.get("locations", ()):
            where = {"subprocessor": key, **{x: location.get(x, "") for x in PLACE_COLUMNS}}
            if kind is ImportKind.LOCATIONS:
                yield where
                continue
            for basis in location.get("bases", ()):
                yield {**where, **basis_cells(basis)}
