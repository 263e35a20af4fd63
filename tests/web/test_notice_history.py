"""The line of time of a notice: attempts, reports, proofs, bounces and replies in their order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from re import DOTALL, findall, search, sub

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_proof import record_proofs
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import (
    AttemptResult,
    Channel,
    DeliveryEventKind,
    EventSource,
    FiledAs,
    LetterEventKind,
    MessageState,
    ProofKind,
    Role,
)
from subnotify.storage.operators import Operator
from subnotify.storage.tables import AttemptRow, CaseRow, DeliveryEventRow, MessageRow
from tests.operations.desk import LEGAL, add_response
from tests.support.incoming_rows import add_incoming
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import WebClient, session_on

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def attempt(
    session: Session,
    announced: Announced,
    number: int,
    started_at: datetime,
    result: AttemptResult | None,
    *,
    verb: str = "final_dot",
    reply: str = "250 2.0.0 Ok",
) -> None:
    with transaction(session):
        session.add(
            AttemptRow(
                message_id=announced.message_ids[0],
                number=number,
                started_at=started_at,
                finished_at=started_at + timedelta(seconds=1) if result else None,
                result=result,
                verb=verb,
                code=int(reply[:3]) if reply[:3].isdigit() else None,
                reply=reply,
                host="mx.client.example",
            )
        )


def event(
    session: Session,
    announced: Announced,
    kind: DeliveryEventKind,
    at: datetime,
    *,
    words: str = "",
    incoming_mail_id: int | None = None,
) -> None:
    with transaction(session):
        session.add(
            DeliveryEventRow(
                source=EventSource.DSN,
                external_id=f"{kind}-{at.timestamp()}",
                message_id=announced.message_ids[0],
                incoming_mail_id=incoming_mail_id,
                kind=kind,
                at=at,
                recorded_at=at + MINUTE,
                status="5.1.1" if kind is DeliveryEventKind.FAILED else "2.0.0",
                host="mx.client.example",
                words=words,
            )
        )


def lines(page: str) -> list[str]:
    """The entries of the line of time, in words."""
    found = search(r'<ol class="timeline">(.*?)</ol>', page, DOTALL)
    entries = findall(r"<li>(.*?)</li>", found[1] if found else "", DOTALL)
    return [" ".join(unescape(sub(r"<[^>]+>", " ", entry)).split()) for entry in entries]


def test_every_attempt_is_told_with_the_servers_words(legal, scenario, session, at):
    announced = scenario.announce(served=False)
    path = f"/desk/notices/{announced.notice_id}"
    waiting = lines(legal.get(path).text)
    assert len(waiting) == 1 and "Notice queued Camille Perrin" in waiting[0]
    attempt(
        session,
        announced,
        1,
        at,
        AttemptResult.DEFERRED,
        verb="rcpt",
        reply="450 4.2.0 <greylisted>",
    )
    attempt(session, announced, 2, at + 15 * MINUTE, AttemptResult.UNKNOWN, reply="")
    attempt(session, announced, 3, at + HOUR, None, reply="")
    first, second, third = lines(legal.get(path).text)
    assert first.startswith("2 March 2026 at 09:00 (Europe/Paris) Notice: attempt 1 deferred")
    assert "Camille Perrin <dpo0@client1.example>" in first
    assert "450 4.2.0 <greylisted>" in first
    assert "mx.client.example · at RCPT" in first
    assert "It may have arrived" in second or "it may have arrived" in second
    assert "same bytes and Message-ID" in second
    assert "Under way." in third


def test_a_relay_that_reports_nothing_is_no_proof(legal, scenario, session, at):
    announced = scenario.announce()
    attempt(session, announced, 1, at, AttemptResult.HANDED_OVER)
    event(session, announced, DeliveryEventKind.RELAYED, at + HOUR)
    event(session, announced, DeliveryEventKind.DELAYED, at + 2 * HOUR)
    entries = lines(legal.get(f"/desk/notices/{announced.notice_id}").text)
    relayed = next(x for x in entries if "passed on to a server" in x)
    assert "no proof that it arrived" in relayed
    assert "delivery report, recorded on 2 Mar 2026 at 10:01" in relayed
    delayed = next(x for x in entries if "delayed" in x)
    assert "goes on trying. It proves nothing." in delayed


def test_what_was_delivered_is_told_with_its_proof_once(legal, scenario, session, at):
    announced = scenario.announce(served=False)
    with transaction(session):
        message = session.get_one(MessageRow, announced.message_ids[0])
        message.state, message.handed_over_at = MessageState.HANDED_OVER, at
    attempt(session, announced, 1, at, AttemptResult.HANDED_OVER)
    event(session, announced, DeliveryEventKind.DELIVERED, at + HOUR)
    with transaction(session):
        record_proofs(
            session,
            {announced.message_ids[0]: announced.notice_id},
            ProofKind.RECIPIENT_SERVER,
            at=at + HOUR,
        )
    entries = lines(legal.get(f"/desk/notices/{announced.notice_id}").text)
    assert len([x for x in entries if "This proves receipt" in x]) == 1
    assert not any("Proof" in x for x in entries)


def test_bounces_replies_and_answers_stand_in_order(legal, scenario, session, at):
    announced = scenario.announce()
    attempt(session, announced, 1, at, AttemptResult.HANDED_OVER)
    report = add_incoming(
        session,
        announced,
        received_at=at + 2 * HOUR,
        kind="report",
        filed_as=FiledAs.REPORT,
    )
    mail = add_incoming(session, announced, received_at=at + HOUR, raw=b"Subject: x\n\nx")
    event(
        session,
        announced,
        DeliveryEventKind.FAILED,
        at + 3 * HOUR,
        words="550 no such user",
        incoming_mail_id=report,
    )
    record_bounce(session, announced.message_ids[0], note="550", at=at + 3 * HOUR, **LEGAL)
    with transaction(session):
        add_response(session, announced.notice_id, None, "question", at + 4 * HOUR)
    page = legal.get(f"/desk/notices/{announced.notice_id}").text
    entries = lines(page)
    order = [
        next(k for k, x in enumerate(entries) if needle in x)
        for needle in (
            "attempt 1",
            "Mail came in",
            "550 no such user",
            "The notice is not served",
            "The client answered: question",
        )
    ]
    assert order == sorted(order)
    assert sum("came back" in x for x in entries) == 1  # the report, not the bounce once more
    assert f'href="/desk/mail/{mail}"' in page and f'href="/desk/mail/{report}"' in page
    assert "whatever was said before" in page
    assert "came back" in page.split("What happened")[0]  # in the table of messages


def test_what_is_not_sent_any_more_is_told_with_its_reason(legal, scenario, session, at):
    announced = scenario.announce(served=False)
    path = f"/desk/notices/{announced.notice_id}"
    attempt(session, announced, 1, at, AttemptResult.UNKNOWN, reply="")
    change_id = session.get_one(CaseRow, announced.case_ids[0]).change_id
    session.rollback()
    withdraw_change(
        session,
        announced.release_id,
        change_id,
        reason="Not needed",
        by=Operator(1, "Lea Legal", "lea@vendor.example", frozenset({Role.LEGAL}), True),
        at=at + HOUR,
    )
    page = legal.get(path).text
    told = " / ".join(lines(page))
    assert "Notice not sent any more cancelled Camille Perrin" in told
    assert "may have reached the client at an earlier attempt, and is not repeated" in told
    assert told.count("is not repeated") == 1
    assert "it may have arrived, and does not count as handed over." in told
    assert "It is tried again" not in told
    assert "Nothing of it stands any more, so nobody has to serve it." in page
    assert "The message was refused" not in page
    case = legal.get(f"/desk/cases/{announced.case_ids[0]}").text
    assert "may have reached the client at an earlier attempt, and is not repeated" in case
    french = legal.get(f"{path}?lang=fr").text
    assert "n’est pas renvoyé" in french


def test_others_read_it_and_nobody_is_shown_what_is_not_there(signed_in, scenario, session):
    announced = scenario.announce(served=False)
    for role in Role:
        browser = signed_in(role)
        assert browser.get(f"/desk/notices/{announced.notice_id}").status_code == 200
        assert browser.get("/desk/notices/999").status_code == 404


def test_in_french_too(legal, scenario):
    announced = scenario.announce()
    assert legal.get(f"/desk/notices/{announced.notice_id}?lang=fr").status_code == 200


def test_the_case_links_to_it(legal, scenario):
    announced = scenario.announce()
    page = legal.get(f"/desk/cases/{announced.case_ids[0]}").text
    assert page.count(f'href="/desk/notices/{announced.notice_id}"') == 2


def test_a_letter_stands_there_by_what_became_of_it(legal, scenario, session, at):
    announced, (letter,) = announce_by_post(scenario, terms_by(Channel.REGISTERED_POST))

    def row() -> str:
        page = legal.get(f"/desk/notices/{announced.notice_id}").text
        found = search(r"<tbody.*?</tbody>", page, DOTALL)
        assert found is not None
        return sub(r"\s+", " ", sub(r"<[^>]+>", " ", found[0]))

    assert "registered letter" in row() and "waits for printing" in row()
    posted_on = at.date() + timedelta(days=1)
    tell(session, letter, LetterEventKind.POSTED, posted_on, at=at + timedelta(days=5))
    # No server took it, and nobody tried.
    assert "posted" in row() and "handed over" not in row() and "–" in row()
