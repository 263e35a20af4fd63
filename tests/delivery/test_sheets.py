"""A sheet that fits one page is set in the largest type that fits, and never in a tiny one."""

from datetime import UTC, datetime

import pytest

from subnotify.delivery.sheets import sheet_pdf
from subnotify.wording.language import wording_for
from subnotify.wording.sheets import Sheet, SheetSection, sheet_content
from tests.support.read_pdfs import read_pdf

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def made(lines: int, *, exact: str = "") -> bytes:
    said = [f"Line {number} of what is said." for number in range(lines)]
    sheet = Sheet(
        kind="Summary",
        title="What is decided",
        author="Hexapode SAS",
        footer="Notice 1",
        sections=(SheetSection(title="Said", said=said, exact=exact),),
    )
    content = sheet_content(sheet, wording_for("en", "Europe/Paris"))
    return sheet_pdf(content, language="en", at=AT, fits_one_page=True)


# As many lines as fit at ten points, at nine and a half, and at nine.
@pytest.mark.parametrize(("lines", "size"), [(1, 10), (45, 10), (48, 9.5), (51, 9)])
def test_the_largest_type_that_fits_one_page(lines: int, size: float) -> None:
    read = read_pdf(made(lines))
    assert len(read.pages) == 1 and f"Line {lines - 1} " in read.text
    # The title goes with the text under it.
    assert read.sizes[0] == 9 and read.sizes[-1] == pytest.approx(size * 2.38, abs=0.1)


def test_no_type_is_smaller_than_nine_points() -> None:
    read = read_pdf(made(90, exact='{"text":"x"}'))
    assert len(read.pages) > 1 and min(read.sizes) == 9


def test_what_is_read_sign_by_sign_stays_within_the_margins_and_gains_no_sign() -> None:
    exact = '{"a":"R-000002-KZF8",' * 12
    read = read_pdf(made(1, exact=exact))
    assert exact in read.text.replace(" ", "")
    lines = [line for line in read.pages[0].splitlines() if "KZF8" in line]
    assert len(lines) == 3 and max(map(len, lines)) <= 89, "as many of these signs are in a line"
    assert "\u200b" not in "".join(page.extract_text() for page in read.reader.pages)
