"""What a task about a transfer that ends is about: the entry, the place, what ends, what fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.used_entries import list_used
from subnotify.rules.facts_assessment import assess_location
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_lapses import replacements_on, safeguards_to_come
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.words import LapseState, LocationKind
from subnotify.storage.announcements import AnnouncedChange, list_announced_changes
from subnotify.storage.registry import latest_entries, list_subprocessors
from subnotify.storage.transfer_clients import Concern, Concerned, concern_of, count_concerned
from subnotify.storage.transfer_lapses import LapseKey, StoredLapse, place_of


@dataclass(frozen=True)
class LapseTask:
    """A task in full, as the data are today.

    facts: what the list says, or said last. location: as recorded there; without bases where the
    entry has no such place any more. rested_on: None where it was no instrument. then: the
    assessment of the first day without, or of today once that is past; None where the place is
    gone. concerned: nobody where the task is closed. replacements: what could be signed on that
    day; to_come: what only later, with its first day. announced: a change of the entry.
    """

    stored: StoredLapse
    entry_key: str
    facts: SubprocessorFacts
    location: Location
    rested_on: Instrument | None
    then: Assessment | None
    concern: Concern
    concerned: Concerned
    replacements: tuple[Instrument, ...]
    to_come: tuple[tuple[Instrument, date], ...]
    announced: AnnouncedChange | None

    def days_left(self, on: date) -> int:
        """Days from `on` to the first day without; none once it has come."""
        return max(0, (self.stored.key.lapses_on - on).days)


def describe_lapses(
    session: Session, stored: Sequence[StoredLapse], *, on: date
) -> list[LapseTask]:
    """These tasks in their order; on: the vendor's day."""
    if not stored:
        return []
    reader = _Reader(session, {one.key.subprocessor_id for one in stored}, on)
    counted = count_concerned(session, [reader.concern(one) for one in stored], on)
    return [reader.describe(one, counted) for one in stored]


def instrument_of(reference: TransferReference, code: str) -> Instrument | None:
    """By the code of a task; its code alone where the data in use do not have it any more."""
    finding, safeguard = reference.find_finding(code), reference.find_safeguard(code)
    if finding is not None:
        return finding_instrument(finding)
    if safeguard is not None:
        return safeguard_instrument(safeguard)
    return Instrument(code, code) if code else None


class _Reader:
    """The list as it stands, read once for a page of tasks. asked: ids of their subprocessors."""

    def __init__(self, session: Session, asked: set[int], on: date) -> None:
        self._on = on
        self._reference = EntryAssessor(session).reference
        self._keys = {x.id: x.key for x in list_subprocessors(session)}
        self._announced = {x.subprocessor_id: x for x in list_announced_changes(session)}
        self._said: dict[int, list[SubprocessorFacts]] = {}
        for entry in list_used(session, on):
            self._said.setdefault(entry.subprocessor_id, []).append(entry.facts)
        if not asked <= self._said.keys():
            # Who has left the list: what it said last.
            for last in latest_entries(session).values():
                self._said.setdefault(last.subprocessor_id, [last.facts])

    def concern(self, stored: StoredLapse) -> Concern:
        if stored.state is LapseState.REPLACED:
            return Concern(frozenset(), frozenset())
        return concern_of(self._place(stored.key)[0], (stored.key.law,))

    def describe(self, stored: StoredLapse, counted: dict[Concern, Concerned]) -> LapseTask:
        key, concern = stored.key, self.concern(stored)
        facts, location, is_there = self._place(key)
        day = max(key.lapses_on, self._on)
        then = (
            assess_location(self._reference, facts, location, key.law, on=day) if is_there else None
        )
        fitting = replacements_on(self._reference, facts, key.law, on=day)
        return LapseTask(
            stored=stored,
            entry_key=self._keys.get(key.subprocessor_id, ""),
            facts=facts,
            location=location,
            rested_on=instrument_of(self._reference, key.instrument),
            then=then,
            concern=concern,
            concerned=counted[concern],
            replacements=tuple(safeguard_instrument(x) for x in fitting),
            to_come=tuple(
                (safeguard_instrument(x), x.interval.first)
                for x in safeguards_to_come(self._reference, facts, key.law, on=day)
                if x.interval.first is not None
            ),
            announced=self._announced.get(key.subprocessor_id),
        )

    def _place(self, key: LapseKey) -> tuple[SubprocessorFacts, Location, bool]:
        """The facts that have this place, best with the basis that ends; whether they have it."""
        said = self._said.get(key.subprocessor_id, [])
        found = [
            (facts, location)
            for facts in said
            for location in facts.locations
            if place_of(location) == key.place
        ]
        with_basis = (
            pair for pair in found if any(x.code == key.instrument for x in pair[1].bases)
        )
        chosen = next(with_basis, found[0] if found else None)
        if chosen is not None:
            return (*chosen, True)
        nothing = SubprocessorFacts(self._keys.get(key.subprocessor_id, ""))
        return said[0] if said else nothing, _location_of(key.place), False


def _location_of(place: str) -> Location:
    """The other way round of `place_of`."""
    where, _, kind = place.rpartition(" ")
    is_country = len(where) == 2
    return Location(
        where if is_country else "", LocationKind(kind), organisation="" if is_country else where
    )
