"""Assesses entries of the list under the vendor's export laws, by the reference data in use."""

from datetime import date

from sqlalchemy.orm import Session

from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.rules.facts_assessment import assess_facts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_lapses import assess_listed
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.registry import find_vendor


class EntryAssessor:
    """What a day's assessments share. laws: the vendor's; none before the first import."""

    def __init__(self, session: Session) -> None:
        vendor = find_vendor(session)
        self.laws: tuple[ExportLaw, ...] = vendor.profile.laws if vendor is not None else ()
        self.reference: TransferReference = reference_in_use(session)

    def assess(
        self, facts: SubprocessorFacts, *, on: date, known_on: date | None = None
    ) -> SubprocessorFacts:
        """The same facts with every location assessed on the vendor's day `on`.

        known_on: today, where `on` is a later day: what is dated after it nobody has found out.
        """
        return assess_facts(self.reference, facts, self.laws, on=on, known_on=known_on)

    def assess_listed(self, facts: SubprocessorFacts, *, on: date) -> SubprocessorFacts:
        """The same of an entry in force, as its readers are told: what lapsed comes first."""
        return assess_listed(self.reference, facts, self.laws, on=on)
