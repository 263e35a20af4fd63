"""What if a decision or an instrument were struck down on a day: which entries, which clients."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.describe_lapses import instrument_of
from subnotify.operations.used_entries import UsedEntry, list_used
from subnotify.rules.facts_assessment import assess_location
from subnotify.rules.locations import Location
from subnotify.rules.transfer_lapses import replacements_on
from subnotify.rules.transfer_reference import TransferReference, end_basis
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    is_worse,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.storage.transfer_clients import (
    Concern,
    Concerned,
    concern_of,
    count_concerned,
    count_concerned_by_any,
)


@dataclass(frozen=True)
class RestingOn:
    """An instrument on which places of the list rest, and how many entries have such places."""

    instrument: Instrument
    entries: int


@dataclass(frozen=True)
class Hit:
    """A place that would not be lawful any more. then: the assessment of that day."""

    entry: UsedEntry
    location: Location
    law: ExportLaw
    then: Assessment
    concerned: Concerned
    replacements: tuple[Instrument, ...]


@dataclass(frozen=True)
class Foreseen:
    """hits: by entry. entries, clients: how many, each counted once. on: the day that was
    looked at, which is not before today."""

    instrument: Instrument
    on: date
    hits: tuple[Hit, ...]
    entries: int
    concerned: Concerned


def list_resting(session: Session, *, on: date) -> tuple[RestingOn, ...]:
    """The instruments that make something on the list lawful on a day, the most used first."""
    assessor = EntryAssessor(session)
    used: dict[str, Instrument] = {}
    entries: Counter[str] = Counter()
    for entry in list_used(session, on):
        facts = assessor.assess(entry.facts, on=max(on, entry.used_from or on))
        judged = [x.assessment for place in facts.locations for x in place.assessed]
        own = {x.instrument for x in judged if x.lawful is Lawful.YES and x.instrument}
        used |= {instrument.code: instrument for instrument in own}
        entries.update({instrument.code for instrument in own})
    found = (RestingOn(used[code], count) for code, count in entries.items())
    return tuple(sorted(found, key=lambda x: (-x.entries, x.instrument.code)))


def foresee_end(session: Session, code: str, ends_on: date, *, today: date) -> Foreseen:
    """Who would be hit if the finding or safeguard `code` were none any more from `ends_on`.

    Compared on that day, or today where it is past; an announced change on its commencement at
    the earliest. Raises KeyError for a code that the data in use do not have.
    """
    assessor = EntryAssessor(session)
    changed = end_basis(assessor.reference, code, ends_on)
    instrument = instrument_of(assessor.reference, code)
    assert instrument is not None, "a code that can end has an instrument"
    on = max(ends_on, today)
    found = [
        (entry, location, law, then)
        for entry in list_used(session, today)
        for location in entry.facts.locations
        for law in assessor.laws
        if (then := _worse(assessor.reference, changed, entry, location, law, on)) is not None
    ]
    concerns = [concern_of(entry.facts, (law,)) for entry, _, law, _ in found]
    counted = count_concerned(session, concerns, today)
    hits = tuple(
        _hit(changed, one, counted[concern], on)
        for one, concern in zip(found, concerns, strict=True)
    )
    return Foreseen(
        instrument=instrument,
        on=on,
        hits=hits,
        entries=len({hit.entry.subprocessor_id for hit in hits}),
        concerned=count_concerned_by_any(session, set(concerns), today),
    )


def _worse(
    reference: TransferReference,
    changed: TransferReference,
    entry: UsedEntry,
    location: Location,
    law: ExportLaw,
    on: date,
) -> Assessment | None:
    """The assessment with the instrument ended, where that is a lesser one."""
    day = max(on, entry.used_from or on)
    before = assess_location(reference, entry.facts, location, law, on=day)
    after = assess_location(changed, entry.facts, location, law, on=day)
    return after if is_worse(after, before) else None


def _hit(
    changed: TransferReference,
    found: tuple[UsedEntry, Location, ExportLaw, Assessment],
    concerned: Concerned,
    on: date,
) -> Hit:
    entry, location, law, then = found
    day = max(on, entry.used_from or on)
    fitting = replacements_on(changed, entry.facts, law, on=day)
    offered = tuple(safeguard_instrument(x) for x in fitting)
    return Hit(entry, location, law, then, concerned, offered)


def concerns_of(foreseen: Foreseen) -> list[Concern]:
    """What all hits concern together."""
    return sorted(
        {concern_of(hit.entry.facts, (hit.law,)) for hit in foreseen.hits},
        key=lambda x: (sorted(x.services), sorted(x.laws)),
    )
