"""Faults of the mail server on both databases: what arrived, and what the log says of each try."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.smtp import Security, SmtpSettings
from subnotify.rules.words import PauseCause
from tests.faults.sending import Outbox
from tests.support.outbox import AT
from tests.support.smtp_server import ScriptedSmtpServer, TlsPair

FIRST, SECOND = "dpo0@client.example", "dpo1@client.example"
SENT = ("handed_over", "final_dot", 250, "queued as 1")
LEGAL = "legal@vendor.example"


@pytest.fixture
def outbox(engine: Engine, smtp_server: ScriptedSmtpServer) -> Outbox:
    return Outbox(engine, smtp_server)


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "final_dot"])
def test_4xx_is_tried_again_and_the_rest_goes_on(outbox: Outbox, verb: str) -> None:
    outbox.queue(3)
    outbox.server.answer(verb, 451, "4.3.0 try later", times=2)
    outbox.send_all()
    assert outbox.check().copies == {}
    logs = [outbox.log(f"dpo{index}@client.example") for index in range(3)]
    refused = ("deferred", verb, 451, "4.3.0 try later")
    assert sorted(len(log) for log in logs) in ([1, 1, 3], [1, 2, 2])
    assert [x for log in logs for x in log].count(refused) == 2
    assert all(log[-1] == SENT for log in logs)


def test_greylisting_for_a_quarter_of_an_hour(outbox: Outbox) -> None:
    """Whoever comes again before its quarter of an hour is over is put off again."""
    outbox.queue(2)
    outbox.server.answer("rcpt", 450, "4.2.0 greylisted, come back in 15 minutes")
    until = AT + timedelta(minutes=15)
    while outbox.at < until:
        assert outbox.send().handed_over == 0
        outbox.at += timedelta(minutes=1)
    outbox.server.forget_rules()
    outbox.send_all()
    assert outbox.check().copies == {}
    for address in (FIRST, SECOND):
        log = outbox.log(address)
        assert log[0] == ("deferred", "rcpt", 450, "4.2.0 greylisted, come back in 15 minutes")
        assert 2 < len(log) < 9
        assert log[-1] == SENT
    assert outbox.at - AT < timedelta(hours=1)


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "final_dot"])
def test_421_in_the_middle_of_a_session(outbox: Outbox, verb: str) -> None:
    outbox.queue(5)
    outbox.server.answer(verb, 421, "4.3.2 shutting down", address=None, times=1)
    outbox.send_all()
    assert outbox.check().copies == {}
    assert outbox.server.sessions >= 2


@pytest.mark.parametrize("verb", ["rcpt", "final_dot"])
def test_5xx_refuses_one_mailbox_and_alarms_legal(outbox: Outbox, verb: str) -> None:
    outbox.queue(3)
    outbox.server.answer(verb, 550, "5.1.1 no such user", address=SECOND)
    outbox.send_all()
    outbox.check(refused=(SECOND,))
    assert outbox.log(SECOND) == [("rejected", verb, 550, "5.1.1 no such user")]
    assert len(outbox.server.mails_to(LEGAL)) == 1
    assert len(outbox.server.mails_to(FIRST)) == 1


@pytest.mark.parametrize("verb", ["connect", "ehlo", "mail", "rcpt", "data"])
def test_a_stall_before_the_final_dot_repeats_nothing(outbox: Outbox, verb: str) -> None:
    outbox.queue(2)
    outbox.server.stall(verb, times=1)
    outbox.send_all()
    assert outbox.check().copies == {}
    logs = [outbox.log(FIRST), outbox.log(SECOND)]
    [stalled] = [x for log in logs for x in log if x[0] == "deferred"]
    assert stalled[1:3] == (verb, None)
    assert "timed out" in (stalled[3] or "")


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("act", ["drop", "stall"])
def test_silence_after_the_final_dot_is_unknown_and_repeated(
    outbox: Outbox, act: str, stored: bool
) -> None:
    """The one fault in which a repeat is unavoidable: nobody can know whether it was stored."""
    outbox.queue(3)
    getattr(outbox.server, act)("final_dot", address=SECOND, stored=stored, times=1)
    outbox.send_all()
    found = outbox.check(most_repeats=1 if stored else 0)
    assert list(found.copies.values()) == ([2] if stored else [])
    first, second = outbox.log(SECOND)
    assert first[:3] == ("unknown", "final_dot", None)
    assert second == SENT
    assert list(found.unknown.values()) == [[first[3]]]


@pytest.mark.parametrize("verb", ["connect", "ehlo", "mail", "rcpt", "data"])
def test_a_drop_before_the_final_dot_repeats_nothing(outbox: Outbox, verb: str) -> None:
    outbox.queue(3)
    outbox.server.drop(verb, times=1)
    outbox.send_all()
    assert outbox.check().copies == {}


_GOES_ON = ("mail", "rcpt", "data", "final_dot")


@pytest.mark.parametrize("fault", ["450", "452", "421", "550", "530", "drop", "stall"])
@pytest.mark.parametrize("verb", ["connect", "ehlo", *_GOES_ON])
def test_whether_the_run_goes_on(outbox: Outbox, verb: str, fault: str) -> None:
    """One fault, at the first mail, over one connection. Before MAIL the host takes no mail at
    all, so the run ends with one try; asked to sign in, it pauses. Else the others are sent."""
    outbox.queue(3)
    outbox.settings = replace(outbox.settings, flow=MailFlow(connections=1))
    if fault.isdigit():
        outbox.server.answer(verb, int(fault), "told so", times=1)
    else:
        getattr(outbox.server, fault)(verb, times=1)
    report = outbox.send()
    asked_to_sign_in = fault == "530" and verb in ("mail", "rcpt", "data")
    goes_on = verb in _GOES_ON and not asked_to_sign_in
    assert report.handed_over == ((3 if _is_alarmed(verb, fault) else 2) if goes_on else 0)
    assert (report.halted is None) is goes_on
    assert (report.paused is PauseCause.CREDENTIALS) is asked_to_sign_in
    if goes_on:
        (first,) = outbox.log(FIRST)
        assert first[1] == verb
        assert first[2] == (int(fault) if fault.isdigit() else None)
    outbox.send_all()
    outbox.check(refused=(FIRST,) if _is_alarmed(verb, fault) else ())


def _is_alarmed(verb: str, fault: str) -> bool:
    """Refused for good, because of the recipient or the mail: legal is told at once."""
    return fault == "550" and verb in ("rcpt", "data", "final_dot")


def _starttls(server: ScriptedSmtpServer) -> SmtpSettings:
    return SmtpSettings(server.host, server.port, Security.STARTTLS, timeout_seconds=2)


def test_starttls_stripped_sends_nothing_in_the_clear(outbox: Outbox) -> None:
    outbox.queue(2)
    for minute in range(5):
        outbox.at = AT + timedelta(hours=minute)
        report = outbox.send(smtp=_starttls(outbox.server))
        assert report.handed_over == 0
    assert outbox.server.mails == []
    assert not [line for _, line in outbox.server.commands if line.upper().startswith("MAIL")]
    tried = [x for address in (FIRST, SECOND) for x in outbox.log(address)]
    assert {x[:2] for x in tried} == {("deferred", "starttls")}
    assert {x[3] for x in tried} == {"the server offers no STARTTLS; TLS is required"}
    outbox.at += timedelta(days=1)
    outbox.send_all()
    outbox.check()


def test_a_bad_certificate_sends_nothing(engine: Engine, tls_pair: TlsPair) -> None:
    """Self-signed, so that nobody vouches for it: as after somebody stepped in between."""
    with ScriptedSmtpServer(tls_context=tls_pair.server) as server:
        outbox = Outbox(engine, server)
        outbox.queue(2)
        assert outbox.send(smtp=_starttls(server)).handed_over == 0
        assert server.mails == []
        assert not [line for _, line in server.commands if line.upper().startswith("MAIL")]
        tried = [x for address in (FIRST, SECOND) for x in outbox.log(address)]
        assert {x[:2] for x in tried} == {("deferred", "starttls")}
        assert all("certificate" in (x[3] or "") for x in tried)
        outbox.at += timedelta(days=1)
        outbox.send_all()
        outbox.check()


def test_two_workers_at_once_send_everything_once(outbox: Outbox) -> None:
    outbox.queue(120)
    outbox.timeout_seconds = 30
    together = threading.Barrier(2)

    def work(name: str) -> int:
        together.wait()
        return outbox.send(runner=name).handed_over

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(work, ["worker-1", "worker-2"]))
    assert sum(sent) == 120
    assert outbox.check().copies == {}
