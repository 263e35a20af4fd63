"""Whatever happens to a notice on the ladder: windows only grow, no contact gets two letters of
one serving, and none follows an answer."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.climb_ladder import climb_ladder
from subnotify.operations.record_letter_events import GivenEvent, record_letter_events
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_anew import NothingToServeAnew, serve_anew
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.words import (
    LetterEventKind,
    LetterEventSource,
    MessagePurpose,
    MessageState,
    ProofKind,
    ResponseKind,
)
from subnotify.storage.tables import CaseRow, ContactRow, LetterRow, MessageRow
from tests.operations.desk import PARIS
from tests.operations.test_climb_ladder import CHARTER
from tests.operations.test_queue_reminders import answer
from tests.operations.test_serve_anew import LEGAL
from tests.support.scenario import Scenario

EVENTS = (
    *(LetterEventKind.POSTED, LetterEventKind.RECEIVED),
    *(LetterEventKind.RETURNED, LetterEventKind.UNCLAIMED),
)
STEPS = st.one_of(
    st.tuples(
        st.sampled_from(["climb", "bounce", "acknowledge", "serve anew", "answer"]),
        st.integers(0, 12),
    ),
    st.tuples(st.sampled_from(EVENTS), st.integers(0, 12)),
    # Most stories come to the letter.
    st.tuples(st.just("climb"), st.just(12)),
)


class Story:
    """One notice to two contacts, whose mails left; a step moves the time on by some days."""

    def __init__(self, scenario: Scenario, session: Session, at: datetime) -> None:
        self.session, self.at = session, at
        self.told = scenario.announce(terms=CHARTER, served=False, contacts=2, at=at)
        session.execute(update(ContactRow).values(postal_address="1 rue Neuve\n75001 Paris"))
        session.commit()
        self.closes: dict[int, datetime] = {}
        self.letters_at_answer: int | None = None
        self.leave()

    def play(self, name: str, days: int) -> None:
        self.session.rollback()
        self.at += timedelta(days=days)
        steps: dict[str, Callable[[], None]] = {
            "climb": lambda: str(climb_ladder(self.session, zone=PARIS, at=self.at)) and None,
            "bounce": self.bounce,
            "acknowledge": self.acknowledge,
            "serve anew": self.serve_anew,
            "answer": self.answer,
        }
        if name in steps:
            steps[name]()
        else:
            self.tell(LetterEventKind(name))
        self.check()

    def leave(self) -> None:
        """The mails that wait leave by the relay."""
        with transaction(self.session):
            self.session.execute(
                update(MessageRow)
                .where(self.mine(), MessageRow.state == MessageState.QUEUED)
                .where(MessageRow.channel == "email")
                .values(state=MessageState.HANDED_OVER, handed_over_at=self.at)
            )
            serve_notices(self.session, [self.told.notice_id], at=self.at)

    def mine(self):
        return MessageRow.notice_id == self.told.notice_id

    def newest(self, channel: str) -> int | None:
        query = select(MessageRow.id).where(
            self.mine(),
            MessageRow.channel == channel,
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.state != MessageState.CANCELLED,
        )
        return self.session.scalars(query.order_by(MessageRow.id.desc())).first()

    def bounce(self) -> None:
        with transaction(self.session):
            self.session.execute(
                update(MessageRow)
                .where(MessageRow.id == self.newest("email"))
                .values(bounced_at=self.at, bounce_note="550 unknown")
            )
            serve_notices(self.session, [self.told.notice_id], at=self.at)

    def acknowledge(self) -> None:
        message_id = self.newest("email")
        assert message_id is not None
        with transaction(self.session):
            kind = ProofKind.ACKNOWLEDGEMENT
            record_receipt_proof(self.session, message_id, kind, actor="test", at=self.at)

    def serve_anew(self) -> None:
        try:
            serve_anew(self.session, self.told.notice_id, **LEGAL, zone=PARIS, at=self.at)
        except NothingToServeAnew:
            self.session.rollback()
        self.leave()

    def answer(self) -> None:
        if self.letters_at_answer is None:
            answer(self.session, self.told, ResponseKind.QUESTION, self.at)
            self.letters_at_answer = self.count_letters()

    def tell(self, kind: LetterEventKind) -> None:
        message_id = self.newest("registered_post")
        self.session.rollback()
        if message_id is None:
            return
        record_letter_events(
            self.session,
            [GivenEvent(message_id, kind, self.at.date())],
            source=LetterEventSource.DESK,
            by="Lea",
            actor="operator:1",
            legal_email="legal@vendor.example",
            vendor_time_zone="Europe/Paris",
            at=self.at + timedelta(hours=20),
        )

    def count_letters(self) -> int:
        rows = self.session.scalars(
            select(LetterRow.reason)
            .join(MessageRow, MessageRow.id == LetterRow.message_id)
            .where(self.mine(), LetterRow.reason.in_(("no_proof", "dead_address")))
        ).all()
        self.session.rollback()
        return len(rows)

    def check(self) -> None:
        self.session.expire_all()
        for case in self.session.scalars(
            select(CaseRow).where(CaseRow.notice_id == self.told.notice_id)
        ):
            before = self.closes.get(case.id)
            if before is not None:
                assert case.closes_at is not None and case.closes_at >= before
            if case.closes_at is not None:
                self.closes[case.id] = case.closes_at
        letters = self.session.execute(
            select(MessageRow.contact_id, MessageRow.serving_number)
            .join(LetterRow, LetterRow.message_id == MessageRow.id)
            .where(self.mine())
        )
        assert all(n == 1 for n in Counter(tuple(row) for row in letters).values())
        self.session.rollback()
        if self.letters_at_answer is not None:
            assert self.count_letters() == self.letters_at_answer


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=2, max_size=8))
def test_the_ladder_keeps_what_it_promises(
    session: Session, scenario: Scenario, steps: list[tuple[str, int]]
) -> None:
    story = Story(scenario, session, datetime(2026, 3, 2, 8, tzinfo=UTC))
    for name, days in steps:
        story.play(name, days)
    # The agreement ends: it is no matter of the next story.
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == story.told.notice_id)
        .values(outcome="agreement_ended", outcome_at=story.at)
    )
    session.commit()
