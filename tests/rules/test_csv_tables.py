"""Tables as spreadsheets write them: separators, marks, quotes, formulas, lines of problems."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.csv_entries import (
    joined,
    read_service,
    read_terms_cells,
    service_text,
    several,
    terms_cells,
)
from subnotify.rules.csv_layouts import ALL_COLUMNS, LAYOUTS, ImportKind, recognise
from subnotify.rules.csv_tables import guarded, read_table, unguarded, write_table
from subnotify.rules.errors import ProblemsFound

FORMULAS = ("=1+1", "+33 1 02", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''", "'", "-")
# Everything but what no text file and no database can keep.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
CELLS = TEXTS | st.sampled_from(FORMULAS)


def refusal(source: bytes | str) -> list[str]:
    data = source.encode() if isinstance(source, str) else source
    with pytest.raises(ProblemsFound) as refused:
        recognise(read_table("t.csv", data, ALL_COLUMNS))
    return [str(problem) for problem in refused.value.problems]


@given(CELLS)
def test_the_guard_is_reversible_and_leaves_no_formula(text: str):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    # Nor where a spreadsheet splits at semicolons, whatever the file says.
    assert re.search('[;\t][ "]*[=+\\-@]', guarded(text)) is None


@given(
    st.lists(st.fixed_dictionaries({"client": CELLS, "key": CELLS, "name": CELLS}), max_size=6),
    st.sampled_from([",", ";"]),
)
def test_what_is_written_is_read(rows: list[dict[str, str]], separator: str):
    written = write_table(("client", "key", "name"), rows, separator=separator)
    table = read_table("contacts.csv", written, ALL_COLUMNS)
    assert table.columns == ("client", "key", "name")
    kept = [row for row in rows if any(guarded(cell).strip() for cell in row.values())]
    assert [dict(row.cells) for row in table.rows] == kept


def test_no_cell_of_a_written_file_is_a_formula():
    written = write_table(("key", "name", "country"), [dict.fromkeys(("key", "name"), "=A1")])
    for row in csv.reader(io.StringIO(written.decode("utf-8-sig"))):
        assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_separators_and_line_ends(mark: str, separator: str, end: str):
    lines = [
        separator.join(('"Key"', "name ", "country")),
        "",
        separator.join(("acme", '"Acme, Inc.; Paris"', "FR")),
    ]
    table = read_table("c.csv", (mark + end.join(lines)).encode(), ALL_COLUMNS)
    assert table.columns == ("key", "name", "country")
    (row,) = table.rows
    assert row.line == 3
    assert row.cells == {"key": "acme", "name": "Acme, Inc.; Paris", "country": "FR"}
    assert recognise(table).kind is ImportKind.CLIENTS


def test_lines_are_counted_through_quoted_line_ends():
    source = 'client,key,name,postal_address\na,b,c,"1 rue\n75001 Paris"\nd,e,f,\n'
    table = read_table("c.csv", source.encode(), ALL_COLUMNS)
    assert [row.line for row in table.rows] == [2, 4]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"", "t.csv: The file is empty."),
        (b"\n\n", "t.csv: The file is empty."),
        ("key,name,country\nacme,\xe9,FR".encode("latin-1"), "t.csv: The file is not UTF-8 text."),
        (b"key,name,country\na\0,b,FR", "t.csv: The file holds characters that are no text."),
        (b'key,name,country\nacme,"Ac"me,FR', "t.csv, line 2: This is not valid CSV"),
        (b'key,name,country\nx,y,FR\nacme,"Acme', "t.csv, line 3: This is not valid CSV"),
        (b"key,name,country\nacme,Acme,FR,more", "t.csv, line 2: The line has more cells"),
        (b"key,key,name,country\n", "t.csv, line 1: The column “key” is there twice."),
        (b"key,country\n", "t.csv, line 1: The column “name” is missing."),
        (b"key,name,country,vat\n", "t.csv, line 1: The column “vat” is not known."),
        (b"x" * (10 * 1024 * 1024 + 1), "t.csv: The file is larger than 10 MiB."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: bytes, said: str):
    assert refusal(source)[0].startswith(said)


def test_every_layout_is_told_by_its_required_columns():
    for layout in LAYOUTS:
        first = [column for column in layout.columns if column in layout.required]
        table = read_table("t.csv", ",".join(first).encode(), ALL_COLUMNS)
        assert recognise(table) is layout


def test_services_of_an_agreement():
    assert several("mail | backup 2026-01-01..") == ["mail", "backup 2026-01-01.."]
    assert read_service("backup 2026-01-01..") == {"service": "backup", "from_on": "2026-01-01"}
    assert read_service("backup ..2026-12-31") == {"service": "backup", "until_on": "2026-12-31"}
    assert read_service("backup since May") is None
    for days in (("", ""), ("2026-01-01", ""), ("", "2026-01-01"), ("2026-01-01", "2026-02-01")):
        said = read_service(service_text("mail.eu", *days)) or {}
        assert (said["service"], said.get("from_on", ""), said.get("until_on", "")) == (
            "mail.eu",
            *days,
        )
    assert several(joined(["a", "b"])) == ["a", "b"]


STORED = {
    "preset": "fr-15-days",
    "objection_period": {"number": 15, "unit": "days"},
    "lead_time": {"number": 1, "unit": "months", "plus": {"number": 3, "unit": "days"}},
    "runs_from": "receipt",
    "proof_of_receipt": ["acknowledgement", "recipient_server"],
    "effect_of_silence": "deemed_accepted",
}


def test_cells_of_terms_that_say_what_is_stored_ask_for_nothing():
    cells = terms_cells(STORED)
    assert cells["lead_number"] == "", "a compound period has no columns"
    assert read_terms_cells(cells, STORED) is None
    assert read_terms_cells({}, STORED) is None
    assert read_terms_cells(terms_cells(None), None) is None


def test_a_cell_of_terms_changes_that_field_only():
    cells = {**terms_cells(STORED), "objection_number": "30"}
    changed = read_terms_cells(cells, STORED)
    assert changed == {**STORED, "objection_period": {"number": 30, "unit": "days"}}
    longer = read_terms_cells({"lead_number": "20", "lead_unit": "business_days"}, STORED) or {}
    assert longer["lead_time"] == {"number": 20, "unit": "business_days"}


def test_another_preset_begins_anew():
    cells = {"preset": "fr-30-days-registered", "proof_of_receipt": "registered_delivery"}
    assert read_terms_cells(cells, STORED) == {
        "preset": "fr-30-days-registered",
        "proof_of_receipt": ["registered_delivery"],
    }


def test_of_layouts_that_fit_alike_the_file_is_named_for_one():
    content = b"key,name\n"
    with pytest.raises(ProblemsFound, match="country"):
        recognise(read_table("Clients.CSV", content, ALL_COLUMNS))
    for name in ("subprocessors.csv", "our-list.csv"):
        assert recognise(read_table(name, content, ALL_COLUMNS)).kind is ImportKind.SUBPROCESSORS


@pytest.mark.parametrize("text", ["0123", "000", "123456789012", "12E5", "1e5"])
def test_what_a_spreadsheet_would_write_otherwise_is_guarded(text: str):
    assert guarded(text) == f"'{text}" and unguarded(f"'{text}") == text
    assert unguarded(guarded(f"'{text}")) == f"'{text}"
    assert guarded("0") == "0" and guarded("2026-03-31") == "2026-03-31"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('Acme;=HYPERLINK("x";"y")', 'Acme;\'=HYPERLINK("x";"y")'),
        ("Acme; -5", "Acme;' -5"),
        (";'=1", ";''=1"),
        ("Acme; B -5", "Acme; B -5"),
        ("\n=1", "'\n=1"),
        ("\uff1d1", "'\uff1d1"),
    ],
)
def test_no_part_of_a_cell_is_a_formula_either(text: str, cell: str):
    assert guarded(text) == cell and unguarded(cell) == text
