"""The plan on the preview, as data, and where legal confirms whom notice reaches late."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.terms import Emergency, Period
from subnotify.rules.terms_words import MayCommence, Unit
from subnotify.rules.words import Role
from subnotify.storage.tables import ChangeRow, NoticeRow, ReleaseRow
from tests.support.release_world import FIFTEEN, ReleaseWorld
from tests.support.scenario import terms_of
from tests.support.web_client import WebClient, session_on
from tests.web.test_releases import DRAFT, fields, take_step

SignIn = Callable[..., WebClient]
BASE = terms_of(FIFTEEN)
SIX_WEEKS = replace(BASE, lead_time=Period(6, Unit.WEEKS))
NINETY = replace(BASE, objection_period=Period(90))
EARLY = replace(NINETY, lead_time=Period(10), may_commence=MayCommence.AFTER_LEAD_TIME)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def draft(world: ReleaseWorld, *terms: object) -> str:
    """The address of a draft for 7 April to one agreement for each terms."""
    for one in terms:
        world.add_agreement(terms=one)
    release = world.draft([world.add_change()], commencement_on=date(2026, 4, 7))
    return f"/desk/releases/{release}"


def test_the_preview_says_when_to_send_and_who_holds_the_day_back(world, signed_in: SignIn):
    page = draft(world, BASE, SIX_WEEKS, NINETY, EARLY)
    shown = signed_in(Role.PUBLISHER).get(page).text
    for sentence in (
        "commencement is lawful for everybody from Wednesday 3 June 2026 on.",
        "the notices had to be sent by Saturday 3 January 2026.",
        "That day is too early for 2 agreements",
        "The lead time of 1 agreement is missed.",
        "The window of 1 agreement outlives that day.",
        "Lead time: notice was due by 24 February 2026; the wanted day is 6 days too early.",
        "Objection window: it and its grace end 57 days after the wanted one.",
    ):
        assert sentence in shown, sentence
    assert "may be used meanwhile" in signed_in(Role.LEGAL).get(f"{page}/recipients").text
    assert shown.index("Client 003") < shown.index("Client 002"), "the worst first"


def test_the_plan_as_data(world, signed_in: SignIn):
    page = draft(world, BASE, SIX_WEEKS, NINETY, EARLY, None)
    answer = signed_in(Role.PUBLISHER).get(f"{page}/planning.json")
    assert answer.headers["Cache-Control"] == "no-store"
    plan = answer.json
    assert plan["commencement_on"] == "2026-04-07"
    assert plan["earliest_commencement_on"] == "2026-06-03"
    assert plan["latest_sending_on"] == "2026-01-03"
    counts = {"all": 5, "not_computable": 1, "held_back": 2, "lead_time_missed": 1}
    assert counts.items() <= plan["agreements"].items()
    worst, second = plan["held_back"]
    assert (worst["client"], worst["days_too_early"], worst["held_back_by"]) == (
        "Client 003",
        57,
        "window",
    )
    assert (second["lead_time_due_on"], second["is_lead_time_met"]) == ("2026-02-24", False)
    assert [x["agreements"] for x in plan["terms"]] == [1] * 5


def test_the_plan_is_for_operators_and_for_drafts(world, client: WebClient, signed_in: SignIn):
    page = draft(world, BASE)
    assert "sign-in" in client.get(f"{page}/planning.json").location
    legal = signed_in(Role.LEGAL)
    assert legal.get("/desk/releases/999/planning.json").status_code == 404
    world.approve(1)
    world.release(1)
    assert legal.get(f"{page}/planning.json").status_code == 409


def test_legal_confirms_whom_notice_reaches_late(world, session, signed_in: SignIn):
    page = draft(world, SIX_WEEKS)
    approve = f"{page}/approve"
    legal = signed_in(Role.LEGAL)
    assert "Agreements that are told late" in legal.get(approve).text
    refused = take_step(legal, approve, late="1")
    assert "Confirm the list, or choose a later day of commencement" in refused.text
    other = take_step(legal, approve, late="", confirmed_late="y")
    assert "legal has not confirmed: Client 001 (DPA-1)" in other.text
    assert take_step(legal, approve, late="1", confirmed_late="y").status_code == 303
    session.expire_all()
    assert session.get_one(ReleaseRow, 1).confirmed_late == [1]


def test_an_emergency_is_drafted_and_read_by_the_clients(world, session, signed_in: SignIn):
    world.add_agreement(terms=replace(SIX_WEEKS, emergency_replacement=Emergency(True)))
    world.add_agreement(terms=SIX_WEEKS, language="fr")
    change = world.add_change()
    publisher = signed_in(Role.PUBLISHER)
    given = fields(
        world,
        change,
        emergency_en="The old host was breached.",
        emergency_fr="L'ancien hébergeur a été compromis.",
    )
    page = publisher.post(DRAFT, **given).location
    assert "The old host was breached." in publisher.get(page).text
    assert publisher.get(f"{page}/planning.json").json["is_emergency"] is True
    mail = publisher.get(f"{page}/preview/1").text
    assert "Why this comes at short notice" in mail
    assert "Your agreement allows replacement in an emergency" in mail
    mail = publisher.get(f"{page}/preview/2").text
    assert "L&#39;ancien hébergeur a été compromis." in mail
    assert "The old host was breached." in publisher.get(f"{page}/edit").text
    plain = publisher.post(DRAFT, **fields(world)).location
    assert "Why notice is short" not in publisher.get(plain).text


def test_an_announced_change_is_postponed(world, session, signed_in: SignIn):
    page = draft(world, BASE)
    world.approve(1)
    world.release(1)
    change_id = session.scalar(select(ChangeRow.id))
    session.rollback()
    publisher = signed_in(Role.PUBLISHER)
    postpone = f"{page}/changes/{change_id}/postpone"
    assert postpone in publisher.get(page).text
    assert "Choose the new day" in publisher.post(postpone, reason="late").text
    early = publisher.post(postpone, commencement_on="2026-04-07", reason="late <host>")
    assert "Choose a day after the announced one (2026-04-07)" in early.text
    assert "late &lt;host&gt;" in early.text
    # Nothing has left yet, so no mail is shown.
    first = publisher.post(postpone, commencement_on="2026-05-05", reason="late host")
    assert first.status_code == 200 and "No client is to be told yet" in first.text
    session.execute(update(NoticeRow).values(dispatched_at=world.at))
    session.commit()
    first = publisher.post(postpone, commencement_on="2026-05-05", reason="late host")
    assert "The mail to Client 001" in first.text
    assert "on Tuesday 5 May 2026 at the earliest." in first.text
    day = "2026-05-05"
    done = publisher.post(postpone, commencement_on=day, reason="late host", seen=day)
    assert done.location.endswith(page)
    shown = publisher.get(page).text
    assert "The change is postponed, and its clients are told." in shown
    assert "Tuesday 5 May 2026" in shown
    assert publisher.get(f"{page}/changes/999/postpone").status_code == 404
    assert signed_in(Role.LEGAL).get(postpone).status_code == 403
