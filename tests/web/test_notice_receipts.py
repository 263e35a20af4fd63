"""Receipts, codes by mail, the letter, and "this was not me"."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import CaseState, HoldReason, MessagePurpose, ResponseKind
from subnotify.storage.responses import list_responses
from subnotify.storage.tables import MessageRow
from tests.support.answers import case_of, give, objection
from tests.support.scenario import REGISTERED, Announced, Scenario, digest_of, terms_of
from tests.support.web_client import session_on
from tests.web.test_notice_answers import NAMED, hidden, send

_CODE = re.compile(r"^ {4}([A-Z2-9]{8})$", re.MULTILINE)


@pytest.fixture
def announce(database_url, at) -> Callable[..., Announced]:
    with session_on(database_url) as session:
        yield Scenario(session, at=at).announce


def mailed_code(smtp_server) -> str:
    """The code of the last mail."""
    mail = smtp_server.mails[-1]
    text = mail.parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")
    found = _CODE.search(text)
    assert found, text
    return found[1]


def test_a_receipt_states_what_was_recorded_and_can_be_checked(client, announce, clock):
    announced = announce()
    clock.at += timedelta(days=1, minutes=5)
    location = send(
        client, f"/n/{announced.token}/object", text="Outside the EU.", **NAMED
    ).location
    page = client.get(location).text
    assert "We have recorded your objection." in page
    assert "Tuesday 3 March 2026 at 09:05 (Europe/Paris)" in page
    assert "Camille Perrin, DPO" in page
    assert "Outside the EU." in page
    assert "Your agreement does not say what an objection leads to." in page
    assert "d•••@client1.example" in page
    canonical = unescape(re.search(r'<pre class="digest">(.*?)</pre>', page, re.DOTALL)[1])
    assert hashlib.sha256(canonical.encode()).hexdigest() in page


def test_no_objection_counts_after_the_mailed_code(client, announce, smtp_server, database_url):
    announced = announce()
    location = send(client, f"/n/{announced.token}/no-objection", **NAMED).location
    assert location.endswith("/code")
    page = client.get(location).text
    assert "Your answer does not count yet" in page
    code = mailed_code(smtp_server)
    assert code not in page
    wrong = send(client, location, code="AAAAAAAA").text
    assert "This is not the code of the last mail." in wrong
    done = send(client, location, code=code.lower())
    assert done.status_code == 303
    assert "You have told us that you do not object." in client.get(done.location).text
    # Going back leads to the receipt, and pressing again changes nothing.
    assert client.get(location).location == done.location
    with session_on(database_url) as session:
        (given,) = list_responses(session, announced.notice_id)
        assert given.is_effective
        assert case_of(session, announced.case_ids[0]).state == CaseState.OPEN


def test_another_code_takes_the_place_of_the_first(client, announce, smtp_server):
    announced = announce()
    location = send(client, f"/n/{announced.token}/no-objection", **NAMED).location
    first = mailed_code(smtp_server)
    again = client.post(f"{location}/again", page=location, nothing_came="y")
    assert "A new code is on its way." in client.get(again.location).text
    second = mailed_code(smtp_server)
    assert first != second
    assert "This is not the code" in send(client, location, code=first).text
    assert send(client, location, code=second).status_code == 303


def test_another_code_needs_a_box_ticked(client, announce, smtp_server):
    """A scanner that presses every button must not make the code in the mailbox worthless."""
    announced = announce()
    location = send(client, f"/n/{announced.token}/no-objection", **NAMED).location
    page = client.post(f"{location}/again", page=location).text
    assert "Tick the box to have another code mailed." in page
    assert len(smtp_server.mails) == 1
    assert send(client, location, code=mailed_code(smtp_server)).status_code == 303


def test_a_mail_that_fails_is_said_and_can_be_sent_again(client, announce, smtp_server):
    announced = announce()
    smtp_server.answer("rcpt", 451, "try later", times=1)
    location = send(client, f"/n/{announced.token}/no-objection", **NAMED).location
    page = client.get(location).text
    assert "The mail with the code could not be sent. Your answer is kept" in page
    client.post(f"{location}/again", page=location, nothing_came="y")
    assert send(client, location, code=mailed_code(smtp_server)).status_code == 303


def test_the_form_sent_twice_mails_one_code(client, announce, smtp_server):
    announced = announce()
    path = f"/n/{announced.token}/no-objection"
    form = {**hidden(client, path), **NAMED}
    locations = {client.post_bare(path, form).location for _ in range(2)}
    assert len(locations) == 1
    assert len(smtp_server.mails) == 1


def test_of_two_answers_that_wait_the_page_names_the_last(client, announce):
    announced = announce()
    for name in ("Camille Perrin", "Ada Lind"):
        location = send(
            client, f"/n/{announced.token}/no-objection", by_name=name, by_role="DPO"
        ).location
    page = client.get(f"/n/{announced.token}").text
    assert page.count("it waits for the code that we mailed") == 1
    assert location in page


def test_a_withdrawal_by_code(client, announce, smtp_server, database_url, at):
    announced = announce()
    with session_on(database_url) as session:
        give(session, announced, objection(announced), at=at)
    location = send(client, f"/n/{announced.token}/withdraw", **NAMED).location
    send(client, location, code=mailed_code(smtp_server))
    page = client.get(f"/n/{announced.token}").text
    assert "You have withdrawn your objection. A person confirms it to you." in page
    with session_on(database_url) as session:
        case = case_of(session, announced.case_ids[0])
        assert (case.state, case.holds) == (CaseState.OBJECTED, [HoldReason.WAITS_FOR_PERSON])


def test_the_letter_is_ready_to_print_and_sign(client, announce, database_url):
    announced = announce(preset=REGISTERED, language="en")
    location = send(client, f"/n/{announced.token}/object", **NAMED).location
    page = client.get(location).text
    assert "Not yet valid: send the registered letter by Wednesday 1 April 2026." in page
    assert f"{location}/letter" in page
    letter = client.get(f"{location}/letter").text
    for words in (
        "Registered letter with acknowledgement of receipt",
        "Subject: termination of the service Monitoring",
        # As the post wants it, and without the country where it comes from there.
        "Hexapode SAS<br>12 rue des Tanneurs<br>38000 GRENOBLE<br></address>",
        "By your notice received on 2 March 2026",
        "Agreement: DPA-2024-001",
        "Basis: our agreement, Art. 12.3.",
        "Camille Perrin",
    ):
        assert words in letter
    with session_on(database_url) as session:
        case = case_of(session, announced.case_ids[0])
        assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.OBJECTION_FORM])
    # The next step stands on the notice's page.
    assert f"{location}/letter" in client.get(f"/n/{announced.token}").text


def test_the_letter_says_of_no_day_of_sending_that_the_notice_was_received_then(client, announce):
    announced = announce(terms=replace(terms_of(REGISTERED), runs_from=RunsFrom.DISPATCH))
    location = send(client, f"/n/{announced.token}/object", **NAMED).location
    letter = client.get(f"{location}/letter").text
    assert "You have informed us of this change of subprocessors" in letter
    assert "received on" not in letter


def test_an_objection_in_any_form_needs_no_letter(client, announce):
    announced = announce()
    location = send(client, f"/n/{announced.token}/object", **NAMED).location
    assert client.get(f"{location}/letter").status_code == 404


def receipt_link(database_url: str) -> str:
    """Give the receipt mail a link, as sending it does."""
    with session_on(database_url) as session:
        receipt = session.scalars(
            select(MessageRow).where(MessageRow.purpose == MessagePurpose.RECEIPT)
        ).first()
        receipt.link_digest = digest_of("the receipt's token")
        session.commit()
    return "the receipt's token"


def test_this_was_not_me(client, announce, database_url, at):
    announced = announce()
    with session_on(database_url) as session:
        give(session, announced, objection(announced), at=at)
    path = f"/n/{receipt_link(database_url)}/disown"
    page = client.get(path).text
    assert "The answer below was given in the name of Northwind Mills 1 Ltd." in page
    # A scanner that presses the button has no name to give.
    assert "Your name is missing." in send(client, path).text
    done = send(client, path, by_name="Ada Lind")
    assert done.status_code == 303
    assert "It is noted that this answer was not yours." in client.get(path).text
    with session_on(database_url) as session:
        case = case_of(session, announced.case_ids[0])
        assert (case.state, case.holds) == (CaseState.OBJECTED, [HoldReason.RESPONSE_DISOWNED])
        (given,) = list_responses(session, announced.notice_id)
        assert given.kind is ResponseKind.OBJECTION and given.is_effective
    assert "this was not me" in client.get(f"/n/{announced.token}").text


def test_the_link_of_a_notice_disowns_nothing(client, announce):
    assert client.get(f"/n/{announce().token}/disown").status_code == 404
