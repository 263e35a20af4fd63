"""Whatever the connections meet, every mail ends where it belongs, on both databases."""

import itertools
import threading
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from subnotify.delivery.courier import Envelope
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.operations.send_messages import send_messages
from subnotify.operations.transaction import transaction
from subnotify.rules.words import PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.database import session_factory
from subnotify.storage.tables import AttemptRow, MailQueueRow, MessageRow
from tests.support.couriers import FakeCourier
from tests.support.outbox import AT, SETTINGS, load_texts, queue_notices

MAILS = 9


def _result(state: DeliveryState, verb: Verb, code: int | None) -> DeliveryResult:
    return DeliveryResult(state, verb, code, "told so", "h")


RESULTS = (
    _result(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250),
    _result(DeliveryState.DEFERRED, Verb.RCPT, 451),
    _result(DeliveryState.DEFERRED, Verb.RCPT, 421),
    _result(DeliveryState.DEFERRED, Verb.MAIL, None),
    _result(DeliveryState.DEFERRED, Verb.CONNECT, None),
    _result(DeliveryState.REJECTED, Verb.RCPT, 550),
    _result(DeliveryState.REJECTED, Verb.FINAL_DOT, 554),
    _result(DeliveryState.UNKNOWN, Verb.FINAL_DOT, None),
    _result(DeliveryState.AUTHENTICATION_FAILED, Verb.AUTH, 535),
    None,  # the courier raises
)
BECOMES = {
    "handed_over": {"handed_over"},
    "deferred": {"deferred"},
    "rejected": {"rejected"},
    "unknown": {"unknown"},
    "authentication_failed": {"queued"},
    None: {"queued"},
}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.lists(st.sampled_from(RESULTS), min_size=MAILS, max_size=MAILS),
    connections=st.integers(1, 4),
)
def test_any_results(engine: Engine, told: list[DeliveryResult | None], connections: int) -> None:
    sessions = session_factory(engine)
    with sessions() as session, transaction(session):
        session.execute(delete(MailQueueRow))
        known = set(session.scalars(select(MessageRow.id)))
        session.execute(
            MessageRow.__table__.update().values(state="cancelled")  # type: ignore[attr-defined]
        )
    with sessions() as session:
        ids = sorted(set(queue_notices(session, MAILS)) - known)
    left, lock = itertools.chain(told, itertools.repeat(RESULTS[0])), threading.Lock()
    given_to: dict[str, DeliveryResult | None] = {}

    class Told(FakeCourier):
        def deliver(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
            with lock:
                result = next(left)
                given_to[envelope.recipient] = result
            if result is None:
                raise ValueError("a fault of ours")
            return result

    report = send_messages(
        sessions,
        open_courier=Told,
        load_texts=load_texts,
        settings=replace(SETTINGS, batch_size=2, flow=MailFlow(connections=connections)),
        runner="test",
        clock=lambda: AT,
    )
    with sessions() as session:
        mails = list(session.scalars(select(MessageRow).where(MessageRow.id.in_(ids))))
        attempts = list(session.scalars(select(AttemptRow).where(AttemptRow.message_id.in_(ids))))
        pause = mail_queue.find_pause(session)
    assert all(attempt.result is not None for attempt in attempts)
    results = {attempt.message_id: attempt.result for attempt in attempts}
    assert len(results) == len(attempts)
    for mail in mails:
        assert (mail.claimed_by, mail.claimed_until_at) == (None, None)
        assert mail.state in BECOMES[results.get(mail.id)]
        assert mail.attempt_count == (mail.id in results)
        assert (mail.next_attempt_at is None) == (mail.state in ("handed_over", "rejected"))
        if mail.state in ("deferred", "unknown"):
            assert mail.next_attempt_at is not None
            assert mail.next_attempt_at > AT + timedelta(seconds=30)
        assert mail.to_address is not None
        if mail.id in results and mail.to_address in given_to:
            result = given_to[mail.to_address]
            assert results[mail.id] == (result.state if result else DeliveryState.UNKNOWN)
    refused = any(
        result is not None and result.state is DeliveryState.AUTHENTICATION_FAILED
        for result in given_to.values()
    )
    assert (pause is not None) == refused == report.authentication_failed
    assert pause is None or pause.cause is PauseCause.CREDENTIALS
    if report.halted is None:
        assert "queued" not in {mail.state for mail in mails}
