"""The parts that letters are made of, as templates/letters/letter.typ shows them: plain data."""

from collections.abc import Iterable, Sequence
from typing import Any

from subnotify.wording.change_facts import FactRow

Block = dict[str, Any]

# Stands where a fact has no value.
NOTHING = "–"


def title(text: str) -> Block:
    """Of a page of its own."""
    return {"kind": "title", "text": text}


def heading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def text(words: str) -> Block:
    return {"kind": "text", "text": words}


def texts(sentences: Iterable[str]) -> list[Block]:
    return [text(sentence) for sentence in sentences if sentence]


def strong(words: str) -> Block:
    return {"kind": "strong", "text": words}


def soft(words: str) -> Block:
    return {"kind": "soft", "text": words}


def quote(words: str) -> Block:
    return {"kind": "quote", "text": words}


def items(words: Iterable[str]) -> Block:
    return {"kind": "list", "items": list(words)}


def postal(lines: Sequence[str]) -> Block:
    """An address in the text."""
    return {"kind": "postal", "lines": list(lines)}


def link(before: str, after: Iterable[str], alternative: str) -> Block:
    """The personal link of the letter with the sentences around it, and beside them as a code.

    alternative: for who cannot see the code.
    """
    return {"kind": "link", "before": before, "after": list(after), "alt": alternative}


def own(name: str) -> Block:
    """Lines that differ from letter to letter, by the name under which the letter has them."""
    return {"kind": "own", "name": name}


def facts(rows: Sequence[FactRow], head: Sequence[str] = ()) -> Block:
    """head: of the three columns where the rows say what changes from what to what."""
    return {
        "kind": "facts",
        "head": list(head),
        "rows": [
            {
                "name": row.name,
                "lines": list(row.lines) or [NOTHING],
                "before": list(row.before) or [NOTHING],
            }
            for row in rows
        ],
    }


def boxes(words: Iterable[str]) -> Block:
    """Boxes to tick."""
    return {"kind": "boxes", "items": list(words)}


def fields(names: Iterable[str]) -> Block:
    """Names, each with a line to write on."""
    return {"kind": "fields", "items": list(names)}


def room(lines: int) -> Block:
    """Lines to write on."""
    return {"kind": "room", "lines": lines}
