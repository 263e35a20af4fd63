"""One step answers the other agreements of the same client: a response each, no other client's."""

from datetime import timedelta

import pytest

from subnotify.operations.answers_alike import list_alike, list_apart
from subnotify.operations.confirm_code import confirm_code, send_code_again
from subnotify.operations.record_response import record_response
from subnotify.rules.errors import MoveNotAllowed, NotFound, ProblemsFound
from subnotify.rules.responses import RESPONSES_PER_DAY, Answer, CodeExpired
from subnotify.rules.words import (
    CaseState,
    MessagePurpose,
    Outcome,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.agreement_names import agreement_of_notices
from subnotify.storage.notice_links import find_link
from subnotify.storage.responses import list_responses
from subnotify.storage.tables import MessageRow
from tests.support.alike import same_client
from tests.support.answers import KEY, LEGAL, case_of, give, messages, objection
from tests.support.scenario import REGISTERED, Announced, digest_of

YES = ResponseKind.NO_OBJECTION


def answer(session, announced, said, *elsewhere: Announced, at, form_key="form-1"):
    return record_response(
        session,
        digest_of(announced.token),
        said,
        elsewhere=[other.notice_id for other in elsewhere],
        form_key=form_key,
        code_key=KEY,
        legal_email=LEGAL,
        at=at,
    )


def yes(announced: Announced, kind: ResponseKind = YES) -> Answer:
    return Answer(kind, "Camille Perrin", "DPO", case_ids=announced.case_ids)


def offered(session, announced, kind=YES, *, at) -> list[int]:
    link = find_link(session, digest_of(announced.token), at=at)
    return [one.link.notice_id for one in list_alike(session, link, kind, at=at)]


def test_an_objection_counts_under_both_each_by_its_own_terms(session, scenario, at):
    first = scenario.announce(at=at)
    second = scenario.announce(at=at - timedelta(days=20))  # its window is over
    same_client(session, first, second)
    said = objection(first, text="Outside the EU.")
    for _ in range(2):
        answer(session, first, said, second, at=at)
    (one,) = list_responses(session, first.notice_id)
    (two,) = list_responses(session, second.notice_id)
    assert (one.timeliness, two.timeliness) == (Timeliness.IN_TIME, Timeliness.LATE)
    assert (two.case_id, two.text) == (second.case_ids[0], "Outside the EU.")
    assert one.reference != two.reference and one.digest != two.digest
    receipts = {x.notice_id for x in messages(session, MessagePurpose.RECEIPT)}
    assert receipts == {first.notice_id, second.notice_id}
    assert len(messages(session, MessagePurpose.OBJECTION_ALARM)) == 2
    assert case_of(session, first.case_ids[0]).state == CaseState.OBJECTED


def test_a_notice_that_takes_no_more_today_is_left_out(session, scenario, at):
    first, second = scenario.announce(), scenario.announce()
    same_client(session, first, second)
    for number in range(RESPONSES_PER_DAY):
        question = Answer(ResponseKind.QUESTION, "A machine", text=f"Question {number}")
        give(session, second, question, form_key=str(number), at=at)
    given = answer(session, first, yes(first), second, at=at)
    assert given.is_new and given.code is not None
    names = agreement_of_notices(session, [second.notice_id])
    assert given.left_out == (names[second.notice_id],)
    assert len(list_responses(session, first.notice_id)) == 1
    assert len(list_responses(session, second.notice_id)) == RESPONSES_PER_DAY
    # A first objection is taken there too.
    said = answer(session, first, objection(first), second, form_key="form-2", at=at)
    assert said.left_out == ()
    assert case_of(session, second.case_ids[0]).state == CaseState.OBJECTED


@pytest.mark.parametrize("kind", [ResponseKind.NO_OBJECTION, ResponseKind.WAIVER])
def test_one_code_makes_them_all_count(session, scenario, at, kind):
    first, second = scenario.announce(), scenario.announce()
    same_client(session, first, second)
    given = answer(session, first, yes(first, kind), second, at=at)
    (waiting,) = list_responses(session, second.notice_id)
    assert waiting.state is ResponseState.AWAITING_CODE
    link, later = digest_of(first.token), at + timedelta(minutes=61)
    with pytest.raises(CodeExpired):
        confirm_code(session, link, given.reference, given.code.code, code_key=KEY, at=later)
    sent = send_code_again(session, link, given.reference, code_key=KEY, at=later)
    confirm_code(session, link, given.reference, sent.code, code_key=KEY, at=later)
    for announced in (first, second):
        (one,) = list_responses(session, announced.notice_id)
        assert (one.is_effective, one.confirmed_at) == (True, later)
        outcome = Outcome.ACCEPTED if kind is ResponseKind.WAIVER else None
        assert case_of(session, announced.case_ids[0]).outcome == outcome


def test_what_became_impossible_elsewhere_goes_on_waiting(session, scenario, at):
    first, second = scenario.announce(), scenario.announce()
    same_client(session, first, second)
    given = answer(session, first, yes(first), second, at=at)
    give(session, second, objection(second), form_key="2", at=at)
    confirm_code(
        session, digest_of(first.token), given.reference, given.code.code, code_key=KEY, at=at
    )
    (one,) = list_responses(session, first.notice_id)
    waiting, _ = list_responses(session, second.notice_id)
    assert one.is_effective and not waiting.is_effective
    assert case_of(session, second.case_ids[0]).state == CaseState.OBJECTED


def test_another_client_is_neither_offered_nor_answered(session, scenario, at):
    first, second, foreign = scenario.announce(), scenario.announce(), scenario.announce()
    same_client(session, first, second)
    # The same mailbox and the same release, but another client.
    same_client(session, first, foreign, is_same=False)
    assert offered(session, first, at=at) == [second.notice_id]
    with pytest.raises(NotFound):
        answer(session, first, objection(first), second, foreign, at=at)
    for announced in (first, second, foreign):
        assert list_responses(session, announced.notice_id) == ()


def test_another_mailbox_of_the_client_is_not_offered(session, scenario, at):
    first, second = scenario.announce(), scenario.announce()
    same_client(session, first, second, mailbox="somebody.else@client1.example")
    assert offered(session, first, at=at) == []
    with pytest.raises(NotFound):
        answer(session, first, objection(first), second, at=at)


def test_a_revoked_link_and_a_copy_give_nothing_up(session, scenario, at):
    first, second, copied = (scenario.announce() for _ in range(3))
    same_client(session, first, second)
    same_client(session, first, copied, contact_kind="copy")
    assert offered(session, first, at=at) == [second.notice_id]
    assert copied.notice_id in offered(session, first, ResponseKind.OBJECTION, at=at)
    with pytest.raises(ProblemsFound):
        answer(session, first, yes(first), copied, at=at)
    session.get_one(MessageRow, second.message_ids[0]).link_revoked_at = at
    session.commit()
    assert offered(session, first, at=at) == []


def test_an_objection_that_terminates_is_given_in_its_own_notice(session, scenario, at):
    first, second = scenario.announce(), scenario.announce(preset=REGISTERED)
    same_client(session, first, second)
    assert offered(session, first, ResponseKind.OBJECTION, at=at) == []
    assert offered(session, first, at=at) == [second.notice_id]
    link = find_link(session, digest_of(first.token), at=at)
    for kind, told in ((ResponseKind.OBJECTION, [second.notice_id]), (YES, [])):
        apart = list_apart(session, link, kind, at=at)
        assert [one.link.notice_id for one in apart] == told


def test_an_answer_too_late_for_its_own_notice_answers_none(session, scenario, at):
    first, second = scenario.announce(), scenario.announce()
    same_client(session, first, second)
    give(session, first, objection(first), at=at)
    with pytest.raises(MoveNotAllowed):
        answer(session, first, yes(first), second, form_key="2", at=at)
    assert list_responses(session, second.notice_id) == ()
