"""Where a subprocessor sits and works, and what makes the transfer there lawful."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_mapping import read_short_basis
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_records_reading import basis_to_mapping, read_recorded_bases
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_verdicts_mapping import assessment_from_mapping, assessment_to_mapping
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import LocationKind, VendorRole

_FIELDS = ("country", "organisation", "kind", "basis", "bases")


@dataclass(frozen=True)
class LawAssessment:
    """What a location is worth under one export law."""

    law: ExportLaw
    assessment: Assessment


@dataclass(frozen=True)
class Location:
    """A country (ISO 3166-1), or an international organisation, where the entry sits or works.

    bases: what is recorded, for each export law. assessed: what that was worth on the day the
    facts speak of: when they were announced or published, or today; empty in a draft. It follows
    from the rest, so it is never compared.
    """

    country: str
    kind: LocationKind
    bases: tuple[RecordedBasis, ...] = ()
    organisation: str = ""
    assessed: tuple[LawAssessment, ...] = field(default=(), compare=False)

    @property
    def place(self) -> Place:
        return Place(self.country, self.organisation)

    def under(self, law: ExportLaw) -> Assessment | None:
        """What it is worth under one law; None where that was not assessed."""
        return next((x.assessment for x in self.assessed if x.law is law), None)


def read_location(
    value: object,
    where: str,
    reader: Reader,
    *,
    role: VendorRole,
    reference: TransferReference | None,
    on_record: Collection[str] = (),
) -> Location | None:
    """A location of an import file; None where its place or kind is not valid.

    It names its basis in short (`basis`: what EU law alone asks), or one for each law in full
    (`bases`). reference None: from our own storage, which knows no short form. on_record: codes
    of bases that the registry has already.
    """
    data = reader.mapping(value, where)
    if data is None:
        return None
    stored = ("assessed",) if reference is None else ()
    reader.known_fields(data, where, (*_FIELDS, *stored))
    organisation = reader.text(data.get("organisation"), f"{where}.organisation", longest=200)
    country = reader.country(data.get("country"), f"{where}.country", required=not organisation)
    kind = reader.choice(data.get("kind"), f"{where}.kind", LocationKind)
    bases = read_recorded_bases(data.get("bases"), f"{where}.bases", reader, reference, on_record)
    if reference is not None:
        short = read_short_basis(
            data.get("basis"), f"{where}.basis", reader, reference, role, country
        )
        bases = (*short, *bases)
    if kind is None or not (country or organisation):
        return None
    assessed = _read_assessed(data.get("assessed") or ()) if reference is None else ()
    return Location(country, kind, bases, organisation, assessed)


def _read_assessed(stored: Any) -> tuple[LawAssessment, ...]:
    return tuple(
        LawAssessment(ExportLaw(item["law"]), assessment_from_mapping(item)) for item in stored
    )


def location_to_mapping(location: Location) -> dict[str, Any]:
    """The location as plain data; `assessed` only where it was."""
    mapping: dict[str, Any] = {"country": location.country, "kind": location.kind.value}
    if location.organisation:
        mapping["organisation"] = location.organisation
    if location.bases:
        mapping["bases"] = [basis_to_mapping(basis) for basis in location.bases]
    if location.assessed:
        mapping["assessed"] = [
            {"law": x.law.value, **assessment_to_mapping(x.assessment)} for x in location.assessed
        ]
    return mapping


def without_assessments(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A location's plain data as an import file has it."""
    return {name: value for name, value in mapping.items() if name != "assessed"}
