"""The list as the world map shows it: which country, by what, for whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from subnotify.rules.locations import Location
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import ADEQUATE, AT_HOME, ExportLaw, Lawful
from subnotify.storage.registry import ListEntry
from subnotify.web.world_map import MapClass, MapCountry, WorldMap, world_map
from subnotify.wording.bases import basis_words
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import law_words


@dataclass(frozen=True)
class MapChoice:
    """A law whose map can be asked for."""

    code: str
    name: str
    is_current: bool


def list_map(entries: Iterable[ListEntry], w: Wording, law: ExportLaw) -> WorldMap:
    """The world under one law; entries: in force, assessed."""
    countries = [
        _map_country(entry.facts.name, place, assessment, w)
        for entry in entries
        for place in entry.facts.locations
        if (assessment := place.under(law)) is not None
    ]
    return world_map(countries, w, law=law)


def map_choices(laws: Iterable[ExportLaw], current: ExportLaw, w: Wording) -> tuple[MapChoice, ...]:
    return tuple(MapChoice(law.value, law_words(law, w), law is current) for law in laws)


def _map_country(name: str, place: Location, assessment: Assessment, w: Wording) -> MapCountry:
    kind = map_class(assessment)
    # At home the legend says it all.
    words = "" if kind is MapClass.HOME else basis_words(assessment, w)
    return MapCountry(place.country, kind, (name,), words, organisation=place.organisation)


def map_class(assessment: Assessment) -> MapClass:
    """What does not hold today is shown with what lapsed; its words say which it is."""
    if assessment.lawful is not Lawful.YES:
        return MapClass.LAPSED
    if assessment.reason in AT_HOME:
        return MapClass.HOME
    return MapClass.ADEQUACY if assessment.reason in ADEQUATE else MapClass.SAFEGUARD
