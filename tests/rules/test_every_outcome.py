"""Every combination of effect of silence, authorisation, what breaks silence, serving and answer.

What is expected is told here from DESIGN section 3 in words of its own, not by asking the rules.
The answers are of a client under the 15-day preset (closes 17 March 24:00 in Paris, grace a day).
"""

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

import pytest

from subnotify.rules.case_facts import CaseFacts, RecordedOutcome, ResponseFact
from subnotify.rules.cases import decide
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    SilenceBrokenBy,
    SilenceEffect,
)
from subnotify.rules.windows import compute_window
from subnotify.rules.words import CaseState, ChangeKind, HoldReason, Outcome, ResponseKind
from tests.rules.case_checks import FRANCE, PROOF, START

# Before the end, between end and grace, and after both.
RUNNING = START + timedelta(days=10)
CLOSED = datetime.fromisoformat("2026-03-17T23:00:00Z")
IN_GRACE = CLOSED + timedelta(hours=1)
OVER = CLOSED + timedelta(days=2)


class Serving(Enum):
    SERVED = "served"
    BOUNCED = "bounced"
    QUEUED = "queued"


@dataclass(frozen=True)
class Given:
    """What the client said, and what a reader of section 3 makes of it.

    speaks: a human response that may break silence. accepts, objects: it counts as that. late:
    the objection came after the end. waits: a person of the vendor must look first. waives: the
    rest of the window is given up, expressly and by code.
    """

    name: str
    said: tuple[ResponseFact, ...]
    speaks: bool = False
    accepts: bool = False
    objects: bool = False
    late: bool = False
    waits: bool = False
    waives: bool = False


def said(kind: ResponseKind, number: int = 1, **more: object) -> ResponseFact:
    at = START + timedelta(days=number)
    return replace(ResponseFact(number=number, kind=kind, received_at=at), **more)


YES = said(ResponseKind.NO_OBJECTION)
NO = said(ResponseKind.OBJECTION, 2)
ASKS = said(ResponseKind.QUESTION)
WAIVES = said(ResponseKind.WAIVER, confirmed_at=START + timedelta(days=1))

ANSWERS = (
    Given("nothing", ()),
    Given("acknowledgement", (said(ResponseKind.ACKNOWLEDGEMENT),)),
    Given("question", (ASKS,), speaks=True, waits=True),
    Given("question, read", (replace(ASKS, is_read=True),), speaks=True),
    Given("more time", (said(ResponseKind.MORE_TIME),), speaks=True, waits=True),
    Given("more time, read", (said(ResponseKind.MORE_TIME, is_read=True),), speaks=True),
    Given("no objection", (YES,), speaks=True, accepts=True),
    Given("no objection without its code", (replace(YES, is_effective=False),), speaks=True),
    Given("no objection, not me", (replace(YES, is_disowned=True),), speaks=True, waits=True),
    Given("objection", (NO,), speaks=True, objects=True),
    Given("no objection, then objection", (YES, NO), speaks=True, accepts=True, objects=True),
    Given("objection, then no objection",
          (NO, replace(YES, number=3)), speaks=True, accepts=True, objects=True),
    Given("objection, then withdrawal without code",
          (NO, said(ResponseKind.WITHDRAWAL, 3, is_effective=False)), speaks=True, objects=True),
    Given("objection too late",
          (said(ResponseKind.OBJECTION, received_at=CLOSED),), speaks=True, late=True),
    Given("objection in the last instant",
          (said(ResponseKind.OBJECTION, received_at=CLOSED - timedelta(microseconds=1)),),
          speaks=True, objects=True),
    Given("waiver", (WAIVES,), speaks=True, accepts=True, waives=True),
    Given("waiver without its code",
          (replace(WAIVES, is_effective=False, confirmed_at=None),), speaks=True),
    Given("waiver, not me", (replace(WAIVES, is_disowned=True),), speaks=True, waits=True),
    # The right was given up: the objection is kept and shown, and counts as none.
    Given("objection after a waiver", (WAIVES, NO), speaks=True, accepts=True, waives=True),
    Given("objection after a waiver without its code",
          (replace(WAIVES, is_effective=False, confirmed_at=None), NO), speaks=True, objects=True),
    Given("objection after a waiver, not me",
          (replace(WAIVES, is_disowned=True), NO), speaks=True, objects=True),
    Given("objection, then waiver",
          (NO, said(ResponseKind.WAIVER, 3, confirmed_at=START + timedelta(days=3))),
          speaks=True, accepts=True, objects=True, waives=True),
)  # fmt: skip


