"""Events of letters that two persons correct, and what follows for notices and their cases."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.correct_letter_event import (
    EventCorrectionWaits,
    SameDay,
    confirm_event_correction,
    propose_event_correction,
    refuse_event_correction,
)
from subnotify.operations.lock_corrections import EventCorrectionDecided
from subnotify.operations.record_letter_events import GivenEvent
from subnotify.operations.two_person_decisions import SecondPersonNeeded
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import (
    CaseState,
    Channel,
    ConfirmationKind,
    HoldReason,
    LetterEventKind,
    LetterEventSource,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
)
from subnotify.storage.letter_corrections import list_letter_corrections
from subnotify.storage.tables import (
    CaseRow,
    ConfirmationRow,
    EvidenceRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.letters import LEGAL, announce_by_post, tell, tell_all, terms_by
from tests.support.scenario import Scenario

Kind = LetterEventKind
DAY = date(2026, 3, 2)
REGISTERED = terms_by(Channel.REGISTERED_POST)
AFTER = timedelta(days=10)


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def end_of(a_day: str) -> datetime:
    return datetime.fromisoformat(f"{a_day}T23:00:00+00:00")


def propose(session: Session, letter: int, kind: Kind, on: date | None, *, at: datetime) -> int:
    return propose_event_correction(
        session,
        letter,
        kind,
        on=on,
        reason="The card was of another letter.",
        by="marc",
        actor="operator:2",
        vendor_time_zone="Europe/Paris",
        at=at,
    )


def confirm(
    session: Session,
    correction: int,
    *,
    at: datetime,
    by: str = "lea",
    actor: str = "operator:3",
) -> None:
    confirm_event_correction(
        session,
        correction,
        by=by,
        actor=actor,
        legal_email=LEGAL,
        vendor_time_zone="Europe/Paris",
        at=at,
    )


def correct(session: Session, letter: int, kind: Kind, on: date | None, *, at: datetime) -> None:
    confirm(session, propose(session, letter, kind, on, at=at), at=at)


def notice_of(session: Session, notice_id: int) -> NoticeRow:
    return session.get_one(NoticeRow, notice_id, populate_existing=True)


def case_of(session: Session, notice_id: int) -> CaseRow:
    query = select(CaseRow).where(CaseRow.notice_id == notice_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


@pytest.fixture
def received(session: Session, scenario: Scenario, at: datetime) -> tuple[int, int]:
    """A notice served by the receipt of its letter on the fourth day; its id, the letter's."""
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.POSTED, day(1), at=at + AFTER)
    tell(session, letter, Kind.RECEIVED, day(4), at=at + AFTER)
    return announced.notice_id, letter


