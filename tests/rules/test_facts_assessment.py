"""An entry's locations under the laws concerned: whose role, group and data decide, and when."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.facts_assessment import assess_facts, is_lawful, known_by
from subnotify.rules.locations import Location
from subnotify.rules.publication_gaps import TransferProblem, publication_gaps, transfer_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import ImpactAssessment, Place, RecordedBasis
from subnotify.rules.transfer_turning_points import turning_points
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Fact, Lawful, Reason
from subnotify.rules.words import LocationKind, VendorRole
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    ENTRY,
    EU,
    LONG_AGO,
    PROCESSOR,
    REFERENCE,
    TODAY,
    in_full,
)

COMMENCEMENT = date(2027, 3, 1)
LATER = date(2027, 2, 1)


def example(*bases: RecordedBasis, country: str = "US", **changed: object) -> SubprocessorFacts:
    location = Location(country, LocationKind.ESTABLISHMENT, bases)
    facts = SubprocessorFacts("Example", locations=(location,))
    return replace(facts, **changed)  # type: ignore[arg-type]


def worth(
    facts: SubprocessorFacts,
    *laws: ExportLaw,
    on: date = TODAY,
    known_on: date | None = None,
) -> SubprocessorFacts:
    return assess_facts(REFERENCE, facts, laws or (EU,), on=on, known_on=known_on)


def reason(facts: SubprocessorFacts) -> Reason:
    found = worth(facts).locations[0].under(EU)
    assert found is not None
    return found.reason


@pytest.mark.parametrize(
    ("role", "module_2", "module_3"),
    [
        (PROCESSOR, Reason.WRONG_ROLES, Reason.SAFEGUARD),
        (CONTROLLER, Reason.SAFEGUARD, Reason.WRONG_ROLES),
    ],
)
def test_the_role_of_the_entry_decides(role: VendorRole, module_2: Reason, module_3: Reason):
    assert reason(example(in_full("scc_eu_2021_m2"), role=role)) is module_2
    assert reason(example(in_full("scc_eu_2021_m3"), role=role)) is module_3


def test_only_a_company_of_the_group_rests_on_its_rules():
    assert reason(example(in_full("bcr_p"))) is Reason.NOT_OWN_GROUP
    assert reason(example(in_full("bcr_p"), affiliate=True)) is Reason.SAFEGUARD


@pytest.mark.parametrize("kind", CoveredData)
def test_data_of_employees_need_an_entry_that_covers_them(kind: CoveredData):
    entry = replace(ENTRY, covered_data=frozenset({kind}))
    facts = example(in_full("EU-US-DPF", list_entry=entry))
    refused = Reason.DATA_NOT_COVERED
    other = reason(facts) if kind is CoveredData.HR else reason(replace(facts, hr_data=True))
    fitting = reason(replace(facts, hr_data=kind is CoveredData.HR))
    assert (other, fitting) == (refused, Reason.ADEQUATE_LISTED)


def test_lawful_is_what_was_assessed_everywhere_and_lawful_under_each_law():
    full = example(in_full("scc_eu_2021_m3"), in_full("ch_scc", CH))
    assert is_lawful(worth(full, EU, CH))
    assert not is_lawful(full)
    assert not is_lawful(worth(example(in_full("scc_eu_2021_m3")), EU, CH))
    assert not is_lawful(worth(example(RecordedBasis(EU, "scc_eu_2021_m3"))))
    assert not is_lawful(worth(SubprocessorFacts("Nowhere")))
    half = replace(full, locations=(*worth(full).locations, *full.locations))
    assert not is_lawful(half)


def test_every_gap_is_told_under_its_law_and_fact_by_fact():
    facts = worth(example(RecordedBasis(EU, "EU-US-DPF")), EU, CH)
    first, second = transfer_gaps(facts, "example")
    assert isinstance(first, TransferProblem) and isinstance(second, TransferProblem)
    assert (first.where, second.where) == ("example.locations[0]",) * 2
    assert first.law is EU and first.missing is not None
    assert first.missing.fact is Fact.LIST_ENTRY
    assert (second.law, second.missing) == (CH, None)
    assert set(transfer_gaps(facts, "example")) <= set(publication_gaps(facts, "example"))
    bare = worth(example(RecordedBasis(EU, "scc_eu_2021_m3")))
    assessed = bare.locations[0].under(EU)
    assert assessed is not None and assessed.lawful is Lawful.IF_RECORDED
    assert len(transfer_gaps(bare, "x")) == len(assessed.missing) > 1


def test_what_was_never_assessed_is_a_gap_too():
    (gap,) = transfer_gaps(example(country="FR"), "example")
    assert "not assessed under any export law" in gap.message


PLANNED = in_full("scc_eu_2021_m3", impact_assessment=ImpactAssessment("TIA-2", LATER))
LOOK = in_full("EU-US-DPF", list_entry=replace(ENTRY, checked_on=LATER))


@pytest.mark.parametrize(
    ("basis", "fact"), [(PLANNED, Fact.IMPACT_ASSESSMENT), (LOOK, Fact.LIST_CHECKED_ON)]
)
def test_what_nobody_has_found_out_yet_counts_for_no_later_day(basis: RecordedBasis, fact: Fact):
    def found(known_on: date | None) -> SubprocessorFacts:
        return worth(example(basis), on=COMMENCEMENT, known_on=known_on)

    assert is_lawful(found(None))
    assert is_lawful(found(LATER))
    early = found(date(2027, 1, 31)).locations[0].under(EU)
    assert early is not None
    assert [x.fact for x in early.missing] == [fact]


def test_a_signature_may_be_planned_and_what_is_known_stays():
    basis = in_full("scc_eu_2021_m3", signed_on=LATER)
    assert is_lawful(worth(example(basis), on=COMMENCEMENT, known_on=TODAY))
    assert known_by([basis], LONG_AGO) == (basis,)


def test_the_day_of_a_signature_and_the_days_around_a_list_entry_are_turning_points():
    signed = in_full("scc_eu_2021_m3", signed_on=LATER)
    assert LATER in turning_points(REFERENCE, Place("IN"), EU, [signed])
    entry = replace(ENTRY, checked_on=LATER, next_certification_on=COMMENCEMENT)
    listed = in_full("EU-US-DPF", list_entry=entry, expires_on=date(2028, 1, 1))
    days = turning_points(REFERENCE, Place("US"), EU, [listed])
    assert {LATER, date(2027, 3, 2), date(2028, 1, 2)} <= set(days)
