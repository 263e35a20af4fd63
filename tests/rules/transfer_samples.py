"""The packaged reference, and bases recorded in full, for the tests of transfers."""

from dataclasses import replace
from datetime import date

from subnotify.operations.load_transfer_reference import load_transfer_reference
from subnotify.rules.transfer_records import ImpactAssessment, ListEntry, Place, RecordedBasis
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    Fact,
    FrameworkList,
    Lawful,
    Reason,
)
from subnotify.rules.transfers import assess
from subnotify.rules.words import VendorRole

REFERENCE: TransferReference = load_transfer_reference()
TODAY = date(2026, 11, 21)
LONG_AGO = date(1999, 1, 1)

EU, CH, UK = ExportLaw.EU_GDPR, ExportLaw.CH_FADP, ExportLaw.UK_GDPR
PROCESSOR, CONTROLLER = VendorRole.PROCESSOR, VendorRole.CONTROLLER

ENTRY = ListEntry(
    entity="Example, Inc.",
    lists=frozenset(FrameworkList),
    covered_data=frozenset(CoveredData),
    checked_on=LONG_AGO,
)
EVIDENCE = (
    *("annex_version", "clause_9_option", "lead_authority", "approval_date"),
    *("edpb_opinion_number", "entity_list_version", "certificate_number", "certification_body"),
    "scope",
)


def in_full(
    code: str, law: ExportLaw = EU, role: VendorRole = PROCESSOR, **changed: object
) -> RecordedBasis:
    """The basis with every fact that anything could ask for, recorded long ago."""
    safeguard, finding = REFERENCE.find_safeguard(code), REFERENCE.find_finding(code)
    conditions = [condition.text for condition in safeguard.conditions] if safeguard else []
    basis = RecordedBasis(
        law=law,
        code=code,
        reference="A-1",
        module="3" if role is PROCESSOR else "2",
        signed_on=(safeguard and safeguard.signable_from) or LONG_AGO,
        list_entry=ENTRY,
        impact_assessment=ImpactAssessment("TIA-1", LONG_AGO),
        conditions=frozenset([*conditions, *(finding.checks if finding else ())]),
        evidence=tuple((name, "1") for name in EVIDENCE),
        expires_on=date(2099, 12, 31) if code == "certification" else None,
    )
    return replace(basis, **changed)  # type: ignore[arg-type]


def judge(
    place: str,
    *recorded: RecordedBasis,
    law: ExportLaw = EU,
    role: VendorRole = PROCESSOR,
    on: date = TODAY,
    is_own_group: bool = False,
    data: CoveredData = CoveredData.NON_HR,
    reference: TransferReference = REFERENCE,
) -> Assessment:
    """`place`: an ISO code of two letters, or an organisation's name."""
    return assess(
        reference,
        place=Place(place) if len(place) == 2 else Place(organisation=place),
        law=law,
        role=role,
        on=on,
        recorded=recorded,
        is_own_group=is_own_group,
        data=data,
    )


def said(result: Assessment) -> tuple[Lawful, Reason, str]:
    return result.lawful, result.reason, result.rule.value


def missing(result: Assessment) -> set[Fact]:
    return {fact.fact for fact in result.missing}
