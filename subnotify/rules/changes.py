"""Intended differences of the list: which fields differ, what kind of change that is, and which
differences are none that clients must be told of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, LocationKind

# What only marks values for the pages is no statement about the subprocessor.
_MARKS = frozenset({"demonstration_values"})
COMPARED_FIELDS = tuple(
    field.name for field in fields(SubprocessorFacts) if field.name not in _MARKS
)


@dataclass(frozen=True)
class Difference:
    """One field of SubprocessorFacts, as the list has it and as the draft has it."""

    field: str
    before: object
    after: object


def differences(before: SubprocessorFacts, after: SubprocessorFacts) -> tuple[Difference, ...]:
    """The fields in which two versions of the facts differ, in the order of the facts.

    The order of services, other names and locations says nothing and is not compared.
    """
    return tuple(
        Difference(name, getattr(before, name), getattr(after, name))
        for name in COMPARED_FIELDS
        if _comparable(getattr(before, name)) != _comparable(getattr(after, name))
    )


def same_facts(one: SubprocessorFacts, other: SubprocessorFacts) -> bool:
    """Whether nothing differs that the list states; only the marks of invented values may."""
    return not differences(one, other)


def kind_of_change(*, is_listed: bool, replaces_another: bool) -> ChangeKind:
    """What a draft would announce: an entry already listed is amended, whatever it replaces."""
    if is_listed:
        return ChangeKind.AMENDMENT
    return ChangeKind.REPLACEMENT if replaces_another else ChangeKind.ADDITION


def services_concerned(*versions: SubprocessorFacts | None) -> frozenset[str]:
    """The services a change concerns: those of the new facts, of the old ones and of the entry
    replaced, because the clients of each see their data go elsewhere."""
    return frozenset(key for facts in versions if facts is not None for key in facts.services)


# What the record says of an engagement that stays as it is: how to reach the subprocessor, what
# was signed, looked at and checked, and when. Nothing that clients may object to.
RECORD_ONLY = frozenset(
    {
        *("contact", "website", "list_url", "agreement_url"),
        *("agreement_signed_on", "agreement_planned_on"),
        *("agreement_from_on", "agreement_until_on"),
        *("obligations_flowed_down_on", "guarantees_reviewed_on", "in_use_since_on"),
    }
)


def is_record_only(difference: Difference) -> bool:
    """Whether this difference is no change of the list, and may be corrected without a release.

    A company number that was missing is one such. Of the locations: the same places, each on the
    same bases, where only what was recorded of a basis differs (its date, reference, checks,
    transfer impact assessment). Another basis is a change (DESIGN section 8).
    """
    if difference.field == "company_number":
        return not difference.before
    if difference.field == "locations":
        rests_on_the_same = _rests_on_the_same(difference.before) == _rests_on_the_same(
            difference.after
        )
        return rests_on_the_same and _named(difference.before) <= _named(difference.after)
    return difference.field in RECORD_ONLY


def material_differences(
    before: SubprocessorFacts, after: SubprocessorFacts
) -> tuple[Difference, ...]:
    """The differences that are a change of the list, to be announced by a release."""
    return tuple(x for x in differences(before, after) if not is_record_only(x))


def with_correction(
    draft: SubprocessorFacts, before: SubprocessorFacts, after: SubprocessorFacts
) -> SubprocessorFacts:
    """A draft begun before the list was corrected from the one to the other.

    What it leaves as the list said, place by place, follows the correction; what it says otherwise
    stays. So its release does not take the correction back.
    """
    corrected: dict[str, Any] = {
        x.field: x.after
        for x in differences(before, after)
        if x.field != "locations" and _comparable(getattr(draft, x.field)) == _comparable(x.before)
    }
    old, new = _by_place(before), _by_place(after)
    places = (
        new.get((x.place, x.kind), x) if old.get((x.place, x.kind)) == x else x
        for x in draft.locations
    )
    # A draft is not assessed.
    kept = tuple(replace(x, assessed=()) for x in places)
    return replace(draft, locations=kept, **corrected)


class LocationChange(StrEnum):
    """What becomes of a place of processing in an amendment."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"
    OTHER_BASIS = "other_basis"


