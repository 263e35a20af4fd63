"""Refusals that speak of us: no notice is lost to them, the desk is told, and no loop begins."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine, select

from subnotify.delivery.mail_settings import MailFlow
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.send_couriers import SENDER_REFUSALS_IN_A_ROW
from subnotify.operations.send_messages import SendReport
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.mail_queue import QueuePause, SenderRefusal
from subnotify.storage.queue_state import Alarm, find_alarm
from subnotify.storage.tables import EvidenceRow
from tests.operations.test_send_messages import LATER, Sending
from tests.support.outbox import AT, SETTINGS
from tests.support.smtp_server import ScriptedSmtpServer

NOT_ALLOWED = "5.7.1 sender not allowed"
DAY = timedelta(days=1)
QUICK = replace(
    SETTINGS, reconnect_pause=timedelta(0), flow=MailFlow(connections=1, give_up_after=DAY)
)


@pytest.fixture
def sending(engine: Engine, smtp_server: ScriptedSmtpServer) -> Sending:
    return Quick(engine, smtp_server)


class Quick(Sending):
    """Without pauses between connections; mails are given up after one day."""

    def run(self, settings: OutboxSettings = QUICK, **changes: Any) -> SendReport:
        return super().run(settings, **changes)


def _alarm(sending: Sending) -> Alarm | None:
    with sending.sessions() as session:
        return find_alarm(session)


def _refusal(sending: Sending) -> SenderRefusal | None:
    with sending.sessions() as session:
        return mail_queue.find_sender_refusal(session)


def _pause(sending: Sending) -> QueuePause | None:
    with sending.sessions() as session:
        return mail_queue.find_pause(session)


def _told(sending: Sending) -> list[str]:
    with sending.sessions() as session:
        types = session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id))
        return [x for x in types if x.startswith(("sender_", "mail_queue_", "notice_not"))]


@pytest.mark.parametrize(
    ("verb", "code", "reply"),
    [
        ("mail", 550, NOT_ALLOWED),
        ("mail", 552, "5.2.2 quota of your account exceeded"),
        ("mail", 553, "5.1.8 sender domain not found"),
        ("rcpt", 553, "5.7.1 <privacy@vendor.example>: Sender address rejected: not owned"),
        ("rcpt", 554, "5.7.1 <dpo@client.example>: Relay access denied"),
        ("final_dot", 550, "5.7.26 SPF and DKIM failed"),
    ],
)
def test_refused_as_the_sender_every_mail_waits_and_the_desk_is_told(
    sending: Sending, verb: str, code: int, reply: str
) -> None:
    sending.queue(6)
    sending.server.answer(verb, code, reply)
    report = sending.run()
    assert (report.deferred, report.rejected) == (6, 0)
    assert sending.states() == ["deferred"] * 6
    assert "not_served" not in sending.notice_states()
    assert _refusal(sending) == SenderRefusal(AT, reply)
    assert _alarm(sending) == Alarm(None, None, is_frozen=False, is_refused=True)
    for hours in range(1, 20, 6):
        sending.at = AT + timedelta(hours=hours)
        assert sending.run().handed_over == 0
    refusal = _refusal(sending)
    assert refusal is not None
    assert refusal.at == AT  # since the first
    assert _told(sending) == ["sender_refused"]
    sending.server.forget_rules()
    sending.at += timedelta(hours=2)
    assert sending.run().handed_over == 6
    assert Counter(mail.recipient for mail in sending.server.mails).most_common(1)[0][1] == 1
    assert (_alarm(sending), _refusal(sending)) == (None, None)
    assert _told(sending) == ["sender_refused", "sender_taken"]


def test_a_row_of_refusals_ends_the_run_and_mails_that_are_taken_are_not_kept_waiting(
    sending: Sending,
) -> None:
    sending.queue(70)
    for number in range(60):  # a relay that serves one domain only
        sending.server.answer(
            "rcpt", 554, "5.7.1 Relay access denied", address=f"dpo{number}@client.example"
        )
    report = sending.run()
    assert (report.deferred, report.handed_over) == (SENDER_REFUSALS_IN_A_ROW, 0)
    assert report.halted == "5.7.1 Relay access denied"
    sending.at += timedelta(seconds=20)
    report = sending.run()
    assert (report.deferred, report.handed_over, report.halted) == (10, 10, None)


def test_the_pause_stays_short_so_that_mail_moves_soon_after_the_repair(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("mail", 550, NOT_ALLOWED)
    for _ in range(8):
        sending.run()
        due_at = sending.message(message_id).next_attempt_at
        assert due_at is not None
        wait = due_at - sending.at
        assert wait <= timedelta(minutes=72)
        sending.at = due_at


def test_refused_for_one_mail_alone_the_others_go_on_and_the_desk_is_told(sending: Sending) -> None:
    ids = sending.queue(12)
    sending.server.answer(
        "rcpt", 550, "5.7.23 SPF validation failed", address="dpo1@client.example"
    )
    report = sending.run()
    assert (report.handed_over, report.deferred, report.halted) == (11, 1, None)
    # Others are taken meanwhile, and it stays said while that mail waits.
    sending.at += timedelta(minutes=1)
    sending.queue(1)
    sending.run()
    assert sending.message(ids[1]).state == "deferred"
    alarm = _alarm(sending)
    assert alarm is not None
    assert alarm.is_refused
    sending.server.forget_rules()
    sending.at += LATER
    assert sending.run().handed_over == 1
    assert _alarm(sending) is None


def test_never_mended_it_is_given_up_in_the_end_and_legal_is_told(sending: Sending) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("mail", 550, NOT_ALLOWED)
    while sending.message(message_id).state != "rejected":
        assert sending.run().handed_over == 0
        sending.at += timedelta(hours=2)
    assert DAY <= sending.at - AT <= DAY + timedelta(hours=2)
    assert sending.message(message_id).last_reply == f"given up after 1 days: {NOT_ALLOWED}"
    assert sending.notice_states() == ["not_served"]
    # The mail that tells legal is refused as well: it waits, and the desk goes on saying so.
    assert _refusal(sending) is not None
    sending.server.forget_rules()
    assert sending.run().handed_over == 1
    assert sending.server.mails[0].recipient == SETTINGS.legal_email
    assert (_alarm(sending), _refusal(sending)) == (None, None)


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (552, "5.3.4 message size exceeds fixed limit"),
        (501, "5.1.7 bad sender address syntax"),
        (553, "5.6.7 non-ASCII addresses not permitted"),
    ],
)
def test_what_speaks_of_the_mail_itself_is_final_also_at_mail(
    sending: Sending, code: int, reply: str
) -> None:
    (message_id,) = sending.queue(1)
    sending.server.answer("mail", code, reply, times=1)
    report = sending.run()
    assert (report.rejected, report.handed_over) == (1, 1)  # the alarm to legal
    assert sending.message(message_id).state == "rejected"
    assert sending.notice_states() == ["not_served"]
    assert _alarm(sending) is None


def test_days_without_the_server_do_not_count_against_the_recipient(sending: Sending) -> None:
    """Two days without the host, then greylisting: given up only a day after that."""
    (message_id,) = sending.queue(1)
    sending.server.answer("connect", 554, "no service")
    while sending.at < AT + 2 * DAY:
        assert sending.run().deferred == 1
        sending.at += timedelta(hours=3)
    sending.server.forget_rules()
    sending.server.answer("rcpt", 450, "4.2.0 greylisted", times=1)
    assert sending.run().deferred == 1
    assert sending.message(message_id).state == "deferred"
    sending.at = sending.message(message_id).next_attempt_at or sending.at
    assert sending.run().handed_over == 1


@pytest.mark.parametrize("verb", ["rcpt", "data"])
def test_a_sign_in_that_leads_to_no_mail_taken_does_not_loop(sending: Sending, verb: str) -> None:
    """The host takes the sign-in and MAIL, and asks for more at RCPT or DATA, for days."""
    ids = sending.queue(5)
    sending.server.answer(verb, 530, "5.7.0 Authentication required")
    waits, lifted = [], []
    while sending.at < AT + 3 * DAY:
        sending.run()
        pause = _pause(sending)
        assert pause is not None
        assert pause.cause is PauseCause.CREDENTIALS
        waits.append((pause.next_sign_in_at or sending.at) - sending.at)
        lifted.append(pause.lifted)
        sending.at += waits[-1]
    assert lifted == list(range(len(lifted)))
    assert all(a < b for a, b in pairwise(waits[:8]))
    assert waits[0] < timedelta(minutes=2)
    assert max(waits) > timedelta(hours=3)
    assert len(waits) < 35  # and as many pauses in the log, not one for each minute
    assert len(_told(sending)) == 2 * len(waits) - 1
    # Nothing is rejected, and no mail keeps the others from being tried.
    assert set(sending.states()) == {MessageState.QUEUED}
    tried = [len(sending.attempts(message_id)) for message_id in ids]
    assert max(tried) - min(tried) <= 1
    sending.server.forget_rules()
    sending.at += DAY
    assert sending.run().handed_over == 5
    assert _pause(sending) is None
    # A mail was taken: what comes now is a first pause again.
    sending.queue(1)
    sending.server.answer(verb, 530, "5.7.0 Authentication required")
    sending.run()
    pause = _pause(sending)
    assert pause is not None
    assert (pause.lifted, pause.sign_ins) == (0, 0)
    assert (pause.next_sign_in_at or sending.at) - sending.at < timedelta(minutes=2)


def test_asked_to_sign_in_for_one_recipient_alone_the_others_are_sent(sending: Sending) -> None:
    sending.queue(8)
    sending.server.answer(
        "rcpt", 530, "5.7.0 Authentication required", address="dpo0@client.example"
    )
    assert sending.run().authentication_failed
    for _ in range(3):
        sending.at += timedelta(minutes=2)
        sending.run()
    assert len(sending.server.mails) == 7
    assert "dpo0@client.example" not in {mail.recipient for mail in sending.server.mails}
    assert Counter(sending.states()) == {"handed_over": 7, "queued": 1}


def test_a_person_who_lets_mail_go_on_begins_anew(sending: Sending) -> None:
    sending.queue(9)
    sending.server.answer("rcpt", 530, "5.7.0 Authentication required")
    for _ in range(4):
        sending.run()
        pause = _pause(sending)
        assert pause is not None
        sending.at = pause.next_sign_in_at or sending.at
    with sending.sessions() as session:
        assert mail_queue.resume_queue(session) is not None
        assert mail_queue.count_lifted(session) == 0
        session.commit()
    sending.at += LATER
    sending.run()
    pause = _pause(sending)
    assert pause is not None
    assert pause.lifted == 0
