"""The second silence rule: an objection that nobody settles in the time that the terms give."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.settle_objection import Settlement, settle_objection, undo_settlement
from subnotify.operations.transaction import transaction
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import IfUnresolved, ObjectionEffect, SilenceBrokenBy, TimelyWhen
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    Outcome,
    SettlementKind,
)
from subnotify.storage.tables import OutcomeRow
from tests.operations.desk import LEGAL, add_response, case_of, messages_of, standing_of
from tests.operations.test_close_windows import PARIS, confirm_all
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of

DAY = timedelta(days=1)
UNRESOLVED = replace(
    terms_of(FIFTEEN),
    preset="",
    effect_of_objection=ObjectionEffect.ACCOMMODATION,
    objection_timely_when=TimelyWhen.RECEIVED,
    silence_broken_by=SilenceBrokenBy.OBJECTION,
    accommodation_period=Period(30),
    if_unresolved=IfUnresolved.DEEMED_ACCEPTED,
    deemed_accepted_after=Period(60),
)


@pytest.fixture
def announced(session: Session, at: datetime) -> Announced:
    return Scenario(session, at=at).announce(terms=UNRESOLVED)


def say(session: Session, announced: Announced, kind: str, at: datetime, **columns) -> int:
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(session, announced.notice_id, case_id, kind, at, **columns)
        apply_standings(session, [case_id], actor="client:notice:1", at=at)
    return response_id


def test_the_clocks_are_kept_with_the_case(session, announced, at):
    case_id = announced.case_ids[0]
    assert case_of(session, case_id).unresolved_after_at is None
    say(session, announced, "objection", at + DAY)
    case = case_of(session, case_id)
    assert (case.unresolved_ends_at - at).days in range(60, 65)
    assert case.unresolved_after_at - case.unresolved_ends_at == DAY
    assert (case.accommodation_ends_at - at).days in range(30, 35)
    # A second objection starts them anew; nothing ends earlier.
    say(session, announced, "objection", at + 4 * DAY)
    later = case_of(session, case_id)
    assert later.unresolved_ends_at > case.unresolved_ends_at


def test_an_unresolved_objection_ends_after_its_time_grace_and_reading(session, announced, at):
    case_id = announced.case_ids[0]
    objection_id = say(session, announced, "objection", at + DAY)
    due_at = case_of(session, case_id).unresolved_after_at
    confirm_read(
        session,
        ConfirmationKind.REPLIES_READ,
        (due_at - 5 * DAY).astimezone(PARIS).date(),
        zone=PARIS,
        at=due_at,
        **LEGAL,
    )
    close_windows(session, at=due_at - timedelta(microseconds=1))
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    close_windows(session, at=due_at)
    unread = (CaseState.OBJECTED, [HoldReason.REPLIES_NOT_READ], None)
    assert standing_of(session, case_id) == unread
    confirm_all(session, due_at)
    report = close_windows(session, at=due_at)
    assert dict(report.closed) == {Outcome.ACCEPTED_UNRESOLVED: 1}
    assert standing_of(session, case_id) == (CaseState.CLOSED, [], Outcome.ACCEPTED_UNRESOLVED)
    row = session.scalars(select(OutcomeRow).where(OutcomeRow.case_id == case_id)).one()
    assert (row.covers_up_to, row.by) == (objection_id, "job:close_windows")
    session.rollback()
    assert len(messages_of(session, case_id, "closing")) == 1
    # What it ended does not reopen it, however often it is decided.
    with transaction(session):
        apply_standings(session, [case_id], actor="test", at=due_at + DAY)
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED_UNRESOLVED


def test_a_letter_in_time_that_arrived_late_takes_the_outcome_back(session, announced, at):
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY)
    due_at = case_of(session, case_id).unresolved_after_at
    confirm_all(session, due_at)
    close_windows(session, at=due_at)
    say(session, announced, "objection", at + 2 * DAY, channel="post")
    assert standing_of(session, case_id)[:2] == (
        CaseState.HOLD,
        [HoldReason.OBJECTION_AFTER_CLOSING],
    )


@pytest.mark.parametrize("hindrance", ["question", "settled", "undone", "bounced", "terminated"])
def test_what_keeps_an_objection_from_counting_as_unresolved(session, announced, at, hindrance):
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY)
    due_at = case_of(session, case_id).unresolved_after_at
    # Before the window ends: a settlement would close the case afterwards.
    before = at + 10 * DAY if hindrance == "undone" else due_at - 2 * DAY
    if hindrance == "question":
        say(session, announced, "question", before)
    elif hindrance in ("settled", "undone"):
        met = Settlement(SettlementKind.ACCOMMODATED, "not used for it")
        settle_objection(session, case_id, met, at=before, **LEGAL)
    elif hindrance == "terminated":
        ended = Settlement(
            SettlementKind.TERMINATED,
            "letter of the client",
            ("monitoring",),
            takes_effect_on=(due_at + 30 * DAY).date(),
        )
        settle_objection(session, case_id, ended, at=before, **LEGAL)
    else:
        record_bounce(session, announced.message_ids[0], note="550 unknown", at=before, **LEGAL)
    if hindrance == "undone":
        undo_settlement(session, case_id, note="another client", at=before, **LEGAL)
    confirm_all(session, due_at)
    close_windows(session, at=due_at)
    assert standing_of(session, case_id)[2] is not Outcome.ACCEPTED_UNRESOLVED
    if hindrance == "undone":
        assert case_of(session, case_id).unresolved_after_at > due_at + 5 * DAY


def test_a_settlement_takes_the_clock_away(session, announced, at):
    case_id = announced.case_ids[0]
    say(session, announced, "objection", at + DAY)
    met = Settlement(SettlementKind.ACCOMMODATED, "not used for it")
    settle_objection(session, case_id, met, at=at + 2 * DAY, **LEGAL)
    case = case_of(session, case_id)
    assert (case.unresolved_after_at, case.accommodation_ends_at) == (None, None)
