"""A clock that ran ahead must not make replies count as read that nobody could read yet."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.transaction import transaction
from subnotify.rules.words import CaseState, HoldReason, Outcome
from subnotify.storage.mail_readings import (
    find_read_until,
    keep_places,
    note_read_until,
    note_reading_failed,
)
from subnotify.storage.service_watch import append_freeze
from tests.operations.desk import confirm_all, standing_of
from tests.support.scenario import Scenario

DAY = timedelta(days=1)
INBOX = "imap:host:user:INBOX"


def test_a_reading_dated_ahead_counts_for_nothing_once_the_clock_is_right(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce()
    with transaction(session):
        keep_places(session, [INBOX])
        note_read_until(session, [INBOX], at + 400 * DAY)
        append_freeze(session, words="the clock jumped", runner="worker", at=at + 400 * DAY)
    by_legal = {"note": "set right", "by": "Leon Legal", "actor": "operator:1"}
    lift_clock_freeze(session, at=at + DAY, **by_legal)
    assert find_read_until(session) is None
    session.rollback()
    # From now on the mailbox cannot be read: what lies there may be an objection.
    with transaction(session):
        note_reading_failed(session, [INBOX], "refused", at=at + DAY)
    over = at + 60 * DAY
    close_windows(session, at=over)
    assert standing_of(session, announced.case_ids[0]) == (
        CaseState.HOLD,
        [HoldReason.REPLIES_NOT_READ],
        None,
    )
    with transaction(session):
        note_read_until(session, [INBOX], over)
    close_windows(session, at=over)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE


def test_a_reading_of_the_past_stays_when_a_freeze_is_lifted(
    session: Session, at: datetime
) -> None:
    with transaction(session):
        keep_places(session, [INBOX])
        note_read_until(session, [INBOX], at)
        append_freeze(session, words="the clock jumped", runner="worker", at=at)
    by_legal = {"note": "set right", "by": "Leon Legal", "actor": "operator:1"}
    lift_clock_freeze(session, at=at, **by_legal)
    assert find_read_until(session) == at


def test_a_persons_confirmation_under_a_clock_ahead_counts_only_when_its_day_comes(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce()
    confirm_all(session, at + 400 * DAY)
    over = at + 60 * DAY
    close_windows(session, at=over)
    assert HoldReason.REPLIES_NOT_READ in standing_of(session, announced.case_ids[0])[1]
    confirm_all(session, over + DAY)
    close_windows(session, at=over + DAY)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE


def test_a_reading_dated_ahead_counts_for_nothing_even_where_no_freeze_was_lifted(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce()
    with transaction(session):
        keep_places(session, [INBOX])
        note_read_until(session, [INBOX], at + 400 * DAY)
    close_windows(session, at=at + 60 * DAY)
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLIES_NOT_READ]
