"""What a client may still answer, and what an answer must hold."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from subnotify.rules.case_facts import (
    CaseFacts,
    RecordedOutcome,
    ResponseFact,
    SettlementFact,
)
from subnotify.rules.presets import PRESETS
from subnotify.rules.responses import (
    CODE_ALPHABET,
    Answer,
    Receipt,
    answer_problems,
    asks_for_grounds,
    asks_for_services,
    needs_code,
    online_objection_is_valid,
    possible_answers,
    receipt_content,
    services_meant,
)
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionForm,
    ObjectionGrounds,
    SilenceEffect,
)
from subnotify.rules.words import (
    ChangeKind,
    ContactKind,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
)

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
FIFTEEN = PRESETS["fr-15-days"]
REGISTERED = PRESETS["fr-30-days-registered"]
SERVICES = {1: ("monitoring",), 2: ("monitoring", "helpdesk")}

OBJECTION = ResponseFact(1, ResponseKind.OBJECTION, AT)
NO_OBJECTION = ResponseFact(1, ResponseKind.NO_OBJECTION, AT)
NEUTRAL = {
    ResponseKind.QUESTION,
    ResponseKind.MORE_TIME,
    ResponseKind.ACKNOWLEDGEMENT,
    ResponseKind.WRONG_PERSON,
}


def facts(**given) -> CaseFacts:
    return CaseFacts(**({"kind": ChangeKind.ADDITION, "terms": FIFTEEN} | given))


@pytest.mark.parametrize(
    ("case", "more"),
    [
        (facts(), {ResponseKind.OBJECTION, ResponseKind.NO_OBJECTION}),
        (facts(terms=None), {ResponseKind.OBJECTION, ResponseKind.NO_OBJECTION}),
        (facts(responses=(OBJECTION,)), {ResponseKind.OBJECTION, ResponseKind.WITHDRAWAL}),
        (facts(responses=(NO_OBJECTION,)), {ResponseKind.OBJECTION}),
        (
            facts(responses=(replace(NO_OBJECTION, is_effective=False),)),
            {ResponseKind.OBJECTION, ResponseKind.NO_OBJECTION},
        ),
        (
            facts(responses=(replace(NO_OBJECTION, is_disowned=True),)),
            {ResponseKind.OBJECTION, ResponseKind.NO_OBJECTION},
        ),
        (
            facts(responses=(OBJECTION,), settlement=SettlementFact(SettlementKind.INEFFECTIVE, 1)),
            {ResponseKind.OBJECTION},
        ),
        (
            facts(responses=(OBJECTION,), settlement=SettlementFact(SettlementKind.TERMINATED, 0)),
            {ResponseKind.OBJECTION},
        ),
        (facts(terms=REGISTERED, kind=ChangeKind.REMOVAL), set()),
    ],
)
def test_what_an_open_case_takes(case, more):
    assert possible_answers(case) == NEUTRAL | more


@pytest.mark.parametrize("settled", SettlementKind)
@pytest.mark.parametrize(
    "terms",
    [
        replace(FIFTEEN, authorisation=Authorisation.SPECIFIC),
        replace(FIFTEEN, effect_of_silence=SilenceEffect.DEEMED_REFUSED),
    ],
)
def test_where_silence_refuses_a_yes_can_be_said_after_the_objection_is_gone(terms, settled):
    gone = settled in (SettlementKind.INEFFECTIVE, SettlementKind.WITHDRAWN)
    case = facts(terms=terms, responses=(OBJECTION,), settlement=SettlementFact(settled, 1))
    assert (ResponseKind.NO_OBJECTION in possible_answers(case)) is gone
    assert ResponseKind.NO_OBJECTION not in possible_answers(case, ContactKind.COPY)
    yes = replace(NO_OBJECTION, number=2)
    said = replace(case, responses=(OBJECTION, yes))
    assert ResponseKind.NO_OBJECTION not in possible_answers(said)
    disowned = replace(case, responses=(OBJECTION, replace(yes, is_disowned=True)))
    assert (ResponseKind.NO_OBJECTION in possible_answers(disowned)) is gone


def test_a_yes_before_the_objection_counts_again_unless_that_was_withdrawn():
    """What stands need not be said again."""
    terms = replace(FIFTEEN, authorisation=Authorisation.SPECIFIC)
    said = (NO_OBJECTION, replace(OBJECTION, number=2))
    for settled, possible in (
        (SettlementKind.INEFFECTIVE, False),
        (SettlementKind.WITHDRAWN, True),
    ):
        case = facts(terms=terms, responses=said, settlement=SettlementFact(settled, 2))
        assert (ResponseKind.NO_OBJECTION in possible_answers(case)) is possible


@pytest.mark.parametrize("outcome", Outcome)
def test_a_closed_case_takes_an_objection_at_most(outcome):
    possible = possible_answers(facts(outcome=RecordedOutcome(outcome, AT)))
    nothing_left = {
        Outcome.ACCOMMODATED,
        Outcome.NOT_AUTHORISED,
        Outcome.TERMINATED,
        Outcome.AGREEMENT_ENDED,
        Outcome.CHANGE_WITHDRAWN,
        Outcome.INFORMED,
    }
    assert possible == (set() if outcome in nothing_left else {ResponseKind.OBJECTION})


@pytest.mark.parametrize("ended", ["change_withdrawn", "agreement_ended"])
def test_what_ended_takes_no_answer(ended):
    assert possible_answers(facts(**{ended: True})) == frozenset()


def test_only_what_gives_up_protection_needs_a_code():
    needing = {kind for kind in ResponseKind if needs_code(kind)}
    assert needing == {ResponseKind.NO_OBJECTION, ResponseKind.WITHDRAWAL, ResponseKind.WAIVER}


def test_codes_hold_no_signs_that_look_alike():
    assert len(CODE_ALPHABET) == len(set(CODE_ALPHABET))
    assert not set("01ILO") & set(CODE_ALPHABET)


def answer(**given) -> Answer:
    said = {"kind": ResponseKind.OBJECTION, "by_name": "Ada", "by_role": "DPO", "case_ids": (1,)}
    return Answer(**(said | given))


def wrong_fields(given: Answer, terms=FIFTEEN) -> list[str]:
    return [problem.where for problem in answer_problems(given, terms, services=SERVICES)]


@pytest.mark.parametrize(
    ("given", "terms", "fields"),
    [
        (answer(), FIFTEEN, []),
        (answer(), None, []),
        (answer(), REGISTERED, ["services"]),
        (answer(services=("monitoring",)), REGISTERED, []),
        (answer(services=("helpdesk",)), REGISTERED, ["services"]),
        (answer(case_ids=(1, 2), services=("helpdesk",)), REGISTERED, ["services"]),
        (answer(case_ids=(1, 2), services=("monitoring",)), REGISTERED, []),
        (answer(case_ids=(), by_role=""), FIFTEEN, ["cases", "by_role"]),
        (answer(kind=ResponseKind.QUESTION, by_role="", text=""), FIFTEEN, ["text"]),
        (answer(kind=ResponseKind.QUESTION, by_role="", text="Why?"), FIFTEEN, []),
        (answer(kind=ResponseKind.ACKNOWLEDGEMENT, by_role=""), FIFTEEN, []),
        (answer(text="x" * 5000), FIFTEEN, []),
        (answer(text="x" * 5001), FIFTEEN, ["text"]),
    ],
)
def test_problems_stand_at_their_fields(given, terms, fields):
    assert wrong_fields(given, terms) == fields


@pytest.mark.parametrize("grounds", ObjectionGrounds)
def test_grounds_are_asked_for_where_the_terms_ask(grounds):
    terms = replace(FIFTEEN, objection_grounds=grounds)
    assert asks_for_grounds(terms) is (grounds is not ObjectionGrounds.NONE)
    assert ("text" in wrong_fields(answer(), terms)) is asks_for_grounds(terms)


def test_services_are_asked_for_where_an_objection_ends_single_services():
    assert asks_for_services(REGISTERED)
    assert not asks_for_services(FIFTEEN)
    assert not asks_for_services(None)


def test_each_change_means_its_own_services():
    given = answer(case_ids=(1, 2), services=("monitoring", "helpdesk"))
    assert services_meant(given, SERVICES[1]) == ("monitoring",)
    assert services_meant(given, SERVICES[2]) == ("helpdesk", "monitoring")


@pytest.mark.parametrize("form", ObjectionForm)
def test_in_which_forms_an_online_objection_is_valid(form):
    valid = form in (ObjectionForm.ANY, ObjectionForm.WRITTEN, ObjectionForm.ONLINE)
    assert online_objection_is_valid(replace(FIFTEEN, objection_form=form)) is valid


def test_the_receipt_covers_all_that_was_said():
    receipt = Receipt(
        reference="R-000001-ABCD",
        notice_reference="2026-001-00001",
        change_position=1,
        kind=ResponseKind.OBJECTION,
        channel=ResponseChannel.LINK,
        received_at=AT,
        by_name="Ada",
        by_role="DPO",
        text="Why?",
        services=("b", "a"),
    )
    content = receipt_content(receipt)
    for field in ("reference", "by_name", "by_role", "text", "notice_reference"):
        assert receipt_content(replace(receipt, **{field: "another"})) != content
    # The order of services says nothing.
    assert receipt_content(replace(receipt, services=("a", "b"))) == content
