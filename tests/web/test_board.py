"""Legal's board, the page of a case, confirmations and the gate, as a browser gets them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.rules.words import CaseState, HoldReason, Outcome, Role
from subnotify.storage.tables import CaseRow, ChangeRow, ResponseRow, SettlementRow
from tests.operations.desk import add_response, case_of, standing_of
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

DAY = timedelta(days=1)


@pytest.fixture
def session(sqlite_url: str):
    with session_on(sqlite_url) as session:
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


# -- one case ---------------------------------------------------------------------------------


def test_the_case_says_why_it_is_not_closed(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN, changes=2)
    path = f"/desk/cases/{announced.case_ids[0]}"
    page = legal.get(path).text
    assert "Why this is not closed" in page
    assert "The client may still object" in page
    assert "Nothing is concluded from silence before" in page
    assert "reconnaît avoir autorisé" in page
    assert "Received on Monday 2 March 2026" in page
    assert "250 2.0.0 Ok" in page or "mx.client.example" in page or "handed over" in page
    waiting = scenario.announce(served=False)
    assert "not served yet" in legal.get(f"/desk/cases/{waiting.case_ids[0]}").text
    assert legal.get("/desk/cases/999").status_code == 404


def test_only_legal_sees_and_takes_steps(signed_in, scenario):
    announced = scenario.announce()
    publisher = signed_in(Role.PUBLISHER)
    path = f"/desk/cases/{announced.case_ids[0]}"
    page = publisher.get(path).text
    assert "Record a letter" not in page
    for step in ("settle", "letter", "extend", "correct", "gate-out"):
        assert publisher.get(f"{path}/{step}").status_code == 403
    assert publisher.get("/desk/confirmations").status_code == 403


def test_settling_keeps_what_was_typed_and_then_records(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    object_to(session, announced, at + DAY)
    move_to(clock, at + 2 * DAY, legal=legal)
    case_id = announced.case_ids[0]
    path = f"/desk/cases/{case_id}/settle"
    refused = legal.post(path, kind="terminated", note="the client leaves")
    assert "Choose the services that end" in refused.text
    assert "the client leaves</textarea>" in refused.text
    assert 'href="#services-0"' in refused.text
    assert session.scalars(select(SettlementRow)).all() == []
    session.rollback()

    done = legal.post(path, kind="accommodated", note="kept on the old host")
    assert done.status_code == 303
    page = legal.get(f"/desk/cases/{case_id}").text
    assert "The settlement is recorded." in page
    assert "kept on the old host" in page
    undone = legal.post(f"/desk/cases/{case_id}/undo-settlement", note="wrong client")
    assert undone.status_code == 303
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    refused = legal.post(f"/desk/cases/{case_id}/undo-settlement", note="again")
    assert "No settlement stands for this case" in refused.text


def test_a_termination_shows_when_it_takes_effect(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=REGISTERED, language="fr")
    object_to(session, announced, at + DAY, channel="registered_post")
    path = f"/desk/cases/{announced.case_ids[0]}"
    assert "takes effect when the window ends" in legal.get(f"{path}/settle").text
    move_to(clock, at + 2 * DAY, legal=legal)
    legal.post(f"{path}/settle", kind="terminated", services="monitoring", note="letter is valid")
    page = legal.get(path).text
    assert "Wednesday 1 April 2026, 24:00" in page
    assert "Services that end: Monitoring" in page


def test_a_letter_is_recorded_once_with_both_dates(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=REGISTERED)
    move_to(clock, at + 10 * DAY, legal=legal)
    case_id = announced.case_ids[0]
    path = f"/desk/cases/{case_id}/letter"
    entered = {
        "kind": "objection",
        "channel": "registered_post",
        "case_ids": str(case_id),
        "contact_id": "0",
        "received_on": "2026-03-10",
        "dispatched_on": "2026-03-12",
        "letter_reference": "1A 234",
        "form_token": "0123456789abcdef",
    }
    refused = legal.post(path, **entered)
    assert "received before it was sent" in refused.text
    assert 'href="#dispatched_on"' in refused.text
    assert 'value="1A 234"' in refused.text
    assert 'value="0123456789abcdef"' in refused.text
    unread = legal.post(path, **entered | {"dispatched_on": "yesterday"})
    assert "Write the day as year-month-day" in unread.text

    entered["dispatched_on"] = "2026-03-07"
    for _ in range(2):
        assert legal.post(path, **entered).status_code == 303
    responses = session.scalars(select(ResponseRow)).all()
    session.rollback()
    assert [(r.letter_reference, r.timeliness) for r in responses] == [("1A 234", "in_time")]
    page = legal.get(f"/desk/cases/{case_id}").text
    assert "Tuesday 10 March 2026" in page
    assert "Saturday 7 March 2026" in page


def test_a_question_is_answered(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(
            session, announced.notice_id, None, "question", at + DAY, text="Where is it hosted?"
        )
        apply_standings(session, [case_id], actor="client:notice:1", at=at + DAY)
    move_to(clock, at + 2 * DAY, legal=legal)
    path = f"/desk/cases/{case_id}/responses/{response_id}"
    assert "Where is it hosted?" in legal.get(f"{path}/answer").text
    assert "Write the answer" in legal.post(f"{path}/answer", answer=" ").text
    assert legal.post(f"{path}/answer", answer="In Roubaix").status_code == 303
    assert "In Roubaix" in legal.get(f"/desk/cases/{case_id}").text
    assert standing_of(session, case_id)[0] is CaseState.OPEN
    other = scenario.announce()
    elsewhere = f"/desk/cases/{other.case_ids[0]}/responses/{response_id}/answer"
    assert legal.get(elsewhere).status_code == 404


def test_a_response_is_marked_read(legal, scenario, session, at):
    announced = scenario.announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(session, announced.notice_id, case_id, "question", at)
        apply_standings(session, [case_id], actor="client:notice:1", at=at)
    legal.post(f"/desk/cases/{case_id}/responses/{response_id}/read", f"/desk/cases/{case_id}")
    assert standing_of(session, case_id)[0] is CaseState.OPEN


def test_a_late_objection_is_judged(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    case_id = announced.case_ids[0]
    late = case_of(session, case_id).closes_at + timedelta(hours=1)
    response_id = object_to(session, announced, late)
    assert standing_of(session, case_id)[1] == [HoldReason.OBJECTION_DISPUTED]
    move_to(clock, late, legal=legal)
    assert "Decide whether it counts" in legal.get(f"/desk/cases/{case_id}").text
    path = f"/desk/cases/{case_id}/responses/{response_id}/timeliness"
    assert legal.post(path, decided="in_time", note="goodwill").status_code == 303
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED


def test_a_bounce_is_recorded(legal, scenario, session, at):
    announced = scenario.announce()
    case_id = announced.case_ids[0]
    path = f"/desk/cases/{case_id}/messages/{announced.message_ids[0]}/bounce"
    assert legal.post(path, note="550 5.1.1 unknown").status_code == 303
    assert standing_of(session, case_id)[1] == [HoldReason.BOUNCED]
    page = legal.get(f"/desk/cases/{case_id}").text
    assert "550 5.1.1 unknown" in page
    assert "Serve the notice anew" in page
    anew = legal.post(f"/desk/cases/{case_id}/serve-anew", note="a new address by telephone")
    assert anew.status_code == 303
    assert standing_of(session, case_id)[0] is CaseState.WAITING
    assert legal.get(f"/desk/cases/{case_id}/messages/999/bounce").status_code == 404


def test_the_window_is_extended(legal, scenario, session, at):
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    path = f"/desk/cases/{case_id}/extend"
    assert "A window only grows" in legal.post(path, last_day="2026-03-10", note="x").text
    assert legal.post(path, last_day="2026-03-27", note="asked").status_code == 303
    assert "Friday 27 March 2026, 24:00" in legal.get(f"/desk/cases/{case_id}").text


def test_two_persons_correct_an_outcome(signed_in, scenario, session, at, clock):
    first, second = signed_in(Role.LEGAL), signed_in(Role.LEGAL, Role.ADMIN)
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    move_to(clock, silent_at, legal=first, legal_admin=second)
    day = clock.at.date().isoformat()
    first.post(
        "/desk/confirmations/replies_read",
        "/desk/confirmations",
        **{"replies_read-up_to_on": day},
    )
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert first.post(f"/desk/cases/{case_id}/correct", note="a letter").status_code == 303
    own = first.post(f"/desk/cases/{case_id}/correct/confirm")
    assert "Another person must confirm this" in own.text
    shown = second.get(f"/desk/cases/{case_id}/correct/confirm").text
    assert "Ana legal" in shown
    assert second.post(f"/desk/cases/{case_id}/correct/confirm").status_code == 303
    assert standing_of(session, case_id)[1] == [HoldReason.RECORD_CORRECTED]
    page = second.get(f"/desk/cases/{case_id}").text
    assert "Outcome taken back" in page
    path = f"/desk/cases/{case_id}/clear/record_corrected"
    assert second.post(path, note="checked").status_code == 303
    assert second.get(f"/desk/cases/{case_id}/clear/silence_broken").status_code == 404


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
    session.execute(update(CaseRow).values(state="open"))
    session.commit()
    assert legal.get(f"{path}?show=all").status_code == 200
    assert legal.get("/desk/changes/999/gate").status_code == 404