@dataclass(frozen=True)
class LocationDifference:
    """A place before and after; the one is None where it is new, the other where it goes."""

    change: LocationChange
    before: Location | None
    after: Location | None


def location_differences(
    before: SubprocessorFacts,
    after: SubprocessorFacts,
    laws: Collection[ExportLaw] = frozenset(),
) -> tuple[LocationDifference, ...]:
    """What becomes of each place: those of the new facts in their order, then those that go.

    A place is told by country or organisation and kind. laws: only bases under these count (none
    named: all).
    """
    old, new = _by_place(before), _by_place(after)
    told = []
    for key, location in new.items():
        was = old.get(key)
        if was is None:
            change = LocationChange.NEW
        elif _bases_told(was, laws) != _bases_told(location, laws):
            change = LocationChange.OTHER_BASIS
        else:
            change = LocationChange.SAME
        told.append(LocationDifference(change, was, location))
    gone = (location for key, location in old.items() if key not in new)
    return (*told, *(LocationDifference(LocationChange.GONE, x, None) for x in gone))


@dataclass(frozen=True)
class Amendment:
    """What an amendment is about. new_places: to which the data did not go before; gone_places:
    to which they go no longer. fields: names of the facts that differ, but for the locations.

    locations_differ: places come, go or are used for something else; bases_differ: a place that
    stays rests on another basis.
    """

    new_places: tuple[Location, ...] = ()
    gone_places: tuple[Location, ...] = ()
    fields: tuple[str, ...] = ()
    locations_differ: bool = False
    bases_differ: bool = False


def amendment_of(
    before: SubprocessorFacts,
    after: SubprocessorFacts,
    laws: Collection[ExportLaw] = frozenset(),
) -> Amendment:
    """What the change from the one to the other is about, under these laws (none named: all).

    What is record only is left out, unless nothing else differs.
    """
    found = [x for x in differences(before, after) if x.field != "locations"]
    places = location_differences(before, after, laws)
    moved = [x for x in places if x.change in (LocationChange.NEW, LocationChange.GONE)]
    rebased = any(x.change is LocationChange.OTHER_BASIS for x in places)
    material = [x for x in found if not is_record_only(x)]
    told = material or ([] if moved or rebased else found)
    return Amendment(
        new_places=_places_only_in(after, before),
        gone_places=_places_only_in(before, after),
        fields=tuple(x.field for x in told),
        locations_differ=bool(moved),
        bases_differ=rebased,
    )


def _by_place(facts: SubprocessorFacts) -> Mapping[tuple[Place, LocationKind], Location]:
    return {(x.place, x.kind): x for x in facts.locations}


def _places_only_in(one: SubprocessorFacts, other: SubprocessorFacts) -> tuple[Location, ...]:
    known = {x.place for x in other.locations}
    return tuple({x.place: x for x in one.locations if x.place not in known}.values())


def _bases_told(location: Location, laws: Collection[ExportLaw]) -> frozenset[object]:
    return frozenset((x.law, x.code, x.module) for x in location.bases if not laws or x.law in laws)


def _rests_on_the_same(locations: object) -> object:
    """The places with the bases each rests on, without what is recorded of a basis."""
    if not isinstance(locations, tuple):
        return locations
    return sorted(
        (
            x.country,
            x.organisation,
            x.kind.value,
            sorted((b.law, b.code, b.module) for b in x.bases),
        )
        for x in locations
    )


def _named(locations: object) -> frozenset[tuple[str, ...]]:
    """The documents and the companies on a list that the bases name: another one is another basis,
    naming it for the first time is not."""
    if not isinstance(locations, tuple):
        return frozenset()
    return frozenset(
        (x.country, x.organisation, x.kind, basis.law, basis.code, field, name)
        for x in locations
        for basis in x.bases
        for field, name in (("reference", basis.reference), ("entity", _entity(basis)))
        if name
    )


def _entity(basis: RecordedBasis) -> str:
    return basis.list_entry.entity if basis.list_entry is not None else ""


def _comparable(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value