@dataclass(frozen=True)
class Combination:
    silence: SilenceEffect
    authorisation: Authorisation
    broken_by: SilenceBrokenBy
    termination: bool
    serving: Serving
    answer: Given
    is_read: bool

    @property
    def needs_a_yes(self) -> bool:
        return (
            self.authorisation is Authorisation.SPECIFIC
            or self.silence is SilenceEffect.DEEMED_REFUSED
        )

    def facts(self) -> CaseFacts:
        terms = replace(
            PRESETS["fr-15-days"],
            proof_of_receipt=PROOF,
            effect_of_silence=self.silence,
            authorisation=self.authorisation,
            silence_broken_by=self.broken_by,
            effect_of_objection=(
                ObjectionEffect.TERMINATION if self.termination else ObjectionEffect.UNSPECIFIED
            ),
        )
        served = self.serving is Serving.SERVED
        return CaseFacts(
            kind=ChangeKind.ADDITION,
            terms=terms,
            window=compute_window(terms, START, FRANCE) if served else None,
            failure=HoldReason.BOUNCED if self.serving is Serving.BOUNCED else None,
            is_dispatched=self.serving is not Serving.QUEUED,
            responses=self.answer.said,
            replies_read_until=OVER if self.is_read else None,
        )


def combinations() -> list[Combination]:
    return [
        Combination(*parts)
        for parts in itertools.product(
            SilenceEffect,
            Authorisation,
            SilenceBrokenBy,
            (False, True),
            Serving,
            ANSWERS,
            (True, False),
        )
    ]


ALL = combinations()
Expected = tuple[CaseState, Outcome | None]


def expected(given: Combination, at: datetime) -> Expected:
    """Section 3, items 1 to 3 and 5, for answers that are on record at `at`."""
    answer = given.answer
    if given.authorisation is Authorisation.BLANKET:
        # All is authorised in advance: the client is informed, once the notice left for it.
        if given.serving is Serving.BOUNCED:
            return CaseState.HOLD, None
        left = given.serving is Serving.SERVED
        return (CaseState.CLOSED, Outcome.INFORMED) if left else (CaseState.WAITING, None)
    if answer.late and given.serving is Serving.SERVED:
        return CaseState.HOLD, None  # kept and shown, and a person decides
    if answer.objects or answer.late:  # without a window nothing is late
        if given.authorisation is Authorisation.SPECIFIC:
            return CaseState.CLOSED, Outcome.NOT_AUTHORISED
        return CaseState.OBJECTED, None
    if answer.accepts and given.authorisation is Authorisation.SPECIFIC:
        return CaseState.CLOSED, Outcome.ACCEPTED  # an acceptance closes at once
    if given.serving is not Serving.SERVED:
        held = answer.waits or given.serving is Serving.BOUNCED
        return (CaseState.HOLD if held else CaseState.WAITING), None
    if answer.waives:
        return CaseState.CLOSED, Outcome.ACCEPTED  # before the end, and whatever is unread
    broken = (
        answer.speaks
        and not answer.accepts
        and given.broken_by is SilenceBrokenBy.ANY_RESPONSE
        and not given.needs_a_yes
    )
    if at < OVER:
        return (CaseState.HOLD if answer.waits or broken else CaseState.OPEN), None
    if answer.waits or broken or not given.is_read:
        return CaseState.HOLD, None
    return CaseState.CLOSED, _at_the_end(given)


def _at_the_end(given: Combination) -> Outcome:
    if given.answer.accepts:
        return Outcome.ACCEPTED
    if given.needs_a_yes:
        return Outcome.NOT_AUTHORISED
    if given.silence is SilenceEffect.DEEMED_ACCEPTED:
        return Outcome.ACCEPTED_BY_SILENCE
    return Outcome.TERMINATION_NOT_EXERCISED if given.termination else Outcome.NO_OBJECTION


def known_at(given: Combination, at: datetime) -> Combination:
    """The same, where what comes later than `at` is not said yet."""
    there = tuple(x for x in given.answer.said if x.received_at <= at)
    if there == given.answer.said:
        return given
    assert not there, "no answer of the table comes in part"
    return replace(given, answer=ANSWERS[0])


def name_of(given: Combination, at: datetime) -> str:
    return (
        f"silence {given.silence}, {given.authorisation}, broken by {given.broken_by},"
        f" {'terminates' if given.termination else 'no effect named'}, {given.serving.value},"
        f" {given.answer.name}, {'read' if given.is_read else 'unread'}, {at}"
    )


