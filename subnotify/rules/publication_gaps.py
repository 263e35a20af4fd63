"""What must be recorded of an entry before it may be published (DESIGN section 3, item 8)."""

from collections.abc import Iterator
from dataclasses import dataclass

from subnotify.rules.errors import N_, Problem
from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_verdicts import Assessment, MissingFact
from subnotify.rules.transfer_words import ExportLaw, Lawful


@dataclass(frozen=True)
class TransferProblem(Problem):
    """A location that is not lawful under a law. missing: the one fact that is still to be
    recorded, where that would make it so; the words are in wording/problems.py."""

    law: ExportLaw = ExportLaw.EU_GDPR
    assessment: Assessment | None = None
    missing: MissingFact | None = None


def publication_gaps(facts: SubprocessorFacts, where: str) -> tuple[Problem, ...]:
    """What must be filled in before these facts may be published; empty when nothing.

    facts: assessed under every law concerned, on the day they would begin to hold. GDPR
    art. 28(2) and the seed contracts ask for identity, address, contact, activities and services;
    every seat and location needs a transfer basis (art. 44; FADP art. 16).
    """
    gaps = [
        Problem(f"{where}.{field}", "This is missing.", remedy)
        for field, present, remedy in (
            ("name", facts.name, N_("Write the legal name.")),
            ("address", facts.address, N_("Write the full postal address.")),
            ("contact", facts.contact, N_("Write an address for questions of data protection.")),
            ("activities", facts.activities, N_("Write what the processing is.")),
            ("services", facts.services, N_("Choose the services it helps to provide.")),
            ("data_categories", facts.data_categories, N_("Write which personal data it gets.")),
            ("locations", facts.seat, N_("Add its seat: a location of kind establishment.")),
        )
        if not present
    ]
    return (*gaps, *transfer_gaps(facts, where))


def transfer_gaps(facts: SubprocessorFacts, where: str) -> tuple[Problem, ...]:
    """Why a seat or location is not lawful; empty when each is, under each law assessed."""
    return tuple(
        gap
        for number, location in enumerate(facts.locations)
        for gap in _location_gaps(location, f"{where}.locations[{number}]")
    )


def _location_gaps(location: Location, where: str) -> Iterator[Problem]:
    if not location.assessed:
        yield Problem(
            where,
            "The transfer to this location was not assessed under any export law.",
            "Name the export laws of the clients' data in the vendor's profile.",
        )
    for judged in location.assessed:
        yield from _law_gaps(judged, where)


def _law_gaps(judged: LawAssessment, where: str) -> Iterator[Problem]:
    assessment = judged.assessment
    if assessment.lawful is Lawful.YES:
        return
    message = "Under %(law)s the transfer is not lawful (%(reason)s)."
    remedy = "Record a basis that holds there, with all that it asks for."
    params = (("law", judged.law.value), ("reason", assessment.reason.value))
    for missing in assessment.missing or (None,):
        yield TransferProblem(where, message, remedy, params, judged.law, assessment, missing)
