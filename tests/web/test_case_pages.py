"""The page of a case and the steps of legal, as a browser gets them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.transaction import transaction
from subnotify.rules.words import CaseState, HoldReason, Outcome, Role
from subnotify.storage.tables import ResponseRow, SettlementRow
from tests.operations.desk import LEGAL, add_response, case_of, standing_of
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
    for step in ("settle", "extend", "correct", "gate-out"):
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

    typed = {"kind": "accommodated", "note": "kept on the old host"}
    seen = legal.post(path, **typed)
    assert "Check the settlement and its mail" in seen.text
    assert "Your objection is met." in seen.text and "dpo0@client1.example" in seen.text
    assert session.scalars(select(SettlementRow)).all() == []
    session.rollback()
    done = legal.post(path, **typed, seen="1")
    assert done.status_code == 303
    page = legal.get(f"/desk/cases/{case_id}").text
    assert "The settlement is recorded." in page
    assert "kept on the old host" in page
    assert "no outcome comes of it and the client does not see it" in page
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
    typed = {"kind": "terminated", "services": "monitoring", "note": "letter is valid"}
    mail = legal.post(f"{path}/settle", **typed).text
    assert "Votre résiliation a pris effet" in mail and '<pre class="mail-text"' in mail
    legal.post(f"{path}/settle", **typed, seen="1")
    page = legal.get(path).text
    assert "Wednesday 1 April 2026, 24:00" in page
    assert "Services that end: Monitoring" in page


def test_a_letter_is_recorded_once_with_both_dates(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=REGISTERED)
    move_to(clock, at + 10 * DAY, legal=legal)
    case_id = announced.case_ids[0]
    path = f"/desk/incoming-letters/new/notice/{announced.notice_id}?case={case_id}"
    assert f'href="{path}"' in legal.get(f"/desk/cases/{case_id}").text
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
    response_id = object_to(session, announced, late, channel="post")
    assert standing_of(session, case_id)[1] == [HoldReason.OBJECTION_DISPUTED]
    move_to(clock, late, legal=legal)
    assert "Decide whether it counts" in legal.get(f"/desk/cases/{case_id}").text
    path = f"/desk/cases/{case_id}/responses/{response_id}/timeliness"
    assert legal.post(path, decided="in_time", note="goodwill").status_code == 303
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED


def test_what_was_decided_late_is_told_as_in_time_once_the_window_is_longer(
    legal, scenario, session, at, clock
):
    announced = scenario.announce(preset=FIFTEEN)
    case_id = announced.case_ids[0]
    closes_at = case_of(session, case_id).closes_at
    response_id = object_to(
        session, announced, closes_at + timedelta(hours=1), channel="post", timeliness="disputed"
    )
    move_to(clock, closes_at + timedelta(hours=1), legal=legal)
    desk, notice = f"/desk/cases/{case_id}", f"/n/{announced.token}"
    legal.post(f"{desk}/responses/{response_id}/timeliness", decided="late", note="the postmark")
    assert "came after the deadline" in legal.get(notice).text
    assert "A person of legal decided so." in legal.get(desk).text
    last_day = (closes_at + 4 * DAY).date()
    session.rollback()
    extend_case_window(session, case_id, last_day, note="asked for", at=clock.at, **LEGAL)
    assert "came after the deadline" not in legal.get(notice).text
    page = legal.get(desk).text
    assert "The objection came in time." in page and "A person of legal decided so." not in page


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
    # The mail is shown first, and again for another day.
    for day, name, seen in (
        ("2026-03-26", "Thursday", ""),
        ("2026-03-27", "Friday", "2026-03-26"),
    ):
        shown = legal.post(path, last_day=day, note="asked", seen=seen)
        assert shown.status_code == 200 and f'name="seen" value="{day}"' in shown.text
        assert f"You can object until {name}" in shown.text
    assert case_of(session, case_id).closes_at == datetime.fromisoformat("2026-03-17T23:00:00Z")
    session.rollback()
    done = legal.post(path, last_day="2026-03-27", note="asked", seen="2026-03-27")
    assert done.status_code == 303
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
