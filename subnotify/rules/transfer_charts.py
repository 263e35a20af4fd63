"""The chart of transfer mechanisms: which one applies, in which role of the vendor, to whom.

What entries of the list rest on follows from their assessments; what the vendor states of itself
(its own certification, clauses signed with clients) is added, and nothing is inferred from it: a
certification under one framework says nothing of another one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import Place
from subnotify.rules.transfer_reference import Interval, TransferReference
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.rules.vendor_mechanisms import Mechanism, MechanismUse
from subnotify.rules.words import VendorRole

_DAY = timedelta(days=1)
_LAWS = tuple(ExportLaw)
_USES = tuple(MechanismUse)


@dataclass(frozen=True)
class ChartedEntry:
    """An entry of the list, assessed. row: what names its row, where a key has two."""

    key: str
    facts: SubprocessorFacts
    row: str = ""


@dataclass(frozen=True)
class EntryInChart:
    """An entry that rests on a mechanism, with the places for which it does.

    lapsed_on: the first day without, where its own basis ended (a certification that ran out).
    """

    key: str
    name: str
    row: str
    places: tuple[Place, ...]
    lapsed_on: date | None = None


@dataclass(frozen=True)
class ChartCell:
    """One mechanism in one role of the vendor. is_stated: the vendor says that it applies."""

    is_stated: bool = False
    entries: tuple[EntryInChart, ...] = ()

    @property
    def applies(self) -> bool:
        return self.is_stated or bool(self.entries)


@dataclass(frozen=True)
class ChartRow:
    """A mechanism in use. instrument: None where the reference data do not know it.

    cells: one for each role. stated: what the vendor says of it. lapsed_on: the first day without
    where the mechanism itself has ended; replaced_by: what took its place, as far as that holds.
    """

    law: ExportLaw
    use: MechanismUse
    instrument: Instrument | None
    cells: Mapping[VendorRole, ChartCell]
    stated: Mechanism | None = None
    lapsed_on: date | None = None
    replaced_by: Instrument | None = None


@dataclass
class _Gathered:
    """A row while it is being filled. resting: by role and row of the list."""

    instrument: Instrument | None = None
    stated: Mechanism | None = None
    resting: dict[tuple[VendorRole, str], EntryInChart] = field(default_factory=dict)


def use_of(facts: SubprocessorFacts) -> MechanismUse:
    """For which transfers an entry's basis stands: data of employees apart, then the own group."""
    if facts.hr_data:
        return MechanismUse.HR
    return MechanismUse.INTERCOMPANY if facts.affiliate else MechanismUse.SUBPROCESSORS


def transfer_chart(
    reference: TransferReference,
    entries: Iterable[ChartedEntry],
    stated: Sequence[Mechanism],
    *,
    on: date,
) -> tuple[ChartRow, ...]:
    """The rows by law and use, those that still hold first.

    entries: the list as it is in force, assessed on `on`. Where no transfer takes place (EEA) and
    where no basis is lawful there is no mechanism, hence no row; one that lapsed has a row.
    """
    rows: dict[tuple[ExportLaw, MechanismUse, str], _Gathered] = {}
    for entry in entries:
        use = use_of(entry.facts)
        for location in entry.facts.locations:
            for judged in location.assessed:
                it = judged.assessment.instrument
                if it is not None and _is_or_was_lawful(judged.assessment):
                    row = rows.setdefault((judged.law, use, it.code), _Gathered(it))
                    _rest(row, entry, location.place, judged.assessment.lapsed_on)
    for mechanism in stated:
        name = mechanism.code or repr(mechanism.title)
        row = rows.setdefault((mechanism.law, mechanism.use, name), _Gathered())
        row.stated = mechanism
        row.instrument = row.instrument or find_instrument(reference, mechanism.code)
    filled = [_row(reference, law, use, gathered, on) for (law, use, _), gathered in rows.items()]
    return tuple(sorted(filled, key=_order))


def _is_or_was_lawful(assessment: Assessment) -> bool:
    return assessment.lawful is Lawful.YES or assessment.lapsed_on is not None


def _rest(row: _Gathered, entry: ChartedEntry, place: Place, lapsed_on: date | None) -> None:
    """Note that an entry rests on the mechanism for a place; each place once."""
    name = (entry.facts.role, entry.row or entry.key)
    known = row.resting.get(name)
    places = known.places if known is not None else ()
    if place not in places:
        places = (*places, place)
    lapses = [x for x in (lapsed_on, known.lapsed_on if known else None) if x is not None]
    row.resting[name] = EntryInChart(
        entry.key, entry.facts.name, name[1], places, min(lapses, default=None)
    )


def _row(
    reference: TransferReference,
    law: ExportLaw,
    use: MechanismUse,
    gathered: _Gathered,
    on: date,
) -> ChartRow:
    stated = gathered.stated
    return ChartRow(
        law=law,
        use=use,
        instrument=gathered.instrument,
        cells={
            role: ChartCell(
                is_stated=stated is not None and role in stated.roles,
                entries=tuple(x for (its, _), x in gathered.resting.items() if its is role),
            )
            for role in VendorRole
        },
        stated=stated,
        lapsed_on=_lapsed_on(reference, gathered, on),
        replaced_by=_replacement(reference, stated.replaced_by, on) if stated else None,
    )


def _lapsed_on(reference: TransferReference, gathered: _Gathered, on: date) -> date | None:
    """The first day without the mechanism itself: struck down, repealed, or given up."""
    code = gathered.instrument.code if gathered.instrument is not None else ""
    given_up = gathered.stated.until_on if gathered.stated is not None else None
    ends = (_interval(reference, code).last, given_up)
    over = [last for last in ends if last is not None and last < on]
    return min(over) + _DAY if over else None


def _replacement(reference: TransferReference, code: str, on: date) -> Instrument | None:
    """What the vendor says took its place; nothing before that exists, or once it has ended."""
    return find_instrument(reference, code) if _interval(reference, code).holds_on(on) else None


def _interval(reference: TransferReference, code: str) -> Interval:
    found = reference.find_finding(code) or reference.find_safeguard(code)
    return found.interval if found is not None else Interval()


def find_instrument(reference: TransferReference, code: str) -> Instrument | None:
    """The finding or safeguard of a code; None where the reference knows none."""
    finding = reference.find_finding(code)
    if finding is not None:
        return finding_instrument(finding)
    safeguard = reference.find_safeguard(code)
    return safeguard_instrument(safeguard) if safeguard is not None else None


def _order(row: ChartRow) -> tuple[int, bool, int, str]:
    return (
        _LAWS.index(row.law),
        row.lapsed_on is not None,
        _USES.index(row.use),
        row.instrument.code if row.instrument is not None else "",
    )
