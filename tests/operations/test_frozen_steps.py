"""While the clock is in doubt no person's click concludes what only passed time may conclude.

The hosts of the pages watch no clock: the freeze that a worker recorded holds there, too.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.close_without_objection import (
    confirm_no_objection,
    propose_no_objection,
)
from subnotify.operations.commence_changes import commence_change, commence_changes
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import ClockInDoubt
from subnotify.rules.words import CaseState, ChangeState, ConfirmationKind, Outcome
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import ChangeRow, ConfirmationRow
from tests.operations.desk import LEGAL, SECOND, standing_of
from tests.operations.test_lead_times import (
    STARTS,
    announced,
    change_id_of,
    early_terms,
)
from tests.operations.test_legal_steps import ask, close_by_silence
from tests.support.scenario import FIFTEEN, Scenario

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


def freeze(session: Session, at: datetime) -> None:
    with transaction(session):
        append_freeze(session, words="the clock jumped", runner="worker:1", at=at)


def lift(session: Session, at: datetime) -> None:
    lift_clock_freeze(session, note="the time server is back", at=at, **LEGAL)


def test_nobody_commences_a_change(session: Session, at: datetime) -> None:
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    freeze(session, STARTS)
    with pytest.raises(ClockInDoubt):
        commence_change(session, change_id, zone=PARIS, at=STARTS, **LEGAL)
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    assert session.get_one(ChangeRow, change_id).state == ChangeState.RELEASED
    session.rollback()
    lift(session, STARTS)
    commence_change(session, change_id, zone=PARIS, at=STARTS, **LEGAL)
    assert session.get_one(ChangeRow, change_id).state == ChangeState.COMMENCED


def test_nobody_closes_without_objection(session: Session, at: datetime) -> None:
    made = Scenario(session, at=at).announce(preset=FIFTEEN)
    case_id = made.case_ids[0]
    ask(session, made, at + DAY)
    silent_at = close_by_silence(session, made)
    freeze(session, silent_at)
    with pytest.raises(ClockInDoubt):
        propose_no_objection(session, case_id, note="nothing came", at=silent_at, **LEGAL)
    lift(session, silent_at)
    propose_no_objection(session, case_id, note="nothing came", at=silent_at, **LEGAL)
    freeze(session, silent_at)
    with pytest.raises(ClockInDoubt):
        confirm_no_objection(session, case_id, at=silent_at, **SECOND)
    assert standing_of(session, case_id)[0] is CaseState.HOLD
    lift(session, silent_at)
    confirm_no_objection(session, case_id, at=silent_at, **SECOND)
    assert standing_of(session, case_id)[2] is Outcome.NO_OBJECTION


def test_nobody_confirms_to_have_read_up_to_a_day_that_may_not_have_come(
    session: Session, at: datetime
) -> None:
    freeze(session, at)
    for kind in ConfirmationKind:
        with pytest.raises(ClockInDoubt):
            confirm_read(session, kind, date(2026, 3, 1), zone=PARIS, at=at, **LEGAL)
    assert not session.scalar(select(func.count()).select_from(ConfirmationRow))
