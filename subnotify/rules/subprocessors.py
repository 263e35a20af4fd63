"""An entry of the list: its facts, and what blocks its publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from subnotify.rules.errors import N_, Problem
from subnotify.rules.reading import Reader
from subnotify.rules.texts import NO_TEXT, LocalText, local_text_to_plain, read_local_text
from subnotify.rules.transfers import TransferBasis, basis_problems
from subnotify.rules.words import BasisKind, LocationKind, VendorRole


@dataclass(frozen=True)
class Location:
    """A country (ISO 3166-1) where the entry sits or from where it works, with its basis."""

    country: str
    kind: LocationKind
    basis: TransferBasis | None = None


@dataclass(frozen=True)
class SubprocessorFacts:
    """Everything the list says of a subprocessor or recipient.

    demonstration_values: names of fields whose values are invented for the demonstration; the
    pages mark them.
    """

    name: str
    other_names: tuple[str, ...] = ()
    address: str = ""
    contact: str = ""
    website: str = ""
    activities: LocalText = NO_TEXT
    services: tuple[str, ...] = ()
    data_categories: LocalText = NO_TEXT
    role: VendorRole = VendorRole.PROCESSOR
    affiliate: bool = False
    locations: tuple[Location, ...] = ()
    agreement_signed_on: date | None = None
    agreement_planned_on: date | None = None
    agreement_from_on: date | None = None
    agreement_until_on: date | None = None
    in_use_since_on: date | None = None
    demonstration_values: tuple[str, ...] = ()

    @property
    def seat(self) -> Location | None:
        """The establishment; None while it is not recorded."""
        return next((x for x in self.locations if x.kind is LocationKind.ESTABLISHMENT), None)

    @property
    def has_agreement_dates(self) -> bool:
        """Signed or planned, and from when it runs: what some agreements want to be told."""
        signed = self.agreement_signed_on or self.agreement_planned_on
        return signed is not None and self.agreement_from_on is not None


def publication_gaps(facts: SubprocessorFacts, where: str) -> tuple[Problem, ...]:
    """What must be filled in before these facts may be published; empty when nothing.

    GDPR art. 28(2) and the seed contracts ask for identity, address, contact, activities and
    services; every seat and location needs a transfer basis (art. 44).
    """
    gaps = [
        Problem(f"{where}.{field}", "This is missing.", remedy)
        for field, present, remedy in (
            ("name", facts.name, N_("Write the legal name.")),
            ("address", facts.address, N_("Write the full postal address.")),
            ("contact", facts.contact, N_("Write an address for questions of data protection.")),
            ("activities", facts.activities, N_("Write what the processing is.")),
            ("services", facts.services, N_("Choose the services it helps to provide.")),
            ("data_categories", facts.data_categories, N_("Write which personal data it gets.")),
            ("locations", facts.seat, N_("Add its seat: a location of kind establishment.")),
        )
        if not present
    ]
    for number, location in enumerate(facts.locations):
        gaps += basis_problems(location.basis, location.country, f"{where}.locations[{number}]")
    return tuple(gaps)


_FIELDS = (
    *("key", "name", "other_names", "address", "contact", "website", "activities", "services"),
    *("data_categories", "role", "affiliate", "locations", "agreement", "in_use_since_on"),
    "demonstration_values",
)


def read_facts(value: object, where: str, reader: Reader) -> SubprocessorFacts | None:
    """Facts from a mapping. Gaps are fine (a draft); what is there must be valid."""
    data = reader.mapping(value, where)
    if data is None:
        return None
    noted = len(reader.problems)
    reader.known_fields(data, where, _FIELDS)
    agreement = data.get("agreement") or {}
    dates = _read_agreement_dates(agreement, f"{where}.agreement", reader)
    locations = tuple(
        location
        for number, item in enumerate(reader.sequence(data.get("locations"), f"{where}.locations"))
        if (location := _read_location(item, f"{where}.locations[{number}]", reader)) is not None
    )
    role = reader.choice(data.get("role", "processor"), f"{where}.role", VendorRole)
    facts = SubprocessorFacts(
        name=reader.text(data.get("name"), f"{where}.name", required=True, longest=200),
        other_names=_read_texts(data.get("other_names"), f"{where}.other_names", reader),
        address=reader.text(data.get("address"), f"{where}.address"),
        contact=reader.text(data.get("contact"), f"{where}.contact"),
        website=_read_website(data.get("website"), f"{where}.website", reader),
        activities=read_local_text(data.get("activities"), f"{where}.activities", reader),
        services=_read_texts(data.get("services"), f"{where}.services", reader),
        data_categories=read_local_text(
            data.get("data_categories"), f"{where}.data_categories", reader
        ),
        role=role or VendorRole.PROCESSOR,
        affiliate=reader.flag(data.get("affiliate"), f"{where}.affiliate"),
        locations=locations,
        **dates,
        in_use_since_on=reader.day(data.get("in_use_since_on"), f"{where}.in_use_since_on"),
        demonstration_values=_read_texts(
            data.get("demonstration_values"), f"{where}.demonstration_values", reader
        ),
    )
    return facts if len(reader.problems) == noted else None


def _read_texts(value: object, where: str, reader: Reader) -> tuple[str, ...]:
    items = reader.sequence(value, where)
    return tuple(reader.text(x, f"{where}[{i}]", longest=200) for i, x in enumerate(items))


def _read_website(value: object, where: str, reader: Reader) -> str:
    website = reader.text(value, where, longest=500)
    if website and not website.startswith(("https://", "http://")):
        reader.problem(
            where,
            "“%(value)s” is not a web address.",
            "Write it with https:// in front.",
            value=website,
        )
        return ""
    return website


def _read_agreement_dates(value: object, where: str, reader: Reader) -> dict[str, Any]:
    data = reader.mapping(value, where) or {}
    reader.known_fields(data, where, ("signed_on", "planned_on", "from_on", "until_on"))
    days = {
        f"agreement_{name}": reader.day(data.get(name), f"{where}.{name}")
        for name in ("signed_on", "planned_on", "from_on", "until_on")
    }
    first, last = days["agreement_from_on"], days["agreement_until_on"]
    if first and last and last < first:
        reader.problem(
            f"{where}.until_on",
            "The agreement ends before it begins.",
            "Correct one of the two days.",
        )
    return days


def _read_location(value: object, where: str, reader: Reader) -> Location | None:
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("country", "kind", "basis"))
    country = reader.country(data.get("country"), f"{where}.country")
    kind = reader.choice(data.get("kind"), f"{where}.kind", LocationKind)
    basis = read_basis(data.get("basis"), f"{where}.basis", reader)
    return None if kind is None or not country else Location(country, kind, basis)


def read_basis(value: object, where: str, reader: Reader) -> TransferBasis | None:
    """A basis from a mapping; None where there is none, or where its kind is not known."""
    if value is None:
        return None
    data = reader.mapping(value, where)
    if data is None:
        return None
    reader.known_fields(data, where, ("kind", "reference", "module"))
    kind = reader.choice(data.get("kind"), f"{where}.kind", BasisKind)
    if kind is None:
        return None
    return TransferBasis(
        kind,
        reader.text(data.get("reference"), f"{where}.reference", longest=200),
        reader.text(data.get("module"), f"{where}.module", longest=10),
    )


def facts_to_mapping(facts: SubprocessorFacts) -> dict[str, Any]:
    """The facts as plain data, in the shape that `read_facts` reads."""
    days = {
        "signed_on": facts.agreement_signed_on,
        "planned_on": facts.agreement_planned_on,
        "from_on": facts.agreement_from_on,
        "until_on": facts.agreement_until_on,
    }
    return {
        "name": facts.name,
        "other_names": list(facts.other_names),
        "address": facts.address,
        "contact": facts.contact,
        "website": facts.website,
        "activities": local_text_to_plain(facts.activities),
        "services": list(facts.services),
        "data_categories": local_text_to_plain(facts.data_categories),
        "role": facts.role.value,
        "affiliate": facts.affiliate,
        "locations": [_location_to_mapping(location) for location in facts.locations],
        "agreement": {name: day.isoformat() for name, day in days.items() if day},
        "in_use_since_on": facts.in_use_since_on.isoformat() if facts.in_use_since_on else None,
        "demonstration_values": list(facts.demonstration_values),
    }


def facts_from_mapping(data: Mapping[str, Any]) -> SubprocessorFacts:
    """Facts from our own storage; raises ValueError if they are not valid."""
    reader = Reader()
    facts = read_facts(data, "facts", reader)
    if facts is None:
        raise ValueError("; ".join(str(problem) for problem in reader.problems))
    return facts


def _location_to_mapping(location: Location) -> dict[str, Any]:
    mapping: dict[str, Any] = {"country": location.country, "kind": location.kind.value}
    if location.basis is not None:
        basis = location.basis
        mapping["basis"] = {
            "kind": basis.kind.value,
            "reference": basis.reference,
            "module": basis.module,
        }
    return mapping
