"""Entries whose transfers are lawful, or not, or not yet, or not for long; and reference data that
end a basis."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import yaml
from hypothesis import strategies as st

from subnotify.operations.load_transfer_reference import parse_reference
from subnotify.resources import transfer_reference_file
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_records import (
    ImpactAssessment,
    ListEntry,
    RecordedBasis,
)
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import CoveredData, ExportLaw, FrameworkList, TransferRisk
from subnotify.rules.words import LocationKind, VendorRole
from tests.support.transfers import REFERENCE, clauses, framework

EU, CH, UK = ExportLaw
SEAT = Location("FR", LocationKind.ESTABLISHMENT)


def swiss_framework(entity: str) -> RecordedBasis:
    """The Swiss-US Data Privacy Framework with an active entry."""
    finding = REFERENCE.find_finding("CH-US-DPF")
    assert finding is not None
    entry = ListEntry(
        entity,
        frozenset({FrameworkList.SWISS_US}),
        covered_data=frozenset(CoveredData),
        checked_on=date(2026, 1, 5),
    )
    return RecordedBasis(CH, finding.id, list_entry=entry, conditions=frozenset(finding.checks))


def hosting(country: str, *bases: RecordedBasis) -> Location:
    return Location(country, LocationKind.HOSTING, bases)


_CLAUSES = clauses()
# By name: what the entry has beside a seat in France, and in which role the vendor is.
PLACES: dict[str, tuple[Location, ...]] = {
    "none": (),
    "france": (SEAT,),
    "germany": (SEAT, hosting("DE")),
    "clauses": (SEAT, hosting("US", _CLAUSES)),
    "framework": (SEAT, hosting("US", framework("Orage, Inc."))),
    "both laws": (SEAT, hosting("US", framework("Orage, Inc."), swiss_framework("Orage, Inc."))),
    "framework or clauses": (SEAT, hosting("US", framework("Orage, Inc."), _CLAUSES)),
    "nothing recorded": (SEAT, hosting("US")),
    "not recorded in full": (SEAT, hosting("US", RecordedBasis(EU, "scc_eu_2021_m3"))),
    "wrong module": (SEAT, hosting("US", clauses("scc_eu_2021_m2"))),
    "privacy shield": (SEAT, hosting("US", RecordedBasis(EU, "EU-US-PRIVACY-SHIELD"))),
    "signed later": (SEAT, hosting("US", replace(_CLAUSES, signed_on=date(2027, 3, 1)))),
    "signed and assessed later": (SEAT, hosting("US", clauses(signed_on=date(2027, 3, 1)))),
    "expires": (SEAT, hosting("US", replace(_CLAUSES, expires_on=date(2027, 2, 1)))),
    "too risky": (
        SEAT,
        hosting(
            "US",
            replace(
                _CLAUSES,
                impact_assessment=replace(
                    _CLAUSES.impact_assessment or ImpactAssessment("", date(2022, 2, 1)),
                    result=TransferRisk.INSUFFICIENT,
                ),
            ),
        ),
    ),
    "united kingdom": (SEAT, hosting("GB", RecordedBasis(EU, "EU-GB"))),
    "japan": (SEAT, hosting("JP", RecordedBasis(EU, "EU-JP"))),
    "seat abroad": (Location("US", LocationKind.ESTABLISHMENT, (_CLAUSES,)),),
    "organisation": (
        SEAT,
        Location("", LocationKind.SUPPORT, (_CLAUSES,), "European Patent Organisation"),
    ),
}


def entry_facts(name: str, place: str, role: VendorRole, address: str) -> SubprocessorFacts:
    """A complete entry at these places."""
    return SubprocessorFacts(
        name=name,
        address=address,
        contact="privacy@entry.example",
        activities=local_text({"en": "Hosting", "fr": "Hébergement"}),
        services=("mail",),
        data_categories=local_text({"en": "Names", "fr": "Noms"}),
        role=role,
        locations=PLACES[place],
    )


KEYS = st.sampled_from(("anse", "brume", "crue"))
ROLES = st.sampled_from((VendorRole.PROCESSOR, VendorRole.PROCESSOR, VendorRole.CONTROLLER))
ADDRESSES = st.sampled_from(("1 rue du Port, Brest", "2 rue du Pont, Lyon"))
FACTS = st.builds(
    entry_facts, st.just("Orage, Inc."), st.sampled_from(sorted(PLACES)), ROLES, ADDRESSES
)
LAWS = st.sampled_from([tuple(ExportLaw)[:number] for number in (1, 2, 3)])
# Under EU law, where the vendor is processor.
LAWFUL_PLACES = ("france", "clauses", "framework", "framework or clauses", "united kingdom")
LAWFUL = st.builds(
    entry_facts,
    st.just("Orage, Inc."),
    st.sampled_from(LAWFUL_PLACES),
    st.just(VendorRole.PROCESSOR),
    ADDRESSES,
)
AHEAD = st.sampled_from((0, 1, 30, 60, 120, 300))

# What newer data end, with the day of the data. Each ends the bases of those before it too.
NEWER: tuple[tuple[str, dict[str, str]], ...] = (
    ("2026-12-05", {"EU-US-DPF": "2027-01-20"}),
    ("2026-12-20", {"EU-US-DPF": "2027-01-20", "scc_eu_2021_m3": "2027-05-31"}),
)


@lru_cache
def newer_data(number: int) -> bytes:
    """The package's data, changed as NEWER says."""
    as_of, ended = NEWER[number]
    data = yaml.safe_load(transfer_reference_file().read_bytes())
    data["meta"]["as_of"] = as_of
    found = set()
    for one in _mappings(data):
        if one.get("id") in ended:
            one["in_force_until"] = ended[one["id"]]
            found.add(one["id"])
        elif one.get("code") in ended:
            one["valid_until"] = ended[one["code"]]
            found.add(one["code"])
    assert found == set(ended)
    written: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    return written.encode()


@lru_cache
def newer_reference(number: int) -> TransferReference:
    return parse_reference(newer_data(number))


def _mappings(data: object) -> list[dict[str, object]]:
    if isinstance(data, dict):
        return [data, *(x for value in data.values() for x in _mappings(value))]
    if isinstance(data, list):
        return [x for value in data for x in _mappings(value)]
    return []
