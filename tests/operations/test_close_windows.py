"""What time closes, and what it does not."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import DayInFuture, confirm_read
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.terms_words import Authorisation, SilenceEffect
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    Outcome,
    SettlementKind,
)
from subnotify.storage.tables import (
    AgreementExceptionRow,
    AgreementRow,
    AgreementServiceRow,
    NoticeRow,
    OutcomeRow,
)
from tests.operations.desk import (
    LEGAL,
    PARIS,
    add_response,
    case_of,
    confirm_all,
    evidence_types,
    messages_of,
    standing_of,
)
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario, terms_of

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


def test_silence_closes_after_window_grace_and_reading(session, scenario, at):
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    confirm_all(session, silent_at)

    early = close_windows(session, at=silent_at - timedelta(microseconds=1))
    assert (dict(early.closed), early.held, early.moved) == ({}, 0, 0)
    assert standing_of(session, case_id)[0] is CaseState.OPEN

    report = close_windows(session, at=silent_at)
    assert dict(report.closed) == {Outcome.ACCEPTED_BY_SILENCE: 1}
    assert standing_of(session, case_id) == (CaseState.CLOSED, [], Outcome.ACCEPTED_BY_SILENCE)
    assert case_of(session, case_id).outcome_at == silent_at
    recorded = session.scalars(select(OutcomeRow).where(OutcomeRow.case_id == case_id)).one()
    assert (recorded.outcome, recorded.number, recorded.by) == (
        Outcome.ACCEPTED_BY_SILENCE,
        1,
        "job:close_windows",
    )
    session.rollback()
    assert len(messages_of(session, case_id, "closing")) == 1
    assert evidence_types(session)[-1] == "case_moved"

    again = close_windows(session, at=silent_at + DAY)
    assert (dict(again.closed), again.held, again.moved) == ({}, 0, 0)
    assert len(messages_of(session, case_id, "closing")) == 1


def test_what_comes_late_leaves_the_recorded_outcome_as_it_was(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case_id = announced.case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    moves = evidence_types(session).count("case_moved")

    late_at = silent_at + 60 * DAY
    with transaction(session):
        sent_on = late_at.date()
        add_response(
            session, announced.notice_id, case_id, "objection", late_at, dispatched_on=sent_on
        )
        apply_standings(session, [case_id], actor="client:notice:1", at=late_at)
    case = case_of(session, case_id)
    assert (case.outcome, case.outcome_at) == (Outcome.ACCEPTED_BY_SILENCE, silent_at)
    assert evidence_types(session).count("case_moved") == moves


def test_without_confirmation_silence_holds_and_is_taken_up_after_it(session, scenario, at):
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at

    report = close_windows(session, at=silent_at)
    assert report.held == 1
    assert standing_of(session, case_id) == (
        CaseState.HOLD,
        [HoldReason.REPLIES_NOT_READ],
        None,
    )
    assert close_windows(session, at=silent_at + DAY).held == 0

    # Read, but not up to the deadline: nothing moves.
    confirm_read(
        session,
        ConfirmationKind.REPLIES_READ,
        (at + DAY).date(),
        zone=PARIS,
        at=silent_at,
        **LEGAL,
    )
    assert not close_windows(session, at=silent_at).closed
    confirm_all(session, silent_at)
    assert dict(close_windows(session, at=silent_at).closed) == {Outcome.ACCEPTED_BY_SILENCE: 1}


def test_registered_post_needs_opened_post_too(session, scenario, at):
    case_id = scenario.announce(preset=REGISTERED).case_ids[0]
    case = case_of(session, case_id)
    # Ten working days of postal grace.
    assert case.silence_after_at - case.closes_at >= 14 * DAY
    silent_at = case.silence_after_at

    close_windows(session, at=silent_at)
    assert standing_of(session, case_id)[1] == [
        HoldReason.POST_NOT_OPENED,
        HoldReason.REPLIES_NOT_READ,
    ]
    today = silent_at.astimezone(PARIS).date()
    confirm_read(session, ConfirmationKind.REPLIES_READ, today, zone=PARIS, at=silent_at, **LEGAL)
    close_windows(session, at=silent_at)
    assert standing_of(session, case_id)[1] == [HoldReason.POST_NOT_OPENED]
    confirm_read(
        session, ConfirmationKind.REGISTERED_POST_OPENED, today, zone=PARIS, at=silent_at, **LEGAL
    )
    close_windows(session, at=silent_at)
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_BY_SILENCE


def test_a_confirmation_of_today_reaches_to_now_only(session, scenario, at):
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    closes_at = case_of(session, case_id).closes_at
    early = closes_at - timedelta(hours=6)
    up_to = confirm_read(
        session,
        ConfirmationKind.REPLIES_READ,
        early.astimezone(PARIS).date(),
        zone=PARIS,
        at=early,
        **LEGAL,
    )
    assert up_to == early
    close_windows(session, at=closes_at + 2 * DAY)
    assert standing_of(session, case_id)[1] == [HoldReason.REPLIES_NOT_READ]


def test_a_day_to_come_cannot_be_confirmed(session, scenario, at):
    with pytest.raises(DayInFuture):
        confirm_read(
            session,
            ConfirmationKind.REPLIES_READ,
            date(2026, 3, 3),
            zone=PARIS,
            at=at,
            **LEGAL,
        )


def test_a_response_keeps_silence_from_closing(session, scenario, at):
    asked = scenario.announce(preset=FIFTEEN)
    quiet = scenario.announce(preset=FIFTEEN)
    with transaction(session):
        add_response(session, asked.notice_id, None, "question", at + DAY, read_at=at + DAY)
        apply_standings(session, asked.case_ids, actor="client:notice:1", at=at + DAY)
    silent_at = case_of(session, quiet.case_ids[0]).silence_after_at
    confirm_all(session, silent_at)
    report = close_windows(session, at=silent_at)
    assert report.closed[Outcome.ACCEPTED_BY_SILENCE] == 1
    assert standing_of(session, asked.case_ids[0]) == (
        CaseState.HOLD,
        [HoldReason.SILENCE_BROKEN],
        None,
    )


def test_a_notice_no_longer_served_never_closes_in_bulk(session, scenario, at):
    case_id = scenario.announce(preset=FIFTEEN).case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    session.execute(update(NoticeRow).values(state="not_served", failure_reason="bounced"))
    session.commit()
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.BOUNCED], None)


def test_specific_authorisation_is_refused_by_silence(session, scenario, at):
    terms = replace(
        terms_of(FIFTEEN),
        preset="",
        authorisation=Authorisation.SPECIFIC,
        effect_of_silence=SilenceEffect.DEEMED_REFUSED,
    )
    announced = scenario.announce(terms=terms)
    silent_at = case_of(session, announced.case_ids[0]).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.NOT_AUTHORISED
    excepted = session.scalars(select(AgreementExceptionRow.agreement_id)).all()
    session.rollback()
    assert excepted == [announced.agreement_id]


def test_a_termination_takes_effect_at_window_close_without_further_input(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    closes_at = case_of(session, case_id).closes_at
    with transaction(session):
        add_response(
            session,
            announced.notice_id,
            case_id,
            "objection",
            at + 3 * DAY,
            channel="registered_post",
            dispatched_on=(at + 2 * DAY).date(),
        )
        apply_standings(session, [case_id], actor="operator:1", at=at + 3 * DAY)
    settle_objection(
        session,
        case_id,
        Settlement(SettlementKind.TERMINATED, "letter of 4 March", ("monitoring",)),
        at=at + 4 * DAY,
        **LEGAL,
    )
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED
    close_windows(session, at=closes_at - timedelta(seconds=1))
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED
    close_windows(session, at=closes_at)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    ends = session.execute(
        select(AgreementServiceRow.until_on).where(AgreementServiceRow.until_on.is_not(None))
    ).all()
    session.rollback()
    assert ends == [(closes_at.astimezone(PARIS).date(),)]


def test_an_ended_agreement_closes_its_cases(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN, changes=2)
    session.execute(update(AgreementRow).values(ended_on=(at + 3 * DAY).date()))
    session.commit()
    close_windows(session, at=at + 3 * DAY)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    close_windows(session, at=at + 4 * DAY)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id)[2] is Outcome.AGREEMENT_ENDED


def test_chunks_and_a_stop_between_them(session, scenario, at, monkeypatch):
    monkeypatch.setattr("subnotify.operations.close_windows.BULK_CHUNK", 2)
    cases = [scenario.announce(preset=FIFTEEN).case_ids[0] for _ in range(5)]
    silent_at = case_of(session, cases[0]).silence_after_at
    confirm_all(session, silent_at)
    asked = iter([False, True, True])
    stopped = close_windows(session, at=silent_at, stop=lambda: next(asked))
    assert stopped.closed.total() == 2
    assert close_windows(session, at=silent_at).closed.total() == 3
    count = session.scalar(select(func.count()).select_from(OutcomeRow))
    session.rollback()
    assert count == 5
