"""Codes: what gives up protection counts only after the code mailed to that contact."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from subnotify.operations.confirm_code import confirm_code, send_code_again
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.responses import (
    CODE_TRIES,
    CODES_PER_DAY,
    Answer,
    CodeExpired,
    CodeWrong,
    TooManyCodes,
)
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessagePurpose,
    Outcome,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.responses import list_responses
from subnotify.storage.tables import CodeRow, EvidenceRow, OutcomeRow
from tests.support.answers import KEY, case_of, give, messages, objection
from tests.support.scenario import Announced, digest_of


def no_objection(announced: Announced, **given) -> Answer:
    said = {"by_name": "Camille Perrin", "by_role": "DPO", "case_ids": announced.case_ids}
    return Answer(ResponseKind.NO_OBJECTION, **(said | given))


def confirm(session, announced, recorded, code, *, at, token=None):
    confirm_code(
        session,
        digest_of(token or announced.token),
        recorded.reference,
        code,
        code_key=KEY,
        at=at,
    )


def test_no_objection_waits_for_its_code(session, scenario, at):
    announced = scenario.announce(changes=2)
    recorded = give(session, announced, no_objection(announced), at=at)
    assert recorded.awaits_code and recorded.code is not None
    assert len(recorded.code.code) == 8
    assert recorded.code.to_address == "dpo0@client1.example"
    assert recorded.code.expires_at == at + timedelta(minutes=60)
    assert not messages(session, MessagePurpose.RECEIPT)
    states = {x.state for x in list_responses(session, announced.notice_id)}
    assert states == {ResponseState.AWAITING_CODE}
    stored = session.scalars(select(CodeRow)).one()
    assert recorded.code.code not in stored.code_digest
    confirm(session, announced, recorded, recorded.code.code, at=at + timedelta(minutes=59))
    given = list_responses(session, announced.notice_id)
    assert {x.state for x in given} == {ResponseState.EFFECTIVE}
    assert given[0].confirmed_at == at + timedelta(minutes=59)
    assert len(messages(session, MessagePurpose.RECEIPT)) == 2
    confirmed = select(EvidenceRow).where(EvidenceRow.type == "response_confirmed")
    assert len(session.scalars(confirmed).all()) == 2
    for case_id in announced.case_ids:
        assert case_of(session, case_id).state == CaseState.OPEN


def test_the_code_may_be_typed_in_any_way(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    code = recorded.code.code.lower()
    confirm(session, announced, recorded, f" {code[:4]}-{code[4:]} ", at=at)
    confirm(session, announced, recorded, "whatever comes later", at=at)
    (response,) = list_responses(session, announced.notice_id)
    assert response.is_effective


def test_wrong_codes_are_counted_and_the_fifth_ends_it(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    for left in range(CODE_TRIES - 1, 0, -1):
        with pytest.raises(CodeWrong) as refused:
            confirm(session, announced, recorded, "AAAA AAAA", at=at)
        assert refused.value.params["left"] == left
    with pytest.raises(CodeExpired):
        confirm(session, announced, recorded, "AAAA AAAA", at=at)
    with pytest.raises(CodeExpired):
        confirm(session, announced, recorded, recorded.code.code, at=at)


def test_a_code_lasts_an_hour_and_another_can_be_sent(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    late = at + timedelta(minutes=60)
    with pytest.raises(CodeExpired):
        confirm(session, announced, recorded, recorded.code.code, at=late)
    link = digest_of(announced.token)
    sent = send_code_again(session, link, recorded.reference, code_key=KEY, at=late)
    with pytest.raises(CodeWrong):
        confirm(session, announced, recorded, recorded.code.code, at=late)
    confirm(session, announced, recorded, sent.code, at=late)
    assert send_code_again(session, link, recorded.reference, code_key=KEY, at=late) is None


def test_codes_are_not_sent_without_end(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    link = digest_of(announced.token)
    for _ in range(CODES_PER_DAY - 1):
        send_code_again(session, link, recorded.reference, code_key=KEY, at=at)
    with pytest.raises(TooManyCodes):
        send_code_again(session, link, recorded.reference, code_key=KEY, at=at)


def test_a_code_belongs_to_its_contact_and_notice(session, scenario, at):
    announced = scenario.announce(contacts=2)
    other = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    for token in (announced.tokens[1], other.token, "guessed"):
        with pytest.raises(NotFound):
            confirm(session, announced, recorded, recorded.code.code, at=at, token=token)


def test_an_objection_goes_before_the_code_that_comes_later(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    give(session, announced, objection(announced), form_key="2", at=at)
    with pytest.raises(MoveNotAllowed):
        confirm(session, announced, recorded, recorded.code.code, at=at)
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_a_later_objection_overrides_no_objection(session, scenario, at):
    announced = scenario.announce()
    recorded = give(session, announced, no_objection(announced), at=at)
    confirm(session, announced, recorded, recorded.code.code, at=at)
    give(session, announced, objection(announced), form_key="2", at=at + timedelta(days=2))
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_a_withdrawal_by_code_waits_for_legal(session, scenario, at):
    announced = scenario.announce()
    give(session, announced, objection(announced), at=at)
    answer = Answer(ResponseKind.WITHDRAWAL, "Camille Perrin", "DPO", case_ids=announced.case_ids)
    recorded = give(session, announced, answer, form_key="2", at=at)
    confirm(session, announced, recorded, recorded.code.code, at=at)
    case = case_of(session, announced.case_ids[0])
    assert case.state == CaseState.OBJECTED
    assert case.holds == [HoldReason.WAITS_FOR_PERSON]


def waiver(announced: Announced, **given) -> Answer:
    said = {"by_name": "Camille Perrin", "by_role": "DPO", "case_ids": announced.case_ids}
    return Answer(ResponseKind.WAIVER, **(said | given))


def outcomes(session) -> list[str | None]:
    return list(session.scalars(select(OutcomeRow.outcome).order_by(OutcomeRow.id)))


def test_a_waiver_closes_by_its_code_with_one_outcome(session, scenario, at):
    announced = scenario.announce(changes=2)
    recorded = give(session, announced, waiver(announced), at=at)
    assert recorded.awaits_code and not outcomes(session)
    later = at + timedelta(minutes=5)
    confirm(session, announced, recorded, recorded.code.code, at=later)
    confirm(session, announced, recorded, recorded.code.code, at=later)
    assert outcomes(session) == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert len(messages(session, MessagePurpose.CLOSING)) == 2  # one for each case
    # What comes after it is kept and shown, and changes nothing.
    late = later + timedelta(seconds=1)
    give(session, announced, objection(announced), form_key="2", at=late)
    *_, last = list_responses(session, announced.notice_id)
    assert (last.kind, last.timeliness) == (ResponseKind.OBJECTION, Timeliness.WAIVED)
    assert {case_of(session, x).state for x in announced.case_ids} == {CaseState.CLOSED}
    assert len(outcomes(session)) == 2


def test_an_objection_goes_before_the_waiver_whose_code_comes_later(session, scenario, at):
    announced = scenario.announce(contacts=2)
    recorded = give(session, announced, waiver(announced), at=at)
    give(session, announced, objection(announced), form_key="2", at=at, token=announced.tokens[1])
    with pytest.raises(MoveNotAllowed):
        confirm(session, announced, recorded, recorded.code.code, at=at)
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED


def test_a_copy_contact_waives_nothing(session, scenario, at):
    announced = scenario.announce(copies=1)
    with pytest.raises(MoveNotAllowed):
        give(session, announced, waiver(announced), at=at, token=announced.tokens[1])
    assert not list_responses(session, announced.notice_id)
