"""The list beside a record of what was true meanwhile: laws, reference data, day.

What is lawful is asked of the pure rules. After each step of the machine it looks at what was
announced or put on the list since the step before.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import yaml
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select

from subnotify.operations.approve_release import approve_release
from subnotify.operations.import_files import import_files
from subnotify.operations.release_changes import release_changes
from subnotify.rules.facts_assessment import assess_facts, is_lawful
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, ChangeState, Role
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import Operator
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import (
    ChangeRow,
    ListEntryRow,
    ReleaseRow,
    SubprocessorRow,
)
from tests.support.csv_imports import PAUL, files_of
from tests.support.databases import SQLITE, Databases
from tests.support.transfers import REFERENCE

PARIS = ZoneInfo("Europe/Paris")
BEGINS = datetime(2026, 12, 1, 8, tzinfo=UTC)
PUBLISHER = Operator(1, "ines", "ines@hexapode.example", frozenset({Role.PUBLISHER}), True)
LEGAL = Operator(2, "marc", "marc@hexapode.example", frozenset({Role.LEGAL}), True)


class ListRecord(RuleBasedStateMachine):
    """databases: set by whoever runs it."""

    databases: ClassVar[Databases]

    def __init__(self) -> None:
        super().__init__()
        self.url = self.databases.migrated(SQLITE)
        self.engine = create_engine_for(self.url)
        self.session = session_factory(self.engine)()
        self.at = BEGINS
        self.laws: tuple[ExportLaw, ...] = (ExportLaw.EU_GDPR,)
        self.reference: TransferReference = REFERENCE
        # Seen after the step before: day by change, and facts by entry of the list.
        self.announced: dict[int, date | None] = {}
        self.listed: dict[int, Any] = {}

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        self.databases.drop(self.url)

    @property
    def today(self) -> date:
        return self.at.astimezone(PARIS).date()

    def lawful(self, facts: SubprocessorFacts, on: date) -> bool:
        """On that day, by what is known today."""
        return is_lawful(assess_facts(self.reference, facts, self.laws, on=on, known_on=self.today))

    def bring(self, name: str, content: str) -> None:
        files = files_of({name: content})
        import_files(self.session, files, by=PAUL, at=self.at, zone=PARIS)

    def rows(self, query: Any) -> list[Any]:
        self.session.rollback()
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def bring_vendor(self, laws: tuple[ExportLaw, ...]) -> None:
        vendor = {
            "name": "Hexapode SAS",
            "contact_email": "privacy@hexapode.example",
            "laws": [law.value for law in laws],
        }
        services = [{"key": "mail", "name": "Mail"}]
        self.bring("registry.yaml", yaml.safe_dump({"vendor": vendor, "services": services}))

    def is_published(self) -> bool:
        published = get_vendor(self.session).first_published_at is not None
        self.session.rollback()
        return published

    def may_announce(self, change: ChangeRow, day: date) -> bool:
        facts = facts_from_mapping(
            self.session.get_one(SubprocessorRow, change.subprocessor_id).draft_facts or {}
        )
        same = select(ChangeRow).where(
            ChangeRow.subprocessor_id == change.subprocessor_id,
            ChangeRow.state == ChangeState.RELEASED.value,
        )
        if self.session.scalars(same).first() is not None:
            return False
        # A change of what is listed, and a replacement, ask for an entry that still stands there.
        asked = [change.replaced_id] if change.replaced_id is not None else []
        if change.kind in (ChangeKind.AMENDMENT, ChangeKind.REMOVAL):
            asked.append(change.subprocessor_id)
        if not all(self.stands(subprocessor_id) for subprocessor_id in asked):
            return False
        return change.kind == ChangeKind.REMOVAL or self.lawful(facts, day)

    def stands(self, subprocessor_id: int) -> bool:
        """Whether the entry is on the list and has no last day."""
        listed = select(ListEntryRow).where(
            ListEntryRow.subprocessor_id == subprocessor_id,
            ListEntryRow.in_force_until_on.is_(None),
        )
        return self.session.scalars(listed).first() is not None

    def revision(self, release_id: int) -> int:
        revision = self.session.get_one(ReleaseRow, release_id, populate_existing=True).revision
        self.session.rollback()
        return revision

    def approve(self, release_id: int) -> None:
        approve_release(
            self.session,
            release_id,
            revision=self.revision(release_id),
            confirmed_unservable=(),
            by=LEGAL,
            zone=PARIS,
            at=self.at,
        )

    def release(self, release_id: int) -> None:
        release_changes(
            self.session,
            release_id,
            revision=self.revision(release_id),
            by=PUBLISHER,
            zone=PARIS,
            at=self.at,
        )

    def released(self, number: int) -> ChangeRow | None:
        found = self.rows(
            select(ChangeRow)
            .where(ChangeRow.state == ChangeState.RELEASED.value)
            .order_by(ChangeRow.id)
        )
        self.session.rollback()
        return found[number] if number < len(found) else None

    @invariant()
    def what_was_announced_is_lawful_on_its_day(self) -> None:
        now: dict[int, date | None] = {}
        for change in self.rows(
            select(ChangeRow).where(ChangeRow.state != ChangeState.DRAFT.value)
        ):
            now[change.id] = change.commencement_on
            is_new = change.id not in self.announced
            moved = not is_new and self.announced[change.id] != change.commencement_on
            if (is_new or moved) and change.kind != ChangeKind.REMOVAL:
                assert change.commencement_on is not None
                assert self.lawful(facts_from_mapping(change.facts), change.commencement_on)
        assert set(self.announced) <= set(now)
        self.announced = now
        self.session.rollback()

    @invariant()
    def what_came_on_the_list_is_lawful_on_that_day(self) -> None:
        now: dict[int, Any] = {}
        for entry in self.rows(select(ListEntryRow)):
            now[entry.id] = entry.facts
            if entry.id not in self.listed:
                assert self.lawful(facts_from_mapping(entry.facts), self.today)
                assert entry.in_force_from_on == self.today
                self.came_by_its_change(entry)
        # What is in force is never hidden or rewritten, lapsed or not.
        assert self.listed == {number: now.get(number) for number in self.listed}
        self.listed = now
        self.session.rollback()

    def came_by_its_change(self, entry: ListEntryRow) -> None:
        if entry.change_id is None:
            return
        change = self.session.get_one(ChangeRow, entry.change_id)
        if change.state == ChangeState.COMMENCED.value and change.commencement_on is not None:
            assert change.commencement_on <= self.today
