"""The report of a release: what it counts, its file, and how few queries it takes."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.rules.words import HoldReason, Outcome, ProofKind, ResponseKind, Role, Timeliness
from subnotify.storage.database import db
from subnotify.storage.release_reports import count_changes, count_notices, is_ended
from subnotify.storage.tables import CaseRow, ChangeRow, ClientRow, NoticeRow
from tests.support.announced import Announced, add_client, add_response, announce
from tests.support.release_world import ReleaseWorld
from tests.support.statements import statements_sent
from tests.support.web_client import WebClient, session_on
from tests.web.test_release_path import step_of

SignIn = Callable[..., WebClient]
PAGE = "/desk/releases/1/report"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def made(session: Session, at: datetime) -> Announced:
    """Four agreements, two changes: two served, one bounced, one on its way; an objection."""
    made = announce(session, at=at)
    served, objected, bounced, _moving = (
        add_client(session, made, f"c{number}", at=at) for number in range(4)
    )
    notice, case = update(NoticeRow), update(CaseRow)
    for statement in (
        notice.where(NoticeRow.id.in_([served, objected])).values(
            state="served", served_proof="recipient_server", served_at=at
        ),
        notice.where(NoticeRow.id == bounced).values(
            state="not_served", failure_reason="bounced", dispatched_at=at
        ),
        case.where(CaseRow.notice_id == served, CaseRow.change_id == made.change_ids[0]).values(
            state="closed", outcome="accepted_by_silence", outcome_at=at, closes_at=at
        ),
        case.where(CaseRow.notice_id == objected).values(state="objected", closes_at=at),
        case.where(CaseRow.notice_id == bounced).values(
            state="hold", holds=["bounced", "not_served"]
        ),
    ):
        session.execute(statement)
    in_time = {"timeliness": Timeliness.IN_TIME}
    add_response(session, objected, None, ResponseKind.OBJECTION, at=at, **in_time)
    session.commit()
    return made


def test_the_report_counts_agreements_cases_and_objections(
    session: Session, made: Announced, at: datetime, signed_in: SignIn
):
    counts = count_notices(session, made.release_id)
    assert (counts.told, counts.left, counts.moving, counts.overtaken) == (4, 3, 1, 0)
    assert counts.proofs == {ProofKind.RECIPIENT_SERVER: 2}
    assert counts.failures == {HoldReason.BOUNCED: 1}
    first, second = count_changes(session, made.change_ids, at=at).values()
    assert (first.outcomes, second.outcomes) == ({Outcome.ACCEPTED_BY_SILENCE: 1}, {})
    assert first.holds == {HoldReason.BOUNCED: 1, HoldReason.NOT_SERVED: 1}
    assert first.objections == second.objections == {Timeliness.IN_TIME: 1}
    assert (first.cases, second.cases, first.closes) == (4, 4, (at, at))
    session.rollback()
    page = signed_in(Role.PUBLISHER).get(PAGE).text
    for words in (
        "agreements to tell",
        "1 of them out of reach",
        "accepted by silence",
        "the message came back",
    ):
        assert words in page, words
    assert step_of(page) == "Report: due"


def test_the_report_is_the_last_one_when_nothing_is_open(
    session: Session, made: Announced, at: datetime, signed_in: SignIn
):
    reader = signed_in(Role.LEGAL)
    assert "so far" in reader.get(PAGE).text
    session.execute(update(CaseRow).values(state="closed", outcome="accepted", outcome_at=at))
    session.commit()
    assert not is_ended(session, made.release_id), "the changes have not commenced"
    session.execute(update(ChangeRow).values(state="commenced", commenced_at=at))
    session.commit()
    assert is_ended(session, made.release_id)
    session.rollback()
    assert "so far" not in reader.get(PAGE).text


def test_the_file_has_a_line_for_each_agreement_and_change(
    session: Session, made: Announced, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("subnotify.operations.report_release.PAGE", 2)
    session.execute(update(ClientRow).where(ClientRow.key == "c0").values(name="=1+1 Ltd"))
    session.commit()
    answer = signed_in(Role.PUBLISHER).get(f"{PAGE}.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "release-2026-003" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [row["client"] for row in rows] == [
        name for name in ("'=1+1 Ltd", "C1 SARL", "C2 SARL", "C3 SARL") for _change in range(2)
    ]
    assert [int(row["case"]) for row in rows[:2]] == made.cases["c0"]
    assert rows[0]["served_proof"] == "recipient_server"
    assert rows[2]["answer"] == "objection"
    assert rows[4]["notice_state"] == "not_served"
    assert rows[4]["commencement_on"]


def test_more_agreements_take_no_more_queries(
    session: Session, made: Announced, at: datetime, app: Flask, signed_in: SignIn
):
    reader = signed_in(Role.LEGAL)
    with app.app_context():
        engine = db.engine

    def sent() -> int:
        with statements_sent(engine) as statements:
            assert reader.get(PAGE).status_code == 200
        return len(statements)

    sent()
    few = sent()
    for number in range(4, 24):
        add_client(session, made, f"c{number}", at=at)
    session.commit()
    assert sent() == few


def test_no_query_of_the_report_walks_through_what_grows(
    session: Session, made: Announced, app: Flask, signed_in: SignIn
):
    """As SQLite plans it; the tables have the same indexes on PostgreSQL."""
    reader = signed_in(Role.LEGAL)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("asks SQLite for its plans")
    with statements_sent(engine) as statements:
        reader.get(PAGE)
        reader.get(f"{PAGE}.csv")
    grow = ("cases", "notices", "messages", "responses", "outcomes", "settlements", "letters")
    walked = []
    with engine.connect() as connection:
        for statement in (x for x in statements if x.startswith("SELECT")):
            marks = (None,) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", marks)
            steps = [row[-1].split() for row in plan]
            walked += [x for x in steps if x[0] == "SCAN" and x[1] in grow]
    assert walked == []


def test_a_draft_has_no_report(session: Session, at: datetime, signed_in: SignIn):
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    world.draft([world.add_change()])
    reader = signed_in(Role.PUBLISHER)
    for page in (PAGE, f"{PAGE}.csv"):
        assert reader.get(page).location.endswith("/desk/releases/1")
    assert f'href="{PAGE}"' not in reader.get("/desk/releases/1").text
    world.approve(1)
    world.release(1)
    assert f'href="{PAGE}"' in reader.get("/desk/releases/1").text
    assert "no. " in reader.get(PAGE).text
