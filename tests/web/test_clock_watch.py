"""The host of the pages compares its clocks before whatever may change something."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from subnotify.app import create_app
from subnotify.config import settings_from
from subnotify.operations.watch_clock import Clocks
from subnotify.rules.words import ChangeState, Role
from subnotify.storage.service_watch import list_open_freezes
from subnotify.storage.tables import ChangeRow, ResponseRow
from tests.operations.desk import standing_of
from tests.operations.test_lead_times import STARTS, announced, change_id_of, early_terms
from tests.support.scenario import FIFTEEN, Scenario
from tests.support.settings import environment_for
from tests.support.web_client import (
    SettableClock,
    WebClient,
    make_app,
    make_operator,
    session_on,
)

DAY = timedelta(days=1)
OBJECTION = {"by_name": "Claire Martin", "by_role": "DPO", "text": "Outside the EU."}


class Machine:
    """A wall clock that jumps, and a monotonic clock that does not."""

    def __init__(self, at: datetime) -> None:
        self.clock = SettableClock(at)
        self.uptime = DAY

    def pass_time(self, span: timedelta) -> None:
        self.clock.at += span
        self.uptime += span

    def clocks(self) -> Clocks:
        return Clocks(self.clock, lambda: self.uptime, lambda _session: None)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def machine(at: datetime) -> Machine:
    return Machine(at)


@pytest.fixture
def browser(database_url: str, machine: Machine) -> WebClient:
    return WebClient(make_app(database_url, machine.clock, clocks=machine.clocks()))


def test_a_jump_here_concludes_nothing_though_every_worker_is_right(
    session: Session, database_url: str, machine: Machine, browser: WebClient, at: datetime
) -> None:
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    make_operator(database_url, "Ana legal", [Role.LEGAL], at=at)
    machine.clock.at = STARTS  # three weeks too early
    assert browser.get("/").status_code == 200
    assert list_open_freezes(session) == []
    session.rollback()
    browser.sign_in("Ana legal")
    (freeze,) = list_open_freezes(session)
    session.rollback()
    assert freeze.runner.startswith("web:")
    page = browser.post(f"/desk/changes/{change_id}/commence", "/desk/sending/clock")
    assert page.status_code == 409
    assert session.get_one(ChangeRow, change_id).state == ChangeState.RELEASED


def test_time_that_passes_is_no_jump(
    session: Session, database_url: str, machine: Machine, browser: WebClient, at: datetime
) -> None:
    make_operator(database_url, "Ana legal", [Role.LEGAL], at=at)
    machine.pass_time(30 * DAY)
    assert browser.sign_in("Ana legal").status_code == 303
    assert list_open_freezes(session) == []


def test_what_a_client_sends_is_stored_all_the_same(
    session: Session, machine: Machine, browser: WebClient, at: datetime
) -> None:
    made = Scenario(session, at=at).announce(preset=FIFTEEN, language="en")
    machine.clock.at += 2 * timedelta(hours=1)
    path = f"/n/{made.token}/object"
    browser.post(path, cases=str(made.case_ids[0]), **OBJECTION)
    assert len(list_open_freezes(session)) == 1
    assert len(session.scalars(select(ResponseRow)).all()) == 1
    session.rollback()
    assert standing_of(session, made.case_ids[0])[0] == "objected"


def test_the_app_as_it_is_served_watches_the_clocks_of_its_machine(
    session: Session, database_url: str
) -> None:
    app = create_app(settings_from(environment_for(database_url)))
    assert any(x.__name__ == "look" for x in app.before_request_funcs[None])
    assert WebClient(app).post_bare("/sign-in", {}).status_code == 400
    assert list_open_freezes(session) == []


def test_without_a_database_the_request_says_so_itself(tmp_path, at: datetime) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    create_engine(url).connect().close()
    machine = Machine(at)
    app = make_app(url, machine.clock, clocks=machine.clocks())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert WebClient(app).post_bare("/sign-in", {}).status_code == 500
