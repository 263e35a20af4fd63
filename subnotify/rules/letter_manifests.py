"""The two tables of letters: the manifest that goes with a batch, and what is told of letters.

The manifest already has the columns of the second table, empty: the printer fills them in and
sends the same file back. A line is a letter, or one event of a letter where it has several.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.csv_tables import Table, TableRow, place, read_table, refuse, write_table
from subnotify.rules.errors import Problem
from subnotify.rules.letter_events import LONGEST_NUMBER
from subnotify.rules.reading import Reader
from subnotify.rules.words import LetterEventKind, LetterProduct

# As many as an address label of a contact holds; what is beyond them joins the last.
ADDRESS_LINES = 7
_ADDRESS = tuple(f"address_{number}" for number in range(1, ADDRESS_LINES + 1))
EVENT_COLUMNS = ("letter", "event", "on", "proof_number", "note")
MANIFEST_COLUMNS = (
    "batch",
    "position",
    "letter",
    "pages_from",
    "pages_to",
    "product",
    *_ADDRESS,
    "reference",
    "language",
    *EVENT_COLUMNS[1:],
)
_NEEDED = ("letter", "event", "on")
LONGEST_NOTE = 2_000
LONGEST_BATCH = 40


@dataclass(frozen=True)
class ManifestLine:
    """A letter within its batch. pages: how many of the merged PDF are its own."""

    letter: str
    pages: int
    address_lines: Sequence[str]
    reference: str
    language: str


@dataclass(frozen=True)
class TableEvent:
    """What a line says of a letter. where: its place ("events.csv, line 4"); letter: its key.
    batch: the key of the batch whose manifest says it, where it is one."""

    where: str
    letter: str
    kind: LetterEventKind
    on: date
    proof_number: str = ""
    note: str = ""
    batch: str = ""


@dataclass(frozen=True)
class EventTable:
    """events, in the order of the lines. problems: of the lines that cannot be read. silent:
    lines of a manifest that say nothing of their letter yet."""

    events: tuple[TableEvent, ...]
    problems: tuple[Problem, ...]
    silent: int


def write_manifest(batch: str, product: LetterProduct, letters: Iterable[ManifestLine]) -> bytes:
    """The manifest: a line for each letter, in the order of the merged PDF.

    batch: its key. Pages and positions are counted from 1.
    """
    rows, first = [], 1
    for position, letter in enumerate(letters, start=1):
        last = first + letter.pages - 1
        rows.append(
            {
                "batch": batch,
                "position": str(position),
                "letter": letter.letter,
                "pages_from": str(first),
                "pages_to": str(last),
                "product": product.value,
                **_address_cells(letter.address_lines),
                "reference": letter.reference,
                "language": letter.language,
            }
        )
        first = last + 1
    return write_table(MANIFEST_COLUMNS, rows)


def write_events(events: Iterable[TableEvent]) -> bytes:
    """The events as a table that `read_events` reads to the same, without their batches."""
    return write_table(
        EVENT_COLUMNS,
        (
            {
                "letter": event.letter,
                "event": event.kind.value,
                "on": event.on.isoformat(),
                "proof_number": event.proof_number,
                "note": event.note,
            }
            for event in events
        ),
    )


def read_events(name: str, source: bytes) -> EventTable:
    """What a table says of letters: `EVENT_COLUMNS`, or a manifest that was filled in.

    name: of the file, for the problems. Columns of others are passed over. Raises ProblemsFound
    where it is no such table; what is wrong with a line is said with the table.
    """
    table = read_table(name, source, MANIFEST_COLUMNS)
    _check_columns(table)
    events: list[TableEvent] = []
    problems: list[Problem] = []
    silent = 0
    for row in table.rows:
        if not any(row.cells.get(column, "").strip() for column in EVENT_COLUMNS[1:]):
            silent += 1
            continue
        reader = Reader()
        event = _read(row, name, reader)
        if event is not None:
            events.append(event)
        problems += reader.problems
    return EventTable(tuple(events), tuple(problems), silent)


def _address_cells(lines: Sequence[str]) -> Mapping[str, str]:
    kept = [*lines[: ADDRESS_LINES - 1], ", ".join(lines[ADDRESS_LINES - 1 :])]
    return {column: line for column, line in zip(_ADDRESS, kept, strict=False) if line}


def _check_columns(table: Table) -> None:
    missing = [column for column in _NEEDED if column not in table.columns]
    if missing:
        refuse(
            table.name,
            "The columns %(missing)s are missing.",
            "Name the columns in the first line: %(known)s.",
            missing=", ".join(missing),
            known=", ".join(EVENT_COLUMNS),
        )


def _read(row: TableRow, name: str, reader: Reader) -> TableEvent | None:
    def where(column: str) -> str:
        return place(name, row.line, column)

    def cell(column: str) -> str:
        return row.cells.get(column, "").strip()

    letter = reader.text(cell("letter"), where("letter"), required=True, longest=120)
    said = reader.text(cell("event"), where("event"), required=True, longest=40)
    kind = reader.choice(said.lower(), where("event"), LetterEventKind) if said else None
    day = reader.text(cell("on"), where("on"), required=True, longest=40)
    on = reader.day(day, where("on")) if day else None
    number = reader.text(cell("proof_number"), where("proof_number"), longest=LONGEST_NUMBER)
    # A form of a page sends other line ends than the ones that it was given.
    lines = "\n".join(cell("note").splitlines())
    note = reader.text(lines, where("note"), longest=LONGEST_NOTE)
    batch = reader.text(cell("batch"), where("batch"), longest=LONGEST_BATCH)
    if reader.problems or kind is None or on is None:
        return None
    return TableEvent(place(name, row.line), letter, kind, on, number, note, batch)
