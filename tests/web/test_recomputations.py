"""Legal's pages of windows computed anew, through the app as it runs."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.reassess_terms import reassess_terms
from subnotify.rules.recomputations import ProposalState
from subnotify.rules.words import CaseState, MessagePurpose, NoticeState, Outcome, Role
from subnotify.storage.tables import CaseRow, MessageRow, NoticeRow, WindowProposalRow
from tests.operations.test_reassess_terms import hang
from tests.operations.test_recompute_windows import LAST_DAY, recompute, shift_window
from tests.support.scenario import Scenario
from tests.support.web_client import WebClient

PATH = "/desk/recomputations"
DAY = timedelta(days=1)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


@pytest.fixture
def scenario(session: Session, at) -> Scenario:
    return Scenario(session, at=at)


def proposal(session: Session, number: int = 1) -> WindowProposalRow:
    session.expire_all()
    row = session.get_one(WindowProposalRow, number)
    session.commit()
    return row


def test_nothing_waits(legal, scenario):
    assert "No window waits for a decision." in legal.get(PATH).text
    assert "computed anew" not in legal.get("/desk/board").text


def test_the_board_leads_legal_there_and_nobody_else(legal, signed_in, scenario, session, at):
    scenario.announce()
    recompute(session, LAST_DAY, at=at)
    assert "1 window was computed anew" in legal.get("/desk/board").text
    publisher = signed_in(Role.PUBLISHER)
    assert "computed anew" not in publisher.get("/desk/board").text
    assert publisher.get(PATH).status_code == 403


def test_the_list_says_both_days_and_which_holiday(legal, scenario, session, at):
    scenario.announce()
    shorter = scenario.announce(at=at + DAY)
    shift_window(session, shorter, at=at + DAY, day=LAST_DAY + DAY)
    recompute(session, LAST_DAY, at=at)
    page = legal.get(PATH).text
    for day in ("Tuesday 17", "Wednesday 18", "Thursday 19"):
        assert f"{day} March 2026, 24:00" in page
    assert "Tuesday 17 March 2026 is a public holiday (Jour de deuil)" in page
    assert "holidays 9.9, tzdata 2030.1" in page
    assert page.index("longer") < page.index("shorter: stays")
    only = legal.get(f"{PATH}?kind=shorter").text
    assert "Northwind Mills 2" in only
    assert "Northwind Mills 1" not in only
    assert legal.get(f"{PATH}?kind=x&page=99999999999").status_code == 200


def test_applying_after_a_look_at_the_mail(legal, scenario, session, at):
    announced = scenario.announce(language="fr", copies=1)
    recompute(session, LAST_DAY, at=at)
    page = legal.get(f"{PATH}/1").text
    assert "The mail that goes to all contacts" in page
    assert "mercredi 18 mars 2026" in page
    done = legal.post(f"{PATH}/1/apply", f"{PATH}/1")
    assert (done.status_code, done.location) == (303, PATH)
    said = legal.get(PATH).text
    assert "The longer window is given for 1 notice." in said
    assert "1 case has a later deadline" in said
    assert proposal(session).state == ProposalState.APPLIED
    mails = session.scalars(
        select(MessageRow.contact_id).where(MessageRow.purpose == MessagePurpose.WINDOW_LONGER)
    ).all()
    assert sorted(mails) == sorted(x for x in announced.contact_ids)
    assert "The longer window was given." in legal.get(f"{PATH}/1").text


def test_a_double_click_is_harmless(legal, scenario, session, at):
    scenario.announce()
    recompute(session, LAST_DAY, at=at)
    token = {"csrf_token": legal.token(f"{PATH}/1")}
    for _ in range(2):
        assert legal.post_bare(f"{PATH}/1/apply", token).status_code == 303
    assert "This was decided before." in legal.get(PATH).text
    assert session.scalars(select(CaseRow.closes_at)).one() == at + 16 * DAY + timedelta(hours=15)


def test_a_shorter_one_offers_only_to_leave_it(legal, scenario, session, at):
    shift_window(session, scenario.announce(), at=at)
    recompute(session, at=at)
    page = legal.get(f"{PATH}/1").text
    assert "It would be shorter. The window stays" in page
    assert "Give the longer window" not in page
    refused = legal.post_bare(f"{PATH}/1/apply", {"csrf_token": legal.token(f"{PATH}/1")})
    assert refused.status_code == 422
    assert "windows only grow" in refused.text
    blank = legal.post(f"{PATH}/1/dismiss", f"{PATH}/1", note=" ")
    assert blank.status_code == 422
    assert "Write the reason" in blank.text
    assert legal.post(f"{PATH}/1/dismiss", f"{PATH}/1", note="It stays.").status_code == 303
    assert proposal(session).note == "It stays."
    assert "Reason: It stays." in legal.get(f"{PATH}/1").text


def test_all_at_once_up_to_what_was_confirmed(legal, scenario, session, at):
    for _ in range(3):
        scenario.announce()
    recompute(session, LAST_DAY, at=at)
    page = legal.get(f"{PATH}/apply-all").text
    assert "3 notices get the longer windows." in page
    token = legal.token(f"{PATH}/apply-all")
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == 1)
        .values(state=CaseState.CLOSED, outcome=Outcome.ACCEPTED, outcome_at=at)
    )
    session.commit()
    done = legal.post_bare(f"{PATH}/apply-all", {"csrf_token": token, "up_to": "2"})
    assert done.status_code == 303
    said = legal.get(PATH).text
    assert "The longer window is given for 1 notice." in said
    assert "1 case was closed meanwhile" in said
    states = [proposal(session, number).state for number in (1, 2, 3)]
    assert states == [ProposalState.OUTDATED, ProposalState.APPLIED, ProposalState.PROPOSED]


def test_what_is_not_there_is_not_found(legal, scenario, session, at):
    scenario.announce()
    recompute(session, at=at)
    assert proposal(session).state == ProposalState.SAME
    for path in (f"{PATH}/1", f"{PATH}/2"):
        assert legal.get(path).status_code == 404
    token = {"csrf_token": legal.token(f"{PATH}/apply-all")}
    assert legal.post_bare(f"{PATH}/2/apply", token).status_code == 404
    assert legal.post_bare(f"{PATH}/2/dismiss", {**token, "note": "x"}).status_code == 404


def test_notices_to_serve_anew_are_listed(legal, scenario, session, at):
    announced = scenario.announce(served=False)
    hang(session, announced, at=at)
    reassess_terms(session, at=at + DAY)
    page = legal.get(PATH).text
    assert "To be served anew" in page
    case = f"/desk/cases/{announced.case_ids[0]}"
    assert case in page
    assert "Serve the notice anew" in legal.get(case).text
    assert session.get_one(NoticeRow, announced.notice_id).state == NoticeState.NOT_SERVED


def test_the_page_needs_as_many_queries_for_many_as_for_few(legal, scenario, session, app, at):
    from tests.web.test_board import count_queries

    scenario.announce()
    recompute(session, LAST_DAY, at=at)
    legal.get(PATH)  # what the pages of the desk count is kept from here on
    few = count_queries(app, legal, PATH)
    for _ in range(10):
        scenario.announce()
    recompute(session, LAST_DAY, at=at)
    assert count_queries(app, legal, PATH) == few


def test_the_day_of_the_notice_page_is_the_later_one(legal, client, scenario, session, at):
    announced = scenario.announce()
    recompute(session, LAST_DAY, at=at)
    legal.post(f"{PATH}/1/apply", f"{PATH}/1")
    page = client.get(f"/n/{announced.token}").text
    assert date(2026, 3, 18).isoformat() in page or "Wednesday 18 March 2026" in page
    assert "Jour de deuil" in page
