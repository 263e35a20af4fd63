"""The plan of a release: when to send, when to commence, and who holds it back."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from subnotify.operations.plan_release import PAGE_SIZE, ReleasePlan, plan_release
from subnotify.operations.release_checks import ReleaseNotEditable
from subnotify.rules.errors import NotFound
from subnotify.rules.planning import HeldBackBy
from subnotify.rules.terms import NoticeRule, NoticeTerms, Period
from subnotify.rules.terms_words import Closes, MayCommence, RuleScope, RunsFrom, Unit
from tests.support.release_world import FIFTEEN, PARIS, ReleaseWorld
from tests.support.scenario import terms_of

# Sent on Monday 2 March.
WANTED = date(2026, 4, 7)
BASE = terms_of(FIFTEEN)
SIX_WEEKS = replace(BASE, lead_time=Period(6, Unit.WEEKS))
NINETY = replace(BASE, objection_period=Period(90))
EARLY = replace(NINETY, lead_time=Period(10), may_commence=MayCommence.AFTER_LEAD_TIME)
BACKWARD = replace(
    BASE,
    runs_from=RunsFrom.COMMENCEMENT_BACKWARD,
    objection_period=Period(40),
    closes=Closes.PERIOD,
)


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def plan(world: ReleaseWorld, release_id: int, **given: int) -> ReleasePlan:
    return plan_release(world.session, release_id, zone=PARIS, at=world.at, **given)


def draft(world: ReleaseWorld, *terms: NoticeTerms | None, on: date | None = WANTED) -> int:
    for one in terms:
        world.add_agreement(terms=one)
    return world.draft([world.add_change()], commencement_on=on)


def test_it_says_until_when_to_send_and_who_holds_the_day_back(world):
    found = plan(world, draft(world, BASE, BASE, SIX_WEEKS, NINETY, EARLY, BACKWARD, None))
    said = found.summary
    assert (said.agreements, said.not_computable) == (7, 1)
    # 90 days after 2 March are over on Sunday 31 May: 1 June, and a day of grace.
    assert said.earliest_on == date(2026, 6, 3)
    # Sent on Sunday 4 January they would end on Saturday 4 April, and roll over Easter to the 7th.
    assert said.latest_sending_on == date(2026, 1, 3)
    assert (said.gated, said.late, said.too_late, said.running) == (3, 1, 1, 1)
    assert [x.plan.days_missed for x in found.held_back] == [4, 57, 6]
    too_late, ninety, six_weeks = (x.plan for x in found.held_back)
    assert too_late.course.too_late_since == date(2026, 2, 26)
    assert ninety.course.held_back_by is HeldBackBy.WINDOW
    assert (six_weeks.lead_due_on, six_weeks.course.held_back_by) == (
        date(2026, 2, 24),
        HeldBackBy.LEAD_TIME,
    )
    assert [x.agreement.client_name for x in found.held_back] == [
        "Client 006",
        "Client 004",
        "Client 003",
    ]


def test_without_a_wanted_day_it_says_the_earliest_one(world):
    found = plan(world, draft(world, BASE, SIX_WEEKS, on=None))
    assert (found.commencement_on, found.summary.earliest_on) == (None, date(2026, 4, 13))
    assert (found.summary.latest_sending_on, found.held_back) == (None, ())


def test_windows_in_august_and_over_christmas_are_counted(session):
    july = datetime.fromisoformat("2026-07-20T08:00:00Z")
    world = ReleaseWorld(session, at=july)
    longer = replace(BASE, objection_period=Period(150))
    release = draft(world, BASE, longer, on=date(2027, 3, 1))
    found = plan(world, release)
    assert (found.summary.in_august, found.summary.at_christmas) == (2, 0)
    december = datetime.fromisoformat("2026-12-18T08:00:00Z")
    later = plan_release(session, release, zone=PARIS, at=december)
    assert (later.summary.in_august, later.summary.at_christmas) == (0, 2)


def test_the_rule_for_a_change_counts_and_of_several_the_worst(world):
    rules = (NoticeRule(RuleScope.SERVICE, "mail", lead_time=Period(60)),)
    world.add_agreement(terms=replace(BASE, notice_rules=rules), services=("mail", "helpdesk"))
    mail = world.add_change("orage", services=("mail",))
    desk = world.add_change("desk", services=("helpdesk",))
    both = plan(world, world.draft([mail, desk], commencement_on=WANTED))
    assert (both.summary.late, both.summary.earliest_on) == (1, date(2026, 5, 1))


def test_the_list_is_paged_with_the_worst_first(world):
    for number in range(PAGE_SIZE + 3):
        days = 60 if number < 2 else 50
        world.add_agreement(terms=replace(BASE, lead_time=Period(days)))
    release = world.draft([world.add_change()], commencement_on=WANTED)
    first, second = plan(world, release), plan(world, release, page=2)
    assert (first.held_back_count, first.pages, len(first.held_back)) == (PAGE_SIZE + 3, 2, 50)
    names = [x.agreement.client_name for x in (*first.held_back, *second.held_back)]
    assert names == sorted(names)
    assert first.held_back[1].plan.days_missed > first.held_back[2].plan.days_missed
    assert plan(world, release, page=9).held_back == ()


def test_the_number_of_queries_does_not_grow_with_the_terms(world, engine):
    counts = []
    for size in (3, 12):
        for number in range(size):
            world.add_agreement(terms=replace(NINETY, lead_time=Period(60 + number)))
        release = world.draft([world.add_change(f"size-{size}")], commencement_on=WANTED)
        said: list[str] = []

        def note(conn, cursor, statement, parameters, context, many, said=said) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            plan(world, release)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_what_is_announced_is_planned_no_more(world):
    release = draft(world, BASE)
    world.approve(release)
    world.release(release)
    with pytest.raises(ReleaseNotEditable):
        plan(world, release)


def test_a_release_that_is_not_there(world):
    with pytest.raises(NotFound):
        plan(world, 999)
