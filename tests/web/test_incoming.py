"""Incoming mail as a browser gets it: the lists, one mail, filing it in two clicks."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from subnotify.delivery.mail_tags import TagKind
from subnotify.operations.close_windows import close_windows
from subnotify.rules.words import (
    CaseState,
    FiledAs,
    HoldReason,
    IncomingKind,
    ResponseKind,
    Role,
    TagStanding,
)
from subnotify.storage.tables import IncomingMailRow, ResponseRow
from tests.operations.desk import case_of, standing_of
from tests.support.incoming_rows import add_incoming
from tests.support.returned import delivery_report, receive, reply_to, tagged
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario
from tests.support.web_client import WebClient, session_on

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PATH = "/desk/mail"


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


def said(page: str) -> str:
    """The words of a page, without markup."""
    body = re.search(r"<main.*</main>", page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[0] if body else page)).split())


def responses_of(session: Session) -> list[tuple[str, str, datetime]]:
    rows = session.scalars(select(ResponseRow).order_by(ResponseRow.id)).all()
    found = [(row.kind, row.channel, row.received_at) for row in rows]
    session.rollback()
    return found


def test_what_waits_comes_first_the_oldest_at_the_top(legal, scenario, session, at):
    announced = scenario.announce()
    newer = add_incoming(session, announced, received_at=at + DAY, subject="Second mail")
    older = add_incoming(session, None, received_at=at + HOUR, subject="First mail")
    filed = add_incoming(
        session, announced, received_at=at, subject="Absent", filed_as=FiledAs.AUTO_REPLY
    )
    page = legal.get(PATH).text
    links = re.findall(rf'href="{PATH}/(\d+)"', page)
    assert [int(x) for x in links] == [older, newer]
    words = said(page)
    assert "Waiting for a person 2" in words
    assert "unknown" in words and "Northwind Mills 1 Ltd" in words
    assert "Notice 2026-001-00001" in words
    assert "2 Mar 2026 at 10:00 (Europe/Paris)" in words  # the vendor's zone
    assert "Tuesday 17 March 2026, 24:00 (Europe/Paris)" in words
    automatic = legal.get(f"{PATH}?show=automatic").text
    assert re.findall(rf'href="{PATH}/(\d+)"', automatic) == [str(filed)]
    everything = legal.get(f"{PATH}?show=all").text
    assert len(re.findall(rf'href="{PATH}/(\d+)"', everything)) == 3
    assert "No mail in this list." in legal.get(f"{PATH}?show=answers").text
    assert legal.get(f"{PATH}?show=nonsense&page=x").status_code == 200


def test_the_navigation_and_the_board_count_what_waits(legal, signed_in, scenario, session, at):
    announced = scenario.announce()
    assert "wait for you" not in legal.get("/desk/board").text
    add_incoming(session, announced, received_at=at)
    add_incoming(session, None, received_at=at)
    page = legal.get("/desk/board").text
    assert "2 mails wait for you." in said(page)
    assert re.search(r'href="/desk/mail">Mail <span class="tag warn">2', page)
    publisher = signed_in(Role.PUBLISHER).get("/desk/board").text
    assert 'href="/desk/mail"' not in publisher


def test_a_mail_shows_its_facts_and_what_it_holds_back(legal, scenario, session, at):
    announced = scenario.announce(changes=2)
    mail_id = add_incoming(session, announced, received_at=at + HOUR)
    words = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "We object to this." in words
    assert "Camille Perrin <dpo0@client1.example>" in words
    assert "It came to the signed address of one of our mails" in words
    assert "Nothing shows that a machine wrote it" in words
    assert "Silence does not close these cases until it is filed." in words
    held = re.findall(r'href="/desk/cases/(\d+)"', legal.get(f"{PATH}/{mail_id}").text)
    assert {int(x) for x in held} == set(announced.case_ids)
    assert "Monday 2 March 2026" not in words  # the instant of receipt is told once, in full
    assert "2 March 2026 at 10:00 (Europe/Paris)" in words
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]


def test_one_open_case_is_filed_in_two_clicks(legal, scenario, session, at, clock):
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at + HOUR)
    clock.at = at + DAY
    legal.sign_in("Ana legal")
    first = re.search(
        rf'href="({PATH}/{mail_id}/file/objection)"', legal.get(f"{PATH}/{mail_id}").text
    )
    assert first
    form = legal.get(first[1]).text
    assert f'value="{announced.case_ids[0]}" checked' in form
    done = legal.post(first[1], case_ids=str(announced.case_ids[0]), note="")
    assert done.status_code == 303
    assert responses_of(session) == [("objection", "reply", at + HOUR)]
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "The mail is filed: objection." in page
    assert "Filed objection" in page
    assert "What is it?" not in page


def test_of_several_changes_those_are_chosen_that_it_speaks_of(legal, scenario, session, at):
    announced = scenario.announce(changes=2)
    mail_id = add_incoming(session, announced, received_at=at)
    path = f"{PATH}/{mail_id}/file/objection"
    assert "checked" not in legal.get(path).text
    refused = legal.post(path, note="second change only")
    assert refused.status_code == 422
    assert "Choose the changes that it objects to." in refused.text
    assert 'href="#case_ids-0"' in refused.text
    assert "second change only</textarea>" in refused.text
    legal.post(path, case_ids=str(announced.case_ids[1]), note="second change only")
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    assert standing_of(session, announced.case_ids[1])[0] is CaseState.OBJECTED


@pytest.mark.parametrize(
    ("filed_as", "kind"),
    [
        ("question", ResponseKind.QUESTION),
        ("more_time", ResponseKind.MORE_TIME),
        ("acknowledgement", ResponseKind.ACKNOWLEDGEMENT),
        ("no_answer", None),
    ],
)
def test_the_other_ways_to_file(legal, scenario, session, at, filed_as, kind):
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    path = f"{PATH}/{mail_id}/file/{filed_as}"
    assert "case_ids" not in legal.get(path).text
    assert legal.post(path, note="").status_code == 303
    assert [one[0] for one in responses_of(session)] == ([kind.value] if kind else [])
    holds = standing_of(session, announced.case_ids[0])[1]
    assert HoldReason.REPLY_WAITS not in holds


def test_nothing_is_doubled_by_a_double_click_or_by_two_persons(
    legal, signed_in, scenario, session, at
):
    second = signed_in(Role.LEGAL, Role.ADMIN)
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    path = f"{PATH}/{mail_id}/file/objection"
    fields = {"case_ids": str(announced.case_ids[0]), "note": ""}
    token = second.token(path)
    question = second.token(f"{PATH}/{mail_id}/file/no_answer")
    first = legal.token(path)
    assert legal.post_bare(path, {"csrf_token": first, **fields}).status_code == 303
    assert legal.post_bare(path, {"csrf_token": first, **fields}).status_code == 303
    late = second.post_bare(path, {"csrf_token": token, **fields})
    assert late.status_code == 303
    assert "This mail was filed before" in said(second.get(late.location).text)
    other = second.post_bare(
        f"{PATH}/{mail_id}/file/no_answer", {"csrf_token": question, "note": ""}
    )
    assert "by Ana legal: objection. Nothing was recorded twice." in said(
        second.get(other.location).text
    )
    assert len(responses_of(session)) == 1
    assert second.get(path).status_code == 303


def test_what_was_filed_as_no_answer_can_be_filed_anew(legal, scenario, session, at):
    announced = scenario.announce()
    case_id = announced.case_ids[0]
    mail_id = add_incoming(session, announced, received_at=at)
    legal.post(f"{PATH}/{mail_id}/file/no_answer", note="advertising")
    page = legal.get(f"{PATH}/{mail_id}").text
    assert "Filed wrongly? File it anew" in page and "advertising" in page
    assert f"{PATH}/{mail_id}/file/no_answer" not in page
    legal.post(f"{PATH}/{mail_id}/file/objection", case_ids=str(case_id), note="")
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED


def test_an_automatic_reply_that_was_an_answer_after_all(legal, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(
        session,
        announced,
        received_at=at,
        kind=IncomingKind.AUTO_REPLY,
        filed_as=FiledAs.AUTO_REPLY,
        reason="header Auto-Submitted: auto-replied",
    )
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "It was taken for an automatic reply: that is never an answer." in page
    assert "header Auto-Submitted: auto-replied" in page
    assert "Filed wrongly? File it anew" in page
    legal.post(
        f"{PATH}/{mail_id}/file/objection", case_ids=str(announced.case_ids[0]), note="it was"
    )
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED


def test_mail_of_nobody_is_tied_then_filed(legal, scenario, session, at):
    announced, other = scenario.announce(), scenario.announce()
    mail_id = add_incoming(
        session, None, received_at=at, from_address="someone@else.example", from_name=""
    )
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "It may be an objection of anybody" in page
    assert "Objection" not in page.split("What is it?")[1].split("What it holds back")[0]
    blocked = legal.get(f"{PATH}/{mail_id}/file/objection")
    assert blocked.location == f"{PATH}/{mail_id}/tie"
    tie = f"{PATH}/{mail_id}/tie"
    assert "begins with “xyz”" in said(legal.get(f"{tie}?search=xyz").text)
    assert "Northwind Mills 2 Ltd" in said(legal.get(f"{tie}?search=northwind").text)
    assert "Northwind Mills 1 Ltd" not in said(legal.get(f"{tie}?search=2026-002").text)
    assert legal.post(tie, notice_id="999").status_code == 422
    assert legal.post(tie, notice_id="x").status_code == 422
    assert legal.post(tie, notice_id=str(announced.notice_id)).status_code == 303
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    # Found to be another client's.
    assert legal.post(tie, notice_id=str(other.notice_id)).status_code == 303
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    case_id = str(other.case_ids[0])
    legal.post(f"{PATH}/{mail_id}/file/objection", case_ids=case_id, note="")
    assert standing_of(session, other.case_ids[0])[0] is CaseState.OBJECTED


def test_hints_are_marked_as_no_proof(legal, scenario, session, at):
    by_address, by_id = scenario.announce(), scenario.announce()
    scenario.set_message_id(by_id, "<notice-2@vendor.example>")
    mail_id = add_incoming(
        session,
        None,
        received_at=at,
        from_address="DPO0@client1.example",
        in_reply_to="<x@y> <notice-2@vendor.example>",
    )
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert page.index("It says that it answers a mail of this notice.") < page.index(
        "It gives the address of a contact of this agreement as its sender."
    )
    assert page.count("hint, no proof") == 2
    legal.post(f"{PATH}/{mail_id}/tie", f"{PATH}/{mail_id}", notice_id=str(by_address.notice_id))
    assert "hint, no proof" not in legal.get(f"{PATH}/{mail_id}").text


def test_unwanted_mail_is_no_answer_at_once(legal, scenario, session, at):
    scenario.announce()
    mail_id = add_incoming(session, None, received_at=at, subject="Cheap watches")
    assert legal.post(f"{PATH}/{mail_id}/file/no_answer", note="").status_code == 303
    assert "Nothing waits for a person." in legal.get(PATH).text
    row = session.get(IncomingMailRow, mail_id, populate_existing=True)
    assert row is not None and (row.filed_as, row.filed_by) == ("no_answer", "Ana legal")


def test_a_proven_mail_is_not_tied_to_another_client(legal, scenario, session, at):
    announced, other = scenario.announce(), scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    assert "/tie" not in legal.get(f"{PATH}/{mail_id}").text
    refused = legal.post(f"{PATH}/{mail_id}/tie", notice_id=str(other.notice_id))
    assert refused.status_code == 422
    assert "The signed mark of this mail names its client." in said(refused.text)


def test_a_forged_mark_is_warned_of(legal, scenario, session, at):
    mail_id = add_incoming(session, None, received_at=at, tag=TagStanding.FORGED)
    assert "forged mark" in said(legal.get(PATH).text)
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "Somebody may want to deceive you" in page


def test_what_really_came_in_is_shown_filed_and_told_in_the_line_of_time(
    legal, scenario, session, at, clock
):
    announced = scenario.announce(preset=FIFTEEN)
    closes_at = case_of(session, announced.case_ids[0]).closes_at
    raw = reply_to(announced, "We object.", sent_at=closes_at - 10 * MINUTE)
    mail_id = receive(session, raw, closes_at - 5 * MINUTE)
    to = tagged(TagKind.BOUNCE, announced.message_ids[0])
    told = delivery_report(to, "delivered", status="2.0.0", happened_at=at + MINUTE)
    report = receive(session, told, at + HOUR)
    clock.at = closes_at + 5 * DAY
    close_windows(session, at=clock.at)
    legal.sign_in("Ana legal")
    page = said(legal.get(f"{PATH}/{mail_id}").text)
    assert "We object." in page and "As the mail itself says" in page
    assert legal.get(f"{PATH}/{mail_id}/original").data == raw
    path = f"{PATH}/{mail_id}/file/objection"
    legal.post(path, case_ids=str(announced.case_ids[0]), note="")
    case = said(legal.get(f"/desk/cases/{announced.case_ids[0]}").text)
    assert "An objection waits for legal to settle it." in case
    assert "reply by email" in case and "in time" in case
    history = legal.get(f"/desk/notices/{announced.notice_id}").text
    assert f'href="{PATH}/{mail_id}"' in history and f'href="{PATH}/{report}"' in history
    assert "The client answered: objection" in said(history)
    reports = legal.get(f"{PATH}?show=reports").text
    assert f'href="{PATH}/{report}"' in reports


def test_an_objection_in_a_form_that_the_terms_do_not_know_waits_for_its_letter(
    legal, scenario, session, at
):
    announced = scenario.announce(preset=REGISTERED)
    mail_id = add_incoming(session, announced, received_at=at)
    path = f"{PATH}/{mail_id}/file/objection"
    assert "the case waits for the letter" in said(legal.get(path).text)
    legal.post(path, case_ids=str(announced.case_ids[0]), note="")
    assert HoldReason.OBJECTION_FORM in standing_of(session, announced.case_ids[0])[1]


def test_nothing_is_confirmed_as_read_beyond_a_mail_that_waits(legal, scenario, session, at):
    scenario.announce()
    add_incoming(session, None, received_at=at - DAY)
    page = said(legal.get("/desk/confirmations").text)
    assert "1 mail waits for a person. Say of each what it is" in page
    refused = legal.post(
        "/desk/confirmations/replies_read",
        "/desk/confirmations",
        **{"replies_read-up_to_on": at.date().isoformat()},
    )
    assert refused.status_code == 422
    assert "still wait for a person: 1." in said(refused.text)


def test_fifty_mails_ask_the_database_as_often_as_three(legal, scenario, session, at):
    for _ in range(3):
        add_incoming(session, scenario.announce(), received_at=at)
    legal.get(PATH)
    few = asked_by(lambda: legal.get(PATH))
    for number in range(47):
        announced = scenario.announce()
        add_incoming(session, announced, received_at=at + number * MINUTE)
    assert legal.get(PATH).text.count('role="rowheader"') == 50
    assert asked_by(lambda: legal.get(PATH)) == few


def asked_by(step: Callable[[], object]) -> int:
    """How many statements a step sends to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        step()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)


