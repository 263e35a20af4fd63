"""Legal's board, confirmations and the gate, as a browser gets them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.rules.words import Outcome, Role
from subnotify.storage.tables import CaseRow, ChangeRow
from tests.operations.desk import add_response, case_of, standing_of
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

DAY = timedelta(days=1)


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


def move_to(clock: SettableClock, instant: datetime, **browsers: WebClient) -> None:
    """Another day: the operators sign in again. browsers: by the last word of their names."""
    clock.at = instant
    for name, browser in browsers.items():
        browser.sign_in("Ana " + name.replace("_", " "))


def object_to(session: Session, announced: Announced, at: datetime, **columns: Any) -> int:
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(
            session, announced.notice_id, case_id, "objection", at, by_name="Claire", **columns
        )
        apply_standings(session, [case_id], actor="client:notice:1", at=at)
    return response_id


# -- the board --------------------------------------------------------------------------------


def test_the_board_lists_cases_by_time_left_with_what_matters(legal, scenario, session, at):
    later = scenario.announce(preset=REGISTERED)
    sooner = scenario.announce(preset=FIFTEEN)
    waiting = scenario.announce(served=False)
    object_to(session, sooner, at + DAY)
    page = legal.get("/desk/board").text
    places = [page.index(f"/desk/cases/{x.case_ids[0]}") for x in (sooner, later, waiting)]
    assert places == sorted(places)
    assert "Tuesday 17 March 2026, 24:00 (Europe/Paris)" in page
    assert "accepted by the recipient&#39;s mail server" in page
    assert "Art. 7.2" in page
    assert "Claire" in page


def test_the_address_filters(legal, scenario, session, at):
    one, other = scenario.announce(changes=2), scenario.announce()
    object_to(session, one, at + DAY)

    def listed(query: str) -> list[int]:
        page = legal.get(f"/desk/board?{query}").text
        return [
            case_id
            for case_id in (*one.case_ids, *other.case_ids)
            if f'/desk/cases/{case_id}"' in page
        ]

    assert listed("") == [*one.case_ids, *other.case_ids]
    assert listed("state=objected") == [one.case_ids[0]]
    assert listed("state=closed") == []
    assert listed("client=mills+2") == list(other.case_ids)
    assert listed("change=2") == [one.case_ids[1]]
    assert listed(f"release={other.release_id}") == list(other.case_ids)
    # What the address misspells is left out.
    assert listed("state=x&change=abc&page=99999999999") == [*one.case_ids, *other.case_ids]
    assert "No case matches" in legal.get("/desk/board?client=%25").text


def test_pages_of_fifty_and_the_same_number_of_queries_for_any_number(legal, scenario, app):
    scenario.announce()
    legal.get("/desk/board")  # what is kept for a minute is counted
    few = count_queries(app, legal, "/desk/board")
    for _ in range(51):
        scenario.announce()
    assert count_queries(app, legal, "/desk/board") == few
    first, second = legal.get("/desk/board").text, legal.get("/desk/board?page=2").text
    assert "Page 1 of 2" in first
    assert 'rel="next"' in first
    assert second.count('data-label="Deadline"') == 2


def count_queries(app: Flask, browser: WebClient, path: str) -> int:
    from subnotify.storage.database import db

    with app.app_context():
        engine = db.engine
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([x for x in said if x.startswith("SELECT")])


# -- confirmations and the gate ---------------------------------------------------------------


def test_a_confirmation_closes_what_waited_for_it(legal, scenario, session, at, clock):
    from subnotify.operations.close_windows import close_windows

    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    move_to(clock, case_of(session, case_id).silence_after_at, legal=legal)
    close_windows(session, at=clock.at)
    page = legal.get("/desk/confirmations").text
    assert "1 case waits for this." in page
    assert "Nothing was confirmed yet." in page

    path = "/desk/confirmations/replies_read"
    wrong = legal.post(path, "/desk/confirmations", **{"replies_read-up_to_on": "2027-01-01"})
    assert wrong.status_code == 422
    assert "This day has not come yet" in wrong.text
    assert 'value="2027-01-01"' in wrong.text
    day = clock.at.date().isoformat()
    done = legal.post(path, "/desk/confirmations", **{"replies_read-up_to_on": day})
    assert done.status_code == 303
    page = legal.get("/desk/confirmations").text
    assert "1 case was closed." in page
    assert "by Ana legal" in page
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE


def test_the_gate_says_who_blocks_and_lets_the_change_commence(legal, scenario, session, at, clock):
    announced = scenario.announce()
    change_id = session.scalar(select(ChangeRow.id))
    session.rollback()
    move_to(clock, at + 61 * DAY, legal=legal)
    path = f"/desk/changes/{change_id}/gate"
    page = legal.get(path).text
    assert "1 client is not settled: the gate is shut." in page
    assert "keeps the gate shut" in page
    assert "Let it commence now" not in page
    refused = legal.post(f"/desk/changes/{change_id}/commence", path)
    assert refused.status_code == 409
    case_id = announced.case_ids[0]
    assert legal.post(f"/desk/cases/{case_id}/gate-out", note="own host").status_code == 303
    assert "The gate is open" in legal.get(path).text
    assert legal.post(f"/desk/changes/{change_id}/commence", path).status_code == 303
    assert "the public list shows it in force" in legal.get(path).text
    # A case that was reopened after the change commenced.
    session.execute(update(CaseRow).values(state="hold", gated_out_at=None))
    session.commit()
    assert "must not be used for it" in legal.get(f"{path}?show=all").text
    assert (
        "make sure that it is not made for this client" in legal.get(f"/desk/cases/{case_id}").text
    )
    assert legal.get("/desk/changes/999/gate").status_code == 404


def test_the_gate_says_who_may_use_it_early_and_who_waits_for_the_lead_time(
    legal, scenario, session, at, clock
):
    early, late = scenario.announce(), scenario.announce()
    change_id = session.scalar(select(CaseRow.change_id).where(CaseRow.id == early.case_ids[0]))
    ends_at = at + 90 * DAY
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == early.case_ids[0])
        .values(early_use_at=at, lead_ends_at=at)
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.id == late.case_ids[0])
        .values(
            change_id=change_id,
            lead_ends_at=ends_at,
            state="closed",
            outcome="no_objection",
            outcome_at=at,
        )
    )
    session.commit()
    move_to(clock, at + 61 * DAY, legal=legal)
    path = f"/desk/changes/{change_id}/gate"
    page = legal.get(path).text
    assert "1 client is not settled: the gate is shut." in page
    assert "while its window runs, until somebody objects" in page
    assert "settled; its lead time ends on" in page
    assert (
        legal.post(f"/desk/cases/{late.case_ids[0]}/gate-out", note="own host").status_code == 303
    )
    assert legal.post(f"/desk/changes/{change_id}/commence", path).status_code == 303
    case = legal.get(f"/desk/cases/{early.case_ids[0]}").text
    assert "let it be used for this client while the window runs" in case
    assert "make sure that the subprocessor is not used" not in case
