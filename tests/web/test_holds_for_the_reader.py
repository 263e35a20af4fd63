"""What a page says holds for whoever reads it: no deadline that nobody has, no hour of a letter."""

import html
import json
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, HoldReason, Outcome, Role
from subnotify.storage.tables import CaseRow, ChangeRow, NoticeRow
from tests.operations.desk import add_response
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import session_on
from tests.web.test_portal import sign_in

DAY = timedelta(days=1)


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def announced(session: Session, at) -> Announced:
    return Scenario(session, at=at).announce()


def close(session: Session, made: Announced, outcome: Outcome, at, **change: object) -> None:
    """As the operations do it, without their mails."""
    values = {"state": CaseState.CLOSED.value, "outcome": outcome.value, "outcome_at": at}
    session.execute(update(CaseRow).where(CaseRow.id.in_(made.case_ids)).values(values))
    if change:
        session.execute(update(ChangeRow).values(change))
    session.commit()


@pytest.mark.parametrize("outcome", [Outcome.INFORMED, Outcome.ACCEPTED_BY_SILENCE])
def test_who_was_only_informed_had_no_deadline(signed_in, session, announced, at, outcome):
    legal = signed_in(Role.LEGAL)
    close(session, announced, outcome, at)
    has_one = outcome is not Outcome.INFORMED
    (row,) = json.loads(legal.get("/desk/board/cases.json").text)["cases"]
    assert bool(row["closes_at"]) is has_one
    assert ("no window runs" not in legal.get("/desk/board").text) is has_one
    agreement = legal.get(f"/desk/agreements/{announced.agreement_id}").text
    assert ("none: informed only" not in agreement) is has_one


@pytest.mark.parametrize("outcome", [Outcome.ACCOMMODATED, Outcome.ACCEPTED_BY_SILENCE])
def test_what_is_not_used_for_the_client_is_not_told_as_in_force(
    client, session, announced, at, outcome
):
    close(session, announced, outcome, at, state="commenced", commenced_at=at + DAY)
    page = client.get(f"/n/{announced.token}").text
    assert ("In force since" in page) is (outcome is Outcome.ACCEPTED_BY_SILENCE)


def test_what_was_withdrawn_takes_effect_on_no_day(client, signed_in, session, announced, at):
    notice = f"/n/{announced.token}"
    before = client.get(notice).text
    assert "Takes effect" in before and "deadline.ics" in before
    close(session, announced, Outcome.CHANGE_WITHDRAWN, at, state="withdrawn", withdrawn_at=at)
    page = client.get(notice).text
    assert "The change was withdrawn: it does not take place.<" in page
    assert "Takes effect" not in page and "deadline.ics" not in page
    release = signed_in(Role.LEGAL).get(f"/desk/releases/{announced.release_id}").text
    assert "none: it was withdrawn" in release


@pytest.mark.parametrize(("channel", "has_hour"), [("link", True), ("registered_post", False)])
def test_a_letter_has_a_day_and_no_hour(signed_in, session, announced, at, channel, has_hour):
    number = add_response(
        session,
        announced.notice_id,
        announced.case_ids[0],
        "objection",
        at + DAY,
        channel=channel,
        timeliness="disputed",
    )
    session.commit()
    legal, case = signed_in(Role.LEGAL), f"/desk/cases/{announced.case_ids[0]}"
    for page in (
        f"{case}/timeline",
        f"/desk/notices/{announced.notice_id}",
        f"{case}/responses/{number}/timeliness",
    ):
        told = html.unescape(legal.get(page).text)
        assert ("3 March 2026 at 09:00 (Europe/Paris)" in told) is has_hour, page
        assert has_hour or "Tuesday 3 March 2026" in told, page


def test_a_case_on_hold_is_nothing_blocked_to_its_client(
    client, smtp_server, session, announced, at
):
    held = {"state": CaseState.HOLD.value, "holds": [HoldReason.REPLY_WAITS.value]}
    session.execute(update(CaseRow).values(held))
    session.execute(update(NoticeRow).values(state="served"))
    session.commit()
    page = sign_in(client, smtp_server).get("/portal").text
    assert "a person is looking into it" in page
    assert "on hold" not in page
