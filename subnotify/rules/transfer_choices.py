"""What can be recorded for a place: what a form offers, best first."""

from datetime import date

from subnotify.rules.transfer_records import Place
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import (
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import VendorRole


def list_choices(
    reference: TransferReference,
    *,
    place: Place,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    is_own_group: bool,
) -> tuple[Instrument, ...]:
    """The findings that cover the place on that day, then every safeguard that fits.

    Unlike `fitting_safeguards` also what an authority must first approve: somebody may hold such
    an approval. What each asks for, `assess` says of a basis that has nothing but its code.
    """
    findings = [
        finding_instrument(finding)
        for finding in reference.findings_for(place, law)
        if finding.interval.holds_on(on)
    ]
    safeguards = [
        safeguard_instrument(safeguard)
        for safeguard in reference.safeguards
        if safeguard.law is law
        and safeguard.fits(role)
        and safeguard.interval.holds_on(on)
        and (is_own_group or not safeguard.own_group_only)
    ]
    return (*findings, *safeguards)
