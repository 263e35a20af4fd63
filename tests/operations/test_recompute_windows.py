"""Windows are computed anew with newer holidays, and nothing but a proposal comes of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import VERSIONS, UnknownCalendar
from subnotify.operations.recompute_windows import recompute_windows
from subnotify.operations.transaction import transaction
from subnotify.rules.recomputations import ProposalState, Recomputed
from subnotify.rules.terms import Counting, DeemedReceipt, Period
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_words import Closes, CountingRule, DeemedKind, RunsFrom, Unit
from subnotify.rules.windows import compute_window, window_to_mapping
from subnotify.rules.words import CaseState, NoticeState, Outcome
from subnotify.storage.recomputations import proposed_windows
from subnotify.storage.tables import (
    CaseRow,
    EvidenceRow,
    NoticeRow,
    TermsVersionRow,
    WindowProposalRow,
)
from tests.support.calendars import NEWER, OtherHolidays, other_holidays
from tests.support.scenario import Announced, Scenario, terms_of

# Fifteen days from Monday 2 March 2026 end on Tuesday 17 March.
LAST_DAY = date(2026, 3, 17)
DAY = timedelta(days=1)


def recompute(session: Session, *days: date, at: datetime, version: str = NEWER):
    return recompute_windows(
        session, versions=version, calendar_of=other_holidays(*days, version=version), at=at
    )


def proposals(session: Session) -> list[WindowProposalRow]:
    session.expire_all()
    return list(session.scalars(select(WindowProposalRow).order_by(WindowProposalRow.id)))


def test_nothing_is_done_with_the_data_the_windows_were_computed_with(session, at):
    Scenario(session, at=at).announce()
    report = recompute_windows(session, at=at)
    assert (report.found.total(), proposals(session)) == (0, [])


def test_a_new_holiday_on_the_last_day_proposes_a_longer_window_and_changes_nothing(session, at):
    announced = Scenario(session, at=at).announce()
    before = session.get_one(CaseRow, announced.case_ids[0]).closes_at
    report = recompute(session, LAST_DAY, at=at + DAY)
    assert report.found == {Recomputed.LONGER: 1}
    (row,) = proposals(session)
    assert (row.kind, row.state, row.notice_id, row.made_at) == (
        *(Recomputed.LONGER, ProposalState.PROPOSED, announced.notice_id, at + DAY),
    )
    assert (row.old_versions, row.new_versions) == (VERSIONS, NEWER)
    (window,) = proposed_windows(row)
    assert window.case_ids == announced.case_ids
    assert window.new is not None
    assert (window.old.last_day, window.new.last_day) == (LAST_DAY, date(2026, 3, 18))
    assert session.get_one(CaseRow, announced.case_ids[0]).closes_at == before
    said = session.scalars(select(EvidenceRow.type)).all()
    assert said == ["window_recomputation_proposed"]


def test_it_is_said_once(session, at):
    Scenario(session, at=at).announce()
    recompute(session, LAST_DAY, at=at)
    assert recompute(session, LAST_DAY, at=at + DAY).found.total() == 0
    assert len(proposals(session)) == 1
    assert session.scalar(select(func.count(EvidenceRow.id))) == 1


def test_a_window_that_stays_is_remembered_and_not_shown(session, at):
    Scenario(session, at=at).announce()
    assert recompute(session, date(2026, 3, 20), at=at).found == {Recomputed.SAME: 1}
    (row,) = proposals(session)
    assert (row.state, row.windows) == (ProposalState.SAME, [])
    assert recompute(session, at=at).found.total() == 0
    assert session.scalar(select(func.count(EvidenceRow.id))) == 0


def test_a_holiday_that_is_none_any_more_proposes_a_shorter_window(session, at):
    announced = Scenario(session, at=at).announce()
    shift_window(session, announced, at=at)
    assert recompute(session, at=at).found == {Recomputed.SHORTER: 1}
    (window,) = proposed_windows(proposals(session)[0])
    assert window.new is not None
    assert window.new.last_day == LAST_DAY < window.old.last_day


def shift_window(
    session: Session, announced: Announced, *, at: datetime, day: date = LAST_DAY
) -> None:
    """As if an older calendar had known a holiday on the last day."""
    terms = announced.terms
    older = other_holidays(day, version="older")(terms.counting.holiday_calendar)
    window = compute_window(terms, at, older)
    of_notice = NoticeRow.id == announced.notice_id
    session.execute(update(NoticeRow).where(of_notice).values(window=window_to_mapping(window)))
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == announced.notice_id)
        .values(closes_at=window.closes_at, silence_after_at=window.silence_after_at)
    )
    session.commit()


def test_a_window_kept_from_an_earlier_serving_is_not_called_too_long(session, at):
    announced = Scenario(session, at=at).announce()
    # Served anew two days earlier than the window that it kept was computed from.
    session.execute(update(NoticeRow).values(served_at=at - 2 * DAY))
    session.commit()
    assert recompute(session, at=at).found == {Recomputed.SAME: 1}
    assert announced.case_ids


def test_only_running_windows_of_served_notices_are_looked_at(session, at):
    scenario = Scenario(session, at=at)
    closed, bounced, waiting, running = (
        scenario.announce(served=served) for served in (True, True, False, True)
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.id.in_(closed.case_ids))
        .values(state=CaseState.CLOSED, outcome=Outcome.ACCEPTED, outcome_at=at)
    )
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == bounced.notice_id)
        .values(state=NoticeState.NOT_SERVED)
    )
    session.commit()
    assert recompute(session, LAST_DAY, at=at).found.total() == 1
    assert [row.notice_id for row in proposals(session)] == [running.notice_id]
    assert waiting.notice_id


def test_newer_data_again_overtakes_what_nobody_decided(session, at):
    Scenario(session, at=at).announce()
    recompute(session, LAST_DAY, at=at)
    report = recompute(session, LAST_DAY, LAST_DAY + DAY, at=at + DAY, version="newest")
    assert report.outdated == 1
    first, second = proposals(session)
    assert (first.state, second.state) == (ProposalState.OUTDATED, ProposalState.PROPOSED)
    # Back to the data of before (an older version was installed again): it is taken up again.
    assert recompute(session, LAST_DAY, at=at + 2 * DAY).found == {Recomputed.LONGER: 1}
    first, second = proposals(session)
    assert (first.state, first.made_at) == (ProposalState.PROPOSED, at + 2 * DAY)
    assert second.state == ProposalState.OUTDATED


def test_deemed_receipt_is_computed_anew_from_the_dispatch(session, at):
    """On the second working day after dispatch: a holiday in between moves the opening."""
    terms = replace(
        terms_of("fr-15-days"),
        deemed_receipt=DeemedReceipt(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH, days=2),
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris", "FR"),
    )
    announced = Scenario(session, at=at).announce(terms=terms)
    old = session.get_one(NoticeRow, announced.notice_id).window
    assert old is not None
    assert recompute(session, date(2026, 3, 3), at=at).found == {Recomputed.LONGER: 1}
    (window,) = proposed_windows(proposals(session)[0])
    assert window.new is not None
    assert window.old.closes_at < window.new.closes_at
    assert (window.new.last_day - window.old.last_day).days == 1


def test_counted_back_from_the_day_of_commencement_that_the_window_names(session, at):
    terms = replace(
        terms_of("fr-15-days"),
        runs_from=RunsFrom.COMMENCEMENT_BACKWARD,
        objection_period=Period(10, Unit.BUSINESS_DAYS),
        closes=Closes.PERIOD,
        counting=Counting(CountingRule.RETRO_1182_71, "Europe/Paris", "FR"),
    )
    announced = Scenario(session, at=at).announce()
    commencement_on = date(2026, 4, 15)
    window = compute_window(
        terms, at, other_holidays(version="older")("FR"), commencement_on=commencement_on
    )
    give_terms(session, announced, terms, window_to_mapping(window))
    recompute(session, date(2026, 4, 8), at=at)
    (proposed,) = proposed_windows(proposals(session)[0])
    assert proposed.kind is Recomputed.SHORTER, "counted back over one more holiday"
    assert proposed.new is not None
    assert proposed.new.last_day < proposed.old.last_day


def give_terms(session: Session, announced: Announced, terms, window) -> None:
    session.execute(update(TermsVersionRow).values(terms=terms_to_mapping(terms), digest="x"))
    session.execute(update(NoticeRow).values(window=window))
    session.execute(update(CaseRow).values(closes_at=datetime.fromisoformat(window["closes_at"])))
    session.commit()


def test_what_cannot_be_computed_any_more_is_shown_and_stops_nothing(session, at):
    scenario = Scenario(session, at=at)
    lost, other = scenario.announce(terms=in_place("DE")), scenario.announce()
    known = other_holidays(LAST_DAY)

    def calendar_of(name: str) -> OtherHolidays:
        if name == "DE":
            raise UnknownCalendar(name)
        return known(name)

    report = recompute_windows(session, versions=NEWER, calendar_of=calendar_of, at=at)
    assert report.found == {Recomputed.FAILED: 1, Recomputed.LONGER: 1}
    first, second = proposals(session)
    assert (first.notice_id, second.notice_id) == (lost.notice_id, other.notice_id)
    (window,) = proposed_windows(first)
    assert (window.new, window.failure) == (None, "UnknownCalendar")


def in_place(calendar: str):
    terms = terms_of("fr-15-days")
    return replace(terms, counting=replace(terms.counting, holiday_calendar=calendar))


def test_the_number_of_statements_does_not_grow_with_the_number_of_notices(session, at):
    scenario = Scenario(session, at=at)
    scenario.announce()
    few = count_statements(session, lambda: recompute(session, LAST_DAY, at=at))
    for _ in range(20):
        scenario.announce(at=at + timedelta(minutes=1))
    many = count_statements(session, lambda: recompute(session, LAST_DAY, at=at))
    assert many <= few + 1
    assert count_statements(session, lambda: recompute(session, LAST_DAY, at=at)) <= 3


def count_statements(session: Session, act) -> int:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(said)


def test_runs_inside_transactions_of_its_own(session, at):
    Scenario(session, at=at).announce()
    recompute(session, LAST_DAY, at=at)
    with transaction(session):
        assert session.scalar(select(func.count(WindowProposalRow.id))) == 1
