"""The land that the package carries, and the parts of the program that drew it."""

import re

import pytest

from subnotify.rules.countries import COUNTRIES
from subnotify.web.world_geometry import world_geometry
from tests.support.world_map.__main__ import read_topology, written
from tests.support.world_map.atlas import Piece, draw_world
from tests.support.world_map.projection import Point, project
from tests.support.world_map.shapes import area, middle, path_data, simplified
from tests.support.world_map.sheet import sheet_around
from tests.support.world_map.territories import POINTS, code_at, code_of

GEOMETRY = world_geometry()

SINGLE_MARKET = {
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT"),
    *("LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"),
}

# Longitude and latitude, far enough from coasts and borders for the map's scale.
TOWNS = {
    "Paris": ("FR", 2.35, 48.86),
    "Cayenne's hinterland": ("GF", -53.2, 4.0),
    "Berlin": ("DE", 13.4, 52.5),
    "Madrid": ("ES", -3.7, 40.4),
    "Brussels": ("BE", 4.4, 50.8),
    "Bern": ("CH", 7.4, 46.9),
    "Warsaw": ("PL", 21.0, 52.2),
    "Birmingham": ("GB", -1.9, 52.5),
    "Pristina": ("XK", 21.0, 42.6),
    "Kyiv": ("UA", 30.5, 50.4),
    "Simferopol": ("UA", 34.1, 45.0),
    "Moscow": ("RU", 37.6, 55.75),
    "Anadyr's hinterland": ("RU", 175.0, 65.5),
    "Chukotka beyond 180 degrees": ("RU", -178.5, 67.3),
    "Fairbanks": ("US", -147.7, 64.8),
    "Denver": ("US", -105.0, 39.7),
    "San Juan's hinterland": ("PR", -66.4, 18.2),
    "Greenland's ice": ("GL", -40.0, 72.0),
    "Nordaustlandet": ("SJ", 23.5, 79.8),
    "Hargeisa": ("SO", 44.1, 9.5),
    "Maseru's hinterland": ("LS", 28.2, -29.5),
    "Bloemfontein": ("ZA", 26.2, -29.1),
    "Marrakesh": ("MA", -8.0, 31.6),
    "Dakhla's hinterland": ("EH", -14.0, 24.0),
    "Taichung": ("TW", 120.9, 24.1),
    "Delhi": ("IN", 77.2, 28.6),
    "Kyoto's hinterland": ("JP", 138.0, 36.0),
    "Alice Springs": ("AU", 133.9, -23.7),
    "Canterbury": ("NZ", 171.5, -43.5),
}


