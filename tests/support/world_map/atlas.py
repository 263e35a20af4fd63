"""From the atlas's topology to the geometry that the product reads."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.world_map.projection import Point
from tests.support.world_map.shapes import (
    area,
    middle,
    north_of,
    path_data,
    simplified,
    south_of,
)
from tests.support.world_map.sheet import WIDTH, Sheet, sheet_around
from tests.support.world_map.territories import LEFT_OUT, POINTS, WESTERN_SAHARA, code_at, code_of
from tests.support.world_map.topology import Feature, Ring, read_arcs, read_features, ring_points


@dataclass(frozen=True)
class Piece:
    """One polygon. rings: with fewer corners, the outer first; at, area: with all of them."""

    rings: tuple[Sequence[Point], ...]
    at: Point
    area: float

    def split_at(self, y: float) -> "tuple[Piece, Piece]":
        """What lies north and what lies south of a line on the sheet; both must exist."""
        return self._part(north_of, y), self._part(south_of, y)

    def _part(self, part_of: Callable[[Sequence[Point], float], list[Point]], y: float) -> "Piece":
        rings = tuple(part for ring in self.rings if (part := part_of(ring, y)))
        return Piece(rings, middle(rings[0]), area(rings[0]))


class Drawing:
    """Polygons of the atlas put on the sheet."""

    def __init__(self, arcs: Sequence[Sequence[Point]], sheet: Sheet) -> None:
        self.arcs = arcs
        self.sheet = sheet
        self._placed = [[sheet.place(point) for point in arc] for arc in arcs]
        self._drawn = [simplified(arc, sheet.visible_corner) for arc in self._placed]

    def piece(self, polygon: tuple[Ring, ...]) -> Piece:
        rings = [ring for ring in polygon if self._is_seen(ring)]
        outline = ring_points(polygon[0], self._placed)
        drawn = tuple(ring_points(ring, self._drawn) for ring in rings)
        return Piece(drawn, middle(outline), area(outline))

    def _is_seen(self, ring: Ring) -> bool:
        outline = ring_points(ring, self._placed)
        return area(outline) >= self.sheet.visible_island(middle(outline))


def draw_world(topology: dict[str, Any]) -> dict[str, Any]:
    """The geometry: `size` of the sheet, the part of it that is `europe` (x, y, width, height),
    and of each code in `countries`: where a marker belongs (`at`), the size of the largest piece in
    square units (`area`), and the path (`d`), which is absent where nothing of it can be seen.
    """
    arcs = read_arcs(topology)
    features = [
        (code_of(feature.numeric, feature.name), feature) for feature in read_features(topology)
    ]
    features = [(code, feature) for code, feature in features if code not in LEFT_OUT]
    used = {index for _, feature in features for index in _arcs_of(feature)}
    sheet = sheet_around([arcs[index] for index in used], POINTS.values())
    drawing = Drawing(arcs, sheet)
    lands: dict[str, list[Piece]] = defaultdict(list)
    for code, feature in features:
        for polygon in feature.polygons:
            own = code_at(code, middle(ring_points(polygon[0], arcs)))
            lands[own].append(drawing.piece(polygon))
    _split_western_sahara(lands, sheet)
    countries = {code: _country(pieces) for code, pieces in lands.items()}
    for code, place in POINTS.items():
        countries[code] = {"at": _whole(sheet.place(place)), "area": 0}
    return {
        "size": [WIDTH, sheet.height],
        "europe": list(sheet.europe),
        "countries": dict(sorted(countries.items())),
    }


def _split_western_sahara(lands: dict[str, list[Piece]], sheet: Sheet) -> None:
    northern, southern, latitude = WESTERN_SAHARA
    if northern in lands:
        mainland = max(lands[northern], key=lambda piece: piece.area)
        north, south = mainland.split_at(sheet.place((0, latitude))[1])
        lands[northern].remove(mainland)
        lands[northern].append(north)
        lands[southern].append(south)


def _arcs_of(feature: Feature) -> set[int]:
    return {
        index if index >= 0 else ~index
        for polygon in feature.polygons
        for ring in polygon
        for index in ring
    }


def _country(pieces: Sequence[Piece]) -> dict[str, Any]:
    largest = max(pieces, key=lambda piece: piece.area)
    told: dict[str, Any] = {"at": _whole(largest.at), "area": round(largest.area)}
    if path := _path(pieces):
        told["d"] = path
    return told


def _path(pieces: Sequence[Piece]) -> str:
    return path_data(ring for piece in pieces for ring in piece.rings)


def _whole(point: Point) -> list[int]:
    return [round(point[0]), round(point[1])]
