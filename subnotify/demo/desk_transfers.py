"""What the vendor's people do in the history about transfers: exceptions, corrections, lapses."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from subnotify.demo.amendments import subprocessor_id
from subnotify.demo.desk import LEGAL, PUBLISHER, actor_of
from subnotify.demo.stage import Stage
from subnotify.operations.correct_list import confirm_list_correction, propose_list_correction
from subnotify.operations.note_lapse import note_lapse
from subnotify.operations.record_country_exception import (
    ExceptionFacts,
    record_country_exception,
)
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.storage.registry import latest_entries
from subnotify.storage.tables import AgreementRow
from subnotify.storage.transfer_lapses import list_open_lapses

# Whoever proposed a correction cannot confirm it.
SECOND_PERSON = "Chloe Martin"
Correct = Callable[[SubprocessorFacts], SubprocessorFacts]


@dataclass(frozen=True)
class TransferDesk:
    """The vendor's desk, where it is about transfers."""

    stage: Stage

    def except_country(
        self,
        agreement: str,
        country: str,
        entry: str,
        *,
        reference: str,
        note: str = "",
        from_on: date,
        at: datetime,
    ) -> None:
        """Record that a client lets one subprocessor have its data in one more country."""
        by = self.stage.operator(LEGAL)
        with self.stage.session() as session:
            agreement_id = session.execute(
                select(AgreementRow.id).where(AgreementRow.key == agreement)
            ).scalar_one()
            entry_id = subprocessor_id(session, entry)
            session.rollback()
            record_country_exception(
                session,
                agreement_id,
                ExceptionFacts(country, entry_id, from_on, None, reference, note),
                by=by.name,
                actor=actor_of(by),
                at=at,
                zone=self.stage.zone,
            )
        self.stage.send()

    def propose_correction(self, entry: str, correct: Correct, reason: str, *, at: datetime) -> int:
        """Draft an entry as corrected and propose that; the id of the correction."""
        by = self.stage.operator(PUBLISHER)
        with self.stage.session() as session:
            entry_id = subprocessor_id(session, entry)
            facts = correct(latest_entries(session)[entry_id].facts)
            session.rollback()
            save_draft_facts(session, entry_id, facts, by=by.name, at=at)
            return propose_list_correction(
                session,
                entry_id,
                reason=reason,
                by=by.name,
                actor=actor_of(by),
                zone=self.stage.zone,
                at=self.stage.timeline.now(),
            )

    def confirm_correction(self, correction_id: int, *, at: datetime) -> None:
        by = self.stage.operator(SECOND_PERSON)
        with self.stage.session() as session:
            confirm_list_correction(
                session,
                correction_id,
                by=by.name,
                actor=actor_of(by),
                zone=self.stage.zone,
                at=at,
            )

    def note_lapses(self, entry: str, note: str, *, at: datetime) -> None:
        """Write the same note on every open task of an entry."""
        by = self.stage.operator(LEGAL)
        with self.stage.session() as session:
            entry_id = subprocessor_id(session, entry)
            lapses = [x.id for x in list_open_lapses(session) if x.key.subprocessor_id == entry_id]
            session.rollback()
            for lapse_id in lapses:
                note_lapse(session, lapse_id, note=note, by=by.name, actor=actor_of(by), at=at)


def with_entries_checked_on(facts: SubprocessorFacts, day: date) -> SubprocessorFacts:
    """The facts with another day on which its entries on the framework's list were checked."""

    def checked(location: Location) -> Location:
        bases = tuple(
            replace(basis, list_entry=replace(basis.list_entry, checked_on=day))
            if basis.list_entry
            else basis
            for basis in location.bases
        )
        return replace(location, bases=bases)

    return replace(facts, locations=tuple(checked(x) for x in facts.locations))
