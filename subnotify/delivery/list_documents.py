"""The list of one client as a PDF: PDF/A-2u, tagged, with its fonts, the same bytes every time."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import typst

from subnotify.delivery.printable import holds_missing, printable_data
from subnotify.resources import templates_folder

_STANDARD: Literal["a-2u"] = "a-2u"


def list_pdf(content: Mapping[str, Any], *, language: str, at: datetime) -> bytes:
    """The document of this content: texts of `wording.list_document`, shown as they are and never
    read as markup. language: of its words, "en" or "fr". at: when it says that it was made."""
    pdf: bytes = typst.compile(
        input=_template(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=_STANDARD,
        sys_inputs=_inputs(content, language),
        timestamp=int(at.timestamp()),
    )
    return pdf


def list_pages(
    content: Mapping[str, Any], *, language: str, dots_per_inch: float = 110
) -> list[bytes]:
    """The same document as pictures (PNG), one for each page."""
    pages = typst.compile(
        input=_template(),
        format="png",
        ppi=dots_per_inch,
        ignore_system_fonts=True,
        sys_inputs=_inputs(content, language),
        timestamp=0,
    )
    return list(pages) if isinstance(pages, list) else [pages]


def _inputs(content: Mapping[str, Any], language: str) -> dict[str, str]:
    shown = printable_data(dict(content))
    texts = {name: value for name, value in shown.items() if name != "missing"}
    if not holds_missing(texts):
        shown["missing"] = ""
    return {"content": json.dumps(shown, ensure_ascii=False), "language": language}


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (templates_folder() / "letters" / "list.typ").read_bytes()
