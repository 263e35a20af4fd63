"""A vendor with entries on its list whose transfer bases end, for the tests of lapses."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from subnotify.operations.find_lapses import LapsesFound, find_lapses
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import vendor_from_mapping, vendor_to_mapping
from subnotify.rules.words import LapseState, LocationKind
from subnotify.storage.tables import (
    AgreementRow,
    ListEntryRow,
    SubprocessorRow,
    TransferAlarmRow,
    TransferLapseRow,
    VendorRow,
)
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario_facts import MIRADOR

LEGAL_EMAIL = "legal@hexapode.example"
LONG_AGO = date(2010, 1, 1)


def in_us(*bases: RecordedBasis, **changed: object) -> SubprocessorFacts:
    """A subprocessor whose only place is its seat in the United States."""
    seat = Location("US", LocationKind.ESTABLISHMENT, bases)
    return replace(MIRADOR, locations=(seat,), **changed)  # type: ignore[arg-type]


class LapseWorld(ReleaseWorld):
    """Entries are put on the list as rows, as if they had been published lawfully once."""

    def add_entry(self, key: str, facts: SubprocessorFacts, *, since: date = LONG_AGO) -> int:
        subprocessor = SubprocessorRow(key=key)
        self.session.add(subprocessor)
        self.session.flush()
        self._say(subprocessor.id, facts, since)
        return subprocessor.id

    def say_instead(self, subprocessor_id: int, facts: SubprocessorFacts, *, on: date) -> None:
        """The list says something else of it from that day, as after an amendment."""
        self.end_entry(subprocessor_id, on=on)
        self._say(subprocessor_id, facts, on)

    def end_entry(self, subprocessor_id: int, *, on: date) -> None:
        """It leaves the list."""
        self.session.execute(
            update(ListEntryRow)
            .where(
                ListEntryRow.subprocessor_id == subprocessor_id,
                ListEntryRow.in_force_until_on.is_(None),
            )
            .values(in_force_until_on=on)
        )
        self.session.commit()

    def _say(self, subprocessor_id: int, facts: SubprocessorFacts, since: date) -> None:
        self.session.add(
            ListEntryRow(
                subprocessor_id=subprocessor_id,
                facts=facts_to_mapping(facts),
                in_force_from_on=since,
                published_at=self.at,
            )
        )
        self.session.commit()

    def set_laws(self, laws: Iterable[ExportLaw]) -> None:
        vendor = self.session.get_one(VendorRow, 1)
        profile = replace(vendor_from_mapping(vendor.profile), laws=tuple(laws))
        vendor.profile = vendor_to_mapping(profile)
        self.session.commit()

    def set_agreement_laws(self, agreement_id: int, laws: Iterable[ExportLaw]) -> None:
        self.session.get_one(AgreementRow, agreement_id).export_laws = frozenset(laws)
        self.session.commit()

    def find(self, on: date, *, hour: int = 6) -> LapsesFound:
        """One run of the job in the morning of that day."""
        instant = datetime.combine(on, datetime.min.time(), PARIS) + timedelta(hours=hour)
        return find_lapses(self.session, zone=PARIS, legal_email=LEGAL_EMAIL, at=instant)

    def tasks(self) -> list[tuple[str, str, str, date, str]]:
        """(place, law, instrument, first day without, state) of each, in the order opened."""
        rows = self.session.scalars(select(TransferLapseRow).order_by(TransferLapseRow.id)).all()
        said = [(x.place, x.law, x.instrument, x.lapses_on, x.state) for x in rows]
        self.session.rollback()
        return said

    def open_days(self) -> list[date]:
        return [task[3] for task in self.tasks() if task[4] == LapseState.OPEN]

    def told(self) -> list[tuple[int, int]]:
        """(task, days ahead), in the order legal was told."""
        rows = self.session.execute(
            select(TransferAlarmRow.lapse_id, TransferAlarmRow.days_ahead).order_by(
                TransferAlarmRow.id
            )
        )
        said = [(row.lapse_id, row.days_ahead) for row in rows]
        self.session.rollback()
        return said
