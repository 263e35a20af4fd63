"""Shapes on the sheet: areas, middles, fewer corners, and SVG path data."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from tests.support.world_map.projection import Point


def area(ring: Sequence[Point]) -> float:
    """The area that a ring encloses, whichever way round it runs."""
    return abs(_doubled(ring)) / 2


def middle(ring: Sequence[Point]) -> Point:
    """The centre of gravity of what a ring encloses; of its corners where that is nothing."""
    doubled = _doubled(ring)
    if abs(doubled) < 1e-9:
        return (sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring))
    x_sum = y_sum = 0.0
    for (x1, y1), (x2, y2) in _sides(ring):
        cross = x1 * y2 - x2 * y1
        x_sum += (x1 + x2) * cross
        y_sum += (y1 + y2) * cross
    return x_sum / (3 * doubled), y_sum / (3 * doubled)


def simplified(arc: Sequence[Point], visible: Callable[[Point], float]) -> list[Point]:
    """The arc without the corners nobody would see; its ends stay, so neighbours still meet.

    visible: the least area that a corner at a point must span to stay. M. Visvalingam, J. D.
    Whyatt, "Line generalisation by repeated elimination of points", Cartographic Journal 30(1),
    1993. A closed arc keeps three corners.
    """
    before, after = list(range(-1, len(arc) - 1)), list(range(1, len(arc) + 1))
    gone = [False] * len(arc)
    weights = [0.0] * len(arc)
    queue: list[tuple[float, int]] = []

    def weigh(i: int, least: float) -> None:
        if 0 < i < len(arc) - 1:
            corner = area((arc[before[i]], arc[i], arc[after[i]])) / visible(arc[i])
            weights[i] = max(corner, least)
            heapq.heappush(queue, (weights[i], i))

    for i in range(len(arc)):
        weigh(i, 0)
    left, enough = len(arc), 4 if arc[0] == arc[-1] else 2
    while queue and left > enough:
        weight, i = heapq.heappop(queue)
        if weight >= 1:
            break
        if gone[i] or weight != weights[i]:
            continue
        gone[i] = True
        left -= 1
        after[before[i]], before[after[i]] = after[i], before[i]
        weigh(before[i], weight)
        weigh(after[i], weight)
    return [point for i, point in enumerate(arc) if not gone[i]]


def north_of(ring: Sequence[Point], y: float) -> list[Point]:
    """The part of a ring above a horizontal line (Sutherland and Hodgman's clipping)."""
    return _clipped(ring, lambda point: point[1] <= y, y)


def south_of(ring: Sequence[Point], y: float) -> list[Point]:
    """The part of a ring below a horizontal line."""
    return _clipped(ring, lambda point: point[1] >= y, y)


def _clipped(ring: Sequence[Point], stays: Callable[[Point], bool], y: float) -> list[Point]:
    points: list[Point] = []
    for one, other in _sides(ring):
        if stays(one):
            points.append(one)
        if stays(one) != stays(other) and y not in (one[1], other[1]):
            part = (y - one[1]) / (other[1] - one[1])
            points.append((one[0] + (other[0] - one[0]) * part, y))
    return points


def path_data(rings: Iterable[Sequence[Point]]) -> str:
    """SVG path data in whole numbers, each corner told from the one before it.

    A ring that is less than a triangle in whole numbers is left out.
    """
    return "".join(_ring_data(ring) for ring in rings)


def _ring_data(ring: Sequence[Point]) -> str:
    corners: list[tuple[int, int]] = []
    for x, y in ring:
        corner = round(x), round(y)
        if not corners or corner != corners[-1]:
            corners.append(corner)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3 or area(corners) == 0:
        return ""
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(corners)]
    return f"M{_pair(*corners[0])}l{_joined(_pair(*step) for step in steps)}z"


def _pair(x: int, y: int) -> str:
    return _joined((str(x), str(y)))


def _joined(numbers: Iterable[str]) -> str:
    """Numbers with a space between, unless a minus sign sets them apart."""
    text = ""
    for number in numbers:
        text += number if not text or number.startswith("-") else f" {number}"
    return text


def _doubled(ring: Sequence[Point]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _sides(ring))


def _sides(ring: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)