def test_pages_of_a_long_list(legal, scenario, session, at):
    for number in range(60):
        add_incoming(session, None, received_at=at + number * HOUR, raw=b"X: %d\n\n" % number)
    assert "Page 1 of 2" in legal.get(PATH).text
    assert legal.get(f"{PATH}?page=2").text.count('role="rowheader"') == 10
    assert session.scalar(select(func.count(IncomingMailRow.id))) == 60


OUTLOOK = """See my answers below.

From: Vendor Privacy <privacy@vendor.example>
Sent: Monday, 2 March 2026 10:00
To: Camille Perrin <dpo0@client1.example>
Subject: Notice

You can object until 1 April.
WE OBJECT to this one.
"""


def test_an_answer_between_the_quoted_lines_can_be_read(legal, signed_in, scenario, session, at):
    announced = scenario.announce()
    mail_id = receive(session, reply_to(announced, OUTLOOK), at + HOUR)
    row = session.get(IncomingMailRow, mail_id)
    assert "WE OBJECT" not in row.text
    session.rollback()
    page = legal.get(f"{PATH}/{mail_id}").text
    assert "This mail also quotes earlier text" in page and "WE OBJECT to this one." in page
    # Nothing is offered where nothing is left out; and others than legal do not open the bytes.
    plain = receive(session, reply_to(announced, "We thank you."), at + HOUR)
    assert "This mail also quotes" not in legal.get(f"{PATH}/{plain}").text
    publisher = signed_in(Role.PUBLISHER)
    assert "WE OBJECT" not in publisher.get(f"{PATH}/{mail_id}").text
