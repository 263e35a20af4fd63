"""Where the links of reminders and of the summary for legal lead."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from subnotify.operations.build_mails import link_digest
from subnotify.rules.words import MessagePurpose, ResponseKind, Role
from subnotify.storage.tables import MessageRow, ResponseRow
from tests.operations.test_queue_digest import URL, everything_waits, queue, text_of
from tests.operations.test_queue_reminders import HALF_AT, remind
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.test_notice_answers import send

TOKEN = "token-of-a-reminder-for-tests-only"


@pytest.fixture
def reminded(database_url: str, at: datetime, clock: SettableClock) -> Announced:
    """One client that was reminded at half time, a minute ago."""
    with session_on(database_url) as session:
        told = Scenario(session, at=at).announce()
        assert remind(session, HALF_AT) == 1
        session.execute(
            update(MessageRow)
            .where(MessageRow.purpose == MessagePurpose.REMINDER)
            .values(link_digest=link_digest(TOKEN))
        )
        session.commit()
    clock.at = HALF_AT + timedelta(minutes=1)
    return told


def test_the_link_of_a_reminder_opens_the_notice(client: WebClient, reminded: Announced) -> None:
    page = client.get(f"/n/{TOKEN}")
    assert page.status_code == 200
    assert "Tuesday 17 March 2026, 24:00 (Europe/Paris)" in page.text
    first = client.get(f"/n/{reminded.token}")
    assert first.text.replace(reminded.token, TOKEN) == page.text
    # Only the link of a receipt disowns what was said.
    assert client.get(f"/n/{TOKEN}/disown").status_code == 404


def test_an_objection_through_it_counts(
    client: WebClient, reminded: Announced, database_url: str
) -> None:
    posted = send(client, f"/n/{TOKEN}/object", by_name="Camille Perrin", by_role="DPO")
    assert posted.status_code == 303
    with session_on(database_url) as session:
        (said,) = session.query(ResponseRow).all()
        assert (said.kind, said.contact_id) == (ResponseKind.OBJECTION, reminded.contact_ids[0])


def test_every_link_of_the_summary_opens_a_page_for_legal(
    signed_in, database_url: str, at: datetime
) -> None:
    with session_on(database_url) as session:
        everything_waits(session, Scenario(session, at=at), at)
        assert queue(session, at)
        text = text_of(session, at)
    paths = sorted({x.removeprefix(URL) for x in re.findall(r"https://\S+", text.text)})
    assert len(paths) == 13
    legal = signed_in(Role.LEGAL)
    for path in paths:
        assert legal.get(path).status_code == 200, path
