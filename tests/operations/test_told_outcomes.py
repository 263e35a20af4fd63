"""A client that has its notices by post alone is told by letter what we say about what it said."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.preview_settlement import preview_settlement
from subnotify.operations.preview_step import preview_step
from subnotify.operations.read_response import answer_response
from subnotify.operations.record_letter import record_letter
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.take_objection_step import (
    LegalStep,
    take_objection_step,
    undo_objection_step,
)
from subnotify.operations.write_to_client import write_to_client
from subnotify.rules.letters import Letter
from subnotify.rules.objection_steps import UNDO_LASTS, StepSent
from subnotify.rules.words import (
    Channel,
    LetterState,
    Measure,
    MessagePurpose,
    MessageState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    StepKind,
)
from subnotify.storage.tables import AgreementContactRow, ContactRow
from tests.operations.desk import LEGAL, PARIS, case_of, confirm_all
from tests.operations.rendering import CONTEXT
from tests.operations.test_told_letters import DAY, give_no_email, letters, words_of
from tests.support.letter_batches import prepare
from tests.support.letters import terms_by
from tests.support.scenario import Announced, Scenario


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def announced(session: Session, scenario: Scenario, at: datetime) -> Announced:
    """Served; nobody of the client has an email address."""
    made = scenario.announce(
        terms=terms_by(Channel.POST, Channel.EMAIL), commencement_on=date(2026, 4, 7)
    )
    give_no_email(session, made, at)
    return made


def write_in(
    session: Session, made: Announced, kind: ResponseKind, at: datetime, text: str = ""
) -> int:
    """The client's letter, as legal records it; the response's id."""
    letter = Letter(
        kind=kind,
        channel=ResponseChannel.POST,
        received_on=at.astimezone(PARIS).date(),
        dispatched_on=at.astimezone(PARIS).date(),
        case_ids=tuple(made.case_ids) if kind is ResponseKind.OBJECTION else (),
        by_name="Anne Martin",
        text=text,
    )
    return record_letter(session, made.notice_id, letter, zone=PARIS, at=at, **LEGAL)[0]


def told(session: Session, purpose: MessagePurpose, at: datetime) -> str:
    """The words of the only letter of this purpose."""
    (found,) = [m.id for m, _ in letters(session) if m.purpose == purpose]
    return words_of(session, found, at)


def test_the_receipt_of_an_objection(session: Session, announced: Announced, at: datetime) -> None:
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY, "Not with our data.")
    words = told(session, MessagePurpose.RECEIPT, at + DAY)
    assert "Receipt of your answer" in words and "We have recorded your objection." in words
    assert "Not with our data." in words and "Digest" in words
    assert "write to us: a person then looks at it" in words


@pytest.mark.parametrize("kind", [ResponseKind.MORE_TIME, ResponseKind.QUESTION])
def test_nobody_gets_a_letter_that_says_what_was_asked(
    session: Session, announced: Announced, at: datetime, kind: ResponseKind
) -> None:
    write_in(session, announced, kind, at + DAY, "Where is it?")
    assert letters(session) == []


def test_the_answer_to_a_question(session: Session, announced: Announced, at: datetime) -> None:
    asked = write_in(session, announced, ResponseKind.QUESTION, at + DAY, "Where is it?")
    answer_response(session, asked, "In Paris.\nOnly there.", at=at + 2 * DAY, **LEGAL)
    words = told(session, MessagePurpose.ANSWER, at + 2 * DAY)
    assert "Our answer" in words and "In Paris. Only there." in words and "Where is it?" in words
    assert "You can object until Tuesday 17 March 2026, 24:00" in words


def test_what_legal_writes_unasked(session: Session, announced: Announced, at: datetime) -> None:
    write_to_client(
        session, announced.case_ids[0], "We moved.", form_key="k" * 32, at=at + DAY, **LEGAL
    )
    words = told(session, MessagePurpose.ANSWER, at + DAY)
    assert "A message about this notice" in words and "We moved." in words


def propose(session: Session, made: Announced, at: datetime) -> int:
    step = LegalStep(StepKind.PROPOSED, "Instead we use another.", Measure.NOT_USED)
    case_id = made.case_ids[0]
    shown = preview_step(session, case_id, step, context=CONTEXT, at=at)
    assert shown.to == () and len(shown.by_letter) == 1
    session.rollback()
    return take_objection_step(session, case_id, step, at=at, **LEGAL)


def test_a_proposal_is_not_printed_while_it_can_be_undone(
    session: Session, announced: Announced, at: datetime
) -> None:
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    assert len(prepare(session, at=at + DAY).batches) == 1
    taken_at = at + 2 * DAY
    propose(session, announced, taken_at)
    almost = taken_at + UNDO_LASTS - timedelta(seconds=1)
    assert prepare(session, at=almost).letters == 0
    words = told(session, MessagePurpose.OBJECTION_STEP, almost)
    assert "A proposal to meet your objection" in words and "Instead we use another." in words
    assert "If you accept, write to us" in words and "code that we mail" not in words
    assert prepare(session, at=taken_at + UNDO_LASTS).letters == 1


def test_a_proposal_taken_back_is_not_printed(
    session: Session, announced: Announced, at: datetime
) -> None:
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    step_id = propose(session, announced, at + 2 * DAY)
    undo_objection_step(
        session, announced.case_ids[0], step_id, at=at + 2 * DAY + timedelta(minutes=1), **LEGAL
    )
    states = {m.purpose: (m.state, letter.state) for m, letter in letters(session)}
    assert states["objection_step"] == (MessageState.CANCELLED, LetterState.CANCELLED)
    assert states["receipt"] == (MessageState.QUEUED, LetterState.QUEUED)


def test_what_a_batch_holds_cannot_be_undone(
    session: Session, announced: Announced, at: datetime
) -> None:
    """A clock that was set back: the letter is printed though the step seems to wait still."""
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    taken_at = at + 2 * DAY
    step_id = propose(session, announced, taken_at)
    assert prepare(session, at=taken_at + UNDO_LASTS).letters == 2
    with pytest.raises(StepSent):
        undo_objection_step(session, announced.case_ids[0], step_id, at=taken_at, **LEGAL)
    session.rollback()
    assert {letter.state for _, letter in letters(session)} == {LetterState.QUEUED}


def test_the_end_by_a_settlement(session: Session, announced: Announced, at: datetime) -> None:
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    case_id = announced.case_ids[0]
    decision = Settlement(SettlementKind.ACCOMMODATED, "agreed by telephone")
    shown = preview_settlement(
        session, case_id, decision, by="marc", context=CONTEXT, at=at + 2 * DAY
    )
    assert shown.to == () and len(shown.by_letter) == 1
    session.rollback()
    settle_objection(session, case_id, decision, at=at + 2 * DAY, **LEGAL)
    ends_at = case_of(session, case_id).silence_after_at
    assert ends_at is not None
    close_windows(session, at=ends_at)
    assert case_of(session, case_id).outcome == Outcome.ACCOMMODATED
    words = told(session, MessagePurpose.CLOSING, ends_at)
    assert "Outcome of a change of subprocessor" in words
    assert "agreed by telephone" not in words


def test_the_end_by_silence_rests_on_its_count_and_clause(
    session: Session, announced: Announced, at: datetime
) -> None:
    case_id = announced.case_ids[0]
    ends_at = case_of(session, case_id).silence_after_at
    assert ends_at is not None
    confirm_all(session, ends_at)
    close_windows(session, at=ends_at)
    assert case_of(session, case_id).outcome == Outcome.ACCEPTED_BY_SILENCE
    words = told(session, MessagePurpose.CLOSING, ends_at)
    assert "your agreement deems that you have accepted the change" in words
    assert "How the objection period was counted" in words


def test_it_goes_where_the_contact_is_by_now(
    session: Session, announced: Announced, at: datetime
) -> None:
    """It serves nothing, so an address that was corrected meanwhile is simply the one it has."""
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    moved = {"name": "Ines Valmont", "postal_address": "3 rue Basse\r\n\r\n38000 Grenoble\n"}
    session.execute(update(ContactRow).values(moved))
    session.commit()
    assert prepare(session, at=at + DAY).letters == 1
    ((message, letter),) = letters(session)
    assert letter.batch_id is not None and message.state == MessageState.QUEUED
    assert letter.address_lines == ["Ines Valmont", "3 rue Basse", "38000 Grenoble"]


def test_to_whom_is_not_designated_any_more_none_goes(
    session: Session, announced: Announced, at: datetime
) -> None:
    write_in(session, announced, ResponseKind.OBJECTION, at + DAY)
    session.execute(update(AgreementContactRow).values(ended_on=at.date()))
    session.commit()
    report = prepare(session, at=at + DAY)
    assert (report.letters, report.set_aside) == (0, 1)
