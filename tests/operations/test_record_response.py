"""Answers through the personal link: what they are taken as, once each, on both databases."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from subnotify.evidence.digest import plain_digest
from subnotify.operations.acknowledge_notice import acknowledge_notice
from subnotify.operations.append_evidence import verify_evidence
from subnotify.operations.disown_response import disown_response
from subnotify.operations.record_response import Recorded
from subnotify.rules.errors import MoveNotAllowed, NotFound, ProblemsFound
from subnotify.rules.responses import (
    RESPONSES_PER_DAY,
    Answer,
    TooManyResponses,
    receipt_content,
)
from subnotify.rules.terms_words import ObjectionGrounds
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessagePurpose,
    NoticeState,
    ProofKind,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.responses import list_responses
from subnotify.storage.tables import (
    CaseRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ResponseRow,
)
from tests.support.answers import LEGAL, case_of, give, messages, objection
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario, digest_of, terms_of


def test_an_objection_counts_at_once(session, scenario, at):
    announced = scenario.announce(contacts=2, copies=1)
    later = at + timedelta(days=3)
    recorded = give(session, announced, objection(announced, text="Outside the EU."), at=later)
    assert recorded.is_new and not recorded.awaits_code and recorded.code is None
    (response,) = list_responses(session, announced.notice_id)
    assert response.reference == recorded.reference
    assert response.reference.startswith(f"R-{announced.notice_id:06d}-")
    assert (response.kind, response.state) == (ResponseKind.OBJECTION, ResponseState.EFFECTIVE)
    assert response.timeliness is Timeliness.IN_TIME
    assert response.received_at == later
    assert response.dispatched_on == later.date()
    assert response.contact_id == announced.contact_ids[0]
    assert response.digest == plain_digest(receipt_content(response.receipt))
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_an_objection_is_receipted_to_all_contacts_and_alarms_legal(session, scenario, at):
    announced = scenario.announce(contacts=2, copies=1)
    give(session, announced, objection(announced), at=at)
    receipts = messages(session, MessagePurpose.RECEIPT)
    assert [m.contact_id for m in receipts] == list(announced.contact_ids)
    (alarm,) = messages(session, MessagePurpose.OBJECTION_ALARM)
    assert alarm.to_address == LEGAL


def test_every_answer_leaves_evidence_without_names(session, scenario, at):
    announced = scenario.announce()
    give(session, announced, objection(announced), at=at)
    row = session.scalars(select(EvidenceRow).where(EvidenceRow.type == "response_recorded")).one()
    assert row.actor == f"client:notice:{announced.notice_id}"
    assert verify_evidence(session, row.id)


def test_one_response_for_each_change(session, scenario, at):
    announced = scenario.announce(changes=2)
    recorded = give(session, announced, objection(announced, case_ids=announced.case_ids), at=at)
    assert len(recorded.response_ids) == 2
    given = list_responses(session, announced.notice_id)
    assert [x.case_id for x in given] == list(announced.case_ids)
    assert [x.position for x in given] == [1, 2]
    assert len({x.digest for x in given}) == 2


def test_one_change_refused_leaves_the_other_open(session, scenario, at):
    announced = scenario.announce(changes=2, preset=REGISTERED)
    answer = objection(announced, services=("monitoring",))
    give(session, announced, answer, at=at)
    first, second = (case_of(session, case_id) for case_id in announced.case_ids)
    assert (first.state, first.holds) == (CaseState.HOLD, [HoldReason.OBJECTION_FORM])
    assert second.state == CaseState.OPEN


def test_the_same_form_twice_is_one_response(session, scenario, at):
    announced = scenario.announce()
    first = give(session, announced, objection(announced), at=at)
    again = give(session, announced, objection(announced), at=at + timedelta(minutes=1))
    assert (again.reference, again.is_new) == (first.reference, False)
    assert len(list_responses(session, announced.notice_id)) == 1
    assert len(messages(session, MessagePurpose.OBJECTION_ALARM)) == 1


def test_a_form_changed_and_sent_again_loses_nothing(session, scenario, at):
    announced = scenario.announce()
    give(session, announced, objection(announced, text="One reason."), at=at)
    again = give(session, announced, objection(announced, text="Another reason."), at=at)
    assert again.is_new
    texts = [x.text for x in list_responses(session, announced.notice_id)]
    assert texts == ["One reason.", "Another reason."]


def test_the_same_objection_from_another_tab_shows_the_first_receipt(session, scenario, at):
    announced = scenario.announce()
    first = give(session, announced, objection(announced), at=at)
    again = give(session, announced, objection(announced), form_key="another tab", at=at)
    assert (again.reference, again.is_new) == (first.reference, False)


def test_another_contact_may_object_too(session, scenario, at):
    announced = scenario.announce(contacts=2)
    give(session, announced, objection(announced), at=at)
    other = give(
        session, announced, objection(announced), form_key="2", token=announced.tokens[1], at=at
    )
    assert other.is_new


def test_a_late_objection_is_kept_as_late(session, scenario, at):
    announced = scenario.announce()
    late = at + timedelta(days=20)
    give(session, announced, objection(announced), at=late)
    (response,) = list_responses(session, announced.notice_id)
    assert response.timeliness is Timeliness.LATE
    case = case_of(session, announced.case_ids[0])
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.OBJECTION_LATE])


def test_the_last_moment_is_in_time_and_the_next_is_not(session, scenario, at):
    announced = scenario.announce(changes=2)
    closes_at = case_of(session, announced.case_ids[0]).closes_at
    assert closes_at is not None
    first, second = announced.case_ids
    before = closes_at - timedelta(microseconds=1)
    give(session, announced, objection(announced, case_ids=(first,)), at=before)
    give(session, announced, objection(announced, case_ids=(second,)), at=closes_at)
    timely = [x.timeliness for x in list_responses(session, announced.notice_id)]
    assert timely == [Timeliness.IN_TIME, Timeliness.LATE]


def test_an_answer_proves_receipt_and_opens_the_window(session, scenario, at):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.handed_over_at = at
    session.commit()
    later = at + timedelta(days=1)
    give(session, announced, objection(announced), at=later)
    proof = session.scalars(select(ReceiptProofRow)).one()
    assert (proof.kind, proof.at) == (ProofKind.ACKNOWLEDGEMENT, later)
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, later)
    (response,) = list_responses(session, announced.notice_id)
    assert response.timeliness is Timeliness.IN_TIME


def test_an_objection_before_any_window_counts(session, scenario, at):
    terms = replace(terms_of(FIFTEEN), proof_of_receipt=frozenset())
    announced = scenario.announce(terms=terms)
    give(session, announced, objection(announced), at=at)
    (response,) = list_responses(session, announced.notice_id)
    assert response.timeliness is Timeliness.NO_WINDOW
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_an_acknowledgement_is_no_answer(session, scenario, at):
    announced = scenario.announce()
    recorded = acknowledge_notice(
        session,
        digest_of(announced.token),
        by_name="Camille Perrin",
        by_role="",
        form_key="form",
        at=at,
    )
    assert recorded.is_new
    assert case_of(session, announced.case_ids[0]).state == CaseState.OPEN
    assert not messages(session, MessagePurpose.OBJECTION_ALARM)


@pytest.mark.parametrize("kind", [ResponseKind.QUESTION, ResponseKind.MORE_TIME])
def test_a_question_waits_for_a_person(session, scenario, at, kind):
    announced = scenario.announce(changes=2)
    answer = Answer(kind, "Camille Perrin", text="Where is the data?")
    give(session, announced, answer, at=at)
    (response,) = list_responses(session, announced.notice_id)
    assert response.case_id is None
    for case_id in announced.case_ids:
        case = case_of(session, case_id)
        assert case.state == CaseState.HOLD
        assert HoldReason.WAITS_FOR_PERSON in case.holds


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"by_name": ""}, "by_name"),
        ({"by_role": ""}, "by_role"),
        ({"case_ids": ()}, "cases"),
        ({"services": ("another",)}, "services"),
        ({"by_name": "x" * 201}, "by_name"),
    ],
)
def test_an_incomplete_form_changes_nothing(session, scenario, at, change, field):
    announced = scenario.announce()
    with pytest.raises(ProblemsFound) as refused:
        give(session, announced, objection(announced, **change), at=at)
    assert [problem.where for problem in refused.value.problems] == [field]
    assert list_responses(session, announced.notice_id) == ()
    assert not messages(session, MessagePurpose.RECEIPT)


def test_services_are_asked_for_where_the_terms_end_services(session, scenario, at):
    announced = scenario.announce(preset=REGISTERED)
    with pytest.raises(ProblemsFound) as refused:
        give(session, announced, objection(announced), at=at)
    assert [problem.where for problem in refused.value.problems] == ["services"]


def test_grounds_are_asked_for_where_the_terms_ask(session, scenario, at):
    terms = replace(terms_of(FIFTEEN), objection_grounds=ObjectionGrounds.REASONABLE)
    announced = scenario.announce(terms=terms)
    with pytest.raises(ProblemsFound) as refused:
        give(session, announced, objection(announced), at=at)
    assert [problem.where for problem in refused.value.problems] == ["text"]


def test_a_change_of_another_notice_is_not_found(session, scenario, at):
    mine, other = scenario.announce(), scenario.announce()
    with pytest.raises(NotFound):
        give(session, mine, objection(mine, case_ids=other.case_ids), at=at)
    assert list_responses(session, other.notice_id) == ()


def test_an_unknown_or_revoked_link_is_not_found(session, scenario, at):
    announced = scenario.announce()
    with pytest.raises(NotFound):
        give(session, announced, objection(announced), token="guessed", at=at)
    session.get(MessageRow, announced.message_ids[0]).link_revoked_at = at
    session.commit()
    with pytest.raises(NotFound):
        give(session, announced, objection(announced), at=at)


def ask_until_full(session, announced: Announced, *, at) -> None:
    for number in range(RESPONSES_PER_DAY):
        question = Answer(ResponseKind.QUESTION, "A machine", text=f"Question {number}")
        give(session, announced, question, form_key=str(number), at=at)


def test_flooding_is_stopped_for_a_day(session, scenario, at):
    announced = scenario.announce()
    ask_until_full(session, announced, at=at)
    question = Answer(ResponseKind.QUESTION, "A machine", text="One more")
    with pytest.raises(TooManyResponses):
        give(session, announced, question, at=at)
    assert give(session, announced, question, at=at + timedelta(days=1)).is_new


def test_flooding_stops_no_first_objection_to_a_change(session, scenario, at):
    announced = scenario.announce(changes=2)
    ask_until_full(session, announced, at=at)
    first, second = announced.case_ids
    assert give(session, announced, objection(announced, case_ids=(first,)), at=at).is_new
    again = objection(announced, case_ids=(first,), text="Said anew.")
    with pytest.raises(TooManyResponses):
        give(session, announced, again, at=at)
    both = objection(announced, case_ids=(first, second), text="To both.")
    assert give(session, announced, both, at=at).is_new
    with pytest.raises(TooManyResponses):
        give(session, announced, replace(both, text="To both, anew."), at=at)
    assert case_of(session, second).state == CaseState.OBJECTED


def test_withdrawing_needs_an_objection(session, scenario, at):
    announced = scenario.announce()
    with pytest.raises(MoveNotAllowed):
        give(session, announced, replace(objection(announced), kind=ResponseKind.WITHDRAWAL), at=at)


def test_disowning_removes_nothing_and_puts_the_case_before_legal(session, scenario, at):
    announced = scenario.announce()
    give(session, announced, objection(announced), at=at)
    (receipt,) = messages(session, MessagePurpose.RECEIPT)
    receipt.link_digest = digest_of("receipt token")
    session.commit()
    for _ in range(2):
        disown_response(
            session, digest_of("receipt token"), by_name="Ada", legal_email=LEGAL, at=at
        )
    (response,) = list_responses(session, announced.notice_id)
    assert response.disowned_at == at
    assert response.is_effective
    case = case_of(session, announced.case_ids[0])
    assert case.state == CaseState.OBJECTED
    assert case.holds == [HoldReason.RESPONSE_DISOWNED]
    assert len(messages(session, MessagePurpose.OBJECTION_ALARM)) == 2


def test_only_a_receipt_disowns(session, scenario, at):
    announced = scenario.announce()
    give(session, announced, objection(announced), at=at)
    with pytest.raises(NotFound):
        disown_response(
            session, digest_of(announced.token), by_name="Ada", legal_email=LEGAL, at=at
        )


def test_one_form_in_two_threads_is_one_response(database_url, at):
    engine = create_engine_for(database_url)
    make = session_factory(engine)
    with make() as session:
        announced = Scenario(session, at=at).announce()
    barrier = threading.Barrier(4)
    got: list[Recorded] = []
    failed: list[BaseException] = []

    def send() -> None:
        with make() as session:
            barrier.wait()
            try:
                got.append(give(session, announced, objection(announced), at=at))
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with make() as session:
        assert failed == []
        assert session.scalar(select(func.count()).select_from(ResponseRow)) == 1
        assert len(messages(session, MessagePurpose.RECEIPT)) == 1
    assert len({one.reference for one in got}) == 1
    assert sorted(one.is_new for one in got) == [False, False, False, True]
    engine.dispose()


def test_an_answer_that_lost_a_deadlock_takes_another_turn(postgresql_url, at):
    """Somebody holds the case and asks for the notice, which the answer holds already."""
    engine = create_engine_for(postgresql_url)
    make = session_factory(engine)
    with make() as session:
        announced = Scenario(session, at=at).announce()
    got: list[Recorded] = []

    def answer() -> None:
        with make() as session:
            got.append(give(session, announced, objection(announced), at=at))

    answering = threading.Thread(target=answer)
    with make() as session, make() as watching:
        # The other one's patience ends first, so that it is the one who loses.
        session.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        session.execute(select(CaseRow.id).with_for_update())
        answering.start()
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not watching.scalar(waiting):
            watching.rollback()
        session.execute(select(NoticeRow.id).with_for_update())
        session.commit()
    answering.join()
    (recorded,) = got
    assert recorded.is_new
    with make() as session:
        assert session.scalar(select(func.count()).select_from(ResponseRow)) == 1
    engine.dispose()


def test_a_copy_contact_objects_but_gives_nothing_up(session, scenario, at):
    announced = scenario.announce(contacts=1, copies=1)
    copy = announced.tokens[1]
    agrees = Answer(
        ResponseKind.NO_OBJECTION,
        by_name="Camille Perrin",
        by_role="Assistant",
        case_ids=announced.case_ids,
    )
    with pytest.raises(MoveNotAllowed):
        give(session, announced, agrees, token=copy, at=at)
    session.rollback()
    assert give(session, announced, agrees, at=at).awaits_code
    assert give(session, announced, objection(announced), token=copy, form_key="2", at=at).is_new
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_the_wrong_person_names_another_and_changes_nothing(session, scenario, at):
    """No receipt is proven by it and no window opens; it waits for a person."""
    announced = scenario.announce(served=False)
    session.get(MessageRow, announced.message_ids[0]).handed_over_at = at
    session.commit()
    before = [x.state for x in session.scalars(select(NoticeRow))]
    answer = Answer(
        ResponseKind.WRONG_PERSON, "Ines Roy", named_name="Ada Berger", named_address="ada@x.test"
    )
    give(session, announced, answer, at=at)
    (given,) = list_responses(session, announced.notice_id)
    assert (given.named_name, given.named_address) == ("Ada Berger", "ada@x.test")
    assert given.digest == plain_digest(receipt_content(given.receipt))
    assert not session.scalars(select(ReceiptProofRow)).all()
    assert [x.state for x in session.scalars(select(NoticeRow))] == before
    case = case_of(session, announced.case_ids[0])
    assert case.closes_at is None and case.holds == [HoldReason.WAITS_FOR_PERSON]
    # It answered nothing: the same contact may still acknowledge, and object.
    give(session, announced, objection(announced), form_key="2", at=at)


def test_conditions_are_part_of_the_objection(session, scenario, at):
    announced = scenario.announce()
    said = objection(announced, conditions="Hosting stays in the EU.")
    give(session, announced, said, at=at)
    give(session, announced, objection(announced), form_key="2", at=at)
    first, second = list_responses(session, announced.notice_id)
    assert (first.conditions, second.conditions) == ("Hosting stays in the EU.", "")
    assert receipt_content(first.receipt)["conditions"] == "Hosting stays in the EU."
    assert "conditions" not in receipt_content(second.receipt)
