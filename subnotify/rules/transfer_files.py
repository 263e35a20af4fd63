"""The places of the subprocessors of an import file, with the transfer bases recorded for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import read_basis
from subnotify.rules.transfer_mapping import recorded_from_basis
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_records_reading import read_recorded_bases
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.words import LocationKind, VendorRole


@dataclass(frozen=True)
class TransferPlace:
    """A seat or location of an entry. entry: its key. is_own_group: it is an affiliate."""

    entry: str
    role: VendorRole
    is_own_group: bool
    place: Place
    kind: LocationKind
    recorded: tuple[RecordedBasis, ...]


def read_transfer_places(
    data: object, reader: Reader, reference: TransferReference
) -> list[TransferPlace]:
    """Every location of `subprocessors`, or of a bare list of them, in the file's order.

    Other sections and other fields are left to the import. A location names its basis as the
    import does (`basis`), or one for each law in full (`bases`); an international organisation
    stands in `organisation`, without a country.
    """
    entries = data.get("subprocessors") if isinstance(data, Mapping) else data
    if entries is None:
        reader.problem(
            "subprocessors",
            "The file has no subprocessors.",
            "Write them under `subprocessors:`, each with its key and its locations.",
        )
        return []
    return [
        place
        for number, entry in enumerate(reader.sequence(entries, "subprocessors"))
        for place in _read_entry(entry, f"subprocessors[{number}]", reader, reference)
    ]


def _read_entry(
    value: object, where: str, reader: Reader, reference: TransferReference
) -> list[TransferPlace]:
    entry = reader.mapping(value, where)
    if entry is None:
        return []
    key = reader.text(entry.get("key"), f"{where}.key", required=True, longest=80)
    role = reader.choice(entry.get("role", "processor"), f"{where}.role", VendorRole)
    is_own_group = reader.flag(entry.get("affiliate"), f"{where}.affiliate")
    locations = reader.sequence(entry.get("locations"), f"{where}.locations")
    if not locations:
        reader.problem(
            f"{where}.locations",
            "This is missing.",
            "Add its seat: a location of kind establishment.",
        )
    found = []
    for number, item in enumerate(locations):
        here = f"{where}.locations[{number}]"
        location = reader.mapping(item, here)
        if location is None or role is None:
            continue
        place, kind = _read_place(location, here, reader)
        recorded = _read_recorded(location, here, role, place.country, reader, reference)
        if kind is not None:
            found.append(TransferPlace(key, role, is_own_group, place, kind, recorded))
    return found


def _read_place(
    data: Mapping[str, Any], where: str, reader: Reader
) -> tuple[Place, LocationKind | None]:
    reader.known_fields(data, where, ("country", "organisation", "kind", "basis", "bases"))
    organisation = reader.text(data.get("organisation"), f"{where}.organisation", longest=200)
    country = reader.country(data.get("country"), f"{where}.country", required=not organisation)
    kind = reader.choice(data.get("kind"), f"{where}.kind", LocationKind)
    return Place(country, organisation), kind


def _read_recorded(
    data: Mapping[str, Any],
    where: str,
    role: VendorRole,
    country: str,
    reader: Reader,
    reference: TransferReference,
) -> tuple[RecordedBasis, ...]:
    bases = read_recorded_bases(data.get("bases"), f"{where}.bases", reader, reference)
    basis = read_basis(data.get("basis"), f"{where}.basis", reader)
    if basis is None:
        return bases
    return (recorded_from_basis(basis, reference, role, country), *bases)
