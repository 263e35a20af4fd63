"""Scans of letters that clients sent in the history: drawn on its days, as a scanner would."""

import json
from dataclasses import dataclass
from datetime import date

import typst

from subnotify.demo.cast import read_sample
from subnotify.operations.keep_document import GivenFile

_VENDOR = ("Argonne Infogérance SAS", "Service juridique", "14 rue des Tilleuls", "08400 Vouziers")


@dataclass(frozen=True)
class WrittenLetter:
    """What a client wrote. sender: name and address, a line each; signed: by whom."""

    title: str
    place: str
    sender: tuple[str, ...]
    paragraphs: tuple[str, ...]
    signed: str


def scan_of(written: WrittenLetter, dated_on: date) -> GivenFile:
    """A letter in French as a PDF of one page, dated on this day."""
    letter = {
        "language": "fr",
        "title": written.title,
        "dated": f"{written.place}, le {dated_on:%d/%m/%Y}",
        "sender": written.sender,
        "addressee": _VENDOR,
        "paragraphs": written.paragraphs,
        "signed": written.signed,
    }
    pdf = typst.compile(
        input=read_sample("scan.typ"),
        sys_inputs={"letter": json.dumps(letter)},
        format="pdf",
        ignore_system_fonts=True,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst wrote no file")
    return GivenFile(f"{written.title}.pdf", pdf)
