"""Bulk steps on the board: the button says for how many, the report says what was left out."""

import re
from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Role
from subnotify.storage.tables import CaseRow
from tests.operations.desk import case_of
from tests.support.scenario import Scenario
from tests.support.web_client import WebClient, session_on

STEP = "/desk/board/step"


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


def test_all_that_match_are_assigned_and_a_stale_case_is_told(legal, scenario, session, at):
    cases = [scenario.announce().case_ids[0] for _ in range(3)]
    board = legal.get("/desk/board?lane=open").text
    assert "Continue with all that match (3)" in board
    assert "Assign to Ana legal" in board
    path = f"{STEP}?lane=open&step=assign:Ana+legal&all=1"
    page = legal.get(path)
    assert ">Assign 3 cases to Ana legal</button>" in page.text
    listed = re.search(r'name="cases"[^>]*value="([^"]*)"', page.text)
    assert listed and listed[1] == ",".join(map(str, cases))
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == cases[1])
        .values(state="closed", outcome="accepted", outcome_at=at)
    )
    session.commit()
    done = legal.post(f"{STEP}?lane=open", path, step="assign:Ana legal", cases=listed[1])
    assert "The step was taken for 2 cases." in done.text
    assert "1 case was left out" in done.text
    assert "The case is closed by now." in done.text
    assert case_of(session, cases[0]).owner == "Ana legal"
    assert session.scalar(select(CaseRow.owner).where(CaseRow.id == cases[1])) is None


def test_only_the_ticked_ones_and_a_reason_is_asked_for(legal, scenario):
    cases = [scenario.announce().case_ids[0] for _ in range(2)]
    one = legal.get(f"{STEP}?lane=open&step=read&case={cases[0]}").text
    assert "Mark what waits in 1 case as read" in one
    assert "No case is ticked" in legal.get(f"{STEP}?lane=open&step=read").text
    clear = f"{STEP}?step=clear:response_disowned&case={cases[0]}"
    refused = legal.post(STEP, clear, step="clear:response_disowned", cases=str(cases[0]))
    assert refused.status_code == 422
    assert "Write the reason" in refused.text
    assert legal.get(f"{STEP}?lane=open&step=clear:not_served").status_code == 303


def test_only_legal_may(signed_in, scenario):
    scenario.announce()
    publisher = signed_in(Role.PUBLISHER)
    assert "Continue with all that match" not in publisher.get("/desk/board?lane=open").text
    assert publisher.get(f"{STEP}?lane=open&step=read&all=1").status_code == 403
