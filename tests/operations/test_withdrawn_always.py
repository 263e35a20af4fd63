"""Whenever the changes of a release are withdrawn: nothing announces them after that, whoever may
have heard of them is told, and nobody is alarmed, on both databases."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.courier import Envelope
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.operations.pause_sending import pause_release_sending, resume_release_sending
from subnotify.rules.words import MessagePurpose, MessageState, Outcome
from subnotify.storage.tables import (
    AgreementServiceRow,
    AttemptRow,
    CaseRow,
    MessageRow,
    NoticeRow,
)
from tests.support.couriers import TAKEN, FakeCourier
from tests.support.release_outbox import WHY, Outbox
from tests.support.release_world import LEGAL, ReleaseWorld
from tests.support.smtp_server import ScriptedSmtpServer

ANNOUNCES = (MessagePurpose.NOTICE, MessagePurpose.REMINDER)
ENDED = {MessageState.CANCELLED, MessageState.HANDED_OVER, MessageState.REJECTED}
RESULTS = st.sampled_from(
    [
        TAKEN,
        DeliveryResult(DeliveryState.DEFERRED, Verb.RCPT, 451, "later", "h"),
        DeliveryResult(DeliveryState.REJECTED, Verb.RCPT, 550, "unknown", "h"),
        DeliveryResult(DeliveryState.UNKNOWN, Verb.FINAL_DOT, None, "gone", "h"),
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("send"), st.lists(RESULTS, min_size=1, max_size=4)),
    st.tuples(
        st.sampled_from(["held", "withdraw", "pause", "resume", "sweep", "first only"]), st.none()
    ),
)


@pytest.fixture
def outbox(
    engine: Engine, session: Session, at: datetime, smtp_server: ScriptedSmtpServer
) -> Outbox:
    return Outbox(engine, ReleaseWorld(session, at=at), smtp_server)


class Story:
    """One release, what is done with it, and since when nothing of it stands."""

    def __init__(self, outbox: Outbox, changes: int) -> None:
        self.outbox = outbox
        with outbox.sessions() as session:
            session.execute(update(MessageRow).values(state=MessageState.CANCELLED))
            session.execute(
                update(AgreementServiceRow).values(until_on=outbox.at.date() - timedelta(days=1))
            )
            session.commit()
            known = session.scalars(select(NoticeRow.id).order_by(NoticeRow.id.desc())).first()
        keys = [f"n{known or 0}x{number}" for number in range(changes)]
        self.release_id, self.standing = outbox.release(*keys, people=2, agreements=2)
        self.withdrawn_at: datetime | None = None

    def play(self, name: str, results: list[DeliveryResult] | None) -> None:
        # Past every lease and pause, so that whatever may be tried is.
        self.outbox.at += timedelta(days=1)
        steps: dict[str, Callable[[], object]] = {
            "send": lambda: self.send(results or [TAKEN]),
            "held": self.outbox.claim,
            "withdraw": self.withdraw,
            "first only": lambda: self.withdraw(last=len(self.standing) == 1),
            "pause": lambda: self.hold(pause_release_sending),
            "resume": lambda: self.hold(resume_release_sending),
            "sweep": self.outbox.sweep,
        }
        steps[name]()

    def send(self, results: list[DeliveryResult]) -> None:
        told = itertools.cycle(results)

        class Told(FakeCourier):
            def deliver(self, _envelope: Envelope, _raw: bytes) -> DeliveryResult:
                return next(told)

        self.outbox.send(Told)

    def hold(self, step: Callable[..., object]) -> None:
        with self.outbox.sessions() as session:
            step(session, self.release_id, reason=WHY, by=LEGAL, at=self.outbox.at)

    def withdraw(self, *, last: bool = True) -> None:
        while self.standing:
            if len(self.standing) == 1 and not last:
                return
            self.outbox.withdraw(self.release_id, self.standing.pop(0))
            if not last:
                return
        self.withdrawn_at = self.withdrawn_at or self.outbox.at


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.integers(1, 2), steps=st.lists(STEPS, max_size=6))
def test_nothing_of_it_leaves_after_it_was_withdrawn(
    outbox: Outbox, changes: int, steps: list[tuple[str, list[DeliveryResult] | None]]
) -> None:
    story = Story(outbox, changes)
    for name, results in [*steps, ("withdraw", None), ("resume", None), ("sweep", None)]:
        story.play(name, results)
    for name in ("send", "sweep", "send", "sweep"):
        story.play(name, None)
    assert story.withdrawn_at is not None
    with outbox.sessions() as session:
        check(session, story.release_id, story.withdrawn_at)


def check(session: Session, release_id: int, withdrawn_at: datetime) -> None:
    of_release = select(NoticeRow.id).where(NoticeRow.release_id == release_id)
    outcomes = session.scalars(select(CaseRow.outcome).where(CaseRow.notice_id.in_(of_release)))
    assert set(outcomes) == {Outcome.CHANGE_WITHDRAWN}
    mails = session.scalars(select(MessageRow).where(MessageRow.notice_id.in_(of_release))).all()
    told = {mail.notice_id for mail in mails if mail.purpose == MessagePurpose.WITHDRAWN}
    heard = set()
    for mail in mails:
        attempts = session.scalars(select(AttemptRow).where(AttemptRow.message_id == mail.id)).all()
        assert mail.state in ENDED, "nothing is left over"
        if mail.purpose in ANNOUNCES:
            assert all(x.started_at < withdrawn_at for x in attempts)
            if any(x.result in ("handed_over", "unknown") for x in attempts):
                heard.add(mail.notice_id)
        if mail.purpose == MessagePurpose.DELIVERY_ALARM:
            assert mail.queued_at < withdrawn_at
    assert heard <= told, "who may have heard of it is told of its end"
    session.rollback()
