"""The days on which the worth of a transfer can change; between two of them it never does."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_reference import (
    UK,
    UK_AS_MEMBER_UNTIL,
    UK_BRIDGE_UNTIL,
    Interval,
    TransferReference,
)
from subnotify.rules.transfer_words import ExportLaw

_DAY = timedelta(days=1)


def turning_points(
    reference: TransferReference, place: Place, law: ExportLaw, recorded: Sequence[RecordedBasis]
) -> tuple[date, ...]:
    """Each day from which something begins to count, or counts no more; ascending."""
    firsts: list[date | None] = []
    lasts: list[date | None] = []
    intervals = [finding.interval for finding in reference.findings_for(place, law)]
    intervals += _of_safeguards(reference, recorded)
    for interval in intervals:
        firsts.append(interval.first)
        lasts.append(interval.last)
    if place.country == UK:
        lasts += [UK_AS_MEMBER_UNTIL, UK_BRIDGE_UNTIL]
    for basis in recorded:
        firsts.append(basis.signed_on)
        lasts.append(basis.expires_on)
        if basis.impact_assessment is not None:
            firsts.append(basis.impact_assessment.done_on)
        if basis.list_entry is not None:
            firsts.append(basis.list_entry.checked_on)
            lasts.append(basis.list_entry.next_certification_on)
    after = (last + _DAY for last in lasts if last is not None and last < date.max)
    return tuple(sorted({*(first for first in firsts if first is not None), *after}))


def _of_safeguards(
    reference: TransferReference, recorded: Iterable[RecordedBasis]
) -> list[Interval]:
    safeguards = (reference.find_safeguard(basis.code) for basis in recorded)
    return [safeguard.interval for safeguard in safeguards if safeguard is not None]
