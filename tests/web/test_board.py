"""Legal's board, confirmations and the gate, as a browser gets them."""

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.transaction import transaction
from subnotify.rules.lanes import Lane
from subnotify.rules.words import Outcome, Role, Timeliness
from subnotify.storage import board_choices, search_words
from subnotify.storage.board_lanes import count_lanes
from subnotify.storage.case_copies import copy_countries
from subnotify.storage.release_reports import count_changes
from subnotify.storage.search_words import keep_agreement_words, keep_change_words
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    NoticeRow,
    ReleaseRow,
    ServiceRow,
)
from subnotify.web.board import count_text
from subnotify.wording.language import wording_for
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


# -- the board --------------------------------------------------------------------------------


def keep_words(session: Session) -> None:
    """As an import and a release do."""
    keep_agreement_words(session, list(session.scalars(select(AgreementRow.id))))
    for release_id in session.scalars(select(ReleaseRow.id)).all():
        keep_change_words(session, release_id)
    session.commit()


def cases_in(page: str) -> list[int]:
    """The cases that a page of the board lists, in its order."""
    return [
        int(x)
        for x in re.findall(r'rowheader" [^>]*>(?:<input[^>]*> )?<a href="/desk/cases/(\d+)"', page)
    ]


def test_the_board_lists_cases_in_lanes_with_what_matters(legal, scenario, session, at):
    later = scenario.announce(preset=REGISTERED)
    sooner = scenario.announce(preset=FIFTEEN)
    waiting = scenario.announce(served=False)
    objected = scenario.announce()
    object_to(session, objected, at + DAY)
    page = legal.get("/desk/board").text
    order = [x.case_ids[0] for x in (sooner, later, waiting, objected)]
    assert cases_in(page) == order
    assert cases_in(legal.get("/desk/board?lane=open").text) == order[:3]
    assert "Tuesday 17 March 2026, 24:00 (Europe/Paris)" in page
    assert "2026-03-17 23:00 UTC" in page
    assert "accepted by the recipient&#39;s mail server" in page
    assert "Art. 7.2" in page
    assert "Claire" in page
    assert "the notice is not served yet" in page
    assert "the objection is not settled" in page


def test_what_ends_within_three_days_is_due_and_stays_in_its_lane(
    legal, scenario, session, at, clock
):
    sooner, later = scenario.announce(preset=FIFTEEN), scenario.announce(preset=REGISTERED)
    ends_at = case_of(session, sooner.case_ids[0]).closes_at
    move_to(clock, ends_at - 3 * DAY - timedelta(seconds=1), legal=legal)
    assert cases_in(legal.get("/desk/board?lane=due").text) == []
    move_to(clock, ends_at - 3 * DAY, legal=legal)
    assert cases_in(legal.get("/desk/board?lane=due").text) == list(sooner.case_ids)
    assert cases_in(legal.get("/desk/board?lane=open").text) == [*sooner.case_ids, *later.case_ids]
    # It is open: nothing needs to be done about it.
    assert cases_in(legal.get("/desk/board?ending=soon").text) == []
    object_to(session, sooner, clock.at)
    assert cases_in(legal.get("/desk/board?ending=soon").text) == list(sooner.case_ids)
    move_to(clock, ends_at, legal=legal)
    assert cases_in(legal.get("/desk/board?lane=due").text) == []


def test_the_address_filters(legal, scenario, session, at, monkeypatch):
    one, other = scenario.announce(changes=2), scenario.announce(language="fr")
    object_to(session, one, at + DAY)
    client = session.get_one(AgreementRow, other.agreement_id).client_id
    session.execute(update(ClientRow).where(ClientRow.id == client).values(country="DE"))
    copy_countries(session, [client])
    session.execute(update(CaseRow).where(CaseRow.id == one.case_ids[1]).values(owner="Ana legal"))
    service = ServiceRow(key="archive", name="Archive")
    session.add(service)
    session.flush()
    session.add(AgreementServiceRow(agreement_id=one.agreement_id, service_id=service.id))
    session.add(ChangeServiceRow(change_id=1, service_id=service.id))
    keep_words(session)

    def listed(query: str) -> set[int]:
        return set(cases_in(legal.get(f"/desk/board?{query}").text))

    every = {*one.case_ids, *other.case_ids}
    assert listed("") == every
    assert listed("state=objected") == {one.case_ids[0]}
    assert listed("state=closed") == set()
    assert listed(f"client={client}") == set(other.case_ids)
    assert listed("change=2") == {one.case_ids[1]}
    assert listed(f"release={other.release_id}") == set(other.case_ids)
    assert listed("country=DE") == set(other.case_ids)
    assert listed("language=en") == set(one.case_ids)
    assert listed(f"service={service.id}") == {one.case_ids[0]}
    assert listed("owner=Ana+legal") == {one.case_ids[1]}
    assert listed("owner=-&language=en") == {one.case_ids[0]}
    assert listed("country=DE&language=en") == set()
    # Beginnings of words, all of which must be found.
    assert listed("q=mill") == set(one.case_ids)
    assert listed("q=ills") == set()
    assert listed("q=BRASS+lac") == set(other.case_ids)
    assert listed("q=dpa-2024-001") == set(one.case_ids)
    assert listed("q=mirad") == {one.case_ids[0], other.case_ids[0]}
    assert listed("q=mirad+north") == {one.case_ids[0]}
    reference = session.scalar(select(NoticeRow.reference).where(NoticeRow.id == other.notice_id))
    assert listed(f"q={reference}") == set(other.case_ids)
    assert listed("q=%25") == set()
    # A word of many agreements is asked of each case, or of the few that have the other words.
    for most in (search_words.MOST_IDS, 1):
        monkeypatch.setattr(search_words, "MOST_IDS", most)
        assert listed("q=dpa") == every
        assert listed("q=dpa+brass") == listed("q=brass+dpa+lac") == set(other.case_ids)
        assert listed("q=dpa+mirad") == {one.case_ids[0], other.case_ids[0]}
        assert listed("q=dpa+mirad+north") == {one.case_ids[0]}
        assert listed("q=dpa+nobody") == set()
    # What the address misspells is left out.
    assert listed("state=x&change=abc&lane=x&after=y&service=99999999999") == every


