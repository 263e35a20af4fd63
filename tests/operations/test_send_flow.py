"""Several connections, quota, pace, pauses and refused credentials, on both databases."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from subnotify.delivery.courier import Envelope
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.results import DeliveryResult
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.mail_queue import QueuePause
from subnotify.storage.sending_pauses import pause_messages
from subnotify.storage.tables import AttemptRow, EvidenceRow, MessageRow, ReleaseRow
from tests.operations.test_send_messages import LATER, Sending
from tests.support.couriers import FakeCourier
from tests.support.outbox import AT, SETTINGS
from tests.support.smtp_server import ScriptedSmtpServer


@pytest.fixture
def sending(engine: Engine, smtp_server: ScriptedSmtpServer) -> Sending:
    return Sending(engine, smtp_server)


def _with(**flow: Any) -> OutboxSettings:
    return replace(SETTINGS, flow=MailFlow(**({"connections": 1} | flow)))


def _pause(sending: Sending) -> QueuePause | None:
    with sending.sessions() as session:
        return mail_queue.find_pause(session)


def _started(sending: Sending) -> list[datetime]:
    with sending.sessions() as session:
        return list(session.scalars(select(AttemptRow.started_at).order_by(AttemptRow.started_at)))


def _without_result(sending: Sending) -> int:
    with sending.sessions() as session:
        open_ = select(func.count()).select_from(AttemptRow).where(AttemptRow.result.is_(None))
        return session.scalar(open_) or 0


def test_several_connections_send_everything_once(sending: Sending) -> None:
    sending.queue(70)
    report = sending.run(_with(connections=4))
    assert (report.handed_over, report.halted) == (70, None)
    copies = Counter(mail.recipient for mail in sending.server.mails)
    assert len(copies) == 70
    assert set(copies.values()) == {1}
    assert 1 < sending.server.sessions <= 4
    assert _without_result(sending) == 0


def test_a_stalled_connection_holds_nothing_else_back(sending: Sending) -> None:
    sending.queue(40)
    sending.smtp = replace(sending.smtp, timeout_seconds=30)
    gone_on = threading.Event()
    held: list[str] = []

    class Slow(FakeCourier):
        """The first mail is not answered before all the others are handed over."""

        def deliver(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
            if envelope.recipient.startswith("dpo0@"):
                assert gone_on.wait(60)
            else:
                held.append(envelope.recipient)
                if len(held) == 39:
                    gone_on.set()
            return super().deliver(envelope, raw)

    report = sending.run(_with(connections=3), open_courier=Slow)
    assert report.handed_over == 40
    assert set(sending.states()) == {"handed_over"}


def test_a_session_that_ends_with_421_costs_one_mail_a_pause(sending: Sending) -> None:
    ids = sending.queue(6)
    sending.server.answer("rcpt", 421, "4.7.0 too much", address="dpo2@client.example", times=1)
    report = sending.run()
    assert (report.handed_over, report.deferred, report.halted) == (5, 1, None)
    assert sending.server.sessions == 2
    assert sending.message(ids[2]).state == "deferred"
    sending.at += LATER
    assert sending.run().handed_over == 1


def test_a_greylisted_recipient_holds_nothing_back(sending: Sending) -> None:
    sending.queue(4)
    sending.server.answer("rcpt", 451, "4.7.1 greylisted", address="dpo1@client.example", times=1)
    report = sending.run(_with(connections=2))
    assert (report.handed_over, report.deferred) == (3, 1)
    sending.at += timedelta(minutes=15)
    assert sending.run().handed_over == 1
    assert len(sending.server.mails_to("dpo1@client.example")) == 1


def test_the_quota_of_an_hour_is_never_exceeded(sending: Sending) -> None:
    sending.queue(25)
    settings = _with(per_hour=10, connections=2)
    report = sending.run(settings)
    assert (report.handed_over, report.waits_until) == (10, AT + timedelta(hours=1))
    sending.at = AT + timedelta(minutes=59)
    assert sending.run(settings).handed_over == 0
    sending.at = AT + timedelta(hours=1)
    assert sending.run(settings).handed_over == 10
    sending.at = AT + timedelta(hours=2)
    report = sending.run(settings)
    assert (report.handed_over, report.waits_until) == (5, None)


def test_two_workers_share_one_quota(sending: Sending) -> None:
    sending.queue(40)
    together = threading.Barrier(2)

    def run(name: str) -> int:
        together.wait()
        return sending.run(_with(per_hour=17), runner=name).handed_over

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, ["a", "b"])) == 17
    assert len(sending.server.mails) == 17


def test_a_hundred_recipients_of_one_domain_under_a_quota_and_a_pace(sending: Sending) -> None:
    ids = sending.queue(100)
    settings = _with(per_hour=60, per_domain_per_minute=6, connections=2)
    sent_at: dict[int, list[datetime]] = {}
    while "queued" in sending.states():
        report = sending.run(settings)
        for message_id in ids:
            handed_over_at = sending.message(message_id).handed_over_at
            if handed_over_at is not None:
                sent_at.setdefault(message_id, [handed_over_at])
        if report.handed_over == 0:
            assert report.halted is None
        sending.at += timedelta(seconds=30)
    assert len(sent_at) == 100
    assert len({mail.recipient for mail in sending.server.mails}) == 100
    assert len(sending.server.mails) == 100
    started = _started(sending)
    for begin in started:
        minute = [x for x in started if begin <= x < begin + timedelta(minutes=1)]
        hour = [x for x in started if begin <= x < begin + timedelta(hours=1)]
        assert len(minute) <= 6
        assert len(hour) <= 60
    assert timedelta(minutes=60) <= started[-1] - started[0] <= timedelta(minutes=70)


def test_a_slot_that_was_missed_is_given_anew(sending: Sending) -> None:
    """What waited while nothing ran does not leave all at once."""
    sending.queue(30)
    settings = _with(per_domain_per_minute=2)
    assert sending.run(settings).handed_over == 1
    assert sending.run(settings).handed_over == 0
    sending.at += timedelta(days=1)
    assert sending.run(settings).handed_over <= 2


def test_other_domains_are_not_paced_with_it(sending: Sending) -> None:
    ids = sending.queue(10)
    with sending.sessions() as session:
        for number, message_id in enumerate(ids[:5]):
            values = {"to_address": f"dpo@other{number}.example", "contact_kind": "copy"}
            session.execute(update(MessageRow).where(MessageRow.id == message_id).values(values))
        session.commit()
    report = sending.run(_with(per_domain_per_minute=1))
    domains = Counter(mail.recipient.partition("@")[2] for mail in sending.server.mails)
    domains.pop("vendor.example", None)  # legal is told of notices without a designated contact
    assert domains == {"client.example": 1} | {f"other{number}.example": 1 for number in range(5)}
    assert report.waits_until == AT + timedelta(minutes=1)


def test_while_the_queue_is_paused_nothing_is_claimed(sending: Sending) -> None:
    sending.queue(3)
    with sending.sessions() as session, transaction(session):
        mail_queue.pause_queue(
            session, by="Ada", cause=PauseCause.OPERATOR, note="typing error", at=AT
        )
    report = sending.run()
    assert (report.handed_over, report.paused) == (0, PauseCause.OPERATOR)
    assert sending.server.sessions == 0
    with sending.sessions() as session, transaction(session):
        mail_queue.resume_queue(session)
    assert sending.run().handed_over == 3


def test_a_pause_in_the_middle_ends_what_is_begun_and_claims_no_more(sending: Sending) -> None:
    sending.queue(60)

    def pause(stored: int) -> None:
        if stored == 12:
            with sending.sessions() as session, transaction(session):
                mail_queue.pause_queue(
                    session, by="Ada", cause=PauseCause.OPERATOR, note="wrong text", at=AT
                )

    sending.server.on_stored = pause
    report = sending.run()
    assert report.paused is PauseCause.OPERATOR
    assert 12 <= report.handed_over < 60
    assert Counter(sending.states()) == {
        "handed_over": report.handed_over,
        "queued": 60 - report.handed_over,
    }
    assert _without_result(sending) == 0


def test_mails_of_a_paused_release_wait_with_it(sending: Sending) -> None:
    """One is under way when its release is paused, and put off: it is held back as well."""
    ids = sending.queue(30)
    sending.server.answer("final_dot", 450, "later", address="dpo3@client.example")

    def pause(stored: int) -> None:
        if stored == 3:
            with sending.sessions() as session, transaction(session):
                release_id = session.scalars(select(ReleaseRow.id)).one()
                session.execute(
                    update(ReleaseRow).values(sending_paused_at=AT, sending_paused_by="Ada")
                )
                pause_messages(session, release_id)

    sending.server.on_stored = pause
    report = sending.run()
    states = Counter(sending.states())
    assert set(states) == {"handed_over", "paused"}
    assert states["handed_over"] == report.handed_over < 30
    put_off = sending.message(ids[3])
    assert (put_off.state, put_off.paused_from) == ("paused", "deferred")
    assert sending.message(ids[29]).paused_from == "queued"
    assert _without_result(sending) == 0
    assert sending.run().handed_over == 0


def test_credentials_that_expire_in_the_middle_pause_everything(sending: Sending) -> None:
    sending.queue(30)
    sending.smtp = replace(sending.smtp, username="vendor", password="old")
    with ScriptedSmtpServer(password=("vendor", "old")) as server:
        sending.smtp = replace(sending.smtp, port=server.port)
        server.answer("mail", 250, "ok", times=8)
        server.answer("mail", 535, "5.7.8 credentials expired")
        report = sending.run(_with(connections=2))
        assert report.authentication_failed
        assert (report.handed_over, report.rejected, report.unknown) == (8, 0, 0)
        assert Counter(sending.states()) == {"handed_over": 8, "queued": 22}
        assert _without_result(sending) == 0
        pause = _pause(sending)
        assert pause is not None
        assert (pause.cause, pause.note) == (PauseCause.CREDENTIALS, "5.7.8 credentials expired")
        # Not before its time is the sign-in tried again, then at growing pauses, sending nothing.
        sessions = server.sessions
        assert sending.run().paused is PauseCause.CREDENTIALS
        assert server.sessions == sessions
        waits = []
        for _ in range(7):
            next_at = pause.next_sign_in_at
            assert next_at is not None
            waits.append(next_at - sending.at)
            sending.at = next_at
            assert sending.run().authentication_failed
            pause = _pause(sending)
            assert pause is not None
        assert server.sessions == sessions + 7
        assert waits[0] < waits[1] < waits[2] < waits[3]
        assert max(waits) <= timedelta(minutes=12)
        server.forget_rules()
        sending.at = pause.next_sign_in_at or sending.at
        assert sending.run().handed_over == 22
        assert len({mail.recipient for mail in server.mails}) == len(server.mails) == 30
    assert _pause(sending) is None
    with sending.sessions() as session:
        types = list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)))
    assert [x for x in types if x.startswith("mail_queue")] == [
        "mail_queue_paused",
        "mail_queue_resumed",
    ]


def test_a_persons_pause_is_not_ended_by_a_sign_in(sending: Sending) -> None:
    sending.queue(1)
    with sending.sessions() as session, transaction(session):
        for cause in (PauseCause.CREDENTIALS, PauseCause.OPERATOR):
            mail_queue.pause_queue(session, by="", cause=cause, note="", next_sign_in_at=AT, at=AT)
    sending.at += timedelta(days=1)
    assert sending.run().paused is PauseCause.OPERATOR
    assert sending.states() == [MessageState.QUEUED]


def test_a_mail_on_which_the_courier_fails_three_times_is_parked(sending: Sending) -> None:
    ids = sending.queue(3)

    class Poisoned(FakeCourier):
        def deliver(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
            if envelope.recipient.startswith("dpo1@"):
                raise UnicodeError("bytes of a kind")
            return super().deliver(envelope, raw)

    for _ in range(3):
        report = sending.run(open_courier=Poisoned)
        sending.at += LATER
    assert (report.parked, report.unknown) == (1, 0)
    assert sending.states() == ["handed_over", "parked", "handed_over", "handed_over"]
    assert sending.message(ids[1]).last_reply == "UnicodeError: bytes of a kind"
    assert sending.notice_states()[1] == "not_served"  # and legal was told
    assert [one.result for one in sending.attempts(ids[1])] == ["unknown"] * 3
