"""What is recorded of letters, and what follows for their notices."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.queue_letters import queue_letters
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.record_letter_events import GivenEvent
from subnotify.operations.serve_notices import serve_notices
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import (
    CaseState,
    Channel,
    ConfirmationKind,
    HoldReason,
    LetterEventKind,
    LetterReason,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
)
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
from tests.support.letters import announce_by_post, letters_of, seal, tell, tell_all, terms_by
from tests.support.scenario import Scenario

Kind = LetterEventKind
DAY = date(2026, 3, 2)
REGISTERED = terms_by(Channel.REGISTERED_POST)


def later(at: datetime, days: int) -> datetime:
    return at + timedelta(days=days)


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_registered_letter_serves_by_its_receipt(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    report = tell_all(
        session,
        [
            GivenEvent(letter, Kind.RECEIVED, day(4), note="signed by the reception"),
            GivenEvent(letter, Kind.POSTED, day(1), "RK 12 345"),
            GivenEvent(letter, Kind.PRESENTED, day(3)),
        ],
        at=later(at, 10),
    )
    assert (len(report.new), report.unchanged, report.refused) == (3, 0, ())
    message, paper = session.get_one(MessageRow, letter), session.get_one(LetterRow, letter)
    assert (message.state, message.host, message.last_reply) == (
        MessageState.HANDED_OVER,
        "post",
        "RK 12 345",
    )
    # The last instant of the day in Paris.
    assert message.handed_over_at == datetime.fromisoformat("2026-03-03T22:59:59.999999+00:00")
    assert (paper.state, paper.proof_number) == (LetterState.RECEIVED, "RK 12 345")
    notice = session.get_one(NoticeRow, announced.notice_id)
    assert (notice.state, notice.served_proof) == (
        NoticeState.SERVED,
        ProofKind.REGISTERED_DELIVERY,
    )
    assert notice.served_at == datetime.fromisoformat("2026-03-06T22:59:59.999999+00:00")
    (case,) = session.scalars(select(CaseRow).where(CaseRow.notice_id == announced.notice_id))
    assert case.state == CaseState.OPEN
    recorded = session.scalars(
        select(EvidenceRow.type).where(EvidenceRow.object_type == "message").order_by("id")
    )
    assert sorted(recorded) == ["letter_posted", "letter_presented", "letter_received"]


def test_the_same_manifest_twice_changes_nothing(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    told = [GivenEvent(letter, Kind.POSTED, day(1)), GivenEvent(letter, Kind.RECEIVED, day(4))]
    tell_all(session, [*told, told[0]], at=later(at, 10))
    before = session.scalars(select(EvidenceRow.id)).all()
    again = tell_all(session, told, at=later(at, 20))
    assert (again.new, again.unchanged, again.refused) == ((), 2, ())
    assert session.scalars(select(EvidenceRow.id)).all() == before
    assert len(session.scalars(select(LetterEventRow.id)).all()) == 2
    assert len(session.scalars(select(ReceiptProofRow.id)).all()) == 1


def test_a_number_that_comes_later_is_kept(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1))], at=later(at, 2))
    report = tell_all(session, [GivenEvent(letter, Kind.POSTED, day(1), "RK 7")], at=later(at, 3))
    assert (report.new, report.unchanged, len(report.numbered)) == ((), 0, 1)
    session.expire_all()
    assert session.get_one(LetterRow, letter).proof_number == "RK 7"
    other = tell_all(session, [GivenEvent(letter, Kind.PRESENTED, day(2), "RK 8")], at=later(at, 3))
    assert [problem.where for problem in other.contested[0].problems] == ["proof_number"]


def test_what_cannot_be_true_is_refused_and_the_rest_recorded(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, REGISTERED)
    told = [
        GivenEvent(letter, Kind.POSTED, day(-300)),
        GivenEvent(letter, Kind.PRESENTED, day(2)),
        GivenEvent(987_654, Kind.POSTED, day(1)),
        GivenEvent(letter, Kind.RECEIVED, day(400)),
    ]
    report = tell_all(session, told, at=later(at, 10))
    assert [given.kind for given in report.new] == [Kind.PRESENTED]
    assert [one.given for one in report.refused] == [told[0], told[2], told[3]]
    assert [one.problems[0].where for one in report.refused] == ["on", "message_id", "on"]
    assert session.get_one(LetterRow, letter).state == LetterState.PRESENTED


def test_printed_is_not_posted(session: Session, scenario: Scenario, at: datetime) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.HANDED_OVER, day(1), at=later(at, 1))
    tell(session, letter, Kind.PRINTED, day(2), at=later(at, 2))
    message = session.get_one(MessageRow, letter)
    assert (message.state, message.handed_over_at) == (MessageState.QUEUED, None)
    assert session.get_one(LetterRow, letter).state == LetterState.PRINTED
    assert session.get_one(NoticeRow, announced.notice_id).state == NoticeState.QUEUED


def test_a_letter_that_comes_back_is_not_served_and_legal_is_told(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, REGISTERED)
    tell(session, letter, Kind.POSTED, day(1), at=later(at, 1))
    tell(session, letter, Kind.UNCLAIMED, day(17), at=later(at, 18))
    notice = session.get_one(NoticeRow, announced.notice_id)
    assert (notice.state, notice.failure_reason) == (
        NoticeState.NOT_SERVED,
        HoldReason.LETTER_RETURNED,
    )
    (case,) = session.scalars(select(CaseRow).where(CaseRow.notice_id == announced.notice_id))
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.LETTER_RETURNED])
    alarms = session.scalars(
        select(MessageRow.notice_id).where(MessageRow.purpose == MessagePurpose.DELIVERY_ALARM)
    )
    assert alarms.all() == [announced.notice_id]


def test_silence_closes_what_a_letter_served_and_its_return_takes_that_back(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    by_dispatch = replace(REGISTERED, runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
    announced, (letter,) = announce_by_post(scenario, by_dispatch)
    tell(session, letter, Kind.POSTED, day(1), at=later(at, 2))
    confirm_read(session, at, 20)
    close_windows(session, at=later(at, 20))
    case = session.get_one(CaseRow, announced.case_ids[0], populate_existing=True)
    assert (case.state, case.outcome) == (CaseState.CLOSED, Outcome.ACCEPTED_BY_SILENCE)
    tell(session, letter, Kind.RETURNED, day(21), at=later(at, 22))
    case = session.get_one(CaseRow, announced.case_ids[0], populate_existing=True)
    assert (case.state, case.outcome) == (CaseState.HOLD, None)
    assert HoldReason.LETTER_RETURNED in case.holds


def confirm_read(session: Session, at: datetime, days: int) -> None:
    """A person has read every reply up to now."""
    now = later(at, days)
    session.add(
        ConfirmationRow(
            kind=ConfirmationKind.REPLIES_READ, up_to_at=now, up_to_on=now.date(), at=now, by="marc"
        )
    )
    session.commit()


def test_a_mailbox_that_is_dead_and_a_letter_of_the_ladder(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(
        terms_by(Channel.EMAIL, proofs={ProofKind.RECIPIENT_SERVER}), receipt_fallback_days=10
    )
    announced = scenario.announce(terms=terms)
    record_bounce(
        session,
        announced.message_ids[0],
        note="550 no such user",
        by="marc",
        actor="operator:2",
        at=later(at, 1),
    )
    ids = [announced.notice_id]
    queue_letters(session, ids, LetterReason.DEAD_ADDRESS, on=later(at, 2).date(), at=later(at, 2))
    serve_notices(session, ids, at=later(at, 2))
    session.commit()
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    first_end = session.get_one(CaseRow, announced.case_ids[0]).closes_at
    assert (notice.state, notice.failure_reason) == (NoticeState.QUEUED, None)
    (letter,) = letters_of(session, announced.notice_id)
    seal(session, [letter], at=later(at, 2))
    session.commit()
    tell(session, letter, Kind.POSTED, day(3), at=later(at, 4))
    tell(session, letter, Kind.RECEIVED, day(6), at=later(at, 7))
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert (notice.state, notice.served_proof) == (
        NoticeState.SERVED,
        ProofKind.REGISTERED_DELIVERY,
    )
    case = session.get_one(CaseRow, announced.case_ids[0], populate_existing=True)
    assert case.closes_at is not None and first_end is not None
    assert case.closes_at > first_end
