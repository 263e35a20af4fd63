"""What every seat and location of an entry is worth on a day, under each export law concerned."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
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
) -> SubprocessorFacts:
    """The same facts, each location assessed on `on` under each of these laws, in their order."""
    concerned = tuple(laws)
    return replace(
        facts,
        locations=tuple(
            replace(
                location,
                assessed=tuple(
                    LawAssessment(law, assess_location(reference, facts, location, law, on=on))
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
) -> Assessment:
    """One location of the entry under one law. A certification must cover data of employees where
    the entry gets them (Data Privacy Framework: HR data)."""
    return assess(
        reference,
        place=location.place,
        law=law,
        role=facts.role,
        on=on,
        recorded=location.bases,
        is_own_group=facts.affiliate,
        data=CoveredData.HR if facts.hr_data else CoveredData.NON_HR,
    )


def is_lawful(facts: SubprocessorFacts) -> bool:
    """Whether each location was assessed, and is lawful under each law it was assessed under."""
    return bool(facts.locations) and all(
        location.assessed and all(x.assessment.lawful is Lawful.YES for x in location.assessed)
        for location in facts.locations
    )
