"""Seats and locations of an entry as pages show them, with what makes each transfer lawful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.instrument_links import official_address
from subnotify.rules.locations import Location
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import Lawful, Reason
from subnotify.rules.words import LocationKind
from subnotify.wording.bases import basis_words, place_name
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words, law_words


@dataclass(frozen=True)
class BasisView:
    """What makes a transfer lawful under one export law, in words.

    law: its name. warning: what is wrong with the basis ("lapsed on 16 July 2020, being
    replaced"), "" where nothing is. address: of the official text. notes: what else is known of
    it, such as its last day.
    """

    law: str
    text: str
    warning: str = ""
    address: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceView:
    """Locations of one place with equal bases: "Germany", "seat, hosting"; one basis a law."""

    kinds: str
    country: str
    bases: tuple[BasisView, ...]


@dataclass(frozen=True)
class PlacesView:
    """All places of an entry. laws: the columns of a table, where there are several laws."""

    laws: tuple[str, ...]
    rows: tuple[PlaceView, ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


def places_view(locations: Sequence[Location], w: Wording, *, on: date | None = None) -> PlacesView:
    """The seat's country first, then in the order they are recorded.

    on: today, where they were assessed on another day.
    """
    grouped: dict[tuple[str, tuple[BasisView, ...]], list[str]] = {}
    for place in sorted(locations, key=lambda x: x.kind is not LocationKind.ESTABLISHMENT):
        group = (place_name(place, w), basis_views(place, w, on=on))
        grouped.setdefault(group, []).append(label(w, place.kind))
    rows = tuple(
        PlaceView(", ".join(dict.fromkeys(kinds)), name, bases)
        for (name, bases), kinds in grouped.items()
    )
    return PlacesView(_columns(locations, w), rows)


def _columns(locations: Iterable[Location], w: Wording) -> tuple[str, ...]:
    """The laws, where every place was assessed under the same several ones; else none."""
    judged = {tuple(x.law for x in place.assessed) for place in locations}
    laws = judged.pop() if len(judged) == 1 else ()
    return tuple(law_words(law, w) for law in laws) if len(laws) > 1 else ()


def basis_views(place: Location, w: Wording, *, on: date | None = None) -> tuple[BasisView, ...]:
    """One for each law under which the place was assessed; without a law where none was."""
    if not place.assessed:
        return (BasisView("", basis_words(None, w)),)
    return tuple(_basis_view(x.assessment, law_words(x.law, w), w, on) for x in place.assessed)


def _basis_view(assessment: Assessment, law: str, w: Wording, on: date | None) -> BasisView:
    it = assessment.instrument
    address = official_address(it, w.language)
    match assessment.lawful:
        case Lawful.YES:
            return BasisView(law, basis_words(assessment, w), "", address, _notes(assessment, w))
        case Lawful.IF_RECORDED:
            return BasisView(law, instrument_words(it, w), w.gettext("not recorded in full"))
        case Lawful.NO if assessment.lapsed_on is not None:
            warning = _lapse_words(assessment.lapsed_on, w, on)
            return BasisView(law, instrument_words(it, w), warning, address)
        case Lawful.NO:
            return BasisView(law, "", basis_words(assessment, w))


def _notes(assessment: Assessment, w: Wording) -> tuple[str, ...]:
    """Who is on the list, and since when that is known; the last day of what ends."""
    notes = []
    if assessment.reason is Reason.ADEQUATE_LISTED:
        params = dict(assessment.params)
        notes.append(
            w.gettext(
                "on the list: %(entity)s, checked on %(day)s",
                entity=params["entity"],
                day=w.date(date.fromisoformat(params["checked_on"]), "short"),
            )
        )
    if assessment.lawful_until is not None:
        notes.append(w.gettext("until %(day)s", day=w.date(assessment.lawful_until, "short")))
    return tuple(notes)


def _lapse_words(lapsed_on: date, w: Wording, on: date | None) -> str:
    """What is announced is judged on its own day: until then its basis may still hold."""
    if on is not None and lapsed_on > on:
        return w.gettext("lapses on %(day)s", day=w.date(lapsed_on))
    return w.gettext("lapsed on %(day)s, being replaced", day=w.date(lapsed_on))
