"""The sheet that the world is drawn on: its size, what is Europe on it, what can be seen on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.support.world_map.projection import CENTRE, Point, project

WIDTH = 4000
"""In units: half a pixel where Europe is shown large, a fifth where the whole world is."""

MARGIN = 40
"""Room for a marker at the edges, in units."""

# A corner or an island of fewer square units than this is not seen, where Europe is shown large
# and elsewhere.
EUROPE_CORNER, WORLD_CORNER = 2.0, 30.0
EUROPE_ISLAND, WORLD_ISLAND = 6.0, 40.0

# The part shown large, from Iceland to Cyprus, in degrees: the longitudes at its left and right
# edge, each with the latitude at which it is measured. Canaries, Madeira and Azores lie outside.
WEST, EAST = (-24.8, 65.5), (38.0, 45.0)
SOUTH, NORTH = 33.8, 71.6


@dataclass(frozen=True)
class Sheet:
    """scale: units to the globe's radius; left, top: the corner of the sheet in units."""

    scale: float
    left: float
    top: float
    height: int

    def place(self, place: Point) -> Point:
        """A longitude and latitude on the sheet."""
        x, y = project(*place)
        return x * self.scale - self.left, y * self.scale - self.top

    @property
    def europe(self) -> tuple[int, int, int, int]:
        """x, y, width and height of the part shown large."""
        west, east = self.place(WEST)[0], self.place(EAST)[0]
        top, bottom = self.place((CENTRE, NORTH))[1], self.place((CENTRE, SOUTH))[1]
        return round(west), round(top), round(east - west), round(bottom - top)

    def visible_corner(self, point: Point) -> float:
        return EUROPE_CORNER if self._is_in_europe(point) else WORLD_CORNER

    def visible_island(self, point: Point) -> float:
        return EUROPE_ISLAND if self._is_in_europe(point) else WORLD_ISLAND

    def _is_in_europe(self, point: Point) -> bool:
        x, y, width, height = self.europe
        return x <= point[0] <= x + width and y <= point[1] <= y + height


def sheet_around(places: Iterable[Sequence[Point]], points: Iterable[Point]) -> Sheet:
    """The sheet that holds these lines of longitudes and latitudes, and these single points."""
    flat = [project(*place) for line in (*places, list(points)) for place in line]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    top, bottom = min(y for _, y in flat), max(y for _, y in flat)
    scale = (WIDTH - 2 * MARGIN) / (right - left)
    height = round((bottom - top) * scale) + 2 * MARGIN
    return Sheet(scale, left * scale - MARGIN, top * scale - MARGIN, height)
