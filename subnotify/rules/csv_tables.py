"""CSV as spreadsheets write and read it: bytes to rows with their lines, and back.

UTF-8, with or without the mark that spreadsheets put first; comma or semicolon, whichever makes
the first line a list of known columns. A cell that a spreadsheet would take for a formula is
written with an apostrophe before it, and read without it: RFC 4180 has no word on this, the guard
is that of OWASP ("CSV injection"), made reversible.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from subnotify.rules.errors import Problem, ProblemsFound

SEPARATORS = (",", ";")
LARGEST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 100_000
_MARK = "\ufeff"
# What a spreadsheet calculates; and our own guard, so that a text which begins with it survives.
_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_GUARD = "'"
_GUARDED = re.compile(f"[{_FORMULA}\t\r\n{_GUARD}]")
# Where a spreadsheet splits cells at semicolons or tabs, whatever the file says, the rest of this
# one is calculated.
_INSIDE = f"""(?=[ "{_GUARD}]*[{_FORMULA}])"""
_UNGUARDED_INSIDE = re.compile(f"([;\t]){_INSIDE}")
_GUARDED_INSIDE = re.compile(f"([;\t]){_GUARD}{_INSIDE}")
# What it would show as another number, or in powers of ten.
_MISREAD = re.compile(r"0[0-9]+|[0-9]{12,}|[0-9]+[eE][0-9]+")


@dataclass(frozen=True)
class TableRow:
    """line: of the file, counted from 1, where the row begins. cells: by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula, or loses the zeros of."""
    inside = _UNGUARDED_INSIDE.sub(rf"\1{_GUARD}", text)
    return _GUARD + inside if _needs_guard(inside) else inside


def unguarded(cell: str) -> str:
    """What `guarded` was given; any other cell as it is."""
    inside = cell[1:] if cell[:1] == _GUARD and _needs_guard(cell[1:]) else cell
    return _GUARDED_INSIDE.sub(r"\1", inside)


def _needs_guard(text: str) -> bool:
    return _GUARDED.match(text) is not None or _MISREAD.fullmatch(text) is not None


def write_table(
    columns: Sequence[str], rows: Iterable[Mapping[str, str]], *, separator: str = ","
) -> bytes:
    """The file: first the columns, then a line for each row; a missing cell is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row.get(column, "")) for column in columns])
    return (_MARK + text.getvalue()).encode()


def read_table(name: str, source: bytes, known: Collection[str]) -> Table:
    """The rows of a file; blank lines are left out. name: of the file, for the problems.

    known: every column that any file may have, to tell the separator. Raises ProblemsFound where
    it is not CSV, not UTF-8, too large, or has no or doubled columns.
    """
    text = _decoded(name, source)
    first = text.split("\n", 1)[0].rstrip("\r")
    separator = max(SEPARATORS, key=lambda x: len(set(_split(first, x)) & set(known)))
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        refuse(
            place(name, line),
            "This is not valid CSV: %(said)s.",
            "Check the quotes of this line, or save the table as CSV again.",
            said=str(error),
        )
    if not rows:
        refuse(name, "The file is empty.", "Give it a first line that names the columns.")
    if len(rows) > MOST_ROWS:
        refuse(
            name,
            "The file has more than %(most)s rows.",
            "Import it in parts: what a file leaves out stays as it is.",
            most=str(MOST_ROWS),
        )
    return _table(name, rows)


def place(name: str, line: int, column: str = "") -> str:
    """Where a problem is: "contacts.csv, line 4, column email"."""
    return f"{name}, line {line}, column {column}" if column else f"{name}, line {line}"


def _decoded(name: str, source: bytes) -> str:
    if len(source) > LARGEST_BYTES:
        refuse(
            name,
            "The file is larger than %(limit)s MiB.",
            "Import it in parts: what a file leaves out stays as it is.",
            limit=str(LARGEST_BYTES // 1024 // 1024),
        )
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(name, "The file is not UTF-8 text.", "In the spreadsheet, save it as “CSV UTF-8”.")
    if "\0" in text:
        refuse(
            name,
            "The file holds characters that are no text.",
            "In the spreadsheet, save it as “CSV UTF-8”.",
        )
    return text


def _split(line: str, separator: str) -> list[str]:
    return [_column(cell) for cell in line.replace('"', "").split(separator)]


def _column(cell: str) -> str:
    return unguarded(cell).strip().lower()


def _table(name: str, rows: Sequence[tuple[int, list[str]]]) -> Table:
    columns = [_column(cell) for cell in rows[0][1]]
    while columns and not columns[-1]:
        columns.pop()
    problems = [
        Problem(
            place(name, rows[0][0]),
            "The column “%(column)s” is there twice.",
            "Remove one of the two.",
            (("column", column),),
        )
        for column in sorted({x for x in columns if columns.count(x) > 1})
    ]
    found = []
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(
                Problem(
                    place(name, line),
                    "The line has more cells than the first line has columns.",
                    "Put quotes around a text that holds the separator.",
                )
            )
        values = [*cells, *[""] * (len(columns) - len(cells))]
        found.append(TableRow(line, dict(zip(columns, map(unguarded, values), strict=False))))
    if problems:
        raise ProblemsFound(tuple(problems))
    return Table(name, tuple(columns), tuple(found))


def refuse(where: str, message: str, remedy: str, **params: str) -> NoReturn:
    """Raises ProblemsFound with this one problem."""
    raise ProblemsFound((Problem(where, message, remedy, tuple(params.items())),))
