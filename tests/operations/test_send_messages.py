"""The outbox on both databases, against a real SMTP server."""

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.courier import Envelope
from subnotify.delivery.results import DeliveryResult, DeliveryState, Verb
from subnotify.delivery.sealing import SealedMail, SealKey, open_sealed
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.build_mails import OutboxSettings, WriteText
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.rules.words import MailHost, MessagePurpose, MessageState
from subnotify.storage.claims import claim_due
from subnotify.storage.database import session_factory
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.standstills import find_standstill
from subnotify.storage.tables import (
    AttemptRow,
    ContactRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    SealedMailRow,
)
from subnotify.storage.unopened_mails import count_unopened
from subnotify.wording.language import wording_for
from subnotify.wording.replies import reply_words
from tests.support.couriers import FakeCourier
from tests.support.outbox import AT, SETTINGS, Words, load_texts, message_values, queue_notices
from tests.support.smtp_server import ScriptedSmtpServer

LATER = timedelta(minutes=20)  # past the lease and the first pauses


class Sending:
    """Sends to the scripted server at the instant `at`."""

    def __init__(self, engine: Engine, server: ScriptedSmtpServer) -> None:
        self.sessions = session_factory(engine)
        self.server = server
        self.at = AT
        self.smtp = SmtpSettings(server.host, server.port, Security.NONE, timeout_seconds=2)

    def run(self, settings: OutboxSettings = SETTINGS, **changes: Any) -> SendReport:
        values: dict[str, Any] = {
            "open_courier": lambda: SmtpConnection(self.smtp),
            "load_texts": load_texts,
            "settings": settings,
            "runner": "test",
            "clock": lambda: self.at,
        }
        return send_messages(self.sessions, **(values | changes))

    def queue(self, number: int) -> list[int]:
        with self.sessions() as session:
            return queue_notices(session, number)

    def message(self, message_id: int) -> MessageRow:
        with self.sessions() as session:
            return session.get_one(MessageRow, message_id)

    def states(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(MessageRow.state).order_by(MessageRow.id)))

    def notice_states(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(NoticeRow.state).order_by(NoticeRow.id)))

    def attempts(self, message_id: int) -> list[AttemptRow]:
        with self.sessions() as session:
            query = select(AttemptRow).where(AttemptRow.message_id == message_id)
            return list(session.scalars(query.order_by(AttemptRow.number)))


@pytest.fixture
def sending(engine: Engine, smtp_server: ScriptedSmtpServer) -> Sending:
    return Sending(engine, smtp_server)


def test_everything_due_is_handed_over_once(sending: Sending) -> None:
    ids = sending.queue(23)
    report = sending.run()
    assert (report.handed_over, report.halted) == (23, None)
    assert sending.server.sessions == 1
    assert sending.run().handed_over == 0
    assert [mail.recipient for mail in sending.server.mails] == [
        f"dpo{index}@client.example" for index in range(23)
    ]
    message = sending.message(ids[0])
    assert message.state == MessageState.HANDED_OVER
    assert (message.handed_over_at, message.last_reply) == (AT, "queued as 1")
    assert (message.claimed_by, message.claimed_until_at, message.next_attempt_at) == (None,) * 3
    assert message.host == f"127.0.0.1:{sending.server.port} [127.0.0.1]"
    (attempt,) = sending.attempts(ids[0])
    assert (attempt.number, attempt.result, attempt.code) == (1, "handed_over", 250)


