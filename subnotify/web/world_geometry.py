"""The land of every country on the sheet of the world map, as the package carries it."""

import json
from dataclasses import dataclass
from functools import lru_cache

from subnotify.resources import world_geometry_file


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in its units: x to the east, y to the south."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


@dataclass(frozen=True)
class Land:
    """One country. x, y: where a marker for it belongs; area: of its largest piece, in square
    units; path: SVG path data, empty where nothing of it could be seen."""

    x: int
    y: int
    area: int
    path: str


@dataclass(frozen=True)
class WorldGeometry:
    """The whole sheet, the part of it that is Europe, and the land by ISO 3166-1 code."""

    whole: Box
    europe: Box
    lands: dict[str, Land]


@lru_cache(maxsize=1)
def world_geometry() -> WorldGeometry:
    """Read once in the life of the program: the file is part of the package."""
    told = json.loads(world_geometry_file().read_text(encoding="utf-8"))
    return WorldGeometry(
        whole=Box(0, 0, *told["size"]),
        europe=Box(*told["europe"]),
        lands={
            code: Land(land["at"][0], land["at"][1], land["area"], land.get("d", ""))
            for code, land in told["countries"].items()
        },
    )
