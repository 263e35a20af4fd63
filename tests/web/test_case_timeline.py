"""The line of time of a case: every kind of fact, the oldest first, with its evidence number."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.words import Role, SettlementKind
from subnotify.storage.tables import EvidenceRow
from tests.operations.desk import LEGAL, add_response
from tests.support.scenario import Scenario
from tests.support.web_client import session_on
from tests.web.test_board import count_queries

DAY = timedelta(days=1)


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


def entries_of(page: str) -> list[tuple[str, str]]:
    """Instant and heading of each entry."""
    return re.findall(r'<li><time datetime="([^"]*)">.*?<strong>(?:<a [^>]*>)?([^<]*)<', page, re.S)


def test_everything_stands_in_order_and_nothing_of_another_case(signed_in, session: Session, at):
    scenario = Scenario(session, at=at)
    one = scenario.announce(changes=2)
    case_id, other_id = one.case_ids
    with transaction(session):
        add_response(
            session, one.notice_id, case_id, "objection", at + DAY, by_name="Claire", text="Not us!"
        )
        add_response(session, one.notice_id, other_id, "question", at + DAY, text="Elsewhere?")
        apply_standings(session, one.case_ids, actor="client:notice:1", at=at + DAY)
    settlement = Settlement(SettlementKind.ACCOMMODATED, "kept on the old line")
    settle_objection(session, case_id, settlement, at=at + 3 * DAY, **LEGAL)
    legal = signed_in(Role.LEGAL)
    assert f'href="/desk/cases/{case_id}/timeline"' in legal.get(f"/desk/cases/{case_id}").text
    page = legal.get(f"/desk/cases/{case_id}/timeline").text
    entries = entries_of(page)
    assert [instant for instant, _ in entries] == sorted(instant for instant, _ in entries)
    titles = [title for _, title in entries]
    wanted = (
        "The notice is served",
        "The window was computed",
        "The client answered: objection",
        "The case moved",
        "The objection was settled",
    )
    places = [titles.index(title) for title in wanted]
    assert places == sorted(places)
    assert "Not us!" in page and "kept on the old line" in page
    assert "Elsewhere?" not in page
    settled = session.scalar(select(EvidenceRow.id).where(EvidenceRow.type == "objection_settled"))
    assert f"evidence no. {settled}" in page
    assert "2026-03-02 08:00:00 UTC" in page
    record_bounce(session, one.message_ids[0], note="550 unknown", at=at + 4 * DAY, **LEGAL)
    page = legal.get(f"/desk/cases/{case_id}/timeline").text
    titles = [title for _, title in entries_of(page)]
    assert titles.index("The objection was settled") < titles.index("Notice came back")
    assert "550 unknown" in page
    assert legal.get("/desk/cases/999/timeline").status_code == 404


def test_a_long_history_takes_as_many_queries_as_a_short_one(signed_in, session, app, at):
    one = Scenario(session, at=at).announce()
    legal = signed_in(Role.LEGAL)
    path = f"/desk/cases/{one.case_ids[0]}/timeline"
    legal.get(path)
    with transaction(session):
        add_response(session, one.notice_id, one.case_ids[0], "question", at, text="Where?")
    few = count_queries(app, legal, path)
    with transaction(session):
        for number in range(1, 6):
            add_response(
                *(session, one.notice_id, one.case_ids[0], "question", at + number * DAY),
                text="Why?",
            )
    assert count_queries(app, legal, path) == few
