"""What a person makes of a mail: dated by its receipt, recorded once, tied to its client."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.file_mail import FiledBefore, NotTied, file_mail, tie_mail
from subnotify.rules.errors import MoveNotAllowed, NotFound, ProblemsFound
from subnotify.rules.words import (
    CaseState,
    FiledAs,
    HoldReason,
    NoticeState,
    Outcome,
    Timeliness,
)
from subnotify.storage.tables import (
    IncomingMailRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ResponseRow,
)
from tests.operations.desk import LEGAL, SECOND, case_of, evidence_types, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.returned import receive, reply_to
from tests.support.scenario import FIFTEEN, REGISTERED

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def file(session: Session, mail_id: int, filed_as: FiledAs, cases=(), at=None, who=LEGAL, note=""):
    return file_mail(
        session, mail_id, filed_as, cases, note, legal_email="legal@vendor.example", at=at, **who
    )


def get(session: Session, table: Any, row_id: int) -> Any:
    row = session.get(table, row_id, populate_existing=True)
    assert row is not None
    session.expunge(row)
    session.rollback()
    return row


def test_an_objection_is_received_when_our_server_took_the_mail(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN, changes=2)
    first, second = announced.case_ids
    mail_id = receive(session, reply_to(announced, "We object."), at + DAY)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.REPLY_WAITS], None)
    (response_id,) = file(session, mail_id, FiledAs.OBJECTION, [first], at + 3 * DAY)
    row = get(session, ResponseRow, response_id)
    assert (row.received_at, row.channel, row.timeliness) == (
        at + DAY,
        "reply",
        Timeliness.IN_TIME,
    )
    assert (row.text, row.by_name, row.recorded_by) == ("We object.", "Camille Perrin", "Lea Legal")
    assert row.contact_id == announced.contact_ids[0]
    assert standing_of(session, first) == (CaseState.OBJECTED, [], None)
    assert standing_of(session, second)[0] is CaseState.OPEN
    purposes = set(
        session.scalars(select(MessageRow.purpose).where(MessageRow.response_id == response_id))
    )
    session.rollback()
    assert purposes == {"receipt", "objection_alarm"}
    assert evidence_types(session).count("mail_filed") == 1


def test_filed_twice_is_once_and_the_second_person_is_told(session, scenario, at):
    announced = scenario.announce(changes=2)
    mail_id = receive(session, reply_to(announced, "We object to both."), at + DAY)
    first = file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, at + DAY)
    assert len(first) == 2
    assert file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, at + DAY) == first
    for case_ids, filed_as, who in (
        (announced.case_ids, FiledAs.OBJECTION, SECOND),
        (announced.case_ids[:1], FiledAs.OBJECTION, LEGAL),
        ((), FiledAs.NO_ANSWER, LEGAL),
    ):
        with pytest.raises(FiledBefore):
            file(session, mail_id, filed_as, case_ids, at + DAY, who)


def test_a_question_waits_for_its_answer(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED, changes=2)
    mail_id = receive(session, reply_to(announced, "Where is it hosted?"), at + DAY)
    (response_id,) = file(session, mail_id, FiledAs.QUESTION, (), at + DAY)
    assert get(session, ResponseRow, response_id).case_id is None
    for case_id in announced.case_ids:
        assert standing_of(session, case_id)[1] == [HoldReason.WAITS_FOR_PERSON]


def test_no_answer_frees_and_may_turn_out_to_be_one(session, scenario, at):
    announced = scenario.announce()
    mail_id = receive(session, reply_to(announced, "Thanks, out of the office."), at + DAY)
    assert file(session, mail_id, FiledAs.NO_ANSWER, (), at + DAY, note="a greeting") == ()
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    (response_id,) = file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, at + 2 * DAY)
    assert get(session, ResponseRow, response_id).received_at == at + DAY
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    assert evidence_types(session).count("mail_filed") == 2


def test_an_acknowledgement_proves_receipt_from_its_arrival(session, scenario, at):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    mail_id = receive(session, reply_to(announced, "Received."), at + DAY)
    file(session, mail_id, FiledAs.ACKNOWLEDGEMENT, (), at + 3 * DAY)
    notice = get(session, NoticeRow, announced.notice_id)
    assert (notice.state, notice.served_proof) == (NoticeState.SERVED, "acknowledgement")
    assert notice.served_at == at + DAY
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN


def test_five_minutes_before_the_deadline_read_three_days_after(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    mail_id = receive(session, reply_to(announced, "We object."), case.closes_at - 5 * MINUTE)
    late = case.closes_at + 3 * DAY
    close_windows(session, at=late)
    assert standing_of(session, case.id)[0] is CaseState.HOLD
    assert HoldReason.REPLY_WAITS in standing_of(session, case.id)[1]
    file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, late)
    assert standing_of(session, case.id) == (CaseState.OBJECTED, [], None)
    confirm_all(session, late)
    close_windows(session, at=late)
    assert standing_of(session, case.id) == (CaseState.OBJECTED, [], None)


def test_a_mail_of_nobody_is_tied_then_filed(session, scenario, at):
    announced, other = scenario.announce(), scenario.announce()
    mail_id = receive(session, reply_to(announced, "We object.", tag=None), at + DAY)
    row = get(session, IncomingMailRow, mail_id)
    assert (row.client_id, row.tag) == (None, "missing")
    with pytest.raises(NotTied):
        file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, at + DAY)
    tie_mail(session, mail_id, other.notice_id, at=at + DAY, **LEGAL)
    assert standing_of(session, other.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    tie_mail(session, mail_id, announced.notice_id, at=at + DAY, **LEGAL)
    tie_mail(session, mail_id, announced.notice_id, at=at + DAY, **LEGAL)
    assert standing_of(session, other.case_ids[0])[0] is CaseState.OPEN
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    # By its address it came from the contact of the notice.
    assert get(session, IncomingMailRow, mail_id).message_id == announced.message_ids[0]
    with pytest.raises(NotFound):
        file(session, mail_id, FiledAs.OBJECTION, other.case_ids, at + DAY)
    with pytest.raises(ProblemsFound):
        file(session, mail_id, FiledAs.OBJECTION, (), at + DAY)
    file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, at + DAY)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    with pytest.raises(FiledBefore):
        tie_mail(session, mail_id, other.notice_id, at=at + DAY, **LEGAL)
    assert evidence_types(session).count("mail_tied") == 2


def test_an_old_mail_of_the_contact_proves_nothing_of_a_later_notice(session, scenario, at):
    """Whoever wants silence to count ties a word of thanks of last month, and files it."""
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    old = receive(session, reply_to(announced, "Received, thanks.", tag=None), at - MINUTE)
    tie_mail(session, old, announced.notice_id, at=at + DAY, **LEGAL)
    with pytest.raises(MoveNotAllowed, match="before the notice"):
        file(session, old, FiledAs.ACKNOWLEDGEMENT, (), at + DAY)
    file(session, old, FiledAs.QUESTION, (), at + DAY)
    assert session.scalars(select(ReceiptProofRow)).all() == []
    session.rollback()
    assert get(session, NoticeRow, announced.notice_id).state != NoticeState.SERVED
    new = receive(session, reply_to(announced, "Received!", tag=None), at)
    tie_mail(session, new, announced.notice_id, at=at + DAY, **LEGAL)
    file(session, new, FiledAs.ACKNOWLEDGEMENT, (), at + DAY)
    assert get(session, NoticeRow, announced.notice_id).served_at == at


def test_a_signed_tag_is_not_overruled(session, scenario, at):
    announced, other = scenario.announce(), scenario.announce()
    mail_id = receive(session, reply_to(announced, "Hello."), at + DAY)
    with pytest.raises(MoveNotAllowed):
        tie_mail(session, mail_id, other.notice_id, at=at + DAY, **LEGAL)
    with pytest.raises(MoveNotAllowed):
        file(session, mail_id, FiledAs.AUTO_REPLY, (), at + DAY)
    with pytest.raises(NotFound):
        file(session, 999, FiledAs.NO_ANSWER, (), at + DAY)


def test_one_that_came_in_time_and_arrived_after_closing_reopens_the_case(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    confirm_all(session, case.silence_after_at)
    close_windows(session, at=case.silence_after_at)
    assert standing_of(session, case.id)[2] is Outcome.ACCEPTED_BY_SILENCE
    # It lay in the queue of our own server for days, which says when it took it.
    raw = reply_to(announced, "We object.", sent_at=case.closes_at - 10 * MINUTE)
    late = case.silence_after_at + DAY
    mail_id = receive(session, raw, case.closes_at - 5 * MINUTE, at=late)
    file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, late)
    assert standing_of(session, case.id) == (
        CaseState.HOLD,
        [HoldReason.OBJECTION_AFTER_CLOSING],
        None,
    )


@pytest.mark.parametrize(
    ("sent", "received", "expected"),
    [
        # Minutes around the deadline; the terms do not say whether dispatch or receipt decides.
        (-10, -5, Timeliness.IN_TIME),
        (-5, 5, Timeliness.DISPUTED),
        (5, 10, Timeliness.LATE),
        (None, 5, Timeliness.DISPUTED),
        # Weeks on its way: such a date says nothing.
        (-30 * 24 * 60, 5, Timeliness.DISPUTED),
        # A clock that is ahead: it cannot have been sent after it came.
        (60, -5, Timeliness.IN_TIME),
    ],
)
def test_dispatch_and_receipt_around_the_deadline(session, scenario, at, sent, received, expected):
    announced = scenario.announce(preset=FIFTEEN)
    ends_at = case_of(session, announced.case_ids[0]).closes_at
    sent_at = None if sent is None else ends_at + sent * MINUTE
    raw = reply_to(announced, "We object.", sent_at=sent_at)
    mail_id = receive(session, raw, ends_at + received * MINUTE)
    (response_id,) = file(session, mail_id, FiledAs.OBJECTION, announced.case_ids, ends_at + DAY)
    assert get(session, ResponseRow, response_id).timeliness == expected
