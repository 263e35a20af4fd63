"""A later commencement is a plain information; windows that hang on it grow, and never shrink."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.postpone_commencement import NotPostponed, postpone_commencement
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_words import Closes, RunsFrom
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import CaseState, HoldReason, MessagePurpose, NoticeState
from subnotify.storage.tables import CaseRow, ChangeRow, MessageRow, NoticeRow
from tests.operations.desk import case_of, evidence_types
from tests.operations.rendering import one_text
from tests.operations.test_serve_notices import prove
from tests.support.release_world import PUBLISHER
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of

DAY = timedelta(days=1)
# Served on Monday 2 March.
ON, LATER = date(2026, 4, 7), date(2026, 5, 5)
BACK = replace(
    terms_of(FIFTEEN), runs_from=RunsFrom.COMMENCEMENT_BACKWARD, objection_period=Period(14)
)


def announced(session: Session, at: datetime, terms: NoticeTerms, *, on: date = ON) -> Announced:
    made = Scenario(session, at=at).announce(terms=terms, commencement_on=on, served=False)
    prove(session, made, at=at)
    return made


def postpone(
    session: Session, made: Announced, day: date = LATER, *, at: datetime, **given: str
) -> int:
    change_id = case_of(session, made.case_ids[0]).change_id
    said = {"reason": "The new host is late."} | given
    return postpone_commencement(
        session, made.release_id, change_id, day, by=PUBLISHER, at=at, **said
    )


def last_day(session: Session, made: Announced) -> date:
    case = case_of(session, made.case_ids[0])
    notice = session.get_one(NoticeRow, made.notice_id)
    return window_from_mapping(case.window or notice.window).last_day


@pytest.mark.parametrize(
    ("terms", "before", "after"),
    [
        (BACK, date(2026, 3, 24), date(2026, 4, 21)),
        (
            replace(BACK, closes=Closes.COMMENCEMENT, objection_period=None),
            ON - DAY,
            LATER - DAY,
        ),
    ],
)
def test_a_window_that_hangs_on_commencement_grows(session, at, terms, before, after):
    made = announced(session, at, terms)
    assert last_day(session, made) == before
    old = case_of(session, made.case_ids[0])
    assert postpone(session, made, at=at + DAY) == 1
    assert last_day(session, made) == after
    new = case_of(session, made.case_ids[0])
    assert new.closes_at > old.closes_at
    assert new.silence_after_at > old.silence_after_at
    assert new.state == CaseState.OPEN
    assert "commencement_postponed" in evidence_types(session)


def test_a_longer_end_that_a_person_granted_stays(session, at):
    made = announced(session, at, BACK)
    granted = at + 200 * DAY
    session.execute(update(CaseRow).values(closes_at=granted, silence_after_at=granted + DAY))
    session.commit()
    postpone(session, made, at=at + DAY)
    case = case_of(session, made.case_ids[0])
    assert (case.closes_at, case.silence_after_at) == (granted, granted + DAY)


def test_other_windows_stay_and_the_clients_are_told_all_the_same(session, at):
    made = announced(session, at, terms_of(FIFTEEN))
    before = case_of(session, made.case_ids[0])
    assert postpone(session, made, at=at + DAY) == 0
    after = case_of(session, made.case_ids[0])
    assert (after.closes_at, after.window) == (before.closes_at, None)
    told = select(MessageRow).where(MessageRow.purpose == "postponed")
    assert len(session.scalars(told).all()) == 1
    session.rollback()
    postpone(session, made, LATER + DAY, at=at + 2 * DAY)
    assert len(session.scalars(told).all()) == 2


def test_the_mail_says_the_later_day_and_the_deadline(session, at):
    made = announced(session, at, BACK)
    postpone(session, made, at=at + DAY)
    mail = one_text(session, at + DAY, MessagePurpose.POSTPONED)
    assert mail.subject.endswith(": not before 5 May 2026")
    assert "on Tuesday 5 May 2026 at the earliest." in mail.text
    assert "You can object until Tuesday 21 April 2026, 24:00" in mail.text


def test_a_closed_case_stays_closed(session, at):
    made = announced(session, at, BACK)
    session.execute(update(CaseRow).values(state="closed", outcome="no_objection", outcome_at=at))
    session.commit()
    assert postpone(session, made, at=at + DAY) == 0
    assert case_of(session, made.case_ids[0]).state == CaseState.CLOSED


def test_a_notice_that_came_too_late_is_judged_anew(session, at):
    made = announced(session, at, BACK, on=at.date() + 10 * DAY)
    notice = session.get_one(NoticeRow, made.notice_id)
    assert (notice.state, notice.failure_reason) == (
        NoticeState.NOT_SERVED,
        HoldReason.NOTICE_TOO_LATE,
    )
    session.rollback()
    postpone(session, made, at=at + DAY)
    session.refresh(notice)
    assert notice.state == NoticeState.SERVED
    assert last_day(session, made) == date(2026, 4, 21)
    session.rollback()
    assert case_of(session, made.case_ids[0]).state == CaseState.OPEN


def test_what_is_refused(session, at):
    made = announced(session, at, BACK)
    for day in (ON, ON - DAY):
        with pytest.raises(NotPostponed):
            postpone(session, made, day, at=at)
    with pytest.raises(ReasonMissing):
        postpone(session, made, at=at, reason=" ")
    with pytest.raises(NotFound):
        postpone_commencement(session, made.release_id, 999, LATER, reason="x", by=PUBLISHER, at=at)
    session.execute(update(ChangeRow).values(state="commenced"))
    session.commit()
    with pytest.raises(MoveNotAllowed):
        postpone(session, made, at=at)
    assert case_of(session, made.case_ids[0]).window is None


def test_a_client_that_only_some_of_its_mails_have_reached_is_told(session, at):
    """The others will leave with what they were sealed with, or are served meanwhile."""
    made = Scenario(session, at=at).announce(
        terms=terms_of(FIFTEEN), commencement_on=date(2026, 4, 7), served=False, contacts=2
    )
    prove(session, made, 0, at=at)
    assert session.get_one(NoticeRow, made.notice_id).dispatched_at is None
    change_id = case_of(session, made.case_ids[0]).change_id
    session.rollback()
    on = date(2026, 5, 5)
    postpone_commencement(
        session, made.release_id, change_id, on, reason="late", by=PUBLISHER, at=at + DAY
    )
    postponed = MessageRow.purpose == MessagePurpose.POSTPONED
    told = session.scalars(select(MessageRow.contact_id).where(postponed)).all()
    assert sorted(told) == sorted(made.contact_ids)
