"""Corners in which somebody corrects, undoes or comes late: nobody is bound by it unheard."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from subnotify.operations.answer_proposal import record_proposal_answer
from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_code import confirm_code
from subnotify.operations.correct_record import confirm_correction, propose_correction
from subnotify.operations.settle_objection import (
    Settlement,
    find_settlement,
    settle_objection,
    undo_settlement,
)
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.objection_steps import UNDO_LASTS, open_proposal
from subnotify.rules.responses import Answer
from subnotify.rules.terms_words import Authorisation, SilenceBrokenBy, SilenceEffect, TakesEffect
from subnotify.rules.words import HoldReason, Outcome, ResponseChannel, ResponseKind, SettlementKind
from subnotify.storage.cases import load_case_facts
from subnotify.storage.data_returns import find_data_return
from subnotify.storage.objection_steps import list_steps
from tests.operations.desk import LEGAL, SECOND, case_of, confirm_all, standing_of
from tests.operations.test_objection_steps import (
    ACCEPT,
    REFUSE,
    answer,
    confirm,
    propose,
)
from tests.operations.test_settle_objection import say
from tests.operations.test_terminations import announce, end_of_monitoring, terminate
from tests.operations.test_unresolved_objections import UNRESOLVED
from tests.support.answers import KEY as CODE_KEY
from tests.support.answers import give
from tests.support.scenario import FIFTEEN, Scenario, digest_of, terms_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def correct(session, case_id, at):
    propose_correction(session, case_id, note="recorded wrongly", at=at, **LEGAL)
    confirm_correction(session, case_id, at=at, **SECOND)


# 1
@pytest.mark.parametrize("wait", [MINUTE, DAY])
def test_settling_anew_with_another_day_and_the_same_note_corrects_it(session, at, wait):
    made = announce(session, at, takes_effect=TakesEffect.UNSPECIFIED)
    wrong, right = (at + 30 * DAY).date(), (at + 90 * DAY).date()
    terminate(session, made, at + 2 * DAY, takes_effect_on=wrong)
    terminate(session, made, at + 2 * DAY + wait, takes_effect_on=right)  # same note
    assert find_settlement(session, made.case_ids[0]).takes_effect_on == right


# 2
def test_after_two_persons_corrected_legal_can_settle_what_was_agreed_anew(session, at):
    made = Scenario(session, at=at).announce(copies=1)
    say(session, made, "objection", at)
    case_id = made.case_ids[0]
    step = propose(session, made, at)
    sent = at + UNDO_LASTS
    taken = answer(session, made, step, ACCEPT, sent)
    confirm(session, made, taken.step_id, taken.issued.code, sent)
    silent = case_of(session, case_id).silence_after_at
    close_windows(session, at=silent)
    assert standing_of(session, case_id)[2] is Outcome.ACCOMMODATED
    correct(session, case_id, silent + DAY)
    assert standing_of(session, case_id)[1] == [HoldReason.RECORD_CORRECTED]
    settle_objection(
        session,
        case_id,
        Settlement(SettlementKind.INEFFECTIVE, "both sides agree"),
        at=silent + DAY,
        **LEGAL,
    )


def test_after_two_persons_corrected_a_termination_can_be_settled_as_none(session, at):
    made = announce(session, at, takes_effect=TakesEffect.IMMEDIATELY)
    case_id = made.case_ids[0]
    terminate(session, made, at + 2 * DAY)
    close_windows(session, at=at + 2 * DAY + UNDO_LASTS)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    correct(session, case_id, at + 3 * DAY)
    settle_objection(
        session,
        case_id,
        Settlement(SettlementKind.INEFFECTIVE, "it was no termination"),
        at=at + 3 * DAY,
        **LEGAL,
    )


def test_after_correction_a_later_day_moves_the_service(session, at):
    made = announce(session, at, takes_effect=TakesEffect.UNSPECIFIED)
    case_id = made.case_ids[0]
    wrong, right = (at + 3 * DAY).date(), (at + 90 * DAY).date()
    terminate(session, made, at + 2 * DAY, takes_effect_on=wrong)
    close_windows(session, at=at + 4 * DAY)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    correct(session, case_id, at + 5 * DAY)
    decision = Settlement(
        SettlementKind.TERMINATED, "the right day", ("monitoring",), takes_effect_on=right
    )
    settle_objection(session, case_id, decision, at=at + 5 * DAY, **LEGAL)
    clear_hold(
        session, case_id, HoldReason.RECORD_CORRECTED, note="settled anew", at=at + 5 * DAY, **LEGAL
    )
    close_windows(session, at=at + 91 * DAY)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    assert (find_data_return(session, case_id).ended_on, end_of_monitoring(session)) == (
        right,
        right,
    )


# 3
def test_undone_settlement_of_a_recorded_acceptance_leaves_the_proposal_open(session, at):
    made = Scenario(session, at=at).announce(copies=1)
    say(session, made, "objection", at)
    case_id = made.case_ids[0]
    step = propose(session, made, at)
    sent = at + UNDO_LASTS
    record_proposal_answer(
        session,
        case_id,
        step,
        replace(ACCEPT, note="wrong client's letter"),
        ResponseChannel.POST,
        at=sent,
        **LEGAL,
    )
    undo_settlement(session, case_id, note="another client's letter", at=sent + MINUTE, **LEGAL)
    facts = load_case_facts(session, [case_id], at=sent + MINUTE)[case_id]
    assert (
        open_proposal(facts, list_steps(session, [case_id])[case_id], at=sent + MINUTE) is not None
    )
    session.rollback()
    answer(session, made, step, REFUSE, sent + MINUTE)


# 4
def test_who_refused_the_proposal_was_not_silent(session, at):
    terms = replace(UNRESOLVED, silence_broken_by=SilenceBrokenBy.ANY_RESPONSE)
    made = Scenario(session, at=at).announce(terms=terms)
    say(session, made, "objection", at)
    case_id = made.case_ids[0]
    step = propose(session, made, at + DAY)
    answer(session, made, step, REFUSE, at + 2 * DAY)
    due = case_of(session, case_id).unresolved_after_at
    confirm_all(session, due)
    close_windows(session, at=due)
    assert standing_of(session, case_id)[2] is not Outcome.ACCEPTED_UNRESOLVED


# 5
def test_a_yes_confirmed_after_a_withdrawn_objection_counts(session, at):
    terms = replace(
        terms_of(FIFTEEN),
        preset="",
        authorisation=Authorisation.GENERAL,
        effect_of_silence=SilenceEffect.DEEMED_REFUSED,
    )
    made = Scenario(session, at=at).announce(terms=terms)
    case_id = made.case_ids[0]
    yes = Answer(ResponseKind.NO_OBJECTION, by_name="A", by_role="DPO", case_ids=made.case_ids)
    recorded = give(session, made, yes, at=at)
    say(session, made, "objection", at + MINUTE)
    say(session, made, "withdrawal", at + 2 * MINUTE)
    settle_objection(
        session, case_id, Settlement(SettlementKind.WITHDRAWN, "w"), at=at + 3 * MINUTE, **LEGAL
    )
    later = at + 20 * MINUTE

    try:
        confirm_code(
            session,
            digest_of(made.token),
            recorded.reference,
            recorded.code.code,
            code_key=CODE_KEY,
            at=later,
        )
    except MoveNotAllowed:
        return  # told so: it answers anew
    due = case_of(session, case_id).silence_after_at
    confirm_all(session, due)
    close_windows(session, at=due)
    assert standing_of(session, case_id)[2] is Outcome.ACCEPTED


# 6
def test_a_proposal_to_correct_is_about_the_outcome_it_was_made_of(session, at):
    made = Scenario(session, at=at).announce()
    case_id = made.case_ids[0]
    silent = case_of(session, case_id).silence_after_at
    confirm_all(session, silent)
    close_windows(session, at=silent)
    propose_correction(session, case_id, note="silence was broken by telephone", at=silent, **LEGAL)
    say(session, made, "objection", at + 2 * DAY, channel="post", dispatched_on=(at + DAY).date())
    settle_objection(
        session, case_id, Settlement(SettlementKind.ACCOMMODATED, "met"), at=silent + DAY, **LEGAL
    )
    close_windows(session, at=silent + 2 * DAY)
    assert standing_of(session, case_id)[2] is Outcome.ACCOMMODATED

    with pytest.raises(MoveNotAllowed):
        confirm_correction(session, case_id, at=silent + 3 * DAY, **SECOND)


# 7
def test_a_termination_taken_back_by_both_sides_gives_the_service_back(session, at):
    from zoneinfo import ZoneInfo

    from subnotify.operations.end_service import end_service
    from subnotify.storage.tables import ServiceRow

    made = announce(session, at, takes_effect=TakesEffect.UNSPECIFIED)
    case_id = made.case_ids[0]
    terminate(session, made, at + 2 * DAY, takes_effect_on=(at + 3 * DAY).date())
    close_windows(session, at=at + 4 * DAY)
    assert standing_of(session, case_id)[2] is Outcome.TERMINATED
    correct(session, case_id, at + 5 * DAY)
    say(session, made, "withdrawal", at + 5 * DAY)
    settle_objection(
        session,
        case_id,
        Settlement(SettlementKind.WITHDRAWN, "both sides: it goes on"),
        at=at + 5 * DAY,
        **LEGAL,
    )
    clear_hold(
        session, case_id, HoldReason.RECORD_CORRECTED, note="settled anew", at=at + 5 * DAY, **LEGAL
    )
    due = case_of(session, case_id).silence_after_at
    confirm_all(session, due)
    close_windows(session, at=due)
    assert standing_of(session, case_id)[2] is Outcome.OBJECTION_WITHDRAWN
    service_id = session.scalars(select(ServiceRow.id).where(ServiceRow.key == "monitoring")).one()
    session.rollback()
    end_service(
        session, made.agreement_id, service_id, None, at=due, zone=ZoneInfo("Europe/Paris"), **LEGAL
    )
    assert end_of_monitoring(session) is None


# 8
def test_a_letter_that_came_before_but_was_recorded_after_the_proposal_ends_it(session, at):
    from subnotify.operations.close_without_objection import (
        confirm_no_objection,
        propose_no_objection,
    )
    from subnotify.operations.read_response import mark_response_read

    terms = replace(
        terms_of(FIFTEEN),
        preset="",
        effect_of_silence=SilenceEffect.UNSPECIFIED,
        silence_broken_by=SilenceBrokenBy.ANY_RESPONSE,
    )
    made = Scenario(session, at=at).announce(terms=terms)
    case_id = made.case_ids[0]
    first = say(session, made, "question", at + DAY)
    mark_response_read(session, first, at=at + DAY, **LEGAL)
    due = case_of(session, case_id).silence_after_at
    confirm_all(session, due)
    close_windows(session, at=due)
    propose_no_objection(session, case_id, note="nothing more came", at=due + 10 * MINUTE, **LEGAL)
    # A letter found in the post room, of an earlier day.
    second = say(session, made, "question", at + 2 * DAY, channel="post")
    mark_response_read(session, second, at=due + 30 * MINUTE, **LEGAL)
    with pytest.raises(MoveNotAllowed):
        confirm_no_objection(session, case_id, at=due + DAY, **SECOND)