def test_the_form_keeps_what_the_address_asks(legal, scenario, session, at, monkeypatch):
    one = scenario.announce(changes=2)
    scenario.announce()
    object_to(session, one, at + DAY)
    # As where the change is older than the latest that are offered.
    monkeypatch.setattr(board_choices, "MOST_CHOICES", 1)
    page = legal.get("/desk/board?state=open&state=objected&change=2&lane=open").text
    chosen = re.findall(r'<option value="([^"]+)" selected>', page)
    assert chosen == ["2", "open,objected"]
    form = page.partition('class="board-filter"')[2].partition("</form>")[0]
    assert re.findall(r'type="hidden" name="(\w+)"', form) == ["lane"]
    both = "state=open&state=objected"
    shown = cases_in(legal.get(f"/desk/board?{both}").text)
    assert cases_in(legal.get("/desk/board?state=open,objected").text) == shown
    assert one.case_ids[0] in shown


def test_a_longer_window_makes_a_late_objection_timely_on_every_list(
    legal, scenario, session, at, clock
):
    """As the case itself says: on the board, and in the release's report."""
    announced = scenario.announce(preset=FIFTEEN)
    case_id = announced.case_ids[0]
    closes_at = case_of(session, case_id).closes_at
    came_at = closes_at + timedelta(hours=1)
    object_to(session, announced, came_at, timeliness="late", timeliness_decided="late")
    move_to(clock, came_at, legal=legal)

    change_id = case_of(session, case_id).change_id

    def told() -> list[str]:
        session.rollback()
        (counts,) = count_changes(session, [change_id], at=came_at).values()
        assert counts.objections.total() == 1
        row = legal.get("/desk/board").text.partition("<td")[2]
        return [next(iter(counts.objections)), *re.findall(r"\b(in time|late)\b", row)]

    assert told() == [Timeliness.LATE, "late"]
    last_day = (closes_at + 4 * DAY).date()
    extend_case_window(session, case_id, last_day, note="asked for", at=came_at, **LEGAL)
    assert told() == [Timeliness.IN_TIME, "in time"]


def test_pages_go_on_after_the_last_case_and_queries_stay_the_same(legal, scenario, session, app):
    """All close at the same instant, but the last three, for which no window runs."""
    for number in range(12):
        scenario.announce(served=bool(number))
    keep_words(session)
    legal.get("/desk/board")  # what is kept for a minute is counted
    few = [count_queries(app, legal, f"/desk/board{query}") for query in ("", "?lane=open&q=nort")]
    for _ in range(90):
        scenario.announce()
    for _ in range(2):
        scenario.announce(served=False)
    keep_words(session)
    many = [count_queries(app, legal, f"/desk/board{query}") for query in ("", "?lane=open&q=nort")]
    assert few == many
    address, seen = "/desk/board?lane=open", list[int]()
    for _ in range(3):
        page = legal.get(address).text
        seen += cases_in(page)
        found = re.search(r'href="([^"]*)" rel="next"', page)
        address = html.unescape(found[1]) if found else ""
    assert not address
    assert sorted(seen) == list(range(1, 105))
    assert set(seen[-3:]) == {1, 103, 104}


def test_counts_are_capped(session, scenario, at):
    for _ in range(4):
        scenario.announce()
    assert count_lanes(session, [], at=at, most=2)[Lane.OPEN] == 3
    assert count_lanes(session, [], at=at)[Lane.OPEN] == 4
    assert count_text(10_000, wording_for("en")) == "10,000"
    assert count_text(10_001, wording_for("en")) == "10,000+"


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
