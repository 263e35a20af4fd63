"""Reads TopoJSON as world-atlas writes it: countries made of arcs that neighbours share.

Format: https://github.com/topojson/topojson-specification (quantised topologies, section 2.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.world_map.projection import WEST_END, Point

Ring = tuple[int, ...]
"""Indexes of arcs; `~i` is arc i backwards."""


@dataclass(frozen=True)
class Feature:
    """A country of the atlas. numeric: its ISO 3166-1 number, or "" (Kosovo has none)."""

    numeric: str
    name: str
    polygons: tuple[tuple[Ring, ...], ...]


def read_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Every arc in degrees, running on over 180°, and put where the sheet has room for it."""
    (scale_x, scale_y), (left, bottom) = (topology["transform"][k] for k in ("scale", "translate"))
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(_within_sheet(_unbroken(arc)))
    return arcs


def read_features(topology: dict[str, Any]) -> Iterator[Feature]:
    for geometry in topology["objects"]["countries"]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        yield Feature(
            geometry.get("id", ""),
            geometry["properties"]["name"],
            tuple(tuple(tuple(ring) for ring in polygon) for polygon in parts),
        )


def ring_points(ring: Ring, arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """The corners of a ring, the first not repeated at the end."""
    points: list[Point] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points[:-1]


def _unbroken(arc: list[Point]) -> list[Point]:
    """An arc that jumps from 180° to -180° goes on past 180° instead."""
    points = [arc[0]]
    for x, y in arc[1:]:
        while x - points[-1][0] > 180:
            x -= 360
        while x - points[-1][0] < -180:
            x += 360
        points.append((x, y))
    return points


def _within_sheet(arc: list[Point]) -> list[Point]:
    """An arc whose middle lies west of the sheet's end belongs to its eastern end."""
    if sum(x for x, _ in arc) / len(arc) >= WEST_END:
        return arc
    return [(x + 360, y) for x, y in arc]
