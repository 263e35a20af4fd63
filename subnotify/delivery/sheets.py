"""Sheets that a client takes along as PDF: PDF/A-2u, tagged, with their fonts."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import typst

from subnotify.delivery.printable import holds_missing, printable_data
from subnotify.resources import templates_folder

_STANDARD: Literal["a-2u"] = "a-2u"
_SIZES = (10, 9.5, 9)  # of the type, in points; smaller is no help to whoever signs
# Of the page tree that typst writes, which has no other.
_ONE_PAGE = re.compile(rb"/Type\s*/Pages\s*/Count 1(?!\d)")


def sheet_pdf(
    content: Mapping[str, Any], *, language: str, at: datetime, fits_one_page: bool = False
) -> bytes:
    """The sheet of this content (`wording.sheets.sheet_content`), shown as it is and never read as
    markup. language: of its words. at: when it says that it was made. fits_one_page: in smaller
    type where it would be more than a page, as long as that can still be read."""
    pdf = b""
    for size in _SIZES if fits_one_page else _SIZES[:1]:
        pdf = typst.compile(
            input=_template(),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=_STANDARD,
            sys_inputs=_inputs(content, language, size),
            timestamp=int(at.timestamp()),
        )
        if _ONE_PAGE.search(pdf):
            break
    return pdf


def _inputs(content: Mapping[str, Any], language: str, size: float) -> dict[str, str]:
    shown = printable_data(dict(content)) | {"size": size}
    if not holds_missing({name: value for name, value in shown.items() if name != "missing"}):
        shown["missing"] = ""
    return {"content": json.dumps(shown, ensure_ascii=False), "language": language}


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (templates_folder() / "letters" / "sheet.typ").read_bytes()
