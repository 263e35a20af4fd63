"""The world picture of the list page: which country holds data, by what makes that lawful.

Everything it shows stands in the table and in the list under it as well, in words.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from subnotify.rules.errors import N_
from subnotify.rules.transfer_words import ExportLaw
from subnotify.web.world_geometry import Box, Land, WorldGeometry, world_geometry
from subnotify.wording.language import Wording

# Whose largest piece of land spans fewer square units than this gets a marker: in the whole world,
# and where Europe is shown large. About four pixels by four on a wide page.
MARKED_IN_WORLD, MARKED_IN_EUROPE = 420, 60


class MapClass(StrEnum):
    """What makes the processing in a country lawful, from the weakest to the strongest."""

    LAPSED = "lapsed"
    SAFEGUARD = "safeguard"
    ADEQUACY = "adequacy"
    HOME = "home"
    NOTHING = "nothing"


WEAKEST_FIRST = (MapClass.LAPSED, MapClass.SAFEGUARD, MapClass.ADEQUACY, MapClass.HOME)

_LABELS = {
    MapClass.ADEQUACY: N_("adequacy decision"),
    MapClass.SAFEGUARD: N_("safeguard, such as standard contractual clauses"),
    MapClass.LAPSED: N_("basis lapsed, being replaced"),
    MapClass.NOTHING: N_("no data go there"),
}
_HOME = {
    ExportLaw.EU_GDPR: N_("EU or EEA: no transfer to a third country"),
    ExportLaw.CH_FADP: N_("Switzerland: no transfer abroad"),
    ExportLaw.UK_GDPR: N_("United Kingdom: no transfer abroad"),
}


@dataclass(frozen=True)
class MapCountry:
    """Data of `entries` (names) are in `country`, and `kind` is what makes that lawful there.

    country: ISO 3166-1; organisation: the name of an international organisation that belongs to no
    country, and then `country` does not count. words: the basis in words ("adequacy decision (EU)
    2019/419"); empty takes those of the kind. One country may come several times.
    """

    country: str
    kind: MapClass
    entries: tuple[str, ...]
    words: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class MapArea:
    """Land of one country; title: "Japan: adequacy decision – Acme, Beta"; empty where a marker
    covers it and says so."""

    code: str
    title: str
    path: str


@dataclass(frozen=True)
class MapMarker:
    """A mark where the land is too small to be seen, in units of the sheet."""

    code: str
    title: str
    x: int
    y: int


@dataclass(frozen=True)
class MapGroup:
    """All countries of one kind. names: in the order of the alphabet, for the list in words."""

    kind: MapClass
    label: str
    names: tuple[str, ...]
    areas: tuple[MapArea, ...]
    markers: tuple[MapMarker, ...]
    europe_markers: tuple[MapMarker, ...]


@dataclass(frozen=True)
class WorldMap:
    """The picture. ground: the land where no data are; europe: None when no data are there.

    groups: the strongest kind first, so that a weaker one is drawn over it. elsewhere: sentences
    on what no map can show.
    """

    title: str
    whole: Box
    europe: Box | None
    ground: str
    ground_label: str
    groups: tuple[MapGroup, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class _Marked:
    """One country with all that is said of it."""

    code: str
    name: str
    kind: MapClass
    title: str


def world_map(
    countries: Iterable[MapCountry], w: Wording, *, law: ExportLaw = ExportLaw.EU_GDPR
) -> WorldMap:
    """The picture of these countries under one export law.

    A country with several bases is shown as its weakest, and its title names them all. A country
    of kind NOTHING is ground. What has no place on the sheet is told in `elsewhere`.
    """
    geometry = world_geometry()
    told = [country for country in countries if country.kind is not MapClass.NOTHING]
    by_code: dict[str, list[MapCountry]] = {}
    by_name: dict[str, list[MapCountry]] = {}
    for country in told:
        if not country.organisation and country.country in geometry.lands:
            by_code.setdefault(country.country, []).append(country)
        else:
            name = country.organisation or w.country(country.country)
            by_name.setdefault(name, []).append(country)
    marked = [_marked(code, w.country(code), same, w, law) for code, same in by_code.items()]
    marked.sort(key=lambda country: _alphabetical(country.name))
    return WorldMap(
        title=w.gettext("World map: where personal data are processed, and on what basis"),
        whole=geometry.whole,
        europe=_europe(geometry, by_code),
        ground="".join(land.path for code, land in geometry.lands.items() if code not in by_code),
        ground_label=w.gettext(_LABELS[MapClass.NOTHING]),
        groups=_groups(marked, geometry, w, law),
        elsewhere=tuple(
            _title(name, same, w, law)
            for name, same in sorted(by_name.items(), key=lambda item: _alphabetical(item[0]))
        ),
    )


def class_label(kind: MapClass, w: Wording, law: ExportLaw = ExportLaw.EU_GDPR) -> str:
    """The kind in words; HOME is the territory of the law."""
    return w.gettext(_HOME[law] if kind is MapClass.HOME else _LABELS[kind])


def _groups(
    marked: Sequence[_Marked], geometry: WorldGeometry, w: Wording, law: ExportLaw
) -> tuple[MapGroup, ...]:
    groups = []
    for kind in reversed(WEAKEST_FIRST):
        lands = [(one, geometry.lands[one.code]) for one in marked if one.kind is kind]
        if lands:
            groups.append(
                MapGroup(
                    kind=kind,
                    label=class_label(kind, w, law),
                    names=tuple(one.name for one, _ in lands),
                    areas=tuple(_area(one, land, geometry) for one, land in lands if land.path),
                    markers=_markers(lands, geometry.whole, MARKED_IN_WORLD),
                    europe_markers=_markers(lands, geometry.europe, MARKED_IN_EUROPE),
                )
            )
    return tuple(groups)


def _area(one: _Marked, land: Land, geometry: WorldGeometry) -> MapArea:
    is_seen = land.area >= MARKED_IN_WORLD or geometry.europe.holds(land.x, land.y)
    return MapArea(one.code, one.title if is_seen else "", land.path)


def _markers(lands: Iterable[tuple[_Marked, Land]], part: Box, below: int) -> tuple[MapMarker, ...]:
    return tuple(
        MapMarker(one.code, one.title, land.x, land.y)
        for one, land in lands
        if land.area < below and part.holds(land.x, land.y)
    )


def _europe(geometry: WorldGeometry, codes: Iterable[str]) -> Box | None:
    lands = (geometry.lands[code] for code in codes)
    is_needed = any(geometry.europe.holds(land.x, land.y) for land in lands)
    return geometry.europe if is_needed else None


def _marked(
    code: str, name: str, same: Sequence[MapCountry], w: Wording, law: ExportLaw
) -> _Marked:
    kind = min((country.kind for country in same), key=WEAKEST_FIRST.index)
    return _Marked(code, name, kind, _title(name, same, w, law))


def _title(name: str, same: Iterable[MapCountry], w: Wording, law: ExportLaw) -> str:
    """ "Japan: adequacy decision – Acme; standard contractual clauses – Beta", weakest last."""
    entries: dict[str, list[str]] = {}
    for country in sorted(same, key=lambda one: WEAKEST_FIRST.index(one.kind), reverse=True):
        words = country.words or class_label(country.kind, w, law)
        entries.setdefault(words, []).extend(country.entries)
    parts = [
        w.gettext("%(basis)s – %(entries)s", basis=words, entries=", ".join(dict.fromkeys(names)))
        if names
        else words
        for words, names in entries.items()
    ]
    return w.named(name, w.series(parts))


def _alphabetical(name: str) -> str:
    """Accents do not count: "Émirats" stands before "Finlande"."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
