"""`python -m tests.support.world_map world-atlas-2.0.2.tgz`: writes the geometry of the map."""

import base64
import hashlib
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

from subnotify.resources import world_geometry_file
from tests.support.world_map.atlas import draw_world

MEMBER = "package/countries-50m.json"
INTEGRITY = (
    "sha512-"
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ=="
)
ABOUT = {
    "what": "the land of every country, projected; NOTICE.md beside this file explains it",
    "source": "npm package world-atlas 2.0.2, countries-50m.json (Natural Earth 4.1.0, 1:50m)",
    "integrity": INTEGRITY,
    "license": "Natural Earth: public domain; world-atlas: ISC, see NOTICE.md",
    "made_by": "make world-map",
}


def read_topology(package: Path) -> dict[str, Any]:
    """The countries in the package as npm packs it. Refuses any other package than the one named
    here: with another edition, the cuts in territories.py are to be read again first."""
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode("ascii")
    if f"sha512-{digest}" != INTEGRITY:
        raise SystemExit(f"{package} is not world-atlas 2.0.2: its digest is sha512-{digest}")
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None, MEMBER
        topology: dict[str, Any] = json.load(member)
    return topology


def written(world: dict[str, Any]) -> str:
    """JSON with one country a line, so that a difference can be read."""
    countries = ",\n".join(
        f"  {json.dumps(code)}: {json.dumps(land, separators=(',', ':'))}"
        for code, land in world["countries"].items()
    )
    head = {"about": ABOUT} | {key: value for key, value in world.items() if key != "countries"}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join(lines) + ',\n "countries": {\n' + countries + "\n }\n}\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.support.world_map world-atlas-2.0.2.tgz")
    world_geometry_file().write_text(
        written(draw_world(read_topology(Path(sys.argv[1])))), encoding="utf-8"
    )
