"""Seats and locations of an entry as pages show them, with what makes each transfer lawful."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import Lawful
from subnotify.rules.words import LocationKind
from subnotify.wording.bases import basis_words, place_name
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words, law_words


@dataclass(frozen=True)
class BasisView:
    """What makes a transfer lawful under one export law, in words.

    law: its name, "" where there is only one to tell apart. warning: what is wrong with the basis
    ("lapsed on 16 July 2020, being replaced"), "" where nothing is.
    """

    law: str
    text: str
    warning: str = ""


@dataclass(frozen=True)
class PlaceView:
    """Locations of one place with equal bases: "Germany", "seat, hosting"."""

    kinds: str
    country: str
    bases: tuple[BasisView, ...]


def place_views(
    locations: Iterable[Location], w: Wording, *, on: date | None = None
) -> tuple[PlaceView, ...]:
    """The seat's country first, then in the order they are recorded.

    on: today, where they were assessed on another day.
    """
    grouped: dict[tuple[str, tuple[BasisView, ...]], list[str]] = {}
    for place in sorted(locations, key=lambda x: x.kind is not LocationKind.ESTABLISHMENT):
        group = (place_name(place, w), basis_views(place, w, on=on))
        grouped.setdefault(group, []).append(label(w, place.kind))
    return tuple(
        PlaceView(", ".join(dict.fromkeys(kinds)), name, bases)
        for (name, bases), kinds in grouped.items()
    )


def basis_views(place: Location, w: Wording, *, on: date | None = None) -> tuple[BasisView, ...]:
    """One for each law under which the place was assessed; without a law where none was."""
    if not place.assessed:
        return (BasisView("", basis_words(None, w)),)
    if len(place.assessed) == 1:
        return (_basis_view(place.assessed[0].assessment, "", w, on),)
    return tuple(_under(judged, w, on) for judged in place.assessed)


def _under(judged: LawAssessment, w: Wording, on: date | None) -> BasisView:
    return _basis_view(judged.assessment, law_words(judged.law, w), w, on)


def _basis_view(assessment: Assessment, law: str, w: Wording, on: date | None) -> BasisView:
    match assessment.lawful:
        case Lawful.YES:
            return BasisView(law, basis_words(assessment, w))
        case Lawful.IF_RECORDED:
            instrument = instrument_words(assessment.instrument, w)
            return BasisView(law, instrument, w.gettext("not recorded in full"))
        case Lawful.NO if assessment.lapsed_on is not None:
            instrument = instrument_words(assessment.instrument, w)
            return BasisView(law, instrument, _lapse_words(assessment.lapsed_on, w, on))
        case Lawful.NO:
            return BasisView(law, "", basis_words(assessment, w))


def _lapse_words(lapsed_on: date, w: Wording, on: date | None) -> str:
    """What is announced is judged on its own day: until then its basis may still hold."""
    if on is not None and lapsed_on > on:
        return w.gettext("lapses on %(day)s", day=w.date(lapsed_on))
    return w.gettext("lapsed on %(day)s, being replaced", day=w.date(lapsed_on))
