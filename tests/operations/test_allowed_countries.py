"""An agreement that does not allow a country keeps the change away from its client alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.judge_countries import judge_countries_of_all
from subnotify.operations.notify_late import notify_late
from subnotify.operations.record_country_exception import (
    ExceptionFacts,
    end_country_exception,
    record_country_exception,
)
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.allowed_countries import ORGANISATION
from subnotify.rules.errors import MoveNotAllowed, ProblemsFound
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    HoldReason,
    MessageState,
    Outcome,
    ProofKind,
    SettlementKind,
)
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    CountryExceptionRow,
    ListEntryRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.operations.desk import LEGAL, case_of, evidence_types, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.release_world import FIFTEEN, PARIS, ReleaseWorld
from tests.support.scenario import terms_of

DAY = timedelta(days=1)
BLOCKED = (CaseState.HOLD, [HoldReason.COUNTRY_NOT_ALLOWED], None)
SWISS = replace(terms_of(FIFTEEN), allowed_countries=frozenset({"CH"}))
AGREED = ExceptionFacts("FR", None, date(2026, 3, 1), None, "Amendment 3 of 2026-03-01")


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def released(world: ReleaseWorld) -> int:
    """Orage, which sits and hosts in France, is announced; its change."""
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    return change


def case_under(session: Session, agreement: int) -> int:
    case = session.scalars(select(CaseRow.id).where(CaseRow.agreement_id == agreement)).one()
    session.rollback()
    return case


def serve_all(session: Session, at: datetime) -> None:
    """The recipients' own servers accept all mails."""
    with transaction(session):
        for message in session.scalars(select(MessageRow)):
            message.state, message.handed_over_at = MessageState.HANDED_OVER.value, at
            for kind in (ProofKind.DISPATCH, ProofKind.RECIPIENT_SERVER):
                session.add(
                    ReceiptProofRow(
                        notice_id=message.notice_id, message_id=message.id, kind=kind, at=at
                    )
                )
        serve_notices(session, session.scalars(select(NoticeRow.id)).all(), at=at)


def except_from(session: Session, agreement: int, at: datetime, **changed: object) -> None:
    record_country_exception(
        session, agreement, replace(AGREED, **changed), **LEGAL, at=at, zone=PARIS
    )


def close_all(session: Session, case_id: int) -> datetime:
    silent_at = case_of(session, case_id).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    return silent_at


@pytest.mark.parametrize("later", [False, True], ids=["released", "notified late"])
def test_only_the_restricted_client_is_blocked(session, world, at, later):
    free = world.add_agreement()
    swiss = world.add_agreement(terms=SWISS) if not later else None
    french = world.add_agreement(terms=replace(SWISS, allowed_countries=frozenset({"FR"})))
    released(world)
    if swiss is None:
        swiss = world.add_agreement(terms=SWISS)
        assert notify_late(session, zone=PARIS, legal_email="legal@x.example", at=at + DAY) == 1
    assert standing_of(session, case_under(session, swiss)) == BLOCKED
    assert case_of(session, case_under(session, swiss)).blocked_countries == "FR"
    for agreement in (free, french):
        assert standing_of(session, case_under(session, agreement))[0] is CaseState.WAITING
        assert case_of(session, case_under(session, agreement)).blocked_countries == ""


def test_an_exception_recorded_before_the_release_lets_it_through(session, world, at):
    excepted = world.add_agreement(terms=SWISS)
    blocked = world.add_agreement(terms=SWISS)
    except_from(session, excepted, at)
    released(world)
    assert standing_of(session, case_under(session, excepted)) == (CaseState.WAITING, [], None)
    assert standing_of(session, case_under(session, blocked)) == BLOCKED


def test_the_others_commence_and_silence_never_accepts_the_blocked_one(session, world, at):
    free, swiss = world.add_agreement(), world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    free_case, swiss_case = case_under(session, free), case_under(session, swiss)
    assert standing_of(session, swiss_case) == BLOCKED
    assert case_of(session, swiss_case).closes_at == case_of(session, free_case).closes_at
    close_all(session, free_case)
    assert standing_of(session, free_case)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert standing_of(session, swiss_case) == BLOCKED
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]
    assert standing_of(session, swiss_case) == BLOCKED


def test_the_replaced_entry_is_kept_for_the_blocked_client(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    change = world.add_change("orage", services=("mail",), replaces="vieux-port")
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    serve_all(session, at)
    assert standing_of(session, case_under(session, swiss)) == BLOCKED
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]
    old = session.scalars(select(ListEntryRow).order_by(ListEntryRow.id)).first()
    assert old is not None
    assert (old.in_force_until_on, old.phased_out_from_on) == (None, (at + 61 * DAY).date())


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


def test_nobody_clears_the_hold_and_legal_may_settle_it_as_not_used(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    with pytest.raises(MoveNotAllowed):
        clear_hold(
            session, case, HoldReason.COUNTRY_NOT_ALLOWED, note="they will agree", **LEGAL, at=at
        )
    decision = Settlement(SettlementKind.ACCOMMODATED, "not used for them")
    settle_objection(session, case, decision, **LEGAL, at=at)
    assert standing_of(session, case) == (CaseState.OBJECTED, [], None)
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCOMMODATED


def test_a_change_that_opens_no_window_is_blocked_too(session, world, at):
    """The terms cover no addition: the client is only informed, but the country stays closed."""
    quiet: NoticeTerms = replace(SWISS, changes_covered=frozenset())
    swiss = world.add_agreement(terms=quiet)
    released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    assert standing_of(session, case) == BLOCKED
    except_from(session, swiss, at)
    assert standing_of(session, case)[2] is Outcome.INFORMED