def test_what_is_stored_is_what_was_sent(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.run()
    (mail,) = sending.server.mails
    message = sending.message(message_id)
    parsed = mail.parsed
    assert parsed["Message-ID"] == message.message_id_header
    assert parsed["Subject"] == message.subject
    assert parsed["To"] == "Ann É 0 <dpo0@client.example>"
    assert mail.envelope_from == message.envelope_from == "privacy@vendor.example"
    with sending.sessions() as session:
        stored = session.get_one(SealedMailRow, message_id)
        sealed = SealedMail(stored.digest, stored.ciphertext)
        evidence = list(session.scalars(select(EvidenceRow)))
    assert open_sealed(sealed, [SETTINGS.seal_key], owner=message.logical_key) == mail.raw
    assert hashlib.sha256(mail.raw).hexdigest() == stored.digest
    token = re.search(r"/n/(\S+)", parsed.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert token is not None
    assert len(token.group(1)) == 43
    assert hashlib.sha256(token.group(1).encode()).hexdigest() == message.link_digest
    assert ("message_handed_over", message_id) in [(one.type, one.object_id) for one in evidence]


def test_the_attempt_and_the_bytes_are_committed_before_the_network(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    seen: list[tuple[str, int, str | None]] = []

    class Looking(FakeCourier):
        def deliver(self, _envelope: Envelope, _raw: bytes) -> DeliveryResult:
            (attempt,) = sending.attempts(message_id)
            message = sending.message(message_id)
            with sending.sessions() as session:
                assert session.get(SealedMailRow, message_id) is not None
            seen.append((message.state, message.attempt_count, attempt.result))
            return DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")

    sending.run(open_courier=Looking)
    assert seen == [("sending", 1, None)]


def test_a_dead_address_is_rejected_and_the_rest_goes_on(sending: Sending) -> None:
    ids = sending.queue(3)
    sending.server.answer("rcpt", 550, "5.1.1 no such user", address="dpo1@client.example")
    report = sending.run()
    # the third that is handed over is the alarm to legal
    assert (report.handed_over, report.rejected) == (3, 1)
    assert sending.states() == ["handed_over", "rejected", "handed_over", "handed_over"]
    assert sending.server.mails[-1].recipient == SETTINGS.legal_email
    assert sending.notice_states() == ["serving", "not_served", "serving"]
    dead = sending.message(ids[1])
    assert (dead.last_reply, dead.next_attempt_at) == ("5.1.1 no such user", None)
    assert [(one.verb, one.code) for one in sending.attempts(ids[1])] == [("rcpt", 550)]
    sending.at += timedelta(days=30)
    assert sending.run().rejected == 0


def test_deferred_is_retried_with_growing_pauses_and_the_same_bytes(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("final_dot", 451, "greylisted", times=3)
    sending.server.answer("final_dot", 250, "taken at last")
    pauses = []
    for _ in range(3):
        assert sending.run().deferred == 1
        assert sending.run().deferred == 0  # not before its time
        due_at = sending.message(message_id).next_attempt_at
        assert due_at is not None
        pauses.append(due_at - sending.at)
        sending.at = due_at
    assert pauses[0] < pauses[1] < pauses[2]
    built = sending.message(message_id).message_id_header
    assert sending.run().handed_over == 1
    (mail,) = sending.server.mails
    assert mail.parsed["Message-ID"] == built
    assert [one.result for one in sending.attempts(message_id)] == ["deferred"] * 3 + [
        "handed_over"
    ]


def test_unknown_is_repeated_with_the_same_bytes(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.drop("final_dot", stored=True, times=1)
    assert sending.run().unknown == 1
    assert sending.message(message_id).state == "unknown"
    assert sending.message(message_id).handed_over_at is None
    sending.at += LATER
    assert sending.run().handed_over == 1
    first, second = sending.server.mails
    assert first.raw == second.raw
    assert [one.result for one in sending.attempts(message_id)] == ["unknown", "handed_over"]


def test_after_five_days_a_message_is_given_up(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("rcpt", 450, "mailbox full")
    runs = 0
    while sending.message(message_id).state != "rejected":
        sending.run()
        sending.at = sending.message(message_id).next_attempt_at or sending.at
        runs += 1
    assert timedelta(days=5) <= sending.at - AT < timedelta(days=5, hours=5)
    assert 30 < runs < 60
    reply = sending.message(message_id).last_reply
    assert reply == "given up after 5 days: mailbox full"
    # Our own words in it are told in the reader's language.
    french = reply_words(reply, wording_for("fr"))
    assert french == "abandonné après 5 jours\N{NO-BREAK SPACE}: mailbox full"


def test_an_unreachable_server_gives_the_batch_back_and_rejects_nothing(sending: Sending) -> None:
    ids = sending.queue(5)
    sending.server.answer("connect", 554, "no service")
    for day in range(8):
        sending.at = AT + timedelta(days=day)
        report = sending.run()
        assert report.halted == "no service"
        assert report.deferred == 1
    assert set(sending.states()) <= {"queued", "deferred"}
    tried = [len(sending.attempts(one)) for one in ids]
    assert sum(tried) == 8
    assert [sending.message(one).attempt_count for one in ids] == tried
    sending.server.forget_rules()
    sending.at += LATER
    assert sending.run().handed_over == 5


def test_three_lost_connections_in_a_row_stop_the_run(sending: Sending) -> None:
    sending.queue(8)
    sending.server.stall("rcpt")
    report = sending.run()
    assert (report.deferred, report.unknown, report.handed_over) == (3, 0, 0)
    assert report.halted is not None
    assert sending.states() == ["deferred"] * 3 + ["queued"] * 5


def test_expired_credentials_reject_nothing(sending: Sending) -> None:
    sending.queue(3)
    sending.smtp = replace(sending.smtp, username="vendor", password="expired")
    with ScriptedSmtpServer(password=("vendor", "renewed")) as server:
        sending.smtp = replace(sending.smtp, port=server.port)
        for day in range(7):
            sending.at = AT + timedelta(days=day)
            assert sending.run().authentication_failed
        sending.smtp = replace(sending.smtp, password="renewed")
        sending.at += LATER
        assert sending.run().handed_over == 3


def test_a_poison_message_is_parked_and_the_rest_goes_on(sending: Sending) -> None:
    ids = sending.queue(4)

    def poisoned(session: Session, messages: Sequence[OutgoingMessage]) -> WriteText:
        write = load_texts(session, messages)

        def maybe(message: OutgoingMessage, token: str | None) -> Words:
            if message.id == ids[0]:
                raise KeyError("reason")
            if message.id == ids[1]:
                return Words("a\r\nBcc: x@example.org", "", "")
            return Words(**vars(write(message, token)))

        return maybe

    report = sending.run(load_texts=poisoned)
    assert (report.parked, report.handed_over) == (2, 4)  # two of them alarms to legal
    assert sending.states()[:4] == ["parked", "parked", "handed_over", "handed_over"]
    assert sending.notice_states() == ["not_served", "not_served", "serving", "serving"]
    assert {mail.recipient for mail in sending.server.mails[2:]} == {SETTINGS.legal_email}
    assert sending.message(ids[0]).last_reply == "KeyError: 'reason'"
    assert "UnsafeHeader: subject" in (sending.message(ids[1]).last_reply or "")
    assert sending.attempts(ids[0]) == []


def test_loading_that_fails_for_one_does_not_stop_the_batch(sending: Sending) -> None:
    ids = sending.queue(4)

    def load(session: Session, messages: Sequence[OutgoingMessage]) -> WriteText:
        if any(one.id == ids[2] for one in messages):
            raise ValueError("terms cannot be read")
        return load_texts(session, messages)

    report = sending.run(load_texts=load)
    assert (report.parked, report.handed_over) == (1, 4)
    assert sending.states()[2] == "parked"


def test_a_name_that_cannot_stand_in_a_header_is_left_out(sending: Sending) -> None:
    sending.queue(1)
    with sending.sessions() as session:
        session.execute(update(ContactRow).values(name="=?utf-8?q?a=0D=0ABcc:x@example.org?="))
        session.commit()
    assert sending.run().handed_over == 1
    assert sending.server.mails[0].parsed["To"] == "dpo0@client.example"
    assert "Bcc" not in sending.server.mails[0].parsed


def test_a_lost_key_puts_off_and_never_builds_anew(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("rcpt", 450, times=1)
    sending.run()
    header = sending.message(message_id).message_id_header
    sending.at += LATER
    other = replace(SETTINGS, seal_key=SealKey(bytes(range(1, 33))))
    report = sending.run(other)
    assert (report.handed_over, report.parked) == (0, 0)
    message = sending.message(message_id)
    assert (message.state, message.attempt_count) == ("deferred", 1)
    with sending.sessions() as session:
        assert count_unopened(session).count == 1
        assert find_standstill(session, at=sending.at).is_any
    sending.at += LATER
    assert sending.run(replace(other, replaced_seal_keys=(SETTINGS.seal_key,))).handed_over == 1
    with sending.sessions() as session:
        assert count_unopened(session).count == 0
    assert sending.server.mails[0].parsed["Message-ID"] == header


def test_urgent_mail_goes_first_and_threads_under_the_notice(sending: Sending) -> None:
    ids = sending.queue(3)
    sending.run()
    notice = sending.message(ids[1])
    with sending.sessions() as session:
        values = {"notice_id": notice.notice_id, "contact_id": notice.contact_id}
        for number in range(2):
            session.execute(
                insert(MessageRow).values(
                    message_values(
                        f"receipt:{number}",
                        purpose=MessagePurpose.RECEIPT,
                        to_address=f"r{number}@client.example",
                        next_attempt_at=None if number else AT,
                        **values,
                    )
                )
            )
        session.commit()
    sending.run()
    urgent, other = sending.server.mails[3:]
    assert (urgent.recipient, other.recipient) == ("r1@client.example", "r0@client.example")
    assert urgent.parsed["In-Reply-To"] == urgent.parsed["References"] == notice.message_id_header


def test_mail_to_legal_has_no_personal_link(sending: Sending) -> None:
    with sending.sessions() as session:
        values = message_values(
            "objection_alarm:1",
            purpose=MessagePurpose.OBJECTION_ALARM,
            to_address="legal@vendor.example",
        )
        session.execute(insert(MessageRow).values(values))
        session.commit()
    assert sending.run().handed_over == 1
    body = sending.server.mails[0].parsed.get_body(("plain",))
    assert body is not None
    assert "/n/None" in body.get_content()


def test_letters_and_cancelled_messages_are_left_alone(sending: Sending) -> None:
    sending.queue(2)
    with sending.sessions() as session:
        session.execute(update(MessageRow).where(MessageRow.id == 1).values(channel="post"))
        session.execute(update(MessageRow).where(MessageRow.id == 2).values(state="cancelled"))
        session.commit()
    assert sending.run().handed_over == 0


@pytest.mark.parametrize("sent_before", [0, 2])
def test_stop_gives_the_rest_back_untouched(sending: Sending, sent_before: int) -> None:
    ids = sending.queue(5)
    report = sending.run(stop=_after(lambda: len(sending.server.mails) >= sent_before, 1))
    assert report.handed_over == sent_before
    assert sending.states() == ["handed_over"] * sent_before + ["queued"] * (5 - sent_before)
    assert sending.attempts(ids[4]) == []
    assert sending.message(ids[4]).attempt_count == 0
    header = sending.message(ids[4]).message_id_header
    assert sending.run().handed_over == 5 - sent_before
    assert sending.server.mails[4].parsed["Message-ID"] == header


def test_a_batch_ends_before_its_lease(sending: Sending) -> None:
    sending.queue(4)

    class Slow(FakeCourier):
        def deliver(self, _envelope: Envelope, _raw: bytes) -> DeliveryResult:
            sending.at += timedelta(minutes=6)
            return DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")

    report = sending.run(open_courier=Slow)
    assert (report.handed_over, report.repeated) == (4, 0)
    with sending.sessions() as session:
        started = set(session.scalars(select(AttemptRow.started_at)))
    assert len(started) == 2  # two batches


def test_a_fault_of_ours_leaves_it_unknown_and_the_rest_goes_on(sending: Sending) -> None:
    ids = sending.queue(3)

    class Faulty(FakeCourier):
        def deliver(self, envelope: Envelope, _raw: bytes) -> DeliveryResult:
            to = envelope.recipient
            if to.startswith("dpo1"):
                raise ZeroDivisionError("oh")
            return DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")

    report = sending.run(open_courier=Faulty)
    assert (report.handed_over, report.unknown) == (2, 1)
    assert sending.message(ids[1]).last_reply == "ZeroDivisionError: oh"


def test_an_interrupted_run_records_what_it_knows(sending: Sending) -> None:
    ids = sending.queue(4)

    class Interrupted(FakeCourier):
        def deliver(self, envelope: Envelope, _raw: bytes) -> DeliveryResult:
            to = envelope.recipient
            if to.startswith("dpo2"):
                raise KeyboardInterrupt
            return DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")

    with pytest.raises(KeyboardInterrupt):
        sending.run(open_courier=Interrupted)
    assert sending.states() == ["handed_over", "handed_over", "sending", "queued"]
    sending.at += LATER
    report = sending.run()
    assert (report.handed_over, report.repeated) == (2, 1)
    assert set(sending.notice_states()) == {"serving"}
    assert [one.result for one in sending.attempts(ids[2])] == ["unknown", "handed_over"]


def test_two_runners_never_hold_the_same_message(sending: Sending) -> None:
    ids = sending.queue(6)
    until = AT + timedelta(minutes=15)
    with sending.sessions() as session:
        mine = claim_due(session, by="a", until=until, limit=4, at=AT).messages
        session.commit()
    with sending.sessions() as session:
        others = claim_due(session, by="b", until=until, limit=4, at=AT).messages
        session.commit()
    assert [one.id for one in mine + others] == ids
    with sending.sessions() as session:
        again = claim_due(session, by="c", until=until + LATER, limit=9, at=until).messages
        session.commit()
    assert [(one.id, one.state) for one in again] == [(one, MessageState.UNKNOWN) for one in ids]


def test_a_runner_that_lost_its_lease_marks_its_attempt_only(sending: Sending) -> None:
    (message_id,) = sending.queue(1)

    class Late(FakeCourier):
        """While the first runner waits for the reply, another one takes the message over."""

        def deliver(self, _envelope: Envelope, _raw: bytes) -> DeliveryResult:
            sending.at += LATER
            sending.server.answer("final_dot", 450, "later", times=1)
            assert sending.run(runner="second").deferred == 1
            return DeliveryResult(DeliveryState.HANDED_OVER, Verb.FINAL_DOT, 250, "ok", "h")

    sending.run(open_courier=Late, runner="first")
    assert [one.result for one in sending.attempts(message_id)] == ["handed_over", "deferred"]
    assert sending.message(message_id).state == "deferred"


def _after(reached: Callable[[], bool], asked_before: int) -> Callable[[], bool]:
    """A `stop` that looks from its second question on: the first comes before any claim."""
    questions = iter(range(1_000_000))

    def stop() -> bool:
        return next(questions) >= asked_before and reached()

    return stop


def test_times_of_attempts_come_from_the_clock(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    instants = iter(AT + timedelta(seconds=number) for number in range(100))

    def clock() -> datetime:
        return next(instants)

    sending.run(clock=clock)
    (attempt,) = sending.attempts(message_id)
    assert attempt.finished_at is not None
    assert attempt.started_at < attempt.finished_at == sending.message(message_id).handed_over_at


def test_two_runners_at_once_send_everything_once(sending: Sending) -> None:
    sending.queue(60)
    together = threading.Barrier(2)

    def run(name: str) -> SendReport:
        together.wait()
        return sending.run(runner=name)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, ["a", "b"]))
    assert sum(report.handed_over for report in reports) == 60
    assert sum(report.repeated for report in reports) == 0
    assert len({mail.recipient for mail in sending.server.mails}) == len(sending.server.mails) == 60


@pytest.mark.parametrize("mail_host", MailHost)
def test_only_the_recipients_own_server_proves_receipt(
    sending: Sending, mail_host: MailHost
) -> None:
    ids = sending.queue(2)
    sending.server.answer("rcpt", 550, address="dpo1@client.example")
    sending.run(replace(SETTINGS, mail_host=mail_host))
    with sending.sessions() as session:
        proofs = list(session.scalars(select(ReceiptProofRow)))
    found = [(proof.message_id, proof.kind, proof.at) for proof in proofs]
    proved = [(ids[0], "recipient_server", AT)]
    assert found == (proved if mail_host is MailHost.RECIPIENT_SERVER else [])


def test_notices_of_messages_parked_by_a_stopped_runner_are_judged(sending: Sending) -> None:
    sending.queue(1)
    with sending.sessions() as session:
        session.execute(update(MessageRow).values(state="parked", last_reply="KeyError: 'x'"))
        session.commit()
    assert sending.run().handed_over == 1  # the alarm to legal
    assert sending.notice_states() == ["not_served"]
    assert sending.run().handed_over == 0
