"""Legal's morning page: what waits, each line a count with its list, and the confirmations."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.words import ConfirmationKind, HoldReason, Outcome, Role
from subnotify.storage.next_deadline import find_next_closing
from subnotify.storage.tables import ConfirmationRow, MailboxReadingRow
from tests.operations.desk import case_of, standing_of
from tests.operations.test_queue_digest import everything_waits, hold
from tests.support.incoming_letters import add_letter
from tests.support.incoming_rows import add_incoming
from tests.support.scenario import FIFTEEN, Scenario
from tests.support.web_client import WebClient, make_operator, session_on
from tests.web.test_incoming import asked_by

DAY = timedelta(days=1)
PATH = "/desk/morning"


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
    body = re.search(r"<main.*</main>", page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[0] if body else page)).split())


def test_legal_lands_on_it_and_nobody_else(client, signed_in, scenario):
    legal = signed_in(Role.LEGAL)
    assert legal.get("/desk").location == PATH
    page = legal.get(PATH).text
    first = re.search(r'<nav class="site-nav".*?<a href="([^"]+)"', page, re.DOTALL)
    assert first is not None and first[1] == PATH
    publisher = signed_in(Role.PUBLISHER)
    assert publisher.get(PATH).status_code == 403
    assert publisher.get("/desk").location != PATH
    assert client.get(PATH).status_code == 303


def test_the_next_deadline_is_no_click_away_from_the_sign_in(
    client, scenario, session, database_url, at
):
    """Of all clients the first that still runs, however old the others are."""
    first, later = scenario.announce(), scenario.announce(at=at + 3 * DAY)
    make_operator(database_url, "Ana Legal", [Role.LEGAL], at=at)
    answer = client.sign_in("Ana Legal")
    for _ in range(2):
        answer = client.get(answer.location) if answer.location else answer
    words = said(answer.text)
    assert "Next deadline Tuesday 17 March 2026, 24:00 (Europe/Paris) 15 days left" in words
    assert words.index("Next deadline") < words.index("From clients")
    assert f"/desk/cases/{first.case_ids[0]}" in answer.text

    # What is over waits for nobody; what is held still has its day.
    hold(session, later.case_ids[0], HoldReason.REPLY_WAITS)
    held = find_next_closing(session, at=at + 16 * DAY)
    assert held is not None and held.case_id == later.case_ids[0]
    assert find_next_closing(session, at=at + 30 * DAY) is None


def test_nothing_waits_and_it_says_so_quietly(legal, scenario):
    words = said(legal.get(PATH).text)
    assert "Nothing: Deadlines in the next three days" in words
    assert "Open objections; Mails that nobody has read; Letters from clients" in words
    assert "Cases on hold, by reason Nothing." in words
    assert "What stands still" not in words


def test_every_line_leads_to_its_list(legal, scenario, session, at):
    everything_waits(session, scenario, at)
    add_letter(session, at=at)
    page = legal.get(PATH)
    assert page.status_code == 200
    words = said(page.text)
    for line in (
        "Deadlines in the next three days, of cases that wait for a person 2",
        "Open objections 1",
        "Mails that nobody has read 1",
        "Letters from clients that nobody has filed 1",
        "Notices that are not served 1",
        "Mails of ours that were set aside 1",
        "Transfer bases that end or have ended 1",
        "What stands still",
        "1 further window ends in the next three days",
    ):
        assert line in words, line
    for address in set(re.findall(r'<dt><a href="([^"]+)"', page.text)):
        assert legal.get(unescape(address)).status_code == 200, address
    soon = said(legal.get("/desk/board?ending=soon").text)
    assert "Due within three days 3" in said(legal.get("/desk/board").text)
    assert "Due within three days 2" in soon
    assert "Only these states:" in soon


def test_the_board_shows_what_is_held_for_one_reason(legal, scenario, session, at):
    one, two = scenario.announce(preset=FIFTEEN), scenario.announce(preset=FIFTEEN)
    hold(session, one.case_ids[0], HoldReason.REPLY_WAITS)
    hold(session, two.case_ids[0], HoldReason.POST_NOT_OPENED)
    page = legal.get(PATH).text
    assert 'href="/desk/board?hold=post_not_opened"' in page
    held = legal.get("/desk/board?hold=post_not_opened").text
    assert f"/desk/cases/{two.case_ids[0]}" in held
    assert f"/desk/cases/{one.case_ids[0]}" not in held
    assert legal.get("/desk/board?hold=nonsense&ending=never").status_code == 200


def test_registered_post_is_confirmed_with_one_click(legal, scenario, session, at, clock):
    clock.at = at + DAY
    legal.sign_in("Ana legal")
    page = legal.get(PATH).text
    kind = ConfirmationKind.REGISTERED_POST_OPENED.value
    assert f'name="{kind}-up_to_on"' in page and 'value="2026-03-03"' in page
    answer = legal.post(f"{PATH}/confirm/{kind}", PATH, **{f"{kind}-up_to_on": "2026-03-03"})
    assert answer.status_code == 303 and answer.location == PATH
    assert [row.kind for row in session.scalars(select(ConfirmationRow))] == [kind]
    session.rollback()
    assert "The confirmation is recorded." in said(legal.get(PATH).text)
    refused = legal.post(f"{PATH}/confirm/{kind}", PATH, **{f"{kind}-up_to_on": "2027-01-01"})
    assert refused.status_code == 422 and "This day has not come yet" in refused.text
    assert legal.post(f"{PATH}/confirm/else", PATH).status_code == 303


def test_what_is_confirmed_closes_what_waited_for_nothing_else(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    [case_id] = announced.case_ids
    clock.at = case_of(session, case_id).silence_after_at + DAY
    session.rollback()
    legal.sign_in("Ana legal")
    kind = ConfirmationKind.REPLIES_READ.value
    day = clock.at.date().isoformat()
    legal.post(f"{PATH}/confirm/{kind}", PATH, **{f"{kind}-up_to_on": day})
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert "1 case was closed." in said(legal.get(PATH).text)


def test_a_letter_of_nobody_is_named_where_it_stops_something(legal, scenario, session, at, clock):
    clock.at = at + 5 * DAY
    legal.sign_in("Ana legal")
    letter = add_letter(session, at=at + 2 * DAY, from_name="Unreadable")
    page = legal.get(PATH).text
    assert "Nobody knows yet whose these letters are" in said(page)
    assert f'href="/desk/incoming-letters/{letter.id}"' in page
    # The day that is offered is the last one that may be confirmed.
    assert page.count('value="2026-03-03"') == 2
    kind = ConfirmationKind.REGISTERED_POST_OPENED.value
    refused = legal.post(f"{PATH}/confirm/{kind}", PATH, **{f"{kind}-up_to_on": "2026-03-04"})
    assert refused.status_code == 422 and "nobody has said whose they are" in said(refused.text)


def test_replies_are_not_asked_for_where_the_machine_reads(legal, scenario, session, at):
    session.add(
        MailboxReadingRow(
            place="imap:mail.example:x:INBOX", last_uid=1, failure="", read_until_at=at
        )
    )
    session.commit()
    page = legal.get(PATH).text
    assert "replies_read-up_to_on" not in page
    assert "registered_post_opened-up_to_on" in page
    assert "The machine has read all mail up to" in said(page)


def test_it_takes_the_same_few_queries_for_any_number(
    legal: WebClient, scenario: Scenario, session: Session, at: datetime
):
    def statements() -> int:
        return asked_by(lambda: legal.get(PATH))

    announced = scenario.announce(preset=FIFTEEN)
    legal.get(PATH)
    few = statements()
    for _ in range(5):
        more = scenario.announce(preset=FIFTEEN)
        add_incoming(session, more, received_at=at)
        add_letter(session, at=at, notice_id=announced.notice_id, case_ids=announced.case_ids)
    assert statements() <= few + 2
    assert few < 70
