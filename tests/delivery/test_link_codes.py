"""The code of a letter's link: the modules that the standard asks for, with their quiet zone."""

import re
from typing import Any

import pytest
import segno

from subnotify.delivery.letters import set_letters
from subnotify.delivery.link_codes import QUIET_ZONE, link_code
from tests.delivery.test_letters import AT
from tests.support.paper import LINK, letter_text
from tests.support.read_pdfs import read_pdf

_STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """Column and row of every module that the path draws, with the quiet zone's."""
    found = set()
    x = y = 0.0
    for step, first, second in _STEP.findall(svg[svg.index(' d="') :]):
        if step == "M":
            x, y = float(first), float(second)
        elif step == "m":
            x, y = x + float(first), y + float(second)
        else:
            found |= {(int(x) + n, int(y)) for n in range(int(first))}
            x += float(first)
    return found


@pytest.mark.parametrize("link", [LINK, f"https://{'long.' * 20}example/subnotify/n/{'_-aZ0' * 9}"])
def test_the_drawn_modules_are_those_of_the_link(link: str) -> None:
    code = segno.make_qr(link, error="m", mask=2, boost_error=False)
    expected = {
        (column + QUIET_ZONE, row + QUIET_ZONE)
        for row, modules in enumerate(code.matrix)
        for column, is_dark in enumerate(modules)
        if is_dark
    }
    svg = link_code(link)
    assert dark_modules(svg) == expected
    side = len(code.matrix) + 2 * QUIET_ZONE
    assert f'viewBox="0 0 {side} {side}"' in svg
    assert svg == link_code(link)


def test_a_letter_shows_the_code_with_words_for_who_cannot_see_it() -> None:
    (made,) = set_letters([letter_text()], at=AT)
    read = read_pdf(made.pdf)
    (figure,) = elements(read.reader.trailer["/Root"]["/StructTreeRoot"], "/Figure")
    assert figure["/Alt"] == "Words"
    # The link can be typed too, and is whole where it is taken from the file.
    assert LINK in read.pages[0]


def elements(node: Any, kind: str) -> list[Any]:
    node = node.get_object()
    if isinstance(node, list):
        return [one for kid in node for one in elements(kid, kind)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("/S") == kind else []
    return own + (elements(node["/K"], kind) if "/K" in node else [])
