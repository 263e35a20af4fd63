"""The board's pictures: drawn without a style of their own, with a table that says the same."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.rules.words import Role
from subnotify.storage.board_charts import (
    list_change_answers,
    list_release_deliveries,
    list_running_windows,
)
from tests.operations.desk import add_response
from tests.support.scenario import Scenario
from tests.support.web_client import session_on


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


def test_the_pictures_count_what_is_there(signed_in, session: Session, at):
    legal = signed_in(Role.LEGAL)
    assert "There is nothing to show yet" in legal.get("/desk/board/charts").text
    scenario = Scenario(session, at=at)
    one, two = scenario.announce(changes=2), scenario.announce(served=False)
    with transaction(session):
        add_response(session, one.notice_id, one.case_ids[0], "objection", at)
        add_response(session, one.notice_id, None, "question", at)
        apply_standings(session, one.case_ids, actor="client:notice:1", at=at)
    windows = list_running_windows(session, at=at + timedelta(hours=1))
    assert sum(x.cases for x in windows) == 1
    answers = {x.change_id: dict(x.answers) for x in list_change_answers(session)}
    assert [len(x) for _id, x in sorted(answers.items())] == [2, 1, 0]
    deliveries = {x.release_id: x for x in list_release_deliveries(session)}
    assert (deliveries[one.release_id].served, deliveries[one.release_id].answered) == (1, 1)
    assert (deliveries[two.release_id].notices, deliveries[two.release_id].left) == (1, 0)
    session.rollback()
    page = legal.get("/desk/board/charts").text
    assert page.count("<title id=") == 3 == page.count("<desc id=")
    assert page.count("<table") == 3
    assert not re.search(r"<(svg|rect|text|line)[^>]* style=", page)
