"""A registered letter follows the mail that proved nothing, or whose address is dead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.climb_ladder import LadderReport, climb_ladder
from subnotify.operations.record_letter_events import GivenEvent, record_letter_events
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.words import (
    ChangeState,
    Channel,
    LetterEventKind,
    LetterEventSource,
    LetterProduct,
    LetterReason,
    LetterState,
    MessageState,
    NoticeState,
    Outcome,
    PauseCause,
    ProofKind,
    ResponseKind,
    ResponseState,
)
from subnotify.storage.mail_queue import pause_queue
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    IncomingMailRow,
    LetterRow,
    MessageRow,
    ReleaseRow,
)
from subnotify.storage.unreachable import list_waiting_of_contact
from tests.operations.desk import PARIS
from tests.operations.desk_registry import facts_on_record
from tests.operations.test_queue_reminders import answer
from tests.operations.test_serve_anew import LEGAL, refuse
from tests.operations.test_serve_notices import bounce, get_case, get_notice, hand_over
from tests.support.imports import everything
from tests.support.incoming_rows import add_incoming
from tests.support.letters import seal
from tests.support.scenario import REGISTERED, Announced, Scenario, terms_of

PROVED_BY = frozenset({ProofKind.ACKNOWLEDGEMENT, ProofKind.REGISTERED_DELIVERY})
BY_SERVER = frozenset({ProofKind.RECIPIENT_SERVER})
CHARTER = replace(terms_of(REGISTERED), proof_of_receipt=PROVED_BY)
# The mails leave on Monday 2 March 2026; the tenth day after is over at midnight in Paris.
DUE_AT = datetime(2026, 3, 12, 23, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
NOTHING = LadderReport()


def give(session: Session, at: datetime, *, terms=CHARTER, contacts: int = 1) -> Announced:
    """A notice that left by mail at `at`, behind a relay: nothing proves its receipt."""
    announced = Scenario(session, at=at).announce(terms=terms, served=False, contacts=contacts)
    session.execute(
        update(ContactRow).values(postal_address="1 place de la Mairie\n08400 Vouziers")
    )
    session.commit()
    with transaction(session):
        for message_id in announced.message_ids:
            hand_over(session, message_id, at=at)
        serve_notices(session, [announced.notice_id], at=at)
    return announced


def letters(session: Session) -> list[tuple[MessageRow, LetterRow]]:
    session.expire_all()
    rows = session.execute(
        select(MessageRow, LetterRow)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .order_by(MessageRow.id)
    )
    return [(row[0], row[1]) for row in rows]


def climb(session: Session, at: datetime) -> LadderReport:
    session.rollback()
    return climb_ladder(session, zone=PARIS, at=at)


def tell(session: Session, message_id: int, *told: tuple[LetterEventKind, int]) -> None:
    """Events of a letter, each on a day of March 2026."""
    session.rollback()
    seal(session, [message_id], at=datetime(2026, 3, 3, tzinfo=UTC))
    session.commit()
    report = record_letter_events(
        session,
        [GivenEvent(message_id, kind, date(2026, 3, day)) for kind, day in told],
        source=LetterEventSource.DESK,
        by="Lea Legal",
        actor="operator:1",
        legal_email="legal@vendor.example",
        vendor_time_zone="Europe/Paris",
        at=datetime(2026, 3, 28, tzinfo=UTC),
    )
    assert len(report.new) == len(told), report.refused


def test_ten_days_without_proof_queue_one_registered_letter(session: Session, at: datetime) -> None:
    announced = give(session, at)
    assert climb(session, DUE_AT - MOMENT) == NOTHING
    assert climb(session, DUE_AT) == LadderReport(no_proof=1)
    ((message, letter),) = letters(session)
    assert (message.channel, message.state) == (Channel.REGISTERED_POST, MessageState.QUEUED)
    assert message.logical_key == (
        f"notice:{announced.notice_id}:{announced.contact_ids[0]}:registered_post:1"
    )
    assert (letter.product, letter.reason) == (LetterProduct.REGISTERED, LetterReason.NO_PROOF)
    assert letter.state == LetterState.QUEUED
    assert letter.address_lines[1:] == ["1 place de la Mairie", "08400 Vouziers"]
    (fact,) = facts_on_record(session, "registered_letter_queued")
    assert (fact["reason"], fact["days"]) == ("no_proof", 10)
    # The mail left when it left: a letter that waits changes nothing of it.
    notice = get_notice(session, announced)
    assert (notice.state, notice.dispatched_at) == (NoticeState.SERVING, at)


def test_run_again_it_writes_nothing(session: Session, at: datetime) -> None:
    give(session, at)
    climb(session, DUE_AT)
    before = everything(session)
    assert climb(session, DUE_AT + timedelta(days=40)) == NOTHING
    assert everything(session) == before


def test_only_the_contacts_that_proved_nothing_get_one(session: Session, at: datetime) -> None:
    announced = give(session, at, contacts=3)
    with transaction(session):
        record_receipt_proof(
            session, announced.message_ids[1], ProofKind.ACKNOWLEDGEMENT, actor="test", at=at
        )
    with transaction(session):
        # Not what these terms accept.
        record_receipt_proof(
            session, announced.message_ids[2], ProofKind.RECIPIENT_SERVER, actor="test", at=at
        )
    assert climb(session, DUE_AT) == LadderReport(no_proof=2)
    reached = {message.contact_id for message, _ in letters(session)}
    assert reached == {announced.contact_ids[0], announced.contact_ids[2]}


def _pause_release(session: Session, at: datetime) -> None:
    session.execute(update(ReleaseRow).values(sending_paused_at=at, sending_paused_by="Lea"))


def _pause_queue(session: Session, at: datetime) -> None:
    pause_queue(session, cause=PauseCause.OPERATOR, by="Lea", note="", at=at)


def _end_agreement(session: Session, _at: datetime) -> None:
    session.execute(update(AgreementRow).values(ended_on=date(2026, 3, 12)))


def _withdraw(session: Session, _at: datetime) -> None:
    session.execute(update(ChangeRow).values(state=ChangeState.WITHDRAWN))


def _settle(session: Session, at: datetime) -> None:
    session.execute(update(CaseRow).values(outcome=Outcome.ACCEPTED, outcome_at=at))


def _no_address(session: Session, _at: datetime) -> None:
    session.execute(update(ContactRow).values(postal_address=" "))


def _no_longer_designated(session: Session, _at: datetime) -> None:
    session.execute(update(AgreementContactRow).values(ended_on=date(2026, 3, 5)))


@pytest.mark.parametrize(
    "fact",
    [
        *(_pause_release, _pause_queue, _end_agreement, _withdraw, _settle, _no_address),
        _no_longer_designated,
    ],
)
def test_whom_it_leaves_alone(session: Session, at: datetime, fact) -> None:
    give(session, at)
    fact(session, at)
    session.commit()
    assert climb(session, DUE_AT) == NOTHING
    assert letters(session) == []


@pytest.mark.parametrize("failed", [False, True])
def test_no_letter_after_an_answer(session: Session, at: datetime, failed: bool) -> None:
    announced = give(session, at)
    if failed:
        bounce(session, announced, at=at)
    answer(session, announced, ResponseKind.QUESTION, at + timedelta(days=1))
    assert climb(session, DUE_AT) == NOTHING


def test_an_unread_mail_of_the_client_may_be_its_answer(session: Session, at: datetime) -> None:
    announced = give(session, at)
    mail = add_incoming(session, announced, received_at=at)
    assert climb(session, DUE_AT) == NOTHING
    session.execute(update(IncomingMailRow).where(IncomingMailRow.id == mail).values(filed_at=at))
    session.commit()
    assert climb(session, DUE_AT) == LadderReport(no_proof=1)
    assert [x.notice_id for x, _ in letters(session)] == [announced.notice_id]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ResponseKind.ACKNOWLEDGEMENT, ResponseState.EFFECTIVE),
        (ResponseKind.NO_OBJECTION, ResponseState.AWAITING_CODE),
    ],
)
def test_what_is_no_answer_stops_nothing(session: Session, at: datetime, kind, state) -> None:
    announced = give(session, at)
    answer(session, announced, kind, at, state=state)
    assert climb(session, DUE_AT) == LadderReport(no_proof=1)


def test_a_served_notice_needs_none(session: Session, at: datetime) -> None:
    Scenario(session, at=at).announce(terms=replace(CHARTER, proof_of_receipt=BY_SERVER))
    assert climb(session, DUE_AT) == NOTHING


def test_without_days_in_the_terms_nothing_follows(session: Session, at: datetime) -> None:
    give(session, at, terms=replace(CHARTER, receipt_fallback_days=None))
    assert climb(session, DUE_AT + timedelta(days=300)) == NOTHING


@pytest.mark.parametrize("refused", [False, True])
def test_a_dead_address_gets_its_letter_at_once(
    session: Session, at: datetime, refused: bool
) -> None:
    announced = give(session, at)
    if refused:
        refuse(session, announced, at=at)
    else:
        bounce(session, announced, at=at)
    assert climb(session, at) == LadderReport(dead_address=1)
    ((message, letter),) = letters(session)
    assert (letter.reason, letter.product) == (LetterReason.DEAD_ADDRESS, LetterProduct.REGISTERED)
    assert message.contact_id == announced.contact_ids[0]
    # What the letter may still mend is under way again, and nothing is served yet.
    notice = get_notice(session, announced)
    assert notice.state in (NoticeState.QUEUED, NoticeState.SERVING)
    assert notice.served_at is None
    assert climb(session, DUE_AT + timedelta(days=30)) == NOTHING


def test_terms_that_know_no_post_leave_a_dead_address_to_a_person(
    session: Session, at: datetime
) -> None:
    announced = give(session, at, terms=terms_of("fr-15-days"))
    bounce(session, announced, at=at)
    assert climb(session, at) == NOTHING
    assert get_notice(session, announced).state == NoticeState.NOT_SERVED


def test_a_letter_that_came_back_is_not_followed_by_another(session: Session, at: datetime) -> None:
    announced = give(session, at)
    climb(session, DUE_AT)
    ((message, _),) = letters(session)
    tell(session, message.id, (LetterEventKind.POSTED, 13), (LetterEventKind.RETURNED, 20))
    assert get_notice(session, announced).state == NoticeState.NOT_SERVED
    assert climb(session, DUE_AT + timedelta(days=60)) == NOTHING


def test_the_window_runs_from_the_receipt_of_the_letter(session: Session, at: datetime) -> None:
    announced = give(session, at)
    climb(session, DUE_AT)
    ((message, _),) = letters(session)
    tell(session, message.id, (LetterEventKind.POSTED, 13), (LetterEventKind.RECEIVED, 17))
    notice, case = get_notice(session, announced), get_case(session, announced)
    assert notice.state == NoticeState.SERVED
    assert notice.served_proof == ProofKind.REGISTERED_DELIVERY
    # Thirty days after Tuesday 17 March end on Thursday 16 April, at midnight in Paris.
    assert case.closes_at == datetime(2026, 4, 16, 22, tzinfo=UTC)


def test_a_better_address_is_served_anew_while_the_letter_waits(
    session: Session, at: datetime
) -> None:
    announced = give(session, at)
    bounce(session, announced, at=at)
    climb(session, at)
    assert list_waiting_of_contact(session, announced.contact_ids[0], on=at.date()) == [
        (announced.notice_id, get_notice(session, announced).reference)
    ]
    session.execute(update(ContactRow).values(email="new@client.example"))
    session.commit()
    assert serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at) == 2
    ((letter, paper),) = letters(session)
    # Nobody has to print a letter to a contact that gets the notice anew by mail.
    assert (letter.state, paper.state) == (MessageState.CANCELLED, LetterState.CANCELLED)
    assert list_waiting_of_contact(session, announced.contact_ids[0], on=at.date()) == []
