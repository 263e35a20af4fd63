"""Letters as PDF: set by typst from plain data, archivable (PDF/A-2u), tagged, fonts embedded.

Each letter is set alone, so that its bytes depend on nothing but what it says: they are sealed and
are the evidence. A batch for the printer is those same pages, put together
(`delivery/merged_pdfs.py`): setting a hundred letters in one document costs as much again and
holds all of their pages in memory.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import typst

from subnotify.delivery.letter_addresses import address_block
from subnotify.delivery.link_codes import link_code
from subnotify.delivery.printable import MISSING, printable_data
from subnotify.resources import templates_folder

STANDARD: Literal["a-2u"] = "a-2u"
# Of the page tree that typst writes, which has no other.
_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


class LetterNotSet(Exception):
    """typst refused a letter; the message is its own. number: of the letter, from 0 on."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True, eq=False)
class SharedPart:
    """What letters have in common, as `templates/letters/letter.typ` takes it: plain data.

    language; title; sender: parts of several lines; blocks; answers: pages that the client sends
    back, each with its blocks and, where it is a letter of its own, the lines of its address;
    page-words with {number} and {total}.
    """

    data: Mapping[str, Any]

    @cached_property
    def written(self) -> str:
        """As JSON, every character one that the fonts have."""
        answers = [
            {**page, "address": _in_window(page["address"])} if "address" in page else page
            for page in self.data["answers"]
        ]
        return _json({**self.data, "answers": answers})


@dataclass(frozen=True)
class LetterText:
    """One letter. address: the lines of the addressee, from the first to the country.

    own: what differs from letter to letter (mention, place-and-date, references, link, foot and
    the lines of its blocks of kind `own`); the link is drawn as a code, too. title: of the
    document, as a reader of PDF shows it.
    """

    shared: SharedPart
    address: tuple[str, ...]
    own: Mapping[str, Any]
    title: str

    @property
    def written(self) -> str:
        """The whole letter as JSON."""
        own = _json(
            {**self.own, "address": _in_window(self.address), "code": link_code(self.own["link"])}
        )
        title = _json(self.title)
        return f'{{"title":{title},"shared":{self.shared.written},"own":{own}}}'


@dataclass(frozen=True)
class SetLetter:
    """The bytes of a letter. has_missing: a character of it cannot be shown (`printable`)."""

    pdf: bytes
    pages: int
    has_missing: bool


def set_letters(letters: Sequence[LetterText], *, at: datetime) -> Iterator[SetLetter]:
    """The letters as PDF, in their order; the same letters at the same `at` are the same bytes.

    Raises LetterNotSet.
    """
    compiler = _compiler()
    for number, letter in enumerate(letters):
        written = letter.written
        pdf = _compiled(compiler, number, written, at)
        found = _PAGES.search(pdf)
        if found is None:
            raise LetterNotSet(number, "no pages")
        yield SetLetter(pdf, int(found[1]), MISSING in written)


def draw_letter(letter: LetterText, *, at: datetime, ppi: float = 96) -> list[bytes]:
    """The pages of a letter as PNG, as a person looks at them before anything is printed."""
    drawn = _compiler().compile(
        input=str(_template()),
        sys_inputs={"data": letter.written},
        format="png",
        ppi=ppi,
        timestamp=_second(at),
    )
    pages = drawn if isinstance(drawn, list) else [drawn]
    return [page for page in pages if page is not None]


def _compiled(compiler: typst.Compiler, number: int, written: str, at: datetime) -> bytes:
    """The data go in as an input of the document and are never read as markup."""
    try:
        pdf = compiler.compile(
            input=str(_template()),
            sys_inputs={"data": written},
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=_second(at),
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # Where typst itself breaks down, what it raises is no Exception.
        raise LetterNotSet(number, f"{type(error).__name__}: {error}") from error
    if not isinstance(pdf, bytes):
        raise LetterNotSet(number, "no file")
    return pdf


def _compiler() -> typst.Compiler:
    """A compiler keeps its fonts; it must not be used by two threads at once."""
    return typst.Compiler(root=str(_template().parent), ignore_system_fonts=True)


def _template() -> Path:
    return templates_folder() / "letters" / "letter.typ"


def _in_window(lines: Sequence[str]) -> dict[str, Any]:
    block = address_block(printable_data(list(lines)))
    return {"lines": list(block.lines), "size": block.size, "gap": block.gap}


def _json(data: object) -> str:
    return json.dumps(printable_data(data), ensure_ascii=False, separators=(",", ":"))


def _second(at: datetime) -> datetime:
    """PDF tells time to the second."""
    return at.astimezone(UTC).replace(microsecond=0)
