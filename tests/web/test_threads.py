"""The thread of a notice: both sides read the same, in order, and none of another's."""

from datetime import timedelta

import pytest

from subnotify.rules.words import Role
from tests.support.scenario import Scenario
from tests.support.web_client import session_on
from tests.web.test_notice_answers import NAMED, send


@pytest.fixture
def scenario(database_url, at):
    with session_on(database_url) as session:
        yield Scenario(session, at=at)


def test_question_answer_message_and_another_question(client, scenario, signed_in, clock):
    told, other = scenario.announce(), scenario.announce()
    legal = signed_in(Role.LEGAL)
    ask = {"ask_for": "question", **NAMED}
    clock.at += timedelta(minutes=1)
    send(client, f"/n/{told.token}/ask", text="Where is the backup?", **ask)
    case = f"/desk/cases/{told.case_ids[0]}"
    assert "not answered yet" in legal.get(case).text
    answer = legal.get(case).text.split('/answer"')[0].rsplit("/", 1)[1]
    clock.at += timedelta(minutes=1)
    legal.post(f"{case}/responses/{answer}/answer", answer="In Lyon.")
    clock.at += timedelta(minutes=1)
    assert legal.post(f"{case}/write", text="").status_code == 200
    refused = legal.post(f"{case}/write", text="").text
    assert "Write the message" in refused
    page = legal.get(f"{case}/write").text
    assert "mailed to every contact" in page
    assert legal.post(f"{case}/write", text="And a copy in Brest.").status_code == 303
    clock.at += timedelta(minutes=1)
    send(client, f"/n/{told.token}/ask", text="Since when?", **ask)
    words = ["Where is the backup?", "In Lyon.", "And a copy in Brest.", "Since when?"]
    for shown in (client.get(f"/n/{told.token}").text, legal.get(case).text):
        thread = shown.split('<ol class="thread">')[1].split("</ol>")[0]
        places = [thread.index(one) for one in words]
        assert places == sorted(places)
    # Who of the vendor wrote is not for the client; nothing reaches another one.
    assert "Ana Legal" not in client.get(f"/n/{told.token}").text
    assert not any(one in client.get(f"/n/{other.token}").text for one in words)


def test_only_legal_writes(scenario, signed_in):
    case = f"/desk/cases/{scenario.announce().case_ids[0]}"
    publisher = signed_in(Role.PUBLISHER)
    assert "Write to the client" not in publisher.get(case).text
    assert publisher.get(f"{case}/write").status_code == 403
