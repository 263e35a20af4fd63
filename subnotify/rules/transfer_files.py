"""The places of the subprocessors of an import file, with the transfer bases recorded for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from subnotify.rules.locations import Location, read_location
from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.words import VendorRole


@dataclass(frozen=True)
class TransferPlace:
    """A seat or location of an entry. entry: its key. facts: what decides beside the location:
    role, affiliate, data of employees."""

    entry: str
    facts: SubprocessorFacts
    location: Location


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
    facts = SubprocessorFacts(
        name=key,
        role=role or VendorRole.PROCESSOR,
        affiliate=reader.flag(entry.get("affiliate"), f"{where}.affiliate"),
        hr_data=reader.flag(entry.get("hr_data"), f"{where}.hr_data"),
    )
    items = reader.sequence(entry.get("locations"), f"{where}.locations")
    if not items:
        reader.problem(
            f"{where}.locations",
            "This is missing.",
            "Add its seat: a location of kind establishment.",
        )
    found = (
        read_location(
            item, f"{where}.locations[{number}]", reader, role=facts.role, reference=reference
        )
        for number, item in enumerate(items)
    )
    return [TransferPlace(key, facts, location) for location in found if location is not None]
