"""Whether an adequacy finding covers a recipient on a day, with what is recorded of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from subnotify.rules.transfer_records import ListEntry, RecordedBasis
from subnotify.rules.transfer_reference import AdequacyFinding
from subnotify.rules.transfer_verdicts import (
    Assessment,
    MissingFact,
    finding_instrument,
    lawful,
    lawful_if,
    unlawful,
)
from subnotify.rules.transfer_words import CoveredData, Fact, ListStatus, Reason, Rule

_DAY = timedelta(days=1)


def assess_finding(
    finding: AdequacyFinding, recorded: RecordedBasis | None, on: date, needs: CoveredData
) -> Assessment | None:
    """What a finding that covers the place is worth on a day; None: nothing, and nobody claims it.

    recorded None: nobody recorded it, and it counts all the same where it asks for nothing.
    """
    it = finding_instrument(finding)
    # What covers only some recipients is nobody's until somebody records it.
    if recorded is None and (finding.on_list is not None or finding.must_be_claimed):
        return None
    if finding.interval.is_before(on):
        first, before = finding.interval.first, finding.replaced
        if before:
            return unlawful(Reason.NOT_YET, Rule.NO_BASIS, it, first=first, before=before)
        return unlawful(Reason.NOT_YET, Rule.NO_BASIS, it, first=first)
    last = finding.interval.last
    if last is not None and on > last:
        by = finding.ended_by
        rule = Rule.ENDED if by else Rule.ENDS
        return unlawful(Reason.ENDED, rule, it, last + _DAY, last=last, by=by)
    if finding.on_list is not None and recorded is not None:
        return _assess_listed(finding, recorded, on, needs)
    if recorded is not None and recorded.expires_on is not None and on > recorded.expires_on:
        if finding.checks:
            return _expired(finding, recorded.expires_on)
        recorded = None
    confirmed = recorded.conditions if recorded is not None else frozenset()
    missing = [MissingFact(Fact.SCOPE, check) for check in finding.checks if check not in confirmed]
    rule = Rule.COUNTRY_ALONE if finding.organisation or finding.checks else Rule.NO_BASIS
    if missing:
        return lawful_if(Reason.SCOPE_UNCHECKED, rule, it, missing)
    reason = Reason.ADEQUATE_IN_SCOPE if finding.checks else Reason.ADEQUATE
    ends = [finding.interval.last, recorded.expires_on if recorded and finding.checks else None]
    return lawful(reason, rule, it, earliest(ends))


def _assess_listed(
    finding: AdequacyFinding, recorded: RecordedBasis, on: date, needs: CoveredData
) -> Assessment:
    """A finding that covers only who is on a list (V3)."""
    it = finding_instrument(finding)
    assert finding.on_list is not None
    wanted = finding.on_list.value
    entry = recorded.list_entry
    if entry is None:
        missing = [MissingFact(Fact.LIST_ENTRY, wanted)]
        return lawful_if(Reason.LIST_ENTRY_INCOMPLETE, Rule.LIST_ENTRY, it, missing, list=wanted)
    if entry.lists and finding.on_list not in entry.lists:
        seen = ", ".join(sorted(entry.lists))
        return unlawful(Reason.OTHER_LIST, Rule.LIST_ENTRY, it, list=wanted, seen=seen)
    if entry.status is not ListStatus.ACTIVE:
        return unlawful(Reason.LIST_INACTIVE, Rule.LIST_ENTRY, it, entity=entry.entity)
    if entry.covered_data and needs not in entry.covered_data:
        return unlawful(Reason.DATA_NOT_COVERED, Rule.LIST_ENTRY, it, data=needs.value)
    last = earliest([entry.next_certification_on, recorded.expires_on])
    if last is not None and on > last:
        return _expired(finding, last)
    missing = _missing_of_entry(entry, wanted, on)
    if missing:
        return lawful_if(Reason.LIST_ENTRY_INCOMPLETE, Rule.LIST_ENTRY, it, missing, list=wanted)
    return lawful(
        Reason.ADEQUATE_LISTED,
        Rule.LIST_ENTRY,
        it,
        earliest([finding.interval.last, last]),
        entity=entry.entity,
        checked_on=entry.checked_on,
    )


def _missing_of_entry(entry: ListEntry, wanted: str, on: date) -> list[MissingFact]:
    """A look at the list says nothing of the days before it."""
    is_seen = entry.checked_on is not None and entry.checked_on <= on
    return [
        MissingFact(fact, detail)
        for fact, detail, is_there in (
            (Fact.LIST_ENTITY, "", bool(entry.entity)),
            (Fact.LIST_ENTRY, wanted, bool(entry.lists)),
            (Fact.LIST_COVERED_DATA, "", bool(entry.covered_data)),
            (Fact.LIST_CHECKED_ON, "", is_seen),
        )
        if not is_there
    ]


def _expired(finding: AdequacyFinding, last: date) -> Assessment:
    it = finding_instrument(finding)
    return unlawful(Reason.EXPIRED, Rule.ENDS, it, last + _DAY, last=last)


def earliest(days: Sequence[date | None]) -> date | None:
    """The first of the days that are known; None where none is."""
    return min((day for day in days if day is not None), default=None)