def rings_of(path: str) -> list[list[tuple[int, int]]]:
    rings = []
    for part in path.split("z")[:-1]:
        numbers = [int(number) for number in re.findall(r"-?\d+", part)]
        x, y = numbers[:2]
        ring = [(x, y)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(ring)
    return rings


def lies_in(point: Point, path: str) -> bool:
    """By the even-odd rule."""
    x, y = point
    crossings = 0
    for ring in rings_of(path):
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
    return crossings % 2 == 1


def on_sheet(longitude: float, latitude: float) -> Point:
    """The place on the sheet in the package, whose scale and offset are those that put the markers
    of Antarctica and of Wake where they are."""
    (a, b), (c, d) = project(*POINTS["AQ"]), project(*POINTS["UM"])
    one, two = GEOMETRY.lands["AQ"], GEOMETRY.lands["UM"]
    scale = (two.x - one.x) / (c - a)
    x, y = project(longitude, latitude)
    return one.x + (x - a) * scale, one.y + (y - b) * (two.y - one.y) / (d - b)


def test_every_country_has_a_place_on_the_sheet():
    assert set(GEOMETRY.lands) == COUNTRIES | {"XK"}
    for code, land in GEOMETRY.lands.items():
        assert GEOMETRY.whole.holds(land.x, land.y), code


@pytest.mark.parametrize("town", TOWNS)
def test_places_lie_in_their_country_and_in_no_other(town: str):
    code, longitude, latitude = TOWNS[town]
    if longitude < -169:
        longitude += 360
    point = on_sheet(longitude, latitude)
    found = [code for code, land in GEOMETRY.lands.items() if lies_in(point, land.path)]
    assert found == [code]


def test_paths_stay_on_the_sheet_and_close_to_where_they_belong():
    for code, land in GEOMETRY.lands.items():
        for ring in rings_of(land.path):
            assert all(GEOMETRY.whole.holds(x, y) for x, y in ring), code
            # A ring torn at 180 degrees would cross the whole sheet.
            assert max(x for x, _ in ring) - min(x for x, _ in ring) < 1700, code


def test_what_has_no_land_on_the_sheet_is_small():
    """So that a marker stands for it; the threshold of the page is far above."""
    for code, land in GEOMETRY.lands.items():
        assert land.path or land.area < 50, code


def test_the_part_shown_large_holds_the_whole_single_market():
    seen = {code for code, land in GEOMETRY.lands.items() if GEOMETRY.europe.holds(land.x, land.y)}
    assert seen >= SINGLE_MARKET | {
        "AX",
        "GB",
        "CH",
        "UA",
        "AD",
        "MC",
        "SM",
        "VA",
        "GI",
        "JE",
        "IM",
    }
    assert not seen & {"GP", "MQ", "GF", "RE", "YT", "MF", "GL", "US", "IN"}


def test_the_projection_is_the_published_one():
    """The table of the projection's definition: length and distance of parallels, 0 to 90
    degrees, as parts of the equator's half and of the pole's distance."""
    for latitude, length, distance in (
        (0, 1.0, 0.0),
        (30, 0.9570, 0.3720),
        (50, 0.8763, 0.6176),
        (65, 0.7874, 0.7903),
        (80, 0.6754, 0.9394),
    ):
        x, y = project(11 + 180, latitude)
        assert x / project(11 + 180, 0)[0] == pytest.approx(length, abs=0.004)
        assert y / project(11, 90)[1] == pytest.approx(distance, abs=0.004)
    # The sheet's half width and half height for a globe of radius 1.
    assert project(191, 0)[0] == pytest.approx(2.73539, abs=1e-5)
    assert project(11, 90)[1] == pytest.approx(-1.42239, abs=1e-4)


def test_fewer_corners_leave_the_ends_of_an_arc_and_its_large_turns():
    arc = [(0.0, 0.0), (10.0, 0.1), (20.0, 0.0), (20.0, 20.0), (20.1, 30.0), (20.0, 40.0)]
    assert simplified(arc, lambda _: 5.0) == [(0.0, 0.0), (20.0, 0.0), (20.0, 40.0)]
    assert simplified(arc, lambda _: 0.001) == arc
    assert simplified(arc, lambda _: 1e9) == [arc[0], arc[-1]]
    island = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    assert len(simplified(island, lambda _: 1e9)) == 4


def test_areas_middles_and_path_data():
    square = [(1.0, 1.0), (5.0, 1.0), (5.0, 5.0), (1.0, 5.0)]
    assert area(square) == area(square[::-1]) == 16
    assert middle(square) == (3, 3)
    assert middle([(1.0, 1.0), (1.0, 1.0)]) == (1, 1)
    assert path_data([square]) == "M1 1l4 0 0 4-4 0z"
    assert path_data([[(0.0, 0.0), (0.2, 0.0), (0.0, 0.3)]]) == ""
    assert path_data([[(0.0, 0.0), (3.0, 0.0), (6.0, 0.0)]]) == ""


def test_pieces_of_the_atlas_get_their_own_code():
    assert code_of("276", "Germany") == "DE"
    assert code_of("", "Kosovo") == "XK"
    assert code_at("FR", (-53.0, 4.0)) == "GF"
    assert code_at("FR", (2.0, 47.0)) == "FR"
    assert code_at("RU", (34.0, 45.2)) == "UA"
    assert code_at("BR", (-53.0, 4.0)) == "BR"
    with pytest.raises(KeyError):
        code_of("123", "Atlantis")


def topology() -> dict[str, object]:
    """Two countries that share a border, one of them with an island across 180 degrees."""
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [
            [[10, 0], [0, 10]],
            [[10, 10], [-10, 0], [0, -10], [10, 0]],
            [[10, 10], [10, 0], [0, -10], [-10, 0]],
            [[178, -18], [4, 0], [0, 3], [-4, 0], [0, -3]],
        ],
        "objects": {
            "countries": {
                "geometries": [
                    {
                        "type": "Polygon",
                        "id": "276",
                        "properties": {"name": "Germany"},
                        "arcs": [[0, 1]],
                    },
                    {
                        "type": "MultiPolygon",
                        "id": "250",
                        "properties": {"name": "France"},
                        "arcs": [[[~0, ~2]], [[3]]],
                    },
                    {"type": "Polygon", "id": "010", "properties": {"name": "A"}, "arcs": [[2]]},
                ]
            }
        },
    }


def test_neighbours_share_their_border_and_islands_stay_whole():
    world = draw_world(topology())
    german, french = (world["countries"][code]["d"] for code in ("DE", "FR"))
    border = set(rings_of(german)[0]) & set(rings_of(french)[0])
    assert len(border) == 2
    assert len(rings_of(french)) == 2
    assert "AQ" in world["countries"] and "d" not in world["countries"]["AQ"]
    assert all(x > 3000 for x, _ in rings_of(french)[1])
    assert written(world).count("\n") == len(world["countries"]) + 7


def test_a_jump_over_180_degrees_is_no_jump():
    torn = topology()
    torn["arcs"][3] = [[178, -18], [-356, 0], [0, 3], [356, 0], [0, -3]]  # type: ignore[index]
    assert draw_world(torn) == draw_world(topology())


def test_a_piece_is_split_along_a_parallel():
    square: list[Point] = [(0, 0), (10, 0), (10, 10), (0, 10)]
    north, south = Piece((square,), (5, 5), 100).split_at(4)
    assert (north.area, north.at) == (40, (5, 2))
    assert (south.area, south.at) == (60, (5, 7))
    assert {(0, 4), (10, 4)} <= set(north.rings[0]) & set(south.rings[0])


def test_the_sheet_has_a_margin():
    sheet = sheet_around([[(-100.0, 0.0), (100.0, 40.0)]], [(0.0, -50.0)])
    assert sheet.place((-100.0, 0.0))[0] == pytest.approx(40)
    assert sheet.place((0.0, -50.0))[1] == pytest.approx(sheet.height - 40, abs=1)


def test_another_package_is_refused(tmp_path):
    (tmp_path / "package.tgz").write_bytes(b"another")
    with pytest.raises(SystemExit, match=r"is not world-atlas 2\.0\.2"):
        read_topology(tmp_path / "package.tgz")
