"""Which ISO 3166-1 code each piece of the atlas belongs to.

The atlas numbers its countries by ISO, but draws some places with codes of their own as parts of
another, and shows who holds a disputed place rather than whose it is in law.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from babel.core import get_global

from tests.support.world_map.projection import Point

KOSOVO = "XK"
"""No ISO code: "XK" is the user-assigned one that the EU and Unicode use."""

NOBODY = ""
"""Belongs to no code: the Siachen glacier."""

LEFT_OUT = frozenset({"AQ", NOBODY})
"""Antarctica would take a third of the picture, and holds no data; the glacier is a pixel wide."""

_BY_NAME = {
    "Kosovo": KOSOVO,
    # Recognised by no, or by hardly any, state: UN Security Council resolutions 541 (1983) and
    # 550 (1984); Protocol 10 to the 2003 Act of Accession takes the whole island in.
    "N. Cyprus": "CY",
    "Somaliland": "SO",
    "Siachen Glacier": NOBODY,
    "Ashmore and Cartier Is.": "AU",
    "Indian Ocean Ter.": "AU",
}


@dataclass(frozen=True)
class Cut:
    """Land of `of` whose middle lies in this box of degrees is drawn as `code`."""

    of: str
    code: str
    west: float
    east: float
    south: float
    north: float

    def takes(self, code: str, middle: Point) -> bool:
        x, y = middle
        is_inside = self.west <= x <= self.east and self.south <= y <= self.north
        return code == self.of and is_inside


CUTS = (
    Cut("FR", "GF", -55, -51, 2, 6),
    Cut("FR", "GP", -62, -61.1, 15.8, 16.6),
    Cut("FR", "MQ", -61.3, -60.7, 14.3, 15),
    Cut("FR", "RE", 55, 56, -21.5, -20.8),
    Cut("FR", "YT", 44.9, 45.4, -13.1, -12.6),
    Cut("NO", "SJ", 10, 35, 74, 81),
    Cut("NO", "SJ", -10, -7, 70.5, 71.5),
    Cut("NL", "BQ", -69, -62, 11, 18),
    Cut("NZ", "TK", 187, 189, -10, -8),
    Cut("AU", "CX", 105, 106, -11, -10),
    Cut("AU", "CC", 96, 97.5, -13, -11.5),
    # Crimea: UN General Assembly resolution 68/262 (2014).
    Cut("RU", "UA", 32, 36.8, 44, 46.5),
)

WESTERN_SAHARA = ("MA", "EH", 27.667)
"""The atlas shows who holds Western Sahara; south of this parallel it is no part of Morocco (the
UN's list of non-self-governing territories; Court of Justice of the EU, C-104/16 P, 2016)."""

# Codes of which the atlas's 50m file draws nothing: longitude and latitude of one of their places,
# to a tenth of a degree, as in its 10m file (UM: Wake; TV: Funafuti). Bouvet is in neither.
# Antarctica: the stations on King George Island, at the edge of the sheet.
POINTS: dict[str, Point] = {
    "AQ": (-58.9, -62.2),
    "BV": (3.4, -54.4),
    "GI": (-5.4, 36.1),
    "TV": (179.2, -8.5),
    "UM": (166.6, 19.3),
}


def code_of(numeric: str, name: str) -> str:
    """The two letters for the atlas's number, by CLDR's aliases. Raises KeyError when unknown."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    (code,) = get_global("territory_aliases")[numeric]
    return str(code)


def code_at(code: str, middle: Point, cuts: Iterable[Cut] = CUTS) -> str:
    """The code of one polygon of `code`, whose middle lies there (degrees)."""
    return next((cut.code for cut in cuts if cut.takes(code, middle)), code)
