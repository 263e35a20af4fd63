"""A person's reading of an objection decides a doubt, and only as long as there is one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.cases import decide
from subnotify.rules.objections import client_terminates, timeliness_of
from subnotify.rules.presets import PRESETS
from subnotify.rules.windows import compute_window, extend_window
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    ResponseChannel,
    ResponseKind,
    Timeliness,
)
from tests.rules.case_checks import FRANCE, PROOF, START

TERMS = replace(PRESETS["fr-30-days-registered"], proof_of_receipt=PROOF)
WINDOW = compute_window(TERMS, START, FRANCE)
LONGER = extend_window(TERMS, WINDOW, WINDOW.last_day + timedelta(days=9), FRANCE)
# Posted within the window, come two days after it.
LETTER = ResponseFact(
    1,
    ResponseKind.OBJECTION,
    WINDOW.closes_at + timedelta(days=1),
    channel=ResponseChannel.REGISTERED_POST,
    dispatched_on=WINDOW.last_day - timedelta(days=1),
)
AT = LETTER.received_at + timedelta(hours=1)
READINGS = (Timeliness.LATE, Timeliness.IN_TIME)


def facts(decided: Timeliness | None, letter: ResponseFact = LETTER, **more) -> CaseFacts:
    said = (replace(letter, decided=decided),)
    base = {"kind": ChangeKind.ADDITION, "terms": TERMS, "window": WINDOW, "is_dispatched": True}
    return CaseFacts(**(base | {"responses": said} | more))


def judged(case: CaseFacts) -> Timeliness:
    return timeliness_of(case, case.responses[0])


@pytest.mark.parametrize("decided", READINGS)
def test_a_person_decides_what_is_disputed_or_late(decided):
    assert judged(facts(None)) is Timeliness.DISPUTED
    assert judged(facts(decided)) is decided
    late = replace(LETTER, dispatched_on=WINDOW.last_day + timedelta(days=1))
    assert judged(facts(None, late)) is Timeliness.LATE
    assert judged(facts(decided, late)) is decided


@pytest.mark.parametrize("decided", [None, *READINGS])
def test_what_is_in_time_for_a_longer_window_is_not_late_any_more(decided):
    case = facts(decided, window=LONGER)
    assert judged(case) is Timeliness.IN_TIME
    assert decide(case, at=AT).state is CaseState.OBJECTED
    assert client_terminates(case)


def test_until_then_the_late_one_waits_for_a_settlement():
    standing = decide(facts(Timeliness.LATE), at=AT)
    assert standing.holds == (HoldReason.OBJECTION_LATE,)


@pytest.mark.parametrize("decided", [None, *READINGS])
def test_without_a_window_there_is_nothing_to_be_late_for(decided):
    case = facts(decided, window=None, failure=HoldReason.BOUNCED)
    assert judged(case) is Timeliness.NO_WINDOW
    assert client_terminates(case)


@pytest.mark.parametrize("decided", READINGS)
def test_a_longer_window_that_leaves_the_doubt_leaves_the_decision(decided):
    later = replace(LETTER, received_at=LONGER.closes_at + timedelta(days=1))
    assert judged(facts(None, later, window=LONGER)) is Timeliness.DISPUTED
    assert judged(facts(decided, later, window=LONGER)) is decided


@pytest.mark.parametrize("decided", READINGS)
def test_a_decision_goes_before_what_the_client_gave_up(decided):
    since = START + timedelta(days=1)
    waiver = ResponseFact(1, ResponseKind.WAIVER, since, confirmed_at=since)
    after = replace(LETTER, number=2, dispatched_on=since.date() + timedelta(days=3))
    case = replace(facts(None), responses=(waiver, after))
    assert timeliness_of(case, after) is Timeliness.WAIVED
    assert timeliness_of(case, replace(after, decided=decided)) is decided
