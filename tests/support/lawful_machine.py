"""Everything that may happen to the list, in any order."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import yaml
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import select

from subnotify.operations.commence_changes import (
    DayNotCome,
    TransferNotLawful,
    commence_change,
    commence_changes,
)
from subnotify.operations.correct_list import confirm_list_correction, propose_list_correction
from subnotify.operations.discard_draft import discard_draft
from subnotify.operations.draft_change import draft_new_subprocessor
from subnotify.operations.draft_release import draft_release
from subnotify.operations.draft_removal import draft_removal
from subnotify.operations.load_transfer_reference import store_reference
from subnotify.operations.postpone_commencement import postpone_commencement
from subnotify.operations.publish_list import publish_list
from subnotify.operations.save_draft_facts import peek_list_state, save_draft_facts
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.errors import RuleError
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping, facts_to_mapping
from subnotify.rules.texts import NO_TEXT, local_text
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, ChangeState, VendorRole
from subnotify.storage.registry import find_subprocessor, get_vendor
from subnotify.storage.tables import (
    ChangeRow,
    ReleaseRow,
    SubprocessorRow,
)
from tests.support.lawful_places import (
    AHEAD,
    FACTS,
    KEYS,
    LAWFUL,
    LAWFUL_PLACES,
    LAWS,
    NEWER,
    entry_facts,
    newer_data,
    newer_reference,
)
from tests.support.lawful_record import PARIS, PUBLISHER, ListRecord


class ListMachine(ListRecord):
    @initialize(
        first=st.dictionaries(KEYS, st.sampled_from(LAWFUL_PLACES), min_size=1, max_size=3),
        is_published=st.sampled_from((True, True, True, False)),
    )
    def begin(self, first: dict[str, str], is_published: bool) -> None:
        self.bring_vendor(self.laws)
        for key, place in first.items():
            facts = entry_facts("Orage, Inc.", place, VendorRole.PROCESSOR, "3 rue Haute, Lille")
            draft_new_subprocessor(self.session, key, facts, by="ines", at=self.at)
        if is_published:
            self.publish()

    @rule(key=KEYS, facts=FACTS)
    def write_draft(self, key: str, facts: SubprocessorFacts) -> None:
        known = find_subprocessor(self.session, key)
        self.session.rollback()
        with contextlib.suppress(RuleError):
            if known is None:
                draft_new_subprocessor(self.session, key, facts, by="ines", at=self.at)
            else:
                save_draft_facts(self.session, known.id, facts, by="ines", at=self.at)

    @rule(key=KEYS, facts=FACTS, replaced=st.none() | KEYS)
    def bring_entry(self, key: str, facts: SubprocessorFacts, replaced: str | None) -> None:
        entry = {"key": key, **facts_to_mapping(facts)}
        if replaced is not None:
            entry["replaces"] = replaced
        with contextlib.suppress(RuleError):
            self.bring("registry.yaml", yaml.safe_dump({"subprocessors": [entry]}))

    @rule(key=KEYS, code=st.sampled_from(("EU-US-DPF", "bcr_p", "")))
    def bring_basis(self, key: str, code: str) -> None:
        law = "EU_GDPR" if code else ""
        header = "subprocessor,country,kind,law,code\n"
        with contextlib.suppress(RuleError):
            self.bring("bases.csv", f"{header}{key},US,hosting,{law},{code}\n")

    @rule(key=KEYS)
    def remove_or_discard(self, key: str) -> None:
        known = find_subprocessor(self.session, key)
        self.session.rollback()
        if known is None:
            return
        with contextlib.suppress(RuleError):
            if known.draft_facts is not None:
                discard_draft(self.session, known.id, by="ines", actor="operator:1", at=self.at)
            else:
                draft_removal(self.session, known.id, by="ines", at=self.at)

    @rule(days=st.sampled_from((1, 1, 7, 30, 90, 200)))
    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)

    @precondition(lambda self: self.announced)
    @rule(number=st.integers(0, 2))
    def pass_to_a_commencement(self, number: int) -> None:
        change = self.released(number)
        if change is not None and change.commencement_on > self.today:
            self.at += change.commencement_on - self.today

    @rule(laws=LAWS)
    def change_laws(self, laws: tuple[ExportLaw, ...]) -> None:
        self.bring_vendor(laws)
        self.laws = laws

    @rule(number=st.integers(0, len(NEWER) - 1))
    def load_newer_data(self, number: int) -> None:
        newer = newer_reference(number)
        if newer.as_of >= self.reference.as_of:
            store_reference(self.session, newer_data(number), by="marc", at=self.at)
            self.reference = newer

    @precondition(lambda self: not self.is_published())
    @rule()
    def publish(self) -> None:
        vendor = get_vendor(self.session)
        drafts = [
            facts_from_mapping(x.draft_facts)
            for x in self.rows(select(SubprocessorRow))
            if x.draft_facts
        ]
        self.session.rollback()
        may = (
            vendor.first_published_at is None
            and bool(drafts)
            and all(self.lawful(facts, self.today) for facts in drafts)
        )
        try:
            publish_list(self.session, by="ines", at=self.at, zone=PARIS)
            assert may, "published what was not lawful"
        except RuleError:
            assert not may, "refused a lawful list"

    # Half of the entries would do, so that much is announced and comes into force.
    @precondition(lambda self: self.is_published())
    @rule(
        key=KEYS,
        facts=FACTS | LAWFUL,
        ahead=AHEAD,
        by_itself=st.booleans(),
        is_removal=st.sampled_from((0, 0, 1)),
    )
    def write_and_announce(
        self,
        key: str,
        facts: SubprocessorFacts,
        ahead: int,
        by_itself: bool,
        is_removal: int,
    ) -> None:
        if is_removal:
            self.remove_or_discard(key)
        else:
            self.write_draft(key, facts)
        self.announce(ahead, by_itself, True)

    @rule(ahead=AHEAD, by_itself=st.booleans(), in_one_go=st.booleans())
    def announce(self, ahead: int, by_itself: bool, in_one_go: bool) -> None:
        """Draft a release of the oldest free change, and take it as far as it goes."""
        free = self.rows(
            select(ChangeRow)
            .where(ChangeRow.state == ChangeState.DRAFT.value, ChangeRow.release_id.is_(None))
            .order_by(ChangeRow.id)
            .limit(1)
        )
        if not free:
            return
        change = free[0]
        day = self.today + timedelta(days=ahead)
        may = self.may_announce(change, day)
        self.session.rollback()
        release_id = draft_release(
            self.session,
            change_ids=[change.id],
            texts=ReleaseTexts(
                local_text({"en": "More room.", "fr": "Plus de place."}), NO_TEXT, day, by_itself
            ),
            by=PUBLISHER,
            at=self.at,
        )
        if not in_one_go:
            return
        try:
            self.approve(release_id)
            self.release(release_id)
            assert may, "announced what was not lawful"
        except RuleError:
            assert not may, "refused a lawful release"

    @rule(number=st.integers(0, 3), approve=st.booleans())
    def go_on_with_a_release(self, number: int, approve: bool) -> None:
        """One step of a release that was left, perhaps long ago, perhaps edited since."""
        waiting = self.rows(
            select(ReleaseRow)
            .where(ReleaseRow.state.in_(("draft", "approved")))
            .order_by(ReleaseRow.id)
        )
        if number >= len(waiting):
            return
        with contextlib.suppress(RuleError):
            (self.approve if approve else self.release)(waiting[number].id)

    @precondition(lambda self: self.announced)
    @rule(number=st.integers(0, 2), ahead=AHEAD)
    def postpone(self, number: int, ahead: int) -> None:
        change = self.released(number)
        if change is None:
            return
        facts, before = facts_from_mapping(change.facts), change.commencement_on
        day = self.today + timedelta(days=ahead)
        may = day > before and (change.kind == ChangeKind.REMOVAL or self.lawful(facts, day))
        release_id, change_id = change.release_id, change.id
        self.session.rollback()
        try:
            postpone_commencement(
                self.session, release_id, change_id, day, reason="Late.", by=PUBLISHER, at=self.at
            )
            assert may, "postponed to a day without a basis"
        except RuleError:
            assert not may, "refused to postpone"

    @precondition(lambda self: self.announced)
    @rule(number=st.integers(0, 2))
    def withdraw(self, number: int) -> None:
        change = self.released(number)
        if change is not None:
            withdraw_change(
                self.session, change.release_id, change.id, reason="No.", by=PUBLISHER, at=self.at
            )

    @precondition(lambda self: self.announced)
    @rule(number=st.integers(0, 2))
    def commence(self, number: int) -> None:
        change = self.released(number)
        if change is None:
            return
        has_come = change.commencement_on <= self.today
        lawful = change.kind == ChangeKind.REMOVAL or self.lawful(
            facts_from_mapping(change.facts), self.today
        )
        self.session.rollback()
        try:
            commence_change(
                self.session, change.id, zone=PARIS, by="ines", actor="operator:1", at=self.at
            )
            assert has_come and lawful, "in force without a basis, or before its day"
        except DayNotCome:
            assert not has_come
        except TransferNotLawful:
            assert not lawful

    @rule()
    def run_the_job(self) -> None:
        commence_changes(self.session, zone=PARIS, at=self.at)

    @precondition(lambda self: self.is_published())
    @rule(key=KEYS, contact=st.sampled_from(("dpo@entry.example", "rgpd@entry.example")))
    def correct(self, key: str, contact: str) -> None:
        """A correction of what the list says, by two persons; perhaps of an entry that lapsed."""
        known = find_subprocessor(self.session, key)
        state = peek_list_state(self.session)
        self.session.rollback()
        now = state.in_force.get(known.id) if known is not None else None
        if known is None or now is None or known.draft_facts or known.id in state.announced:
            return
        facts = replace(now, contact=contact)
        may = contact != now.contact and self.lawful(facts, self.today)
        save_draft_facts(self.session, known.id, facts, by="ines", at=self.at)
        try:
            number = propose_list_correction(
                self.session,
                known.id,
                reason="Typed wrongly.",
                by="ines",
                actor="operator:1",
                zone=PARIS,
                at=self.at,
            )
            confirm_list_correction(
                self.session, number, by="marc", actor="operator:2", zone=PARIS, at=self.at
            )
            assert may, "corrected what is not lawful"
        except RuleError:
            assert not may, "refused a correction"
