"""Transfer bases recorded in full, and facts assessed as frozen ones are."""

from datetime import date

from subnotify.operations.load_transfer_reference import load_transfer_reference
from subnotify.rules.facts_assessment import assess_facts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import ImpactAssessment, ListEntry, RecordedBasis
from subnotify.rules.transfer_words import CoveredData, ExportLaw, FrameworkList

REFERENCE = load_transfer_reference()
EU = ExportLaw.EU_GDPR
SIGNED = date(2022, 2, 1)
DAY = date(2026, 3, 2)


def clauses(code: str = "scc_eu_2021_m3", signed_on: date = SIGNED) -> RecordedBasis:
    """Standard contractual clauses with all that they ask for."""
    safeguard = REFERENCE.find_safeguard(code)
    assert safeguard is not None
    return RecordedBasis(
        law=EU,
        code=code,
        signed_on=signed_on,
        impact_assessment=ImpactAssessment("TIA-7", signed_on),
        conditions=frozenset(condition.text for condition in safeguard.conditions),
        evidence=tuple((name, "1") for name in safeguard.evidence),
    )


def framework(entity: str, checked_on: date = date(2026, 1, 5)) -> RecordedBasis:
    """The Data Privacy Framework with an active entry on its list."""
    finding = REFERENCE.find_finding("EU-US-DPF")
    assert finding is not None
    return RecordedBasis(
        law=EU,
        code=finding.id,
        list_entry=ListEntry(
            entity=entity,
            lists=frozenset({FrameworkList.EU_US}),
            covered_data=frozenset({CoveredData.NON_HR}),
            checked_on=checked_on,
        ),
        conditions=frozenset(finding.checks),
    )


def assessed(facts: SubprocessorFacts, *, on: date = DAY) -> SubprocessorFacts:
    return assess_facts(REFERENCE, facts, (EU,), on=on)
