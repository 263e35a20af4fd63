"""The address in the window: 45 x 100 mm, wherever the sheet lies in the envelope."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.letter_addresses import (
    BLOCK_HEIGHT,
    BLOCK_LEFT,
    BLOCK_TOP,
    BLOCK_WIDTH,
    WINDOW_BOTTOM,
    WINDOW_LEFT,
    WINDOW_RIGHT,
    WINDOW_TOP,
    address_block,
)
from subnotify.delivery.letters import set_letters
from tests.support.paper import letter_text, placed_texts

AT = datetime(2026, 3, 2, tzinfo=UTC)
ADVANCE = 0.6021 * 25.4 / 72
SIX = (
    "SOCIÉTÉ ANONYME DES TRANSPORTS URBAINS",
    "Direction des systèmes d’information",
    "Immeuble Le Grand Pavois, bâtiment B12",
    "320 BOULEVARD DU MARÉCHAL-DE-LATTRE-DE",
    "BP 80157",
    "59053 ROUBAIX CEDEX 1",
)


def in_window(lines: tuple[str, ...]) -> list[str]:
    """The lines as printed; every one of them must be in what the window always shows."""
    (made,) = set_letters([letter_text(address=lines)], at=AT)
    printed = [x for x in placed_texts(made.pdf) if x.x > 100 and x.y < 92]
    for line in printed:
        height = line.size * 25.4 / 72
        assert line.x >= WINDOW_LEFT
        assert line.x + len(line.text) * line.size * ADVANCE <= WINDOW_RIGHT
        assert line.y - height >= WINDOW_TOP
        assert line.y + 0.25 * height <= WINDOW_BOTTOM
    return [line.text for line in printed]


def test_the_block_is_inside_the_window() -> None:
    assert WINDOW_LEFT < BLOCK_LEFT < BLOCK_LEFT + BLOCK_WIDTH < WINDOW_RIGHT
    assert WINDOW_TOP < BLOCK_TOP < BLOCK_TOP + BLOCK_HEIGHT < WINDOW_BOTTOM


@pytest.mark.parametrize(
    "lines",
    [
        ("Acme", "75011 PARIS"),
        ("Acme SARL", "Élodie Lefèvre-Œuvrard", "Bâtiment C", "12 rue X", "13008 MARSEILLE"),
        SIX,
        (*SIX, "LUXEMBOURG"),
    ],
)
def test_six_lines_of_38_characters_and_a_country_stand_in_full_size(
    lines: tuple[str, ...],
) -> None:
    assert in_window(lines) == list(lines)
    assert address_block(lines).size == 9.5


@pytest.mark.parametrize(
    "lines",
    [
        ("Établissement public de coopération intercommunale du Grand Sud-Est Avignonnais",) * 3,
        ("x" * 120, "12 rue X", "75011 PARIS"),
        tuple(f"line {n}" for n in range(12)),
        ("Österreichische Gesellschaft für Informationssicherheit und Datenschutz mbH & Co. KG",)
        * 6,
    ],
)
def test_what_is_longer_is_wrapped_or_smaller_and_stays_whole(lines: tuple[str, ...]) -> None:
    shown = in_window(lines)
    assert "".join("".join(shown).split()) == "".join("".join(lines).split())
    assert address_block(lines).size >= 5


def test_an_address_beyond_all_measure_loses_its_end_and_not_its_place() -> None:
    assert in_window(("word " * 200,) * 5)


def test_empty_lines_and_blanks_take_no_room() -> None:
    assert address_block(["", " Acme  SARL ", "\t", "75011 PARIS"]).lines == (
        "Acme SARL",
        "75011 PARIS",
    )
    assert address_block([]).lines == ()


@given(st.lists(st.text(max_size=150), max_size=12))
def test_no_address_is_larger_than_the_block(lines: list[str]) -> None:
    block = address_block(lines)
    widest = max(map(len, block.lines), default=0)
    assert widest * block.size * ADVANCE <= BLOCK_WIDTH
    assert len(block.lines) * (block.size + block.gap) * 25.4 / 72 <= BLOCK_HEIGHT + 0.01
