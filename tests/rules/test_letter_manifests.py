"""The manifest of a batch, and the tables that tell of letters."""

import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.csv_tables import MOST_ROWS, read_table
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.letter_manifests import (
    MANIFEST_COLUMNS,
    ManifestLine,
    TableEvent,
    read_events,
    write_events,
    write_manifest,
)
from subnotify.rules.words import LetterEventKind, LetterProduct

KEY = "notice:17:42:registered_post:1"
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=30
).map(str.strip)


def manifest(*addresses: list[str]) -> bytes:
    lines = [
        ManifestLine(f"{KEY}{n}", 2, x, "2026-001-00001", "fr") for n, x in enumerate(addresses)
    ]
    return write_manifest("L-000042", LetterProduct.REGISTERED, lines)


def test_a_spreadsheet_calculates_nothing_of_it():
    written = manifest(["=HYPERLINK(1)", "+33 rue", "@home", "01234"]).decode("utf-8-sig")
    assert "'=HYPERLINK(1),'+33 rue,'@home,'01234" in written
    (row,) = read_table("m.csv", written.encode(), MANIFEST_COLUMNS).rows
    assert row.cells["address_1"] == "=HYPERLINK(1)" and row.cells["address_4"] == "01234"


def test_a_long_address_loses_nothing():
    (row,) = read_table("m", manifest([f"line {n}" for n in range(9)]), MANIFEST_COLUMNS).rows
    assert row.cells["address_6"] == "line 5"
    assert row.cells["address_7"] == "line 6, line 7, line 8"


def test_a_manifest_that_nobody_filled_in_says_nothing():
    found = read_events("m.csv", manifest(["A"], ["B"]))
    assert (found.events, found.problems, found.silent) == ((), (), 2)


def test_a_manifest_comes_back_filled_in():
    text = manifest(["A"], ["B"]).decode()
    filled = text.replace(",fr,,,,\r\n", ",fr,posted,2026-03-04,'000123,\r\n", 1)
    found = read_events("m.csv", filled.encode())
    event = TableEvent(
        "m.csv, line 2",
        f"{KEY}0",
        LetterEventKind.POSTED,
        date(2026, 3, 4),
        "000123",
        batch="L-000042",
    )
    assert (found.events, found.silent) == ((event,), 1)


@given(
    st.lists(
        st.builds(
            TableEvent,
            where=st.just(""),
            letter=TEXTS.map(lambda text: text.replace("\n", "") or "x"),
            kind=st.sampled_from(LetterEventKind),
            on=st.dates(),
            proof_number=TEXTS.map(lambda text: text.replace("\n", "")),
            note=TEXTS.map(lambda text: "\n".join(text.splitlines())),
        )
    )
)
def test_what_is_written_is_read_to_the_same(events: list[TableEvent]):
    """Also as a form of a page sends it back, with other line ends."""
    written = write_events(events).decode()
    for sent in (written, written.replace("\r\n", "\n").replace("\n", "\r\n")):
        found = read_events("", sent.encode())
        assert found.problems == ()
        assert [(x.letter, x.kind, x.on, x.proof_number, x.note) for x in found.events] == [
            (x.letter, x.kind, x.on, x.proof_number, x.note) for x in events
        ]


def test_every_line_that_cannot_be_read_is_named():
    table = (
        "letter,event,on,proof_number,note\n"
        f"{KEY},eaten,2026-03-04,,\n"
        f"{KEY},posted,4.3.2026,,\n"
        ",posted,2026-03-04,,\n"
        f"{KEY},,,RK1,\n"
        f"{KEY},Posted ,2026-03-04,,\n"
        f"{KEY},posted,2026-03-04,{'9' * 81}x,\n"
    )
    found = read_events("events.csv", table.encode())
    assert [event.where for event in found.events] == ["events.csv, line 6"]
    assert [problem.where for problem in found.problems] == [
        "events.csv, line 2, column event",
        "events.csv, line 3, column on",
        "events.csv, line 4, column letter",
        "events.csv, line 5, column event",
        "events.csv, line 5, column on",
        "events.csv, line 7, column proof_number",
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"letter,event\nx,posted\n", b"a;b\n1;2\n"])
def test_what_is_no_such_table_is_refused(content: bytes):
    with pytest.raises(ProblemsFound):
        read_events("events.csv", content)


def test_a_long_table_takes_little_memory():
    """The longest that is read is ten times as long: all of it fits beside what serves pages."""
    count = MOST_ROWS // 10
    lines = (f"{KEY}{n},posted,2026-03-04,RK{n:09d}FR," for n in range(count))
    source = "\r\n".join(("letter,event,on,proof_number,note", *lines)).encode()
    tracemalloc.start()
    try:
        assert len(read_events("events.csv", source).events) == count
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
