"""The address of a letter as it stands in the window of its envelope.

The envelope is DL (110 x 220 mm) with a window of 45 x 100 mm, 20 mm from its right and its lower
edge: the French window envelope (NF Z 11-001, as the option NF of KOMA-Script's letter class
describes it). A sheet of A4 folded in three (99 x 210 mm) can move in it by 11 mm up and down and
10 mm to the sides. Whatever its position, the window shows this part of the sheet, measured from
its upper left corner: 100 to 190 mm across, 45 to 79 mm down.

What stands there follows NF Z 10-011: at most six lines (a seventh for the country) of at most 38
characters, aligned to the left, the line of the locality in capitals (http://www.laposte.fr/sna,
"Les 6 règles d'or de la norme"). The same page found letters of equal width read best by the
sorting machines.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

CHARACTERS = 38
LINES = 7

# What every position of the sheet shows, and the block that we print within it: millimetres.
WINDOW_LEFT, WINDOW_RIGHT, WINDOW_TOP, WINDOW_BOTTOM = 100.0, 190.0, 45.0, 79.0
BLOCK_LEFT, BLOCK_TOP, BLOCK_WIDTH, BLOCK_HEIGHT = 103.0, 48.0, 85.0, 29.5

_POINTS = 72 / 25.4  # points in a millimetre
_ADVANCE = 0.6021  # of DejaVu Sans Mono: the width of each character, in sizes
_LINE = 1.18  # from line to line, in sizes
_LARGEST, _SMALLEST = 9.5, 5.0


@dataclass(frozen=True)
class AddressBlock:
    """lines as they are printed; size of the letters and gap between the lines, in points."""

    lines: tuple[str, ...]
    size: float
    gap: float


def address_block(lines: Sequence[str]) -> AddressBlock:
    """The address fitted into the window: first by wrapping at 38 characters, and where that
    makes too many lines, by smaller letters. Only an address beyond all measure loses its end."""
    cleaned = [" ".join(line.split()) for line in lines]
    given = [line for line in cleaned if line]
    for columns in range(CHARACTERS, _columns(_SMALLEST) + 1):
        wrapped = _wrapped(given, columns)
        size = min(_LARGEST, _size(columns), _height_size(len(wrapped)))
        # At the width of the standard a few lines more are smaller letters of the same block.
        if len(wrapped) <= LINES or size >= _size(columns + 1):
            return AddressBlock(tuple(wrapped), _down(size), _gap(size))
    wrapped = _wrapped(given, _columns(_SMALLEST))
    room = int(BLOCK_HEIGHT * _POINTS / (_SMALLEST * _LINE))
    return AddressBlock(tuple(wrapped[:room]), _SMALLEST, _gap(_SMALLEST))


def _wrapped(lines: Sequence[str], columns: int) -> list[str]:
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, columns, break_on_hyphens=False) or [line]
    ]


def _columns(size: float) -> int:
    """How many characters of this size stand in a line."""
    return int(BLOCK_WIDTH * _POINTS / (size * _ADVANCE))


def _size(columns: int) -> float:
    return BLOCK_WIDTH * _POINTS / (columns * _ADVANCE)


def _height_size(lines: int) -> float:
    return BLOCK_HEIGHT * _POINTS / (max(lines, 1) * _LINE)


def _gap(size: float) -> float:
    return _down(size * (_LINE - 1))


def _down(points: float) -> float:
    """To a hundredth, never up: the block may not grow by rounding."""
    return int(points * 100) / 100