def test_a_later_day_moves_the_window_on(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    notice_id, letter = received
    assert case_of(session, notice_id).closes_at == end_of("2026-03-23")
    correct(session, letter, Kind.RECEIVED, day(7), at=at + AFTER)
    case, notice = case_of(session, notice_id), notice_of(session, notice_id)
    assert (case.state, notice.state) == (CaseState.OPEN, NoticeState.SERVED)
    assert notice.served_at == datetime.fromisoformat("2026-03-09T22:59:59.999999+00:00")
    assert case.closes_at == end_of("2026-03-24")
    proof = session.scalars(select(ReceiptProofRow)).one()
    assert proof.at == notice.served_at
    # What was recorded stays, and who found it wrong.
    (correction,) = list_letter_corrections(session, letter)
    assert (correction.was_on, correction.on) == (day(4), day(7))
    assert (correction.recorded_by, correction.proposed_by, correction.decided_by) == (
        "marc",
        "marc",
        "lea",
    )
    told = session.scalars(select(EvidenceRow.type).where(EvidenceRow.object_type == "message"))
    assert {"letter_correction_proposed", "letter_correction_confirmed"} <= set(told)


def test_an_earlier_day_moves_no_window_back(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    notice_id, letter = received
    before = case_of(session, notice_id).closes_at
    served_at = notice_of(session, notice_id).served_at
    correct(session, letter, Kind.RECEIVED, day(2), at=at + AFTER)
    assert case_of(session, notice_id).closes_at == before
    assert notice_of(session, notice_id).served_at == served_at
    event = session.scalars(select(LetterEventRow).where(LetterEventRow.kind == "received")).one()
    assert event.on == day(2)


def test_without_its_proof_a_notice_is_not_served(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    notice_id, letter = received
    correct(session, letter, Kind.RECEIVED, None, at=at + AFTER)
    notice, case = notice_of(session, notice_id), case_of(session, notice_id)
    assert (notice.state, notice.failure_reason) == (
        NoticeState.NOT_SERVED,
        HoldReason.RECORD_CORRECTED,
    )
    assert (case.state, list(case.holds)) == (CaseState.HOLD, [HoldReason.RECORD_CORRECTED])
    assert session.scalars(select(ReceiptProofRow)).all() == []
    assert session.get_one(LetterRow, letter, populate_existing=True).state == LetterState.POSTED
    alarms = select(MessageRow).where(MessageRow.purpose == MessagePurpose.DELIVERY_ALARM)
    assert len(session.scalars(alarms).all()) == 1
    # The same told again, as by a file read twice, is refused; the true receipt serves.
    told = [GivenEvent(letter, Kind.RECEIVED, day(4))]
    again = tell_all(session, told, source=LetterEventSource.FILE, at=at + AFTER)
    assert not again.new and len(again.refused) == 1
    tell(session, letter, Kind.RECEIVED, day(9), at=at + AFTER)
    notice, case = notice_of(session, notice_id), case_of(session, notice_id)
    assert (notice.state, case.state) == (NoticeState.SERVED, CaseState.OPEN)
    assert case.closes_at == end_of("2026-03-26")


@pytest.mark.parametrize("on", [day(7), None])
def test_what_silence_closed_is_on_hold_again(
    session: Session, received: tuple[int, int], at: datetime, on: date | None
) -> None:
    notice_id, letter = received
    end = at + timedelta(days=60)
    session.add_all(
        ConfirmationRow(kind=kind, up_to_at=end, up_to_on=end.date(), at=end, by="marc")
        for kind in (ConfirmationKind.REPLIES_READ, ConfirmationKind.REGISTERED_POST_OPENED)
    )
    session.commit()
    close_windows(session, at=end)
    assert case_of(session, notice_id).outcome == Outcome.ACCEPTED_BY_SILENCE
    correct(session, letter, Kind.RECEIVED, on, at=end)
    case = case_of(session, notice_id)
    assert (case.outcome, case.state) == (None, CaseState.HOLD)
    assert list(case.holds) == [HoldReason.RECORD_CORRECTED]


def test_a_letter_that_was_not_posted_waits_again(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    notice_id, letter = received
    correct(session, letter, Kind.RECEIVED, None, at=at + AFTER)
    correct(session, letter, Kind.POSTED, None, at=at + AFTER)
    message = session.get_one(MessageRow, letter, populate_existing=True)
    assert (message.state, message.handed_over_at, message.host) == (
        MessageState.QUEUED,
        None,
        None,
    )
    assert session.get_one(LetterRow, letter, populate_existing=True).state == LetterState.QUEUED
    assert notice_of(session, notice_id).state == NoticeState.NOT_SERVED


def test_the_number_of_another_letter_goes_with_its_event(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1), "RK 1")], at=at + AFTER)
    correct(session, letter, Kind.POSTED, None, at=at + AFTER)
    assert session.get_one(LetterRow, letter, populate_existing=True).proof_number == ""


def test_a_letter_that_did_not_come_back_serves_by_dispatch(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(REGISTERED, runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
    announced, (letter,) = announce_by_post(scenario, terms)
    tell(session, letter, Kind.POSTED, day(1), at=at + AFTER)
    tell(session, letter, Kind.RETURNED, day(5), at=at + AFTER)
    assert notice_of(session, announced.notice_id).state == NoticeState.NOT_SERVED
    correct(session, letter, Kind.RETURNED, None, at=at + AFTER)
    notice, case = notice_of(session, announced.notice_id), case_of(session, announced.notice_id)
    assert (notice.state, notice.failure_reason) == (NoticeState.SERVED, None)
    assert case.state == CaseState.OPEN


def test_it_takes_two_persons_and_is_decided_once(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    notice_id, letter = received
    now = at + AFTER
    correction = propose(session, letter, Kind.RECEIVED, None, at=now)
    with pytest.raises(SecondPersonNeeded):
        # Under another name it is the same person.
        confirm(session, correction, by="Marc Renamed", actor="operator:2", at=now)
    with pytest.raises(EventCorrectionWaits):
        propose(session, letter, Kind.POSTED, None, at=now)
    assert notice_of(session, notice_id).state == NoticeState.SERVED
    refuse_event_correction(session, correction, by="lea", actor="operator:3", at=now)
    for again in (
        lambda: confirm(session, correction, at=now),
        lambda: refuse_event_correction(session, correction, by="x", actor="operator:3", at=now),
    ):
        with pytest.raises(EventCorrectionDecided):
            again()
    assert notice_of(session, notice_id).state == NoticeState.SERVED


def test_a_day_that_cannot_be_true_is_refused(
    session: Session, received: tuple[int, int], at: datetime
) -> None:
    _, letter = received
    now = at + AFTER
    for wrong in (day(0), day(30), day(-400)):
        with pytest.raises(ProblemsFound):
            propose(session, letter, Kind.RECEIVED, wrong, at=now)
    with pytest.raises(SameDay):
        propose(session, letter, Kind.RECEIVED, day(4), at=now)
    with pytest.raises(NotFound):
        propose(session, letter, Kind.RETURNED, None, at=now)
    with pytest.raises(NotFound):
        propose(session, 999, Kind.RECEIVED, None, at=now)
