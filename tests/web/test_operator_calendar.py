"""Legal's calendar address: shown once, asked without a session, ended by whoever ends it."""

import re
from datetime import date

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from subnotify.rules.words import Role
from subnotify.storage.tables import CaseRow, OperatorCalendarRow, OperatorRow
from tests.support.row_sums import row_sums
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario
from tests.support.web_client import WebClient, session_on
from tests.web.test_board import count_queries

PAGE = "/desk/calendar-address"


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


def make_address(legal: WebClient) -> str:
    shown = legal.post(PAGE, PAGE).text
    return re.search(r"<code>http[^<]*?(/calendars/[^<]*\.ics)</code>", shown)[1]


def entries_of(client: WebClient, address: str) -> list[dict[str, object]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    calendar = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH"
    return [
        {
            "uid": str(x["UID"]),
            "summary": str(x["SUMMARY"]),
            "on": x["DTSTART"].dt,
            "url": str(x["URL"]),
        }
        for x in calendar.walk("VEVENT")
    ]


def test_an_address_is_shown_once_renewed_and_revoked(signed_in, client, session, app):
    legal = signed_in(Role.LEGAL)
    first = make_address(legal)
    assert first not in legal.get(PAGE).text
    token = first.removeprefix("/calendars/").removesuffix(".ics")
    assert len(token) == 43
    kept = session.scalars(select(OperatorCalendarRow)).one()
    assert token not in str(vars(kept))
    session.rollback()
    assert client.get(first).status_code == 200
    second = make_address(legal)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert client.get(second.replace(".ics", "x.ics")).status_code == 404
    legal.post(f"{PAGE}/revoke", PAGE)
    assert client.get(second).status_code == 404
    assert "You have no address now." in legal.get(PAGE).text


@pytest.mark.parametrize("values", [{"roles": ["publisher"]}, {"active": False}])
def test_who_may_not_see_the_deadlines_any_more_fetches_none(signed_in, client, session, values):
    address = make_address(signed_in(Role.LEGAL))
    assert client.get(address).status_code == 200
    session.execute(update(OperatorRow).values(**values))
    session.commit()
    assert client.get(address).status_code == 404


def test_cases_that_end_alike_are_one_entry(signed_in, client, session, app, at):
    """No client is named in it, and reading changes no row."""
    scenario = Scenario(session, at=at)
    same = [scenario.announce(preset=FIFTEEN, commencement_on=date(2026, 5, 1)) for _ in range(3)]
    later = scenario.announce(preset=REGISTERED, language="fr", commencement_on=date(2026, 5, 1))
    first = session.get_one(CaseRow, same[0].case_ids[0])
    for one in same[1:]:
        # The change is announced to many: as one release does.
        case = session.get_one(CaseRow, one.case_ids[0])
        case.change_id = first.change_id
    session.commit()
    legal = signed_in(Role.LEGAL)
    address = make_address(legal)
    before = row_sums(session.get_bind())
    session.rollback()
    entries = entries_of(client, address)
    assert row_sums(session.get_bind()) == before
    windows = [x for x in entries if x["uid"].startswith("window-")]
    assert [(x["summary"].partition(": ")[2], x["on"]) for x in windows] == [
        ("3 windows end", date(2026, 3, 17)),
        ("1 window ends", windows[1]["on"]),
    ]
    assert "due=window" in windows[0]["url"] and "on=2026-03-17" in windows[0]["url"]
    commencing = [x for x in entries if x["uid"].startswith("commencement-")]
    assert {x["on"] for x in commencing} == {date(2026, 5, 1)}
    assert len({x["uid"] for x in entries}) == len(entries)
    names = ("Northwind", "Mill", "Brasserie", "DPA-2024")
    assert not any(name in str(entries) for name in names)
    few = count_queries(app, client, address)
    session.rollback()
    for _ in range(3):
        scenario.announce()
    assert count_queries(app, client, address) == few
    assert later.case_ids
