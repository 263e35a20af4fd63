"""Cells of the plain tables as the fields of the import format, and back: see csv_layouts.py.

What is written here from stored fields reads as the same fields again.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from subnotify.rules.csv_layouts import TERMS_COLUMNS

Cells = Mapping[str, str]
_BETWEEN = "|"
# Whatever stands after a backslash is meant as itself.
_PART = re.compile(r"(?:\\.|[^|\\]|\\\Z)+", re.DOTALL)
_PAIR = re.compile(r"(?P<name>(?:\\.|[^=\\])*)(?:=(?P<value>.*))?", re.DOTALL)
_BOUGHT = re.compile(r"(?P<service>\S+)(?:\s+(?P<from>[^\s.]*)\.\.(?P<until>[^\s.]*))?")
_NUMBER = re.compile(r"[0-9]{1,9}")
# (field of the terms, column of its number, column of its unit)
_PERIODS = (
    ("objection_period", "objection_number", "objection_unit"),
    ("lead_time", "lead_number", "lead_unit"),
)


def several(cell: str) -> list[str]:
    """The values of a cell that may hold several."""
    return [_unescaped(x).strip() for x in _PART.findall(cell) if x.strip()]


def joined(values: Iterable[str]) -> str:
    """The reverse of `several`, for values without space around them."""
    return f" {_BETWEEN} ".join(_escaped(value) for value in values)


def read_pairs(cell: str) -> dict[str, str]:
    """`name=value | name=value` by name; a part without `=` is a name without a value."""
    parts = (_PAIR.fullmatch(x) for x in _PART.findall(cell) if x.strip())
    found = ((x["name"], x["value"] or "") for x in parts if x is not None)
    return {_unescaped(name).strip(): _unescaped(value).strip() for name, value in found}


def pairs_text(pairs: Mapping[str, str]) -> str:
    """The reverse of `read_pairs`."""
    written = (f"{_escaped(k, '=')}={_escaped(v)}" for k, v in pairs.items())
    return f" {_BETWEEN} ".join(written)


def _escaped(text: str, beside: str = "") -> str:
    return "".join(f"\\{x}" if x in f"\\{_BETWEEN}{beside}" else x for x in text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def read_service(text: str) -> dict[str, str] | None:
    """`key from..until` as a service of an agreement; None where it is written otherwise."""
    match = _BOUGHT.fullmatch(text)
    if match is None:
        return None
    bought = {"service": match["service"]}
    if match["from"]:
        bought["from_on"] = match["from"]
    if match["until"]:
        bought["until_on"] = match["until"]
    return bought


def service_text(service: str, from_on: str, until_on: str) -> str:
    return f"{service} {from_on}..{until_on}" if from_on or until_on else service


def read_terms_cells(cells: Cells, stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The terms that the cells ask for; None where they ask for none, or for what is stored.

    stored: the agreement's present terms as a mapping. Empty cells leave them as they are; a
    preset that is not theirs begins anew.
    """
    given = {x: cells[x].strip() for x in TERMS_COLUMNS if cells.get(x, "").strip()}
    present = terms_cells(stored)
    if all(present[column] == value for column, value in given.items()):
        return None
    anew = stored is None or given.get("preset", present["preset"]) != present["preset"]
    terms: dict[str, Any] = {"preset": given.get("preset", "")} if anew else dict(stored or {})
    for field, number, unit in _PERIODS:
        if number in given or unit in given:
            terms[field] = _period(terms.get(field), given.get(number), given.get(unit))
    if "runs_from" in given:
        terms["runs_from"] = given["runs_from"]
    if "proof_of_receipt" in given:
        terms["proof_of_receipt"] = several(given["proof_of_receipt"])
    return terms


def terms_cells(terms: Mapping[str, Any] | None) -> dict[str, str]:
    """The terms as far as the columns say them; a compound period is left empty."""
    cells = dict.fromkeys(TERMS_COLUMNS, "")
    if terms is None:
        return cells
    cells["preset"] = str(terms.get("preset") or "")
    cells["runs_from"] = str(terms.get("runs_from") or "")
    cells["proof_of_receipt"] = joined(sorted(terms.get("proof_of_receipt") or ()))
    for field, number, unit in _PERIODS:
        period = terms.get(field)
        if period and not period.get("plus"):
            cells[number], cells[unit] = str(period["number"]), str(period["unit"])
    return cells


def _period(present: Mapping[str, Any] | None, number: str | None, unit: str | None) -> Any:
    said = number if number is not None else str((present or {}).get("number", ""))
    return {
        "number": int(said) if _NUMBER.fullmatch(said) else said,
        "unit": unit or str((present or {}).get("unit", "days")),
    }
