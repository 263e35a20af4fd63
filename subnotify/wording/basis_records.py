"""What is recorded of a transfer basis, fact by fact: what a correction of the list differs in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.locations import Location
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import CoveredData, ListStatus, TransferRisk
from subnotify.wording.bases import place_name
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import EVIDENCE, law_words

_STATUS: Mapping[ListStatus, str] = {
    ListStatus.ACTIVE: N_("active"),
    ListStatus.INACTIVE: N_("inactive, lapsed or withdrawn"),
}
_COVERED: Mapping[CoveredData, str] = {
    CoveredData.HR: N_("data of employees (HR)"),
    CoveredData.NON_HR: N_("data other than of employees (non-HR)"),
}
_RISK: Mapping[TransferRisk, str] = {
    TransferRisk.SUFFICIENT: N_("the protection is sufficient"),
    TransferRisk.SUFFICIENT_WITH_MEASURES: N_("sufficient with further measures"),
    TransferRisk.INSUFFICIENT: N_("insufficient"),
}
_RECORDED = tuple[str, str]


@dataclass(frozen=True)
class RecordDifference:
    """One recorded fact that differs; "" where nothing is recorded."""

    name: str
    before: str
    after: str


def record_differences(
    before: Sequence[Location], after: Sequence[Location], w: Wording
) -> list[RecordDifference]:
    """What differs in the records of bases that both name, place by place."""
    old = dict(_by_place_and_basis(before))
    found = []
    for key, (location, basis) in _by_place_and_basis(after):
        if key not in old:
            continue
        was, now = dict(_recorded(old[key][1], w)), dict(_recorded(basis, w))
        place = w.gettext(
            "%(kind)s, %(country)s, %(law)s",
            kind=label(w, location.kind),
            country=place_name(location, w),
            law=law_words(basis.law, w),
        )
        found += [
            RecordDifference(w.named(place, name), was.get(name, ""), now.get(name, ""))
            for name in dict.fromkeys((*was, *now))
            if was.get(name, "") != now.get(name, "")
        ]
    return found


def _by_place_and_basis(
    locations: Sequence[Location],
) -> Iterator[tuple[object, tuple[Location, RecordedBasis]]]:
    for location in locations:
        for basis in location.bases:
            key = (location.place, location.kind, basis.law, basis.code, basis.module)
            yield key, (location, basis)


def _recorded(basis: RecordedBasis, w: Wording) -> Iterator[_RECORDED]:
    """Each fact with its name; only those that are recorded."""
    facts: tuple[tuple[str, str], ...] = (
        (w.gettext("reference"), basis.reference),
        (w.gettext("signed on"), _day(basis.signed_on, w)),
        (w.gettext("expires on"), _day(basis.expires_on, w)),
        *_list_entry(basis, w),
        *_impact_assessment(basis, w),
        *(_evidence(name, value, w) for name, value in basis.evidence),
        (w.gettext("conditions confirmed"), str(len(basis.conditions) or "")),
    )
    yield from ((name, value) for name, value in facts if value)


def _list_entry(basis: RecordedBasis, w: Wording) -> Sequence[_RECORDED]:
    entry = basis.list_entry
    if entry is None:
        return ()
    return (
        (w.gettext("entry on the list of the framework"), entry.entity),
        (w.gettext("lists"), w.listed(sorted(x.value for x in entry.lists))),
        (w.gettext("status"), w.gettext(_STATUS[entry.status])),
        (
            w.gettext("covered data"),
            w.listed([w.gettext(_COVERED[x]) for x in sorted(entry.covered_data)]),
        ),
        (w.gettext("looked up on"), _day(entry.checked_on, w)),
        (w.gettext("next certification on"), _day(entry.next_certification_on, w)),
    )


def _impact_assessment(basis: RecordedBasis, w: Wording) -> Sequence[_RECORDED]:
    done = basis.impact_assessment
    if done is None:
        return ()
    return (
        (w.gettext("transfer impact assessment"), done.reference),
        (w.gettext("transfer impact assessment done on"), _day(done.done_on, w)),
        (w.gettext("result of the transfer impact assessment"), w.gettext(_RISK[done.result])),
    )


def _evidence(name: str, value: str, w: Wording) -> _RECORDED:
    return (w.gettext(EVIDENCE[name]) if name in EVIDENCE else name.replace("_", " ")), value


def _day(day: date | None, w: Wording) -> str:
    return w.date(day) if day is not None else ""
