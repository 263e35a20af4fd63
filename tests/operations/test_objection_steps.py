"""From an objection to what meets it: steps of legal's, undone in time, answered by the client."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.answer_proposal import (
    ProposalAnswer,
    answer_by_link,
    confirm_acceptance,
    record_proposal_answer,
)
from subnotify.operations.close_windows import close_windows
from subnotify.operations.preview_step import preview_step
from subnotify.operations.queue_data_alarms import queue_data_alarms
from subnotify.operations.settle_objection import (
    Settlement,
    settle_objection,
    undo_settlement,
)
from subnotify.operations.take_objection_step import (
    LegalStep,
    take_objection_step,
    undo_objection_step,
)
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.objection_steps import UNDO_LASTS, ProposalOver, StepSent
from subnotify.rules.responses import CODE_TRIES, CodeExpired, CodeWrong
from subnotify.rules.words import (
    CaseState,
    ContactKind,
    Measure,
    MessagePurpose,
    MessageState,
    Outcome,
    ResponseChannel,
    SettlementKind,
    StepKind,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    DataReturnRow,
    MessageRow,
    SettlementRow,
)
from tests.operations.desk import LEGAL, case_of, evidence_types, standing_of
from tests.operations.rendering import CONTEXT, one_text, written
from tests.operations.test_settle_objection import say
from tests.support.scenario import Announced, Scenario, digest_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
KEY = b"for tests only"
DESK = "legal@vendor.example"
PROPOSAL = LegalStep(StepKind.PROPOSED, "We keep you on the host that you know.", Measure.NOT_USED)
ACCEPT = ProposalAnswer(StepKind.ACCEPTED, "Camille Perrin")
REFUSE = ProposalAnswer(StepKind.REFUSED, "Camille Perrin", "Not enough.")


@pytest.fixture
def objected(session: Session, at: datetime) -> Announced:
    announced = Scenario(session, at=at).announce(copies=1)
    say(session, announced, "objection", at)
    return announced


def propose(session: Session, made: Announced, at: datetime, step: LegalStep = PROPOSAL) -> int:
    return take_objection_step(session, made.case_ids[0], step, at=at, **LEGAL)


def answer(session: Session, made: Announced, proposal: int, said: ProposalAnswer, at, token=None):
    return answer_by_link(
        session,
        digest_of(token or made.token),
        made.case_ids[0],
        proposal,
        said,
        legal_email=DESK,
        code_key=KEY,
        at=at,
    )


def confirm(session: Session, made: Announced, step: int, code: str, at: datetime) -> None:
    confirm_acceptance(
        session,
        digest_of(made.token),
        made.case_ids[0],
        step,
        code,
        legal_email=DESK,
        code_key=KEY,
        at=at,
    )


def states(session: Session, purpose: MessagePurpose) -> list[str]:
    rows = select(MessageRow.state).where(MessageRow.purpose == purpose).order_by(MessageRow.id)
    found = list(session.scalars(rows))
    session.rollback()
    return found


def test_the_mail_waits_says_what_the_preview_said_and_an_undo_stops_it(session, objected, at):
    case_id = objected.case_ids[0]
    shown = preview_step(session, case_id, PROPOSAL, context=CONTEXT, at=at)
    session.rollback()
    step = propose(session, objected, at)
    assert propose(session, objected, at + MINUTE) == step
    assert states(session, MessagePurpose.OBJECTION_STEP) == [MessageState.QUEUED] * 2
    assert len(shown.to) == 2
    due = select(MessageRow.next_attempt_at).where(MessageRow.purpose == "objection_step")
    assert set(session.scalars(due)) == {at + UNDO_LASTS}
    with pytest.raises(ProposalOver):
        answer(session, objected, step, REFUSE, at + 9 * MINUTE)
    undo_objection_step(session, case_id, step, at=at + 9 * MINUTE, **LEGAL)
    undo_objection_step(session, case_id, step, at=at + 9 * MINUTE, **LEGAL)
    assert states(session, MessagePurpose.OBJECTION_STEP) == [MessageState.CANCELLED] * 2
    assert evidence_types(session).count("objection_step_undone") == 1
    with pytest.raises(ProposalOver):
        answer(session, objected, step, REFUSE, at + DAY)
    again = propose(session, objected, at + DAY)
    with pytest.raises(StepSent):
        undo_objection_step(session, case_id, again, at=at + DAY + UNDO_LASTS, **LEGAL)
    mail = one_text(session, at + DAY + UNDO_LASTS, MessagePurpose.OBJECTION_STEP)
    assert mail.subject == shown.mail.subject
    blank = shown.mail.text.splitlines()
    lines = zip(mail.text.splitlines(), blank, strict=True)
    assert [(a, b) for a, b in lines if a != b and "/n/" not in b] == []


def test_accepted_by_code_settles_as_accommodated(session, objected, at):
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    taken = answer(session, objected, step, ACCEPT, sent)
    assert taken.issued is not None
    assert standing_of(session, objected.case_ids[0])[0] is CaseState.OBJECTED
    assert not session.scalars(select(SettlementRow)).all()
    session.rollback()
    with pytest.raises(CodeWrong):
        confirm(session, objected, taken.step_id, "AAAAAAAA", sent + MINUTE)
    # Another code takes the place of the first; the acceptance is still one.
    second = answer(session, objected, step, ACCEPT, sent + 2 * MINUTE)
    assert second.step_id == taken.step_id and second.issued is not None
    with pytest.raises(CodeWrong):
        confirm(session, objected, taken.step_id, taken.issued.code, sent + 3 * MINUTE)
    confirm(session, objected, taken.step_id, second.issued.code, sent + 3 * MINUTE)
    confirm(session, objected, taken.step_id, "whatever", sent + 4 * MINUTE)
    (settled,) = session.scalars(select(SettlementRow)).all()
    assert (settled.kind, settled.note) == ("accommodated", PROPOSAL.text)
    assert settled.decided_by == "Camille Perrin"
    session.rollback()
    assert states(session, MessagePurpose.STEP_ALARM) == [MessageState.QUEUED]
    types = evidence_types(session)
    assert types.count("proposal_answer_confirmed") == types.count("objection_settled") == 1
    with pytest.raises(ProposalOver):
        answer(session, objected, step, REFUSE, sent + DAY)


@pytest.mark.parametrize("said", [ACCEPT, REFUSE])
def test_every_contact_hears_what_was_answered_in_its_name(session, objected, at, said):
    """The copy contact too: whoever did not mean it tells us."""
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    taken = answer(session, objected, step, said, sent)
    later = sent + MINUTE
    if taken.issued is not None:
        # Nothing is said before the code counts.
        assert states(session, MessagePurpose.OBJECTION_STEP) == [MessageState.QUEUED] * 2
        confirm(session, objected, taken.step_id, taken.issued.code, later)
        confirm(session, objected, taken.step_id, taken.issued.code, later)
    of_answer = MessageRow.logical_key.startswith(f"objection_step:{taken.step_id}:")
    rows = session.scalars(select(MessageRow).where(of_answer).order_by(MessageRow.id)).all()
    assert [row.to_address for row in rows] == ["dpo0@client1.example", "dpo1@client1.example"]
    assert {row.state for row in rows} == {MessageState.QUEUED}
    assert all(row.next_attempt_at <= later for row in rows)
    ids = {row.id for row in rows}
    session.rollback()
    mails = [text for message, text in written(session, later) if message.id in ids]
    assert len(mails) == 2
    for mail in mails:
        verb = "accepted" if said is ACCEPT else "refused"
        assert f"You {verb} our proposal" in mail.subject
        told = " ".join(mail.text.split())
        assert f"Camille Perrin {verb} our proposal for you" in told
        assert PROPOSAL.text in told
        assert "tell us at once" in told


def test_a_code_has_five_tries_and_one_hour(session, objected, at):
    step = propose(session, objected, at)
    taken = answer(session, objected, step, ACCEPT, at + UNDO_LASTS)
    for _ in range(CODE_TRIES - 1):
        with pytest.raises(CodeWrong):
            confirm(session, objected, taken.step_id, "AAAAAAAA", at + UNDO_LASTS)
    with pytest.raises(CodeExpired):
        confirm(session, objected, taken.step_id, "AAAAAAAA", at + UNDO_LASTS)
    with pytest.raises(CodeExpired):
        confirm(session, objected, taken.step_id, taken.issued.code, at + UNDO_LASTS)
    later = answer(session, objected, step, ACCEPT, at + DAY)
    with pytest.raises(CodeExpired):
        confirm(session, objected, taken.step_id, later.issued.code, at + DAY + 60 * MINUTE)


def test_refused_needs_no_code_and_the_objection_stands(session, objected, at):
    step = propose(session, objected, at)
    taken = answer(session, objected, step, REFUSE, at + UNDO_LASTS)
    assert taken.issued is None
    assert standing_of(session, objected.case_ids[0]) == (CaseState.OBJECTED, [], None)
    texts = [text for one, text in written(session, at + DAY) if one.purpose == "step_alarm"]
    assert len(texts) == 1 and "Not enough." in texts[0].text
    with pytest.raises(ProposalOver):
        answer(session, objected, step, ACCEPT, at + DAY)
    # A new proposal may follow, and a letter may answer it.
    second = propose(session, objected, at + DAY, replace(PROPOSAL, text="Then another host."))
    record_proposal_answer(
        session,
        objected.case_ids[0],
        second,
        replace(ACCEPT, note="Letter of 4 March, folder 12."),
        ResponseChannel.POST,
        at=at + 2 * DAY,
        **LEGAL,
    )
    (settled,) = session.scalars(select(SettlementRow)).all()
    assert settled.note == "Then another host."


def test_who_may_not(session, objected, at):
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    with pytest.raises(NotFound):
        answer(session, objected, step, ACCEPT, sent, token="unknown")
    with pytest.raises(MoveNotAllowed):
        answer(session, objected, step, ACCEPT, sent, token=objected.tokens[1])
    # Nor can it refuse: that would end the proposal for the contact who could accept it.
    with pytest.raises(MoveNotAllowed):
        answer(session, objected, step, REFUSE, sent, token=objected.tokens[1])
    assert answer(session, objected, step, REFUSE, sent)


def test_who_is_not_designated_any_more_confirms_nothing(session, objected, at):
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    taken = answer(session, objected, step, ACCEPT, sent)
    session.execute(
        update(AgreementContactRow)
        .where(AgreementContactRow.contact_id == objected.contact_ids[0])
        .values(kind=ContactKind.COPY)
    )
    session.commit()
    with pytest.raises(MoveNotAllowed):
        confirm(session, objected, taken.step_id, taken.issued.code, sent)
    assert standing_of(session, objected.case_ids[0])[0] is CaseState.OBJECTED


def test_what_legal_can_still_undo_hinders_no_answer(session, objected, at):
    """The client cannot know of it: its acceptance counts, and is the later settlement."""
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    ineffective = Settlement(SettlementKind.INEFFECTIVE, "no grounds given")
    settle_objection(session, objected.case_ids[0], ineffective, at=sent, **LEGAL)
    taken = answer(session, objected, step, ACCEPT, sent + MINUTE)
    confirm(session, objected, taken.step_id, taken.issued.code, sent + MINUTE)
    close_windows(session, at=case_of(session, objected.case_ids[0]).silence_after_at)
    assert standing_of(session, objected.case_ids[0])[2] is Outcome.ACCOMMODATED


def test_what_the_client_agreed_to_legal_does_not_take_back(session, objected, at):
    step = propose(session, objected, at)
    sent = at + UNDO_LASTS
    taken = answer(session, objected, step, ACCEPT, sent)
    confirm(session, objected, taken.step_id, taken.issued.code, sent)
    case_id = objected.case_ids[0]
    with pytest.raises(MoveNotAllowed):
        undo_settlement(session, case_id, note="changed our mind", at=sent + MINUTE, **LEGAL)
    session.rollback()
    for kind in (SettlementKind.INEFFECTIVE, SettlementKind.TERMINATED):
        with pytest.raises(MoveNotAllowed):
            decision = Settlement(kind, "changed our mind", services=("monitoring",))
            settle_objection(session, case_id, decision, at=sent + DAY, **LEGAL)
        session.rollback()
    close_windows(session, at=case_of(session, case_id).silence_after_at)
    assert standing_of(session, case_id)[2] is Outcome.ACCOMMODATED


def test_steps_need_a_live_objection_and_one_mail_at_a_time(session, at):
    made = Scenario(session, at=at).announce()
    with pytest.raises(MoveNotAllowed):
        propose(session, made, at)
    say(session, made, "objection", at)
    first = propose(session, made, at, LegalStep(StepKind.ACKNOWLEDGED, "Lea looks into it."))
    with pytest.raises(MoveNotAllowed):
        propose(session, made, at + MINUTE)
    with pytest.raises(MoveNotAllowed):
        propose(session, made, at + DAY, LegalStep(StepKind.ACKNOWLEDGED, "Again."))
    assert propose(session, made, at + DAY) > first


def test_a_settlement_takes_back_what_has_not_left(session, objected, at):
    propose(session, objected, at)
    decision = Settlement(SettlementKind.INEFFECTIVE, "late")
    settle_objection(session, objected.case_ids[0], decision, at=at + MINUTE, **LEGAL)
    assert states(session, MessagePurpose.OBJECTION_STEP) == [MessageState.CANCELLED] * 2


def test_legal_is_told_of_data_that_is_due_twice(session, objected, at):
    case_id, day = objected.case_ids[0], (at + 2 * DAY).date()
    settle_objection(
        session,
        case_id,
        Settlement(
            SettlementKind.TERMINATED, "by letter", services=("monitoring",), takes_effect_on=day
        ),
        at=at + 2 * DAY,
        **LEGAL,
    )
    close_windows(session, at=at + 2 * DAY + UNDO_LASTS)
    assert case_of(session, case_id).outcome == Outcome.TERMINATED
    owed = session.scalars(select(DataReturnRow)).one()
    owed.due_on = date(2026, 6, 1)
    session.commit()

    def alarms(day: datetime) -> int:
        return queue_data_alarms(session, DESK, zone=ZoneInfo("Europe/Paris"), at=day)

    due = datetime(2026, 6, 1, 8, tzinfo=at.tzinfo)
    assert [alarms(due - n * DAY) for n in (15, 14, 3)] == [0, 1, 0]
    assert [alarms(due), alarms(due + DAY)] == [1, 0]
    mails = [x for one, x in written(session, due) if one.purpose is MessagePurpose.STEP_ALARM]
    assert len(mails) == 2 and "June" in mails[0].text
    owed = session.scalars(select(DataReturnRow)).one()
    owed.done_at = due
    session.commit()
    assert alarms(due + 2 * DAY) == 0
