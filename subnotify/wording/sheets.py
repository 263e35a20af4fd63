"""A sheet that a client takes along, as plain data for `delivery.sheets`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from subnotify.wording.language import Wording


@dataclass(frozen=True)
class SheetSection:
    """strong: lines that stand out. facts: names with their lines. rows: a name with what is and
    what comes, under `columns`. exact: text to be read sign by sign."""

    title: str = ""
    strong: Sequence[str] = ()
    said: Sequence[str] = ()
    facts: Sequence[tuple[str, Sequence[str]]] = ()
    columns: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[str], Sequence[str]]] = ()
    quotation: str = ""
    exact: str = ""


@dataclass(frozen=True)
class Sheet:
    """kind: what it is, over the title. mark: what its reader must know first, in a frame."""

    kind: str
    title: str
    author: str
    footer: str
    lead: str = ""
    mark: Sequence[str] = ()
    head: Sequence[tuple[str, Sequence[str]]] = ()
    sections: Sequence[SheetSection] = field(default_factory=tuple)


def sheet_content(sheet: Sheet, w: Wording) -> dict[str, Any]:
    """The texts of the sheet by the names that its template knows."""
    return {
        "kind": sheet.kind,
        "title": sheet.title,
        "author": sheet.author,
        "footer": sheet.footer,
        "lead": sheet.lead,
        "mark": list(sheet.mark),
        "head": _facts(sheet.head),
        "sections": [
            {
                "title": section.title,
                "strong": list(section.strong),
                "said": _paragraphs(section.said),
                "facts": _facts(section.facts),
                "columns": list(section.columns),
                "rows": [[name, list(old), list(new)] for name, old, new in section.rows],
                "quotation": section.quotation,
                "exact": section.exact,
            }
            for section in sheet.sections
        ],
        "page": w.gettext("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "missing": w.gettext(
            "%(sign)s stands for a character that the fonts of this document lack.", sign="\ufffd"
        ),
    }


def _facts(rows: Sequence[tuple[str, Sequence[str]]]) -> list[list[Any]]:
    return [[name, list(lines)] for name, lines in rows]


def _paragraphs(said: Sequence[str]) -> list[str]:
    """What people wrote in several lines, each line a paragraph of its own."""
    return [line for text in said for line in text.splitlines() if line.strip()]
