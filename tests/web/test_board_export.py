"""The board's filter as CSV and JSON: the same cases, guarded, whole, in few queries."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.record_bounce import record_bounce
from subnotify.rules.csv_tables import unguarded
from subnotify.rules.words import Role
from subnotify.storage.next_deadline import find_next_closing
from subnotify.storage.operator_calendars import list_window_ends
from subnotify.storage.tables import CaseRow, ClientRow
from subnotify.storage.waiting_counts import load_waiting_counts
from tests.operations.desk import LEGAL
from tests.support.scenario import Scenario
from tests.support.web_client import session_on


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def legal(signed_in):
    return signed_in(Role.LEGAL)


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(legal, session: Session, at, name):
    Scenario(session, at=at).announce()
    session.execute(update(ClientRow).values(name=name + " Ltd"))
    session.commit()
    answer = legal.get("/desk/board/cases.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    (cell,) = [row["client"] for row in rows_of(answer)]
    assert cell.startswith("'") and unguarded(cell) == name + " Ltd"
    told = json.loads(legal.get("/desk/board/cases.json").text)
    assert [case["client"] for case in told["cases"]] == [name + " Ltd"]


def test_the_filter_of_the_board_holds_for_the_files(legal, session: Session, at, monkeypatch):
    monkeypatch.setattr("subnotify.operations.export_board.PAGE", 2)
    scenario = Scenario(session, at=at)
    cases = [scenario.announce(served=number != 2).case_ids[0] for number in range(7)]
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == cases[0])
        .values(state="closed", outcome="accepted", outcome_at=at)
    )
    session.commit()
    order = [*cases[1:2], *cases[3:], cases[2], cases[0]]
    assert [int(row["case"]) for row in rows_of(legal.get("/desk/board/cases.csv"))] == [*order]
    closed = rows_of(legal.get("/desk/board/cases.csv?lane=closed"))
    assert [row["outcome"] for row in closed] == ["accepted"]
    told = json.loads(legal.get("/desk/board/cases.json?state=waiting").text)
    assert [case["case"] for case in told["cases"]] == [cases[2]]
    assert "/desk/board/cases.csv?lane=closed" in legal.get("/desk/board?lane=closed").text


def test_a_window_that_came_back_with_its_notice_ends_for_nobody(
    signed_in, session: Session, at, clock
):
    """Its end stays on record, and is told by nothing that lists deadlines."""
    made = Scenario(session, at=at).announce()
    closes_at = session.get_one(CaseRow, made.case_ids[0]).closes_at
    assert closes_at is not None
    session.rollback()
    clock.at = closes_at - timedelta(days=2)
    legal = signed_in(Role.LEGAL)
    assert "Due within three days 1" in words(legal.get("/desk/board").text)
    (row,) = rows_of(legal.get("/desk/board/cases.csv?lane=due"))
    assert row["closes_at"] == closes_at.isoformat()
    message_id = made.message_ids[0]
    record_bounce(session, message_id, note="550", at=at + timedelta(hours=1), **LEGAL)
    assert session.get_one(CaseRow, made.case_ids[0]).closes_at == closes_at
    assert find_next_closing(session, at=clock.at) is None
    assert list_window_ends(session, at=clock.at) == []
    assert load_waiting_counts(session, at=clock.at).ending == 0
    session.rollback()
    # The board still shows the case there, and says that its window does not run.
    assert "no window runs" in words(legal.get("/desk/board?lane=due").text)
    (row,) = rows_of(legal.get("/desk/board/cases.csv"))
    assert (row["state"], row["closes_at"]) == ("hold", "")
    assert "1 window ends" not in words(legal.get("/desk/board/calendar?month=2026-03").text)


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())
