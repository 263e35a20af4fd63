"""Exceptions to the countries of an agreement: they unblock cases, end, and run out."""

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.judge_countries import judge_countries_of_all
from subnotify.operations.record_country_exception import (
    end_country_exception,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.allowed_countries import ORGANISATION
from subnotify.rules.errors import MoveNotAllowed, ProblemsFound
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    Outcome,
)
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    CountryExceptionRow,
    NoticeRow,
)
from tests.operations.blocked_world import (
    AGREED,
    BLOCKED,
    DAY,
    SWISS,
    case_under,
    close_all,
    except_from,
    released,
    serve_all,
)
from tests.operations.desk import LEGAL, add_response, case_of, evidence_types, standing_of
from tests.support.release_world import PARIS, ReleaseWorld


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def test_an_exception_recorded_before_the_release_lets_it_through(session, world, at):
    excepted = world.add_agreement(terms=SWISS)
    blocked = world.add_agreement(terms=SWISS)
    except_from(session, excepted, at)
    released(world)
    assert standing_of(session, case_under(session, excepted)) == (CaseState.WAITING, [], None)
    assert standing_of(session, case_under(session, blocked)) == BLOCKED


def test_after_the_exception_the_window_runs_in_full_and_silence_counts(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    close_all(session, case)
    before = case_of(session, case)
    later = at + 40 * DAY
    except_from(session, swiss, later)
    after = case_of(session, case)
    assert standing_of(session, case) == (CaseState.OPEN, [], None)
    assert after.blocked_countries == ""
    # Fifteen days from the exception, as if the notice had been received then.
    assert after.closes_at - before.closes_at >= 39 * DAY
    close_windows(session, at=later + DAY)
    assert standing_of(session, case) == (CaseState.OPEN, [], None)
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert commence_changes(session, zone=PARIS, at=at + 70 * DAY) == [change]
    kinds = evidence_types(session)
    for kind in ("country_exception_recorded", "countries_judged", "window_extended"):
        assert kinds.count(kind) == 1


def test_the_same_exception_twice_is_one(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    except_from(session, swiss, at)
    except_from(session, swiss, at + DAY)
    assert len(session.scalars(select(CountryExceptionRow.id)).all()) == 1


def test_an_exception_for_another_subprocessor_or_day_unblocks_nothing(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    other = world.add_listed("vieux-port")
    released(world)
    case = case_under(session, swiss)
    except_from(session, swiss, at, subprocessor_id=other)
    except_from(session, swiss, at, country="DE")
    # The change commences after it has ended.
    except_from(session, swiss, at, until_on=(at + 60 * DAY).date())
    except_from(session, swiss, at, from_on=(at + 61 * DAY).date())
    assert standing_of(session, case) == BLOCKED
    except_from(session, swiss, at, until_on=(at + 61 * DAY).date())
    assert standing_of(session, case) == (CaseState.WAITING, [], None)


def test_what_is_missing_is_said_at_its_field(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    with pytest.raises(ProblemsFound) as found:
        except_from(session, swiss, at, country="", reference=" ", from_on=None)
    assert [x.where for x in found.value.problems] == ["country", "from_on", "reference"]
    with pytest.raises(ProblemsFound) as found:
        except_from(session, swiss, at, country=ORGANISATION, until_on=AGREED.from_on)
    assert [x.where for x in found.value.problems] == ["subprocessor_id", "until_on"]


def test_ending_an_exception_blocks_open_and_settled_cases_again(session, world, at):
    open_one, settled = world.add_agreement(terms=SWISS), world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    for agreement in (open_one, settled):
        except_from(session, agreement, at)
    settled_case, open_case = case_under(session, settled), case_under(session, open_one)
    session.execute(update(CaseRow).where(CaseRow.id == open_case).values(is_quiet=False))
    session.commit()
    silent_at = close_all(session, settled_case)
    exceptions = session.scalars(select(CountryExceptionRow).order_by(CountryExceptionRow.id))
    ids = [(x.agreement_id, x.id) for x in exceptions]
    session.rollback()
    assert standing_of(session, settled_case)[2] is Outcome.ACCEPTED_BY_SILENCE
    for agreement, number in ids:
        end_country_exception(
            session, agreement, number, note="withdrawn", **LEGAL, at=silent_at, zone=PARIS
        )
    with pytest.raises(MoveNotAllowed):
        end_country_exception(
            session, *ids[0], note="again", **LEGAL, at=silent_at + DAY, zone=PARIS
        )
    # A recorded outcome stays; the gate keeps the change away all the same.
    assert standing_of(session, settled_case)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert case_of(session, settled_case).blocked_countries == "FR"
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]


def test_an_exception_that_has_run_out_is_found_by_the_job(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    except_from(session, swiss, at, until_on=(at + 63 * DAY).date())
    case = case_under(session, swiss)
    assert standing_of(session, case)[0] is CaseState.OPEN
    # Commencement was postponed past its end.
    session.execute(update(ChangeRow).values(commencement_on=(at + 64 * DAY).date()))
    session.commit()
    assert judge_countries_of_all(session, zone=PARIS, at=at + DAY) == 1
    assert judge_countries_of_all(session, zone=PARIS, at=at + DAY) == 0
    assert standing_of(session, case) == BLOCKED
    assert commence_changes(session, zone=PARIS, at=at + 65 * DAY) == [change]


def test_one_that_begins_later_gives_the_window_in_full_then(session, world, at):
    """The client was told "not used for you" for all of its window: its silence said nothing."""
    swiss = world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    begins = at + 70 * DAY
    except_from(session, swiss, at, from_on=begins.date())
    close_all(session, case)
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]
    assert standing_of(session, case) == BLOCKED
    before = case_of(session, case).closes_at
    assert judge_countries_of_all(session, zone=PARIS, at=begins) == 1
    assert standing_of(session, case) == (CaseState.OPEN, [], None)
    assert case_of(session, case).closes_at - before >= 69 * DAY


def test_one_that_has_begun_when_it_commences_gives_the_window_first(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    except_from(session, swiss, at, from_on=(at + 70 * DAY).date())
    close_all(session, case)
    # Nothing ran for days, not even the job that judges.
    assert commence_changes(session, zone=PARIS, at=at + 71 * DAY) == []
    assert judge_countries_of_all(session, zone=PARIS, at=at + 71 * DAY) == 1
    assert standing_of(session, case) == (CaseState.OPEN, [], None)
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert commence_changes(session, zone=PARIS, at=at + 99 * DAY) == [change]


def test_before_it_commences_its_exceptions_are_looked_at(session, world, at):
    free, swiss = world.add_agreement(), world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    except_from(session, swiss, at, until_on=(at + 62 * DAY).date())
    close_all(session, case_under(session, free))
    # Nothing ran for days, not even the job that judges.
    assert commence_changes(session, zone=PARIS, at=at + 63 * DAY) == [change]
    assert case_of(session, case_under(session, swiss)).blocked_countries == "FR"
    assert session.get_one(ChangeRow, change).state == ChangeState.COMMENCED


def test_an_expressly_accepted_change_still_needs_the_exception(session, world, at):
    """The client's yes by code is its answer; legal records it as the document."""
    swiss = world.add_agreement(terms=SWISS)
    released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    with transaction(session):
        notice = session.scalars(select(NoticeRow.id)).one()
        add_response(session, notice, case, "no_objection", at + DAY)
        apply_standings(session, [case], actor="client:notice:1", at=at + DAY)
    assert standing_of(session, case) == BLOCKED
    before = case_of(session, case).closes_at
    except_from(session, swiss, at + 2 * DAY, reference="R-1, no objection by code")
    # Who said yes need not be given its time again.
    assert case_of(session, case).closes_at == before
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCEPTED
