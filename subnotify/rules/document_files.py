"""Kinds of files that are kept with a record, told by their first bytes alone.

What a file is called, and what a browser says of it, is anybody's word. PDF, JPEG and PNG open
everywhere; TIFF is what many office scanners write. No kept file is ever shown within a page of
ours, so that it need not be one that browsers show.
"""

import re
import unicodedata
from enum import StrEnum

LARGEST_OCTETS = 10 * 1024 * 1024
LONGEST_NAME = 100


class DocumentKind(StrEnum):
    """Named by the ending of its files."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    TIFF = "tif"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    DocumentKind.PDF: "application/pdf",
    DocumentKind.JPEG: "image/jpeg",
    DocumentKind.PNG: "image/png",
    DocumentKind.TIFF: "image/tiff",
}
# At the very start: a PDF further on (which some readers take) could be a page before it.
_STARTS = (
    (b"%PDF-", DocumentKind.PDF),
    (b"\xff\xd8\xff", DocumentKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", DocumentKind.PNG),
    (b"II*\x00", DocumentKind.TIFF),
    (b"MM\x00*", DocumentKind.TIFF),
)
_UNSAFE = re.compile(r"""[/\\"'<>|?*:;%=&`$~^{}\[\]]+""")


def find_document_kind(octets: bytes) -> DocumentKind | None:
    """What the bytes are by their first ones; None for every other kind."""
    return next((kind for start, kind in _STARTS if octets.startswith(start)), None)


def safe_file_name(given: str, kind: DocumentKind, *, fallback: str) -> str:
    """A name for the file that any disk takes: no folder, no control sign, the ending of its kind.

    given: as the browser sent it, with a path perhaps. fallback: without an ending, where nothing
    of it is left.
    """
    name = re.split(r"[/\\]", given)[-1]
    shown = "".join(x if unicodedata.category(x)[0] not in "CZ" else " " for x in name)
    stem = shown.rpartition(".")[0] if "." in shown else shown
    stem = " ".join(_UNSAFE.sub(" ", stem).split()).strip(". ")
    return f"{stem[:LONGEST_NAME].strip('. ') or fallback}.{kind.value}"
