"""Whether data may go to a place: seat or location, export law, the vendor's role, a day.

Each export law is assessed alone (V10), the seat like any location, and a place from which data
are only looked at like one where they lie (V7): the caller asks once for each.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from subnotify.rules.transfer_findings import assess_finding
from subnotify.rules.transfer_records import NONE_REQUIRED, Place, RecordedBasis
from subnotify.rules.transfer_reference import (
    HOME,
    UK,
    UK_AS_MEMBER_UNTIL,
    UK_BRIDGE_UNTIL,
    TransferReference,
)
from subnotify.rules.transfer_safeguards import assess_safeguard
from subnotify.rules.transfer_verdicts import (
    Assessment,
    best,
    finding_instrument,
    lawful,
    unlawful,
)
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Reason, Rule
from subnotify.rules.words import VendorRole


def assess(
    reference: TransferReference,
    *,
    place: Place,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: Sequence[RecordedBasis],
    is_own_group: bool,
    data: CoveredData = CoveredData.NON_HR,
) -> Assessment:
    """The most favourable of what the place itself, the findings and the recorded bases give.

    recorded: all bases of the place; those under other laws count for nothing. data: what the
    certification of an organisation must cover. Adding a recorded basis never makes it worse.
    """
    own = [basis for basis in recorded if basis.law is law]
    results = [
        *_by_place(reference, place, law, on),
        *_by_findings(reference, place, law, own, on, data),
        *(
            result
            for basis in own
            if (result := _by_basis(reference, basis, place, role, on, is_own_group)) is not None
        ),
    ]
    if len(own) < len(recorded) and not own:
        others = ", ".join(sorted({basis.law.value for basis in recorded}))
        results.append(unlawful(Reason.OTHER_LAW, Rule.EACH_LAW, laws=others))
    results.append(unlawful(Reason.NO_BASIS, _rule_without_basis(place)))
    found = best(results)
    return replace(
        found,
        is_eea_not_eu=not place.organisation and reference.is_eea_not_eu(place.country),
        trap=_trap(reference, place, found),
    )


def _trap(reference: TransferReference, place: Place, found: Assessment) -> str:
    """Of the place, or of the decision: clients in Norway may not rest on it yet."""
    territory = reference.territories.get(place.country)
    if territory is not None and not place.organisation:
        return territory.trap
    finding = reference.find_finding(found.instrument.code) if found.instrument else None
    return finding.efta_note if finding is not None else ""


def _rule_without_basis(place: Place) -> Rule:
    return Rule.COUNTRY_ALONE if place.organisation else Rule.NO_BASIS


def _by_place(
    reference: TransferReference, place: Place, law: ExportLaw, on: date
) -> list[Assessment]:
    """No transfer to a third country at all: at home, in the EEA, the United Kingdom of old."""
    country = place.country
    if place.organisation or not country:
        return []
    if HOME.get(law) == country:
        return [lawful(Reason.DOMESTIC, Rule.EACH_LAW)]
    if law is not ExportLaw.EU_GDPR:
        return []
    if reference.is_eea(country, on):
        return [lawful(Reason.EEA, Rule.NO_BASIS)]
    if country == UK and on <= UK_AS_MEMBER_UNTIL:
        return [lawful(Reason.EU_LAW_APPLIED, Rule.NO_BASIS, until=UK_AS_MEMBER_UNTIL)]
    if country == UK and on <= UK_BRIDGE_UNTIL:
        return [lawful(Reason.BRIDGE, Rule.NO_BASIS, until=UK_BRIDGE_UNTIL)]
    return []


def _by_findings(
    reference: TransferReference,
    place: Place,
    law: ExportLaw,
    own: Sequence[RecordedBasis],
    on: date,
    data: CoveredData,
) -> list[Assessment]:
    """Every finding that covers the place, with each basis that is recorded for it, or without."""
    found = []
    for finding in reference.findings_for(place, law):
        for basis in (None, *(basis for basis in own if basis.code == finding.id)):
            result = assess_finding(finding, basis, on, data)
            if result is not None:
                found.append(result)
    return found


def _by_basis(
    reference: TransferReference,
    basis: RecordedBasis,
    place: Place,
    role: VendorRole,
    on: date,
    is_own_group: bool,
) -> Assessment | None:
    """A recorded basis that is no finding for this place; None: the findings answered for it."""
    if basis.code == NONE_REQUIRED:
        return unlawful(Reason.NOT_DOMESTIC, Rule.NO_BASIS, country=place.country)
    finding = reference.find_finding(basis.code)
    if finding is not None:
        if finding.law is basis.law and finding.covers(place):
            return None
        it = finding_instrument(finding)
        if finding.law is not basis.law:
            return unlawful(Reason.OTHER_LAW, Rule.EACH_LAW, it, laws=finding.law.value)
        return unlawful(Reason.OTHER_PLACE, Rule.COUNTRY_ALONE, it)
    safeguard = reference.find_safeguard(basis.code)
    if safeguard is None:
        return unlawful(Reason.UNKNOWN_BASIS, Rule.NEVER_A_BASIS, basis=basis.code)
    if safeguard.law is not basis.law:
        return unlawful(Reason.OTHER_LAW, Rule.EACH_LAW, laws=safeguard.law.value)
    return assess_safeguard(safeguard, basis, role, on, is_own_group)
