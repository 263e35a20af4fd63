"""Every character that we say the fonts have is set by typst in a PDF/A, regular and bold."""

import json
from datetime import UTC, datetime

import pytest
import typst

from subnotify.delivery.font_characters import IN_FONTS, NOT_IN_FONTS, code_points
from subnotify.delivery.printable import MISSING, printable

TEMPLATE = b"""
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), fallback: false)
#let address = text.with(font: ("DejaVu Sans Mono", "Libertinus Serif"))
#let parts = json(bytes(sys.inputs.parts))
#for part in parts [#part #strong(part) #address(part) ]
"""
SIZE = 100


def is_set(parts: list[str]) -> bool:
    typst.compile(
        input=TEMPLATE,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards="a-2u",
        sys_inputs={"parts": json.dumps(parts)},
        timestamp=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return True


def test_every_one_of_them_is_set() -> None:
    points = code_points()
    assert len(points) > 3_000
    for start in range(0, len(points), SIZE):
        assert is_set([chr(point) for point in points[start : start + SIZE]])


def test_others_are_refused_by_typst() -> None:
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        is_set(["中"])


def test_text_is_shown_with_what_the_fonts_have() -> None:
    assert printable("Élodie Œuvrard, 3 rue de l’Église : « 5 % » – €") == (
        "Élodie Œuvrard, 3 rue de l’Église : « 5 % » – €"
    )
    assert printable("e\u0301te\u0301") == "été"
    assert printable("中文") == MISSING * 2
    assert printable("a\u202eb\x00c\ud800") == f"ab c{MISSING}"
    assert printable("q\u0323") == f"q{MISSING}"


def test_both_patterns_say_the_same() -> None:
    for point in range(0x250):
        character = chr(point)
        assert bool(IN_FONTS.fullmatch(character)) != bool(NOT_IN_FONTS.fullmatch(character))
