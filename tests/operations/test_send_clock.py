"""Sending under a wall clock that is wrong for a while: it goes on, then and after."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import MessageRow
from tests.operations.test_send_flow import _pause, _with
from tests.operations.test_send_messages import LATER as LONGER
from tests.operations.test_send_messages import Sending
from tests.support.outbox import AT
from tests.support.smtp_server import ScriptedSmtpServer

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)
LATER = AT + LONGER


@pytest.fixture
def sending(engine: Engine, smtp_server: ScriptedSmtpServer) -> Sending:
    return Sending(engine, smtp_server)


def _freeze(sending: Sending) -> None:
    with sending.sessions() as session, transaction(session):
        append_freeze(session, words="the clock jumped", runner="worker", at=sending.at)


def _lift(sending: Sending) -> None:
    with sending.sessions() as session:
        lift_clock_freeze(
            session, note="set right", by="Leon Legal", actor="operator:1", at=sending.at
        )


def test_what_was_sent_under_a_clock_ahead_does_not_use_up_the_quota(sending: Sending) -> None:
    settings = _with(per_hour=10)
    sending.at = AT + YEAR
    sending.queue(15)
    assert sending.run(settings).handed_over == 10
    sending.at = AT + HOUR
    assert sending.run(settings).handed_over == 5
    # Within the hour that workers' clocks may differ by, they count as one.
    sending.queue(15)
    sending.at = AT + timedelta(minutes=30)
    assert sending.run(settings).handed_over == 5


def test_nothing_is_given_up_while_the_clock_is_in_doubt(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("rcpt", 450, "mailbox full")
    for _ in range(6):
        sending.run()
        sending.at = sending.message(message_id).next_attempt_at or sending.at
    sending.at += YEAR
    _freeze(sending)
    sending.run()
    assert sending.message(message_id).state == MessageState.DEFERRED
    assert (sending.message(message_id).next_attempt_at or AT) > sending.at
    # The clock is set right: what that retry waits for is a year away, and comes at once.
    sending.at -= YEAR
    sending.server.forget_rules()
    assert sending.run().handed_over == 0
    _lift(sending)
    assert sending.run().handed_over == 1


def test_after_a_clock_ahead_every_mail_is_due_at_once(sending: Sending) -> None:
    settings = _with(per_domain_per_minute=1)
    ids = sending.queue(4)
    sending.at = AT + YEAR
    assert sending.run(settings).handed_over == 1  # the others have slots of the next year
    with sending.sessions() as session, transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.id == ids[3])
            .values(
                state=MessageState.SENDING,
                claimed_by="killed",
                claimed_until_at=sending.at + timedelta(minutes=15),
            )
        )
        mail_queue.pause_queue(
            session,
            by="",
            cause=PauseCause.CREDENTIALS,
            note="535",
            next_sign_in_at=sending.at + HOUR,
            at=sending.at,
        )
    _freeze(sending)
    sending.at = LATER
    assert sending.run(settings).handed_over == 0
    _lift(sending)
    pause = _pause(sending)
    assert pause is not None
    assert pause.next_sign_in_at == LATER
    for _ in range(3):
        assert sending.run(settings).handed_over == 1
        sending.at += timedelta(minutes=1)
    assert len(sending.server.mails) == 4


def test_what_a_runner_holds_stays_its_own_when_a_freeze_is_lifted(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    until = LATER + timedelta(minutes=15)
    with sending.sessions() as session, transaction(session):
        session.execute(
            update(MessageRow).values(
                state=MessageState.SENDING, claimed_by="another", claimed_until_at=until
            )
        )
    _freeze(sending)
    sending.at = LATER
    _lift(sending)
    assert sending.message(message_id).claimed_until_at == until
    assert sending.run().handed_over == 0
