"""The board's calendar: a month of what ends and begins, and the way to its cases."""

import html
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.rules.lanes import DueKind, Lane
from subnotify.rules.words import Role
from subnotify.storage.board_calendar import count_due
from subnotify.storage.board_filter import BoardFilter
from subnotify.storage.board_lanes import list_lanes
from subnotify.storage.tables import CaseRow, DataReturnRow
from tests.support.scenario import FIFTEEN, Scenario
from tests.support.web_client import WebClient, session_on
from tests.web.test_board import cases_in, count_queries

PARIS = ZoneInfo("Europe/Paris")
MARCH = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
PATH = "/desk/board/calendar"


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def legal(signed_in) -> WebClient:
    return signed_in(Role.LEGAL)


def change(session: Session, case_id: int, **columns: object) -> None:
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(**columns))
    session.commit()


def links_of(page: str) -> dict[str, str]:
    """By what the links of the days say, with the day."""
    found = re.findall(r'<a class="tag \w+" href="([^"]*)">([^<]*)<span[^>]*>:? ([^<]*)<', page)
    return {f"{words} / {day.strip()}": html.unescape(address) for address, words, day in found}


def test_a_month_counts_by_kind_and_each_count_lists_its_cases(legal, scenario, session, at):
    """A window that ends at midnight in Paris stands on its last day, not on the next one."""
    one = scenario.announce(preset=FIFTEEN, commencement_on=date(2026, 3, 31))
    two = scenario.announce(preset=FIFTEEN, commencement_on=date(2026, 3, 31))
    objected, ended = scenario.announce(served=False), scenario.announce(served=False)
    change(
        session,
        objected.case_ids[0],
        state="objected",
        accommodation_ends_at=datetime(2026, 3, 20, 12, tzinfo=PARIS),
    )
    change(session, ended.case_ids[0], state="closed", outcome="terminated", outcome_at=at)
    session.add(
        DataReturnRow(
            case_id=ended.case_ids[0],
            wanted="destroy",
            ended_on=date(2026, 3, 3),
            due_on=date(2026, 3, 25),
        )
    )
    session.commit()
    page = legal.get(f"{PATH}?month=2026-03").text
    links = links_of(page)
    assert {
        name.split(" / ")[0]: sorted(cases_in(legal.get(to).text)) for name, to in links.items()
    } == {
        "2 windows end": sorted([*one.case_ids, *two.case_ids]),
        "1 objection clock": list(objected.case_ids),
        "2 changes commence": sorted([*one.case_ids, *two.case_ids]),
        "data of 1 client due": list(ended.case_ids),
    }
    assert [name.split(" / ")[1] for name in links] == [
        "Tuesday 17 March 2026",
        "Friday 20 March 2026",
        "Wednesday 25 March 2026",
        "Tuesday 31 March 2026",
    ]
    board = legal.get(links["2 windows end / Tuesday 17 March 2026"]).text
    assert "Only cases whose window ends on Tuesday 17 March 2026." in board
    # The way back, and to the months beside it.
    assert f"{PATH}?month=2026-03" in html.unescape(board)
    assert "month=2026-02" in page
    assert "month=2026-04" in page
    assert '<time datetime="2026-03-17">' in page


def test_the_filter_of_the_board_counts_here_too(legal, scenario):
    scenario.announce(language="fr")
    scenario.announce(language="en")
    page = legal.get(f"{PATH}?month=2026-03&language=fr&lane=open").text
    links = links_of(page)
    assert [name.split(" / ")[0] for name in links] == ["1 window ends"]
    assert all("language=fr" in to for to in links.values())
    assert "Count all cases" in page
    assert "Nothing ends or begins" in legal.get(f"{PATH}?month=2027-01").text
    # What is misspelled is this month; a month without a neighbour has no link to it.
    assert "March 2026</h1>" in legal.get(f"{PATH}?month=2026-13").text
    assert 'rel="prev"' not in legal.get(f"{PATH}?month=2000-01").text


def test_counts_of_a_day_are_capped_and_queries_stay_the_same(legal, scenario, session, app):
    scenario.announce()
    legal.get(PATH)  # what is kept for a minute is counted
    few = count_queries(app, legal, f"{PATH}?month=2026-03&q=nort")
    for _ in range(4):
        scenario.announce()
    assert count_queries(app, legal, f"{PATH}?month=2026-03&q=nort") == few
    counted = count_due(session, BoardFilter(), MARCH, PARIS, most=2)
    assert counted == {date(2026, 3, 17): {DueKind.WINDOW: 3}}
    assert count_due(session, BoardFilter(), MARCH, PARIS) == {
        date(2026, 3, 17): {DueKind.WINDOW: 5}
    }


def test_a_day_of_a_changed_clock_is_as_long_as_it_is(session, scenario):
    """On 29 March the clock of Paris goes forward: the day has 23 hours."""
    cases = [scenario.announce().case_ids[0] for _ in range(3)]
    ends = (
        datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("UTC")),
        datetime(2026, 3, 29, 22, 0, tzinfo=ZoneInfo("UTC")),
        datetime(2026, 3, 29, 22, 0, 0, 1, tzinfo=ZoneInfo("UTC")),
    )
    for case_id, end in zip(cases, ends, strict=True):
        change(session, case_id, closes_at=end)
    assert count_due(session, BoardFilter(), MARCH, PARIS) == {
        date(2026, 3, day): {DueKind.WINDOW: 1} for day in (28, 29, 30)
    }


def test_objections_stand_by_their_next_clock_page_after_page(session, scenario, at):
    """Whichever clock it is; one that has none is placed by its window, or last."""
    hour = timedelta(hours=1)
    clocks = (
        {"accommodation_ends_at": at + 3 * hour, "unresolved_ends_at": at + hour},
        {"unresolved_ends_at": at + 2 * hour},
        {"closes_at": at + 4 * hour},
        {"closes_at": None},
        {"accommodation_ends_at": at + hour},
    )
    cases = [scenario.announce().case_ids[0] for _ in clocks]
    for case_id, columns in zip(cases, clocks, strict=True):
        change(session, case_id, state="objected", **columns)
    expected = [cases[number] for number in (4, 1, 0, 2, 3)]
    for size in (1, 2, 5):
        seen, after = list[int](), None
        while True:
            page = list_lanes(session, [Lane.OBJECTIONS], [], at=at, size=size, after=after)[
                Lane.OBJECTIONS
            ]
            seen += page.case_ids
            if page.next is None:
                break
            after = page.next
        assert seen == expected
