"""What a notice's reader takes along: files that hold no personal link and no other's facts."""

from collections.abc import Callable

import pytest
from icalendar import Calendar

from tests.support.scenario import Announced, Scenario
from tests.support.web_client import session_on


@pytest.fixture
def announce(database_url, at) -> Callable[..., Announced]:
    with session_on(database_url) as session:
        yield Scenario(session, at=at).announce


def assert_is_kept_private(response) -> None:
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_deadline_as_a_calendar(client, announce):
    announced = announce(changes=2, language="fr")
    page = client.get(f"/n/{announced.token}").text
    assert "deadline.ics" in page
    response = client.get(f"/n/{announced.token}/deadline.ics")
    assert_is_kept_private(response)
    assert response.mimetype == "text/calendar"
    assert announced.token.encode() not in response.data.replace(b"\r\n ", b"")
    events = Calendar.from_ical(response.data).walk("VEVENT")
    assert len({event["UID"] for event in events}) == len(events) == 2
    assert all("s’opposer" in str(event["SUMMARY"]) for event in events)


def test_without_a_deadline_there_is_no_calendar(client, announce):
    announced = announce(served=False)
    assert "deadline.ics" not in client.get(f"/n/{announced.token}").text
    assert client.get(f"/n/{announced.token}/deadline.ics").status_code == 404
