"""Cells of the tables of the list as the fields of the import format, and back: csv_layouts.py.

What is written here from stored fields reads as the same fields again.
"""

from collections.abc import Mapping
from typing import Any

from subnotify.rules.csv_entries import joined, pairs_text, read_pairs, several
from subnotify.rules.csv_layouts import TEXT_COLUMNS, ImportKind, get_layout
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.transfer_records_reading import ALL_CONDITIONS

Cells = Mapping[str, str]
Plain = dict[str, Any]

_FLAGS = ("special_categories", "hr_data", "affiliate")
_LISTS = ("other_names", "services", "demonstration_values")
_AGREEMENT = "agreement_"
_DAYS = ("signed_on", "planned_on", "from_on", "until_on")
# As people and their spreadsheets write yes and no.
_YES = frozenset({"true", "yes", "1", "oui", "vrai"})
_NO = frozenset({"false", "no", "0", "non", "faux"})

# Where the field of a column stands in an entry, and in a basis; else under its own name.
ENTRY_PATHS: Mapping[str, str] = {
    **{f"{_AGREEMENT}{day}": f"agreement.{day}" for day in _DAYS},
    **{f"{text}_{x}": f"{text}.{x}" for text in TEXT_COLUMNS for x in LANGUAGES},
}
BASIS_PATHS: Mapping[str, str] = {
    "list_entity": "list_entry.entity",
    "lists": "list_entry.lists",
    "list_status": "list_entry.status",
    "list_covered_data": "list_entry.covered_data",
    "list_checked_on": "list_entry.checked_on",
    "list_next_certification_on": "list_entry.next_certification_on",
    "assessment_reference": "impact_assessment.reference",
    "assessment_done_on": "impact_assessment.done_on",
    "assessment_result": "impact_assessment.result",
}
_SEVERAL = ("lists", "list_covered_data")
_BASIS_COLUMNS = get_layout(ImportKind.BASES).columns[4:]


def read_entry_cells(cells: Cells, stored: Mapping[str, Any]) -> Plain:
    """The entry of a row. A column left out keeps what is stored; an empty cell empties it.

    A text given for each language takes the place of one for every language, and the reverse.
    """
    known = entry_cells(stored)
    for text in TEXT_COLUMNS:
        columns = (text, *(f"{text}_{x}" for x in LANGUAGES))
        if any(cells.get(column, "").strip() for column in columns):
            known |= dict.fromkeys(_other_form(text, cells), "")
    merged = {name: cell.strip() for name, cell in {**known, **cells}.items()}
    entry: Plain = {name: cell for name, cell in merged.items() if cell and name not in ENTRY_PATHS}
    entry |= {name: _flag(entry[name]) for name in _FLAGS if name in entry}
    entry |= {name: several(entry[name]) for name in _LISTS if name in entry}
    entry |= {text: found for text in TEXT_COLUMNS if (found := _read_text(text, merged))}
    days = {day: merged[f"{_AGREEMENT}{day}"] for day in _DAYS if merged[f"{_AGREEMENT}{day}"]}
    if days:
        entry["agreement"] = days
    # Empty is what it says, where the column is there.
    entry["internal_notes"] = merged["internal_notes"]
    if "locations" in stored:
        entry["locations"] = [dict(location) for location in stored["locations"]]
    return entry


def _other_form(text: str, cells: Cells) -> tuple[str, ...]:
    """The columns in which the text does not stand, of those that the file leaves out."""
    by_language = tuple(f"{text}_{x}" for x in LANGUAGES)
    if cells.get(text, "").strip():
        return by_language
    return (text,) if any(cells.get(x, "").strip() for x in by_language) else ()


def _read_text(text: str, cells: Cells) -> Any:
    """One text, or one for each language; both, for the reader to refuse, where both are there."""
    by_language = {x: cells[f"{text}_{x}"] for x in LANGUAGES if cells[f"{text}_{x}"]}
    if not by_language:
        return cells[text]
    return {text: cells[text], **by_language} if cells[text] else by_language


def _flag(cell: str) -> object:
    word = cell.casefold()
    return True if word in _YES else False if word in _NO else cell


def entry_cells(entry: Mapping[str, Any]) -> dict[str, str]:
    """The cells of an entry in the shape of an import file, every column of the table."""
    cells = dict.fromkeys(get_layout(ImportKind.SUBPROCESSORS).columns, "")
    for name, value in entry.items():
        if name in _FLAGS:
            cells[name] = "true" if value else ""
        elif name in _LISTS:
            cells[name] = joined(value)
        elif name in TEXT_COLUMNS:
            texts = {"": value} if isinstance(value, str) else value
            cells |= {f"{name}_{x}" if x else name: text for x, text in texts.items()}
        elif name == "agreement":
            cells |= {f"{_AGREEMENT}{day}": value for day, value in value.items()}
        elif name in cells:
            cells[name] = str(value)
    return cells


def is_without_basis(cells: Cells) -> bool:
    """The row says that its location has no basis."""
    return not any(cells.get(column, "").strip() for column in _BASIS_COLUMNS)


def read_basis_cells(cells: Cells) -> Plain:
    """The basis of a row, in the shape of an import file; empty cells are left out."""
    given = {x: cells[x].strip() for x in _BASIS_COLUMNS if cells.get(x, "").strip()}
    basis: Plain = {}
    for column, cell in given.items():
        value: object = several(cell) if column in _SEVERAL else cell
        outer, _, inner = BASIS_PATHS.get(column, column).partition(".")
        if inner:
            basis.setdefault(outer, {})[inner] = value
        else:
            basis[outer] = value
    if "evidence" in basis:
        basis["evidence"] = read_pairs(given["evidence"])
    if basis.get("conditions", ALL_CONDITIONS) != ALL_CONDITIONS:
        basis["conditions"] = several(given["conditions"])
    # Told even where empty, so that a problem with it has its column.
    return {"law": "", "code": "", **basis}


def basis_cells(basis: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a basis in the shape of an import file; a column without a value is empty."""
    cells: dict[str, str] = {}
    for column in _BASIS_COLUMNS:
        outer, _, inner = BASIS_PATHS.get(column, column).partition(".")
        value = basis.get(outer, {}).get(inner, "") if inner else basis.get(outer, "")
        if column == "evidence":
            cells[column] = pairs_text(value or {})
        else:
            cells[column] = value if isinstance(value, str) else joined(value)
    return cells