@pytest.mark.parametrize("at", [RUNNING, IN_GRACE, OVER], ids=["running", "grace", "over"])
def test_every_combination(at: datetime) -> None:
    wrong = []
    for combination in ALL:
        given = known_at(combination, at)
        standing = decide(given.facts(), at=at)
        found = (standing.state, standing.outcome)
        if found != expected(given, at):
            wrong.append((name_of(given, at), found, expected(given, at)))
        assert bool(standing.holds) or standing.state is not CaseState.HOLD
    assert not wrong, f"{len(wrong)} of {len(ALL)}: {wrong[:5]}"


def test_silence_never_accepts_what_was_not_served() -> None:
    accepting = {Outcome.ACCEPTED_BY_SILENCE, Outcome.NO_OBJECTION}
    for given in ALL:
        if given.serving is not Serving.SERVED:
            assert decide(given.facts(), at=OVER).outcome not in accepting


def test_no_waiver_closes_where_the_terms_say_nothing_computable() -> None:
    general = [x for x in ALL if x.answer.waives and x.authorisation is Authorisation.GENERAL]
    assert general
    for given in general:
        facts = given.facts()
        nowhere = replace(facts, terms=None, window=None)
        unproved = replace(facts.terms, proof_of_receipt=frozenset())
        for case in (nowhere, replace(facts, terms=unproved)):
            standing = decide(case, at=RUNNING)
            assert standing.state is not CaseState.CLOSED, given


# The three exits of item 3 (closed -> hold), and nothing else.

CLOSED_BY = (
    Outcome.ACCEPTED_BY_SILENCE,
    Outcome.NO_OBJECTION,
    Outcome.TERMINATION_NOT_EXERCISED,
    Outcome.ACCEPTED_UNRESOLVED,
    Outcome.ACCEPTED,
    Outcome.OBJECTION_WITHDRAWN,
    Outcome.OBJECTION_INEFFECTIVE,
    Outcome.ACCOMMODATED,
    Outcome.NOT_AUTHORISED,
    Outcome.TERMINATED,
    Outcome.AGREEMENT_ENDED,
    Outcome.CHANGE_WITHDRAWN,
    Outcome.INFORMED,
)
ON_SILENCE = CLOSED_BY[:4]
# Nothing is left that the client could object to.
FOR_GOOD = CLOSED_BY[7:]
GENERAL = Combination(
    SilenceEffect.DEEMED_ACCEPTED,
    Authorisation.GENERAL,
    SilenceBrokenBy.OBJECTION,
    False,
    Serving.SERVED,
    ANSWERS[0],
    True,
)


def closed(outcome: Outcome, **more: object) -> CaseFacts:
    facts = replace(GENERAL.facts(), outcome=RecordedOutcome(outcome, OVER, covers_up_to=-1))
    return replace(facts, **more)


def test_every_outcome_is_in_the_table() -> None:
    assert set(CLOSED_BY) == set(Outcome)


@pytest.mark.parametrize("outcome", CLOSED_BY)
def test_closed_stays_closed_but_for_three_facts(outcome: Outcome) -> None:
    later = OVER + timedelta(days=400)
    stays = (CaseState.CLOSED, outcome)

    def stands(**more: object) -> tuple[CaseState, Outcome | None]:
        standing = decide(closed(outcome, **more), at=later)
        return standing.state, standing.outcome

    reopened = (CaseState.HOLD, None)
    in_time = said(ResponseKind.OBJECTION, 3, dispatched_on=START.date())
    too_late = said(ResponseKind.OBJECTION, 3, received_at=OVER)
    assert stands() == stays
    # A bounce takes back what rests on silence, alone.
    bounced = {"failure": HoldReason.BOUNCED, "window": None}
    assert stands(**bounced) == (reopened if outcome in ON_SILENCE else stays)
    # An objection in time that arrived late takes back whatever could still be objected to.
    objected = {"responses": (in_time,)}
    assert stands(**objected) == (stays if outcome in FOR_GOOD else reopened)
    # A record corrected by two people, always.
    assert stands(corrected_by_two=True) == reopened
    # And nothing else does.
    assert stands(responses=(too_late,)) == stays
    assert stands(responses=(ASKS, YES)) == stays
    assert stands(reply_waits=True, was_down=True, replies_read_until=None) == stays
    if outcome is not Outcome.CHANGE_WITHDRAWN:
        assert stands(change_withdrawn=True) == stays
    if outcome is not Outcome.AGREEMENT_ENDED:
        assert stands(agreement_ended=True) == stays
