"""A waiver of the rest of the window, and the word of somebody who is not the one to ask."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.case_facts import CaseFacts, RecordedOutcome, ResponseFact
from subnotify.rules.cases import decide
from subnotify.rules.objections import timeliness_of
from subnotify.rules.presets import PRESETS
from subnotify.rules.responses import possible_answers
from subnotify.rules.terms_words import Authorisation, SilenceBrokenBy
from subnotify.rules.windows import compute_window
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ContactKind,
    HoldReason,
    Outcome,
    ResponseChannel,
    ResponseKind,
    Timeliness,
)
from tests.rules.case_checks import FRANCE, PROOF, START, terms_strategy

TERMS = replace(
    PRESETS["fr-15-days"], proof_of_receipt=PROOF, silence_broken_by=SilenceBrokenBy.ANY_RESPONSE
)
WINDOW = compute_window(TERMS, START, FRANCE)
DURING = START + timedelta(days=3)
WAIVER = ResponseFact(1, ResponseKind.WAIVER, DURING, confirmed_at=DURING)


def facts(*said: ResponseFact, **more) -> CaseFacts:
    base = {"kind": ChangeKind.ADDITION, "terms": TERMS, "window": WINDOW, "is_dispatched": True}
    return CaseFacts(**(base | {"responses": said} | more))


def closed_by_waiver(*said: ResponseFact) -> CaseFacts:
    return facts(WAIVER, *said, outcome=RecordedOutcome(Outcome.ACCEPTED, DURING))


def objection(at: datetime, **more) -> ResponseFact:
    return ResponseFact(2, ResponseKind.OBJECTION, at, **more)


def test_a_waiver_closes_at_once_as_accepted():
    standing = decide(facts(WAIVER), at=DURING)
    assert (standing.state, standing.outcome) == (CaseState.CLOSED, Outcome.ACCEPTED)


def test_a_waiver_ends_the_wait_for_what_is_unread_after_the_window():
    after = WINDOW.silence_after_at + timedelta(days=1)
    late = replace(WAIVER, received_at=after, confirmed_at=after)
    assert decide(facts(late), at=after).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    "case",
    [
        facts(replace(WAIVER, is_effective=False)),
        facts(replace(WAIVER, is_disowned=True)),
        facts(WAIVER, window=None),
        facts(WAIVER, window=None, failure=HoldReason.BOUNCED),
        facts(WAIVER, terms=replace(TERMS, proof_of_receipt=frozenset())),
        facts(WAIVER, terms=None),
        facts(WAIVER, is_blocked=True),
        facts(WAIVER, reply_waits=True),
        facts(WAIVER, ResponseFact(2, ResponseKind.QUESTION, DURING)),
        facts(WAIVER, window=replace(WINDOW, opens_at=DURING + timedelta(days=1))),
    ],
)
def test_what_keeps_a_waiver_from_closing(case):
    assert decide(case, at=DURING).outcome is None


@pytest.mark.parametrize(
    ("later", "wins"),
    [
        (objection(DURING + timedelta(seconds=1)), False),
        (objection(DURING), True),
        (objection(DURING + timedelta(hours=1), channel=ResponseChannel.REPLY), False),
        (objection(DURING - timedelta(hours=1), channel=ResponseChannel.REPLY), True),
        # Sent before the waiver or on its day, arrived after it: a person looks.
        (
            objection(
                DURING + timedelta(days=2),
                channel=ResponseChannel.REGISTERED_POST,
                dispatched_on=DURING.date(),
            ),
            True,
        ),
        (
            objection(
                DURING + timedelta(days=4),
                channel=ResponseChannel.REGISTERED_POST,
                dispatched_on=DURING.date() + timedelta(days=2),
            ),
            False,
        ),
        (objection(DURING + timedelta(days=4), channel=ResponseChannel.POST), True),
    ],
)
def test_an_objection_beats_a_waiver_only_if_it_was_made_before(later, wins):
    standing = decide(closed_by_waiver(later), at=DURING + timedelta(days=4))
    assert standing.outcome is (None if wins else Outcome.ACCEPTED)
    assert standing.holds == ((HoldReason.OBJECTION_AFTER_CLOSING,) if wins else ())
    judged = timeliness_of(closed_by_waiver(later), later)
    assert (judged is Timeliness.WAIVED) is not wins


def test_a_disowned_waiver_keeps_no_objection_out():
    later = objection(DURING + timedelta(hours=1))
    case = facts(replace(WAIVER, is_disowned=True), later)
    assert decide(case, at=later.received_at).state is CaseState.OBJECTED


@pytest.mark.parametrize(
    ("case", "possible"),
    [
        (facts(), True),
        (facts(ResponseFact(1, ResponseKind.NO_OBJECTION, DURING)), True),
        (facts(window=None), False),
        (facts(terms=None, window=None), False),
        (facts(terms=replace(TERMS, proof_of_receipt=frozenset())), False),
        (facts(terms=replace(TERMS, authorisation=Authorisation.SPECIFIC)), False),
        (facts(objection(DURING)), False),
        (facts(WAIVER), False),
        (facts(WAIVER, outcome=RecordedOutcome(Outcome.ACCEPTED, DURING)), False),
    ],
)
def test_when_the_rest_of_a_window_can_be_waived(case, possible):
    assert (ResponseKind.WAIVER in possible_answers(case)) is possible
    assert ResponseKind.WAIVER not in possible_answers(case, ContactKind.COPY)


@given(
    terms=terms_strategy(),
    others=st.lists(st.sampled_from(ResponseKind), max_size=4),
    hours=st.integers(0, 24 * 40),
    effective=st.booleans(),
    read=st.booleans(),
)
def test_the_wrong_person_changes_nothing_but_that_it_waits_to_be_read(
    terms, others, hours, effective, read
):
    at = START + timedelta(hours=hours)
    computable = terms is not None and bool(terms.proof_of_receipt)
    window = compute_window(terms, START, FRANCE) if terms and computable else None
    said = tuple(
        ResponseFact(number, kind, START + timedelta(hours=number), is_effective=effective)
        for number, kind in enumerate(others, start=1)
    )
    base = facts(*said, terms=terms, window=window, replies_read_until=at, post_opened_until=at)
    wrong = ResponseFact(9, ResponseKind.WRONG_PERSON, START, is_read=read)
    before = decide(base, at=at)
    after = decide(replace(base, responses=(*said, wrong)), at=at)
    if read:
        assert after == before
    elif after != before:
        # One more thing that waits for a person: it can only add this hold, and close nothing.
        assert set(after.holds) - set(before.holds) <= {HoldReason.WAITS_FOR_PERSON}
        assert after.outcome is None
    assert possible_answers(base) == possible_answers(replace(base, responses=(*said, wrong)))
