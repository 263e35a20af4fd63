"""DESIGN section 3 over random histories played through the operations, on each database.

The pure rules have their own, longer machine; this one holds that the operations feed them the
whole truth: what is stored equals what `decide` says, outcomes are only appended, windows only
grow, nothing is queued twice.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play
from sqlalchemy import select, update

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_code import confirm_code
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.read_response import mark_response_read
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_letter import record_letter
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.cases import decide
from subnotify.rules.errors import RuleError
from subnotify.rules.letters import Letter
from subnotify.rules.responses import Answer
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    MessagePurpose,
    MessageState,
    Outcome,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    Role,
    SettlementKind,
)
from subnotify.storage.cases import load_case_facts
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import Operator
from subnotify.storage.overtaken_mails import list_overtaken_of_notices
from subnotify.storage.tables import CaseRow, MessageRow, OutcomeRow, ResponseRow
from tests.rules.case_checks import Closed, check_closed
from tests.support.answers import KEY, give
from tests.support.databases import Databases
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario, digest_of

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
LEGAL = {"by": "Lea Legal", "actor": "operator:1"}
OPERATOR = Operator(1, "Lea Legal", "lea@hexapode.example", frozenset({Role.LEGAL}), True)


class History(RuleBasedStateMachine):
    """One notice of one or two changes, from its release on."""

    databases: Databases
    kind: str

    @initialize(
        preset=st.sampled_from([FIFTEEN, REGISTERED]),
        changes=st.integers(1, 2),
        served=st.sampled_from([True, True, False]),
        talkative=st.booleans(),
    )
    def release(self, preset: str, changes: int, served: bool, talkative: bool) -> None:
        self.url = self.databases.migrated(self.kind)
        self.engine = create_engine_for(self.url)
        self.session = session_factory(self.engine)()
        scenario = Scenario(self.session, at=START)
        self.announced = scenario.announce(preset=preset, changes=changes, served=served)
        self.served, self.talkative = served, talkative
        self.at = START
        self.forms = 0
        self.recorded: list[tuple[int, str | None]] = []
        self.closes: dict[int, datetime] = {}
        # Cases whose change was withdrawn before the client can have heard of it.
        self.untold: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.engine.dispose()
            self.databases.drop(self.url)

    def _try(self, operation, *args, **named) -> None:  # type: ignore[no-untyped-def]
        """A refusal is fine, and leaves nothing behind; then the jobs run."""
        try:
            operation(self.session, *args, **named, at=self.at)
        except RuleError:
            self.session.rollback()
        self._run_jobs()

    def _run_jobs(self) -> None:
        self.session.expire_all()
        close_windows(self.session, at=self.at)

    def _case(self, number: int) -> int:
        return self.announced.case_ids[number % len(self.announced.case_ids)]

    @rule(hours=st.integers(1, 20), days=st.integers(0, 20))
    def time_passes(self, hours: int, days: int) -> None:
        self.at += timedelta(hours=hours, days=days)
        self._run_jobs()

    @rule(days=st.integers(20, 50))
    def weeks_later_everything_is_read(self, days: int) -> None:
        self.at += timedelta(days=days)
        for kind in ConfirmationKind:
            yesterday = (self.at - timedelta(days=1)).date()
            self._try(confirm_read, kind, yesterday, zone=PARIS, **LEGAL)

    @precondition(lambda self: not self.served)
    @rule()
    def is_served(self) -> None:
        message_id = self.announced.message_ids[0]
        with transaction(self.session):
            self.session.execute(
                update(MessageRow)
                .where(MessageRow.id == message_id, MessageRow.state == MessageState.QUEUED)
                .values(state=MessageState.HANDED_OVER, handed_over_at=self.at)
            )
            record_receipt_proof(
                self.session,
                message_id,
                ProofKind.RECIPIENT_SERVER,
                actor="job:send_messages",
                at=self.at,
            )
        self.served = True
        self._run_jobs()

    @precondition(lambda self: self.talkative or self.recorded)
    @rule(
        kind=st.sampled_from([ResponseKind.OBJECTION, ResponseKind.OBJECTION, *ResponseKind]),
        which=st.integers(0, 1),
        coded=st.booleans(),
    )
    def client_answers(self, kind: ResponseKind, which: int, coded: bool) -> None:
        self.forms += 1
        about_case = kind not in (ResponseKind.ACKNOWLEDGEMENT, ResponseKind.QUESTION)
        answer = Answer(
            kind,
            by_name="Camille Perrin",
            by_role="DPO",
            case_ids=(self._case(which),) if about_case else (),
            text="Where is the data?",
            services=("monitoring",),
        )
        try:
            given = give(
                self.session, self.announced, answer, at=self.at, form_key=f"form-{self.forms}"
            )
        except RuleError:
            self.session.rollback()
            return
        if given.code is not None and coded:
            self._try(
                confirm_code,
                digest_of(self.announced.token),
                given.reference,
                given.code.code,
                code_key=KEY,
            )
        self._run_jobs()

    @precondition(lambda self: self.talkative or self.recorded)
    @rule(sent_days_ago=st.integers(0, 9), which=st.integers(0, 1))
    def a_letter_comes(self, sent_days_ago: int, which: int) -> None:
        letter = Letter(
            ResponseKind.OBJECTION,
            ResponseChannel.REGISTERED_POST,
            received_on=self.at.date(),
            dispatched_on=(self.at - timedelta(days=sent_days_ago)).date(),
            letter_reference="1A 123 456 7890 1",
            by_name="Camille Perrin",
            services=("monitoring",),
            case_ids=(self._case(which),),
        )
        self._try(record_letter, self.announced.notice_id, letter, zone=PARIS, **LEGAL)

    @rule(kind=st.sampled_from(SettlementKind), which=st.integers(0, 1))
    def legal_settles(self, kind: SettlementKind, which: int) -> None:
        decision = Settlement(kind, "Agreed with the client.", ("monitoring",))
        self._try(settle_objection, self._case(which), decision, **LEGAL)

    @rule()
    def legal_reads(self) -> None:
        for response_id in self.session.scalars(select(ResponseRow.id)).all():
            self._try(mark_response_read, response_id, **LEGAL)

    @rule(days=st.integers(1, 20), which=st.integers(0, 1))
    def legal_extends(self, days: int, which: int) -> None:
        closes_at = self.session.get_one(CaseRow, self._case(which)).closes_at
        last_day = ((closes_at or self.at) + timedelta(days=days)).date()
        self._try(
            extend_case_window, self._case(which), last_day, note="They asked for it.", **LEGAL
        )

    @precondition(lambda self: self.served)
    @rule()
    def it_bounces(self) -> None:
        self._try(record_bounce, self.announced.message_ids[0], note="550 5.1.1 unknown", **LEGAL)

    @precondition(lambda self: self.forms > 2 or (not self.served and self.at > START))
    @rule(which=st.integers(0, 1))
    def the_change_is_withdrawn(self, which: int) -> None:
        change_id = self.session.get_one(CaseRow, self._case(which)).change_id
        heard = self.served or self.session.scalar(select(ResponseRow.id).limit(1)) is not None
        self.session.rollback()
        if not heard:
            self.untold.add(self._case(which))
        self._try(
            withdraw_change,
            self.announced.release_id,
            change_id,
            reason="The subprocessor withdrew its offer.",
            by=OPERATOR,
        )

    # What must hold.

    @invariant()
    def what_must_hold(self) -> None:
        if hasattr(self, "session"):
            self.stored_standing_is_what_the_rules_say()
            self.outcomes_are_appended_and_were_due()
            self.nothing_is_doubled()
            self.deciding_again_changes_nothing()

    def stored_standing_is_what_the_rules_say(self) -> None:
        facts = load_case_facts(self.session, self.announced.case_ids, at=self.at)
        for case_id, known in facts.items():
            row = self.session.get_one(CaseRow, case_id, populate_existing=True)
            standing = decide(known, at=self.at)
            assert (row.state, row.holds, row.outcome) == (
                standing.state,
                list(standing.holds),
                standing.outcome,
            )
            if row.closes_at is not None:
                assert row.closes_at >= self.closes.get(case_id, row.closes_at)
                self.closes[case_id] = row.closes_at
        self.session.rollback()

    def outcomes_are_appended_and_were_due(self) -> None:
        rows = self.session.scalars(
            select(OutcomeRow).order_by(OutcomeRow.id).execution_options(populate_existing=True)
        ).all()
        now = [(row.case_id, row.outcome) for row in rows]
        known = len(self.recorded)
        assert now[:known] == self.recorded, "an outcome is never edited"
        facts = load_case_facts(self.session, self.announced.case_ids, at=self.at)
        for row in rows[known:]:
            if row.outcome is not None and facts[row.case_id].outcome is not None:
                was = replace(facts[row.case_id], outcome=None)
                check_closed(Closed(Outcome(row.outcome), row.at, was))
        self.recorded = now
        self.session.rollback()

    def nothing_is_doubled(self) -> None:
        keys = self.session.scalars(select(MessageRow.logical_key)).all()
        # A case that ended with its change has a mail of that kind; "told" went to other cases.
        closing = [
            key
            for key in keys
            if key.startswith(("closing:", "withdrawn:")) and not key.endswith(":told")
        ]
        contacts = len(self.announced.contact_ids)
        outcomes = [
            outcome
            for case_id, outcome in self.recorded
            if outcome is not None
            and not (outcome == Outcome.CHANGE_WITHDRAWN and case_id in self.untold)
        ]
        assert len(set(keys)) == len(keys)
        assert len(closing) == len(outcomes) * contacts, "one closing mail for each outcome"
        self.nothing_withdrawn_waits_to_be_sent()
        self.session.rollback()

    def nothing_withdrawn_waits_to_be_sent(self) -> None:
        """What is queued still, since its case stood when the change was withdrawn, is cancelled
        by whoever claims it."""
        cases = self.session.scalars(select(CaseRow.outcome)).all()
        if all(outcome == Outcome.CHANGE_WITHDRAWN for outcome in cases):
            of_notice = MessageRow.purpose == MessagePurpose.NOTICE
            rows = self.session.execute(select(MessageRow.id, MessageRow.state).where(of_notice))
            ended = (MessageState.CANCELLED, MessageState.HANDED_OVER)
            left = {row.id for row in rows if row.state not in ended}
            notice_id = self.announced.notice_id
            known = list_overtaken_of_notices(self.session, [notice_id])
            assert left <= {mail.id for mail in known}

    def deciding_again_changes_nothing(self) -> None:
        before = self.session.scalars(select(OutcomeRow.id)).all()
        with transaction(self.session):
            standings = apply_standings(
                self.session, self.announced.case_ids, actor="job:again", at=self.at
            )
        assert self.session.scalars(select(OutcomeRow.id)).all() == before
        for standing in standings.values():
            assert (standing.state is CaseState.CLOSED) == (standing.outcome is not None)
        self.session.rollback()


def _play(databases: Databases, kind: str, examples: int, steps: int) -> None:
    machine = type("PlayedHistory", (History,), {"databases": databases, "kind": kind})
    play(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_histories(databases: Databases, database_kind: str) -> None:
    _play(databases, database_kind, 15, 12)


@pytest.mark.full
def test_many_long_histories(databases: Databases, database_kind: str) -> None:
    _play(databases, database_kind, 150, 25)
