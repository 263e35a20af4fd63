"""What every seat and location of an entry is worth on a day, under each export law concerned."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Lawful
from subnotify.rules.transfers import assess


def assess_facts(
    reference: TransferReference,
    facts: SubprocessorFacts,
    laws: Iterable[ExportLaw],
    *,
    on: date,
    known_on: date | None = None,
) -> SubprocessorFacts:
    """The same facts, each location assessed on `on` under each of these laws, in their order.

    known_on: the day of whoever asks about a later one; see `known_by`.
    """
    concerned = tuple(laws)
    return replace(
        facts,
        locations=tuple(
            replace(
                location,
                assessed=tuple(
                    LawAssessment(
                        law,
                        assess_location(reference, facts, location, law, on=on, known_on=known_on),
                    )
                    for law in concerned
                ),
            )
            for location in facts.locations
        ),
    )


def assess_location(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    law: ExportLaw,
    *,
    on: date,
    known_on: date | None = None,
) -> Assessment:
    """One location of the entry under one law. A certification must cover data of employees where
    the entry gets them (Data Privacy Framework: HR data). known_on: see `known_by`."""
    return assess(
        reference,
        place=location.place,
        law=law,
        role=facts.role,
        on=on,
        recorded=location.bases if known_on is None else known_by(location.bases, known_on),
        is_own_group=facts.affiliate,
        data=CoveredData.HR if facts.hr_data else CoveredData.NON_HR,
    )


def known_by(bases: Iterable[RecordedBasis], day: date) -> tuple[RecordedBasis, ...]:
    """The bases without what somebody is only going to find out.

    A signature may be planned. A look at a list, or an assessment, that is dated after `day` has
    not been made, and may turn out otherwise: it says nothing of any day yet.
    """
    return tuple(_known_of(basis, day) for basis in bases)


def _known_of(basis: RecordedBasis, day: date) -> RecordedBasis:
    entry, assessed = basis.list_entry, basis.impact_assessment
    if entry is not None and entry.checked_on is not None and entry.checked_on > day:
        entry = replace(entry, checked_on=None)
    if assessed is not None and assessed.done_on > day:
        assessed = None
    return replace(basis, list_entry=entry, impact_assessment=assessed)


def is_lawful(facts: SubprocessorFacts) -> bool:
    """Whether each location was assessed, and is lawful under each law it was assessed under."""
    return bool(facts.locations) and all(
        location.assessed and all(x.assessment.lawful is Lawful.YES for x in location.assessed)
        for location in facts.locations
    )
