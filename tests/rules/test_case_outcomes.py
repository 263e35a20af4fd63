"""`decide` on arbitrary facts, and the outcomes a person would expect, in a table."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subnotify.rules.case_facts import (
    CaseFacts,
    RecordedOutcome,
    ResponseFact,
    SettlementFact,
    Standing,
)
from subnotify.rules.cases import decide
from subnotify.rules.objection_clocks import clocks_of_case, grown_clock
from subnotify.rules.objections import timeliness_of
from subnotify.rules.presets import PRESETS
from subnotify.rules.settlements import as_the_client_sees, expected_closing_at, expected_outcome
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    IfUnresolved,
    ObjectionEffect,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
    Unit,
)
from subnotify.rules.windows import compute_window
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)
from tests.rules.case_checks import FRANCE, PROOF, START, Closed, check_closed, terms_strategy

COMMENCEMENT = (START + timedelta(days=50)).date()
READ = START + timedelta(days=365)
TERMS_15 = replace(PRESETS["fr-15-days"], proof_of_receipt=PROOF)
TERMS_30 = replace(PRESETS["fr-30-days-registered"], proof_of_receipt=PROOF)


@st.composite
def responses(draw: st.DrawFn) -> tuple[ResponseFact, ...]:
    said = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        received = START + timedelta(days=draw(st.integers(0, 70)))
        by_post = draw(st.booleans())
        said.append(
            ResponseFact(
                number=number,
                kind=draw(st.sampled_from(ResponseKind)),
                received_at=received,
                channel=ResponseChannel.REGISTERED_POST if by_post else ResponseChannel.LINK,
                dispatched_on=(received - timedelta(days=draw(st.integers(0, 9)))).date()
                if by_post
                else None,
                is_effective=draw(st.booleans()),
                decided=draw(st.sampled_from([None, None, Timeliness.IN_TIME, Timeliness.LATE])),
                is_read=draw(st.booleans()),
                is_disowned=draw(st.sampled_from([False, False, True])),
                disowned_is_cleared=draw(st.booleans()),
            )
        )
    return tuple(said)


@st.composite
def facts_at(draw: st.DrawFn) -> tuple[CaseFacts, datetime]:
    terms: NoticeTerms | None = draw(terms_strategy())
    usually = st.sampled_from([True, True, True, False])
    window = None
    if terms is not None and not_computable(terms) is None and draw(usually):
        window = compute_window(terms, START, FRANCE)
    settlement = st.builds(
        SettlementFact,
        st.sampled_from(SettlementKind),
        st.integers(0, 3),
        st.sampled_from([None, START, START + timedelta(days=40)]),
    )
    confirmed = st.sampled_from([None, START + timedelta(days=10), READ, READ, READ])
    facts = CaseFacts(
        kind=draw(st.sampled_from([*[ChangeKind.ADDITION] * 8, *ChangeKind])),
        terms=terms,
        window=window,
        failure=None if window else draw(st.sampled_from([None, *HoldReason])),
        is_dispatched=window is not None or draw(st.booleans()),
        responses=draw(responses()),
        settlement=draw(st.one_of(st.none(), st.none(), settlement)),
        replies_read_until=draw(confirmed),
        post_opened_until=draw(confirmed),
        no_objection_by_two=draw(st.booleans()),
        change_withdrawn=not draw(usually) and draw(st.booleans()),
        agreement_ended=not draw(usually) and draw(st.booleans()),
        reopened=draw(st.sampled_from([None, None, HoldReason.OBJECTION_AFTER_CLOSING])),
        cleared=draw(st.frozensets(st.sampled_from(HoldReason), max_size=6)),
    )
    clock = grown_clock(None, clocks_of_case(facts, FRANCE))
    facts = replace(facts, unresolved=clock)
    return facts, START + timedelta(days=draw(st.sampled_from([0, 5, 16, 20, 31, 60, 90])))


@settings(max_examples=800, deadline=None)
@given(facts_at())
def test_whatever_the_facts_an_outcome_was_due(drawn: tuple[CaseFacts, datetime]) -> None:
    facts, at = drawn
    standing = decide(facts, at=at)
    assert (standing.state is CaseState.CLOSED) == (standing.outcome is not None)
    assert list(standing.holds) == sorted(set(standing.holds))
    if standing.state is CaseState.HOLD:
        assert standing.holds, "a hold names its reasons"
    if standing.outcome is not None:
        check_closed(Closed(standing.outcome, at, facts))


def served(terms: NoticeTerms, *said: ResponseFact, **more: object) -> CaseFacts:
    facts = CaseFacts(
        kind=ChangeKind.ADDITION,
        terms=terms,
        window=compute_window(terms, START, FRANCE, commencement_on=COMMENCEMENT),
        is_dispatched=True,
        responses=said,
        replies_read_until=READ,
        post_opened_until=READ,
    )
    return replace(facts, **more)


def said(kind: ResponseKind, day: int = 1, **more: object) -> ResponseFact:
    fact = ResponseFact(number=day, kind=kind, received_at=START + timedelta(days=day))
    return replace(fact, **more)


def letter(sent: int, came: int, **more: object) -> ResponseFact:
    return said(
        ResponseKind.OBJECTION,
        came,
        channel=ResponseChannel.REGISTERED_POST,
        dispatched_on=(START + timedelta(days=sent)).date(),
        **more,
    )


OBJECTS = said(ResponseKind.OBJECTION)
AGREES = said(ResponseKind.NO_OBJECTION)
ASKS = said(ResponseKind.QUESTION, is_read=True)
REFUSAL = replace(
    TERMS_15,
    authorisation=Authorisation.SPECIFIC,
    effect_of_silence=SilenceEffect.DEEMED_REFUSED,
)
UNTIL_COMMENCEMENT = replace(REFUSAL, objection_period=None, closes=Closes.COMMENCEMENT)
BLANKET = replace(TERMS_15, authorisation=Authorisation.BLANKET)
OPEN_SILENCE = replace(TERMS_15, effect_of_silence=SilenceEffect.UNSPECIFIED)
PATIENT = replace(TERMS_15, silence_broken_by=SilenceBrokenBy.OBJECTION)
LEAVE_OR_STAY = replace(TERMS_30, effect_of_silence=SilenceEffect.UNSPECIFIED)


UNRESOLVED = replace(
    PATIENT,
    effect_of_objection=ObjectionEffect.ACCOMMODATION,
    objection_timely_when=TimelyWhen.RECEIVED,
    accommodation_period=Period(30),
    if_unresolved=IfUnresolved.DEEMED_ACCEPTED,
    deemed_accepted_after=Period(60),
)


def unresolved(*said: ResponseFact, terms: NoticeTerms = UNRESOLVED, **more: object) -> CaseFacts:
    """Facts with the clock as an operation keeps it."""
    facts = served(terms, *said, **more)
    clock = grown_clock(None, clocks_of_case(replace(facts, outcome=None), FRANCE))
    return replace(facts, unresolved=clock)


def settled(kind: SettlementKind, up_to: int = 1) -> SettlementFact:
    return SettlementFact(kind, up_to, None)


TABLE = [
    ("silence accepts", served(TERMS_15), 60, Outcome.ACCEPTED_BY_SILENCE),
    ("silence irrevocably accepts", served(TERMS_30), 60, Outcome.ACCEPTED_BY_SILENCE),
    ("silence unspecified", served(OPEN_SILENCE), 60, Outcome.NO_OBJECTION),
    ("could have left", served(LEAVE_OR_STAY), 60, Outcome.TERMINATION_NOT_EXERCISED),
    ("silence refuses", served(REFUSAL), 60, Outcome.NOT_AUTHORISED),
    ("said yes to a request", served(REFUSAL, AGREES), 5, Outcome.ACCEPTED),
    ("said no to a request", served(REFUSAL, OBJECTS), 5, Outcome.NOT_AUTHORISED),
    ("said no objection", served(TERMS_15, AGREES), 60, Outcome.ACCEPTED),
    ("receipt is no answer", served(TERMS_15, said(ResponseKind.ACKNOWLEDGEMENT)), 60,
     Outcome.ACCEPTED_BY_SILENCE),
    ("question breaks nothing here", served(PATIENT, ASKS), 60, Outcome.ACCEPTED_BY_SILENCE),
    ("two persons close", served(TERMS_15, ASKS, no_objection_by_two=True), 60,
     Outcome.NO_OBJECTION),
    ("accommodated", served(TERMS_15, OBJECTS, settlement=settled(SettlementKind.ACCOMMODATED)),
     60, Outcome.ACCOMMODATED),
    ("withdrawn", served(TERMS_15, OBJECTS, settlement=settled(SettlementKind.WITHDRAWN)), 60,
     Outcome.OBJECTION_WITHDRAWN),
    ("ineffective", served(TERMS_15, OBJECTS, settlement=settled(SettlementKind.INEFFECTIVE)),
     60, Outcome.OBJECTION_INEFFECTIVE),
    ("terminated at window close",
     served(TERMS_30, letter(2, 4), settlement=settled(SettlementKind.TERMINATED, 4)), 31,
     Outcome.TERMINATED),
    ("termination survives withdrawal of the change",
     served(TERMS_30, letter(2, 4), settlement=settled(SettlementKind.TERMINATED, 4),
            change_withdrawn=True), 60, Outcome.TERMINATED),
    ("change withdrawn", served(TERMS_15, change_withdrawn=True), 5, Outcome.CHANGE_WITHDRAWN),
    ("agreement ended", served(TERMS_15, agreement_ended=True), 5, Outcome.AGREEMENT_ENDED),
    ("objection unresolved", unresolved(OBJECTS), 65, Outcome.ACCEPTED_UNRESOLVED),
    ("question read", unresolved(OBJECTS, replace(ASKS, number=2)), 65,
     Outcome.ACCEPTED_UNRESOLVED),
    ("settled in time", unresolved(OBJECTS, settlement=settled(SettlementKind.ACCOMMODATED)), 65,
     Outcome.ACCOMMODATED),
    ("yes overtaken by an objection that was met",
     served(REFUSAL, AGREES, replace(OBJECTS, number=2),
            settlement=settled(SettlementKind.ACCOMMODATED, 2)), 60, Outcome.ACCOMMODATED),
    ("request refused too late is still no yes",
     served(REFUSAL, said(ResponseKind.OBJECTION, 40),
            settlement=settled(SettlementKind.INEFFECTIVE, 40)), 60, Outcome.NOT_AUTHORISED),
    ("request with a question only", served(REFUSAL, ASKS), 60, Outcome.NOT_AUTHORISED),
    ("request open until commencement", served(UNTIL_COMMENCEMENT), 60, Outcome.NOT_AUTHORISED),
    ("all authorised in advance", served(BLANKET), 1, Outcome.INFORMED),
    ("kind not covered", served(TERMS_30, kind=ChangeKind.REMOVAL), 1, Outcome.INFORMED),
]  # fmt: skip


SETTLED = [row for row in TABLE if row[1].settlement is not None]


@pytest.mark.parametrize(("name", "facts", "day", "outcome"), SETTLED, ids=[r[0] for r in SETTLED])
def test_a_settlement_is_previewed_as_it_ends(
    name: str, facts: CaseFacts, day: int, outcome: Outcome
) -> None:
    """What legal is told before it confirms is what `decide` makes of it, and no earlier."""
    assert expected_outcome(facts) is outcome
    closing_at = expected_closing_at(facts, at=START)
    assert closing_at is not None and closing_at <= START + timedelta(days=day)
    assert decide(facts, at=closing_at).outcome is outcome
    assert decide(facts, at=closing_at - timedelta(seconds=1)).outcome is None
    late = START + timedelta(days=400)
    assert expected_closing_at(facts, at=late) == late


@pytest.mark.parametrize(("name", "facts", "day", "outcome"), SETTLED, ids=[r[0] for r in SETTLED])
def test_nothing_ends_while_a_settlement_can_be_undone(
    name: str, facts: CaseFacts, day: int, outcome: Outcome
) -> None:
    """Only what ends a case whatever anybody decided comes before; the withdrawal of a change
    never ends one that the client terminated."""
    at = START + timedelta(days=day)
    assert facts.settlement is not None
    fresh = replace(facts, settlement=replace(facts.settlement, counts_at=at))
    just_before = at - timedelta(seconds=1)
    assert decide(fresh, at=just_before) == Standing(CaseState.OBJECTED)
    assert decide(fresh, at=at).outcome is outcome
    assert as_the_client_sees(fresh, at=just_before).settlement is None
    assert as_the_client_sees(fresh, at=at) is fresh
    overtaken = decide(replace(fresh, change_withdrawn=True), at=just_before).outcome
    stands = outcome is Outcome.TERMINATED
    assert overtaken is (None if stands else Outcome.CHANGE_WITHDRAWN)


@pytest.mark.parametrize(
    ("facts", "day", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_outcome(facts: CaseFacts, day: int, expected: Outcome) -> None:
    assert decide(facts, at=START + timedelta(days=day)).outcome is expected


HOLDS = [
    ("asked", served(TERMS_15, ASKS), 60, HoldReason.SILENCE_BROKEN),
    ("asked, unread", served(PATIENT, said(ResponseKind.QUESTION)), 5,
     HoldReason.WAITS_FOR_PERSON),
    ("disowned and looked into: no answer is left",
     served(TERMS_15, replace(AGREES, is_disowned=True, disowned_is_cleared=True)), 60,
     HoldReason.SILENCE_BROKEN),
    ("replies unread", served(TERMS_15, replies_read_until=None), 60, HoldReason.REPLIES_NOT_READ),
    ("post unopened", served(TERMS_30, post_opened_until=START), 60, HoldReason.POST_NOT_OPENED),
    ("objection online where a letter is due", served(TERMS_30, OBJECTS), 60,
     HoldReason.OBJECTION_FORM),
    ("letter sent in time, came late", served(TERMS_30, letter(30, 33)), 60,
     HoldReason.OBJECTION_DISPUTED),
    ("letter late", served(TERMS_30, letter(35, 36)), 60, HoldReason.OBJECTION_LATE),
    ("address refused", served(TERMS_15, window=None, failure=HoldReason.NOT_SERVED), 60,
     HoldReason.NOT_SERVED),
    ("terms unknown", CaseFacts(kind=ChangeKind.ADDITION, terms=None), 60,
     HoldReason.TERMS_UNKNOWN),
    ("no proof chosen", CaseFacts(kind=ChangeKind.ADDITION, terms=PRESETS["fr-15-days"]), 60,
     HoldReason.TERMS_NOT_COMPUTABLE),
    ("disowned", served(TERMS_15, replace(AGREES, is_disowned=True)), 60,
     HoldReason.RESPONSE_DISOWNED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "day", "reason"), [row[1:] for row in HOLDS], ids=[row[0] for row in HOLDS]
)
def test_hold(facts: CaseFacts, day: int, reason: HoldReason) -> None:
    standing = decide(facts, at=START + timedelta(days=day))
    assert standing.state is CaseState.HOLD
    assert reason in standing.holds


def test_objection_in_time_beats_earlier_no_objection() -> None:
    facts = served(TERMS_15, AGREES, said(ResponseKind.OBJECTION, 3))
    assert decide(facts, at=START + timedelta(days=60)).state is CaseState.OBJECTED


def test_new_objection_is_not_covered_by_an_older_settlement() -> None:
    again = said(ResponseKind.OBJECTION, 5)
    facts = served(TERMS_15, OBJECTS, again, settlement=settled(SettlementKind.ACCOMMODATED))
    assert decide(facts, at=START + timedelta(days=60)).state is CaseState.OBJECTED


def test_nothing_closes_before_the_grace_is_over() -> None:
    facts = served(TERMS_15)
    assert facts.window is not None
    before = facts.window.silence_after_at - timedelta(seconds=1)
    assert decide(facts, at=before).state is CaseState.OPEN
    assert decide(facts, at=facts.window.silence_after_at).state is CaseState.CLOSED


def test_a_termination_that_waits_for_a_window_shows_what_keeps_it_from_opening() -> None:
    terminated = settled(SettlementKind.TERMINATED, 4)
    bounced = served(
        TERMS_30,
        letter(2, 4),
        settlement=terminated,
        window=None,
        failure=HoldReason.BOUNCED,
    )
    standing = decide(bounced, at=START + timedelta(days=60))
    assert (standing.state, standing.holds) == (CaseState.OBJECTED, (HoldReason.BOUNCED,))


LASTING = replace(said(ResponseKind.QUESTION, 3), is_read=False)
NOT_UNRESOLVED = [
    ("a day too early", unresolved(OBJECTS), 64, ()),
    ("replies unread", unresolved(OBJECTS, replies_read_until=START + timedelta(days=50)), 65,
     (HoldReason.REPLIES_NOT_READ,)),
    ("wrote again", unresolved(OBJECTS, replace(ASKS, number=2),
                               terms=replace(UNRESOLVED,
                                             silence_broken_by=SilenceBrokenBy.ANY_RESPONSE)),
     65, (HoldReason.SILENCE_BROKEN,)),
    ("a letter waits", unresolved(OBJECTS, LASTING), 65, (HoldReason.WAITS_FOR_PERSON,)),
    ("disowned", unresolved(replace(OBJECTS, is_disowned=True)), 65,
     (HoldReason.RESPONSE_DISOWNED,)),
    ("disputed", unresolved(OBJECTS, letter(14, 30)), 200, (HoldReason.OBJECTION_DISPUTED,)),
    ("notice bounced", replace(unresolved(OBJECTS), window=None, failure=HoldReason.BOUNCED), 65,
     ()),
    ("settlement undone", unresolved(OBJECTS, unsettled_at=START + timedelta(days=40)), 65, ()),
    ("no such rule", unresolved(OBJECTS, terms=PATIENT), 200, ()),
    ("objecting is terminating",
     unresolved(OBJECTS,
                terms=replace(UNRESOLVED, effect_of_objection=ObjectionEffect.TERMINATION)),
     200, ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "day", "holds"),
    [row[1:] for row in NOT_UNRESOLVED],
    ids=[row[0] for row in NOT_UNRESOLVED],
)
def test_an_objection_is_not_taken_as_unresolved(
    facts: CaseFacts, day: int, holds: tuple[HoldReason, ...]
) -> None:
    standing = decide(facts, at=START + timedelta(days=day))
    assert (standing.state, standing.holds) == (CaseState.OBJECTED, holds)


def test_an_unresolved_objection_does_not_reopen_what_it_ended_a_new_one_does() -> None:
    at = START + timedelta(days=64)
    recorded = RecordedOutcome(Outcome.ACCEPTED_UNRESOLVED, at, covers_up_to=1)
    closed = unresolved(OBJECTS, outcome=recorded)
    assert decide(closed, at=at).outcome is Outcome.ACCEPTED_UNRESOLVED
    again = unresolved(OBJECTS, said(ResponseKind.OBJECTION, 4), outcome=recorded)
    assert decide(again, at=at).holds == (HoldReason.OBJECTION_AFTER_CLOSING,)
    bounced = replace(closed, window=None, failure=HoldReason.BOUNCED)
    assert decide(bounced, at=at).holds == (HoldReason.BOUNCED,)


def test_a_window_in_hours_ends_within_its_last_day() -> None:
    hours = replace(
        TERMS_15,
        counting=replace(TERMS_15.counting, rule=CountingRule.CONTRACT_HOURS_ELAPSED),
        objection_period=Period(72, Unit.HOURS),
        objection_timely_when=TimelyWhen.DISPATCHED,
    )
    facts = served(hours)
    assert facts.window is not None
    online = said(ResponseKind.OBJECTION, received_at=facts.window.closes_at)
    online = replace(online, dispatched_on=facts.window.last_day)
    # Online nothing is under way: what came an hour late was sent an hour late.
    assert timeliness_of(facts, online) is Timeliness.LATE
    sent_that_day = replace(online, channel=ResponseChannel.POST)
    assert timeliness_of(facts, sent_that_day) is Timeliness.DISPUTED
    in_time = replace(sent_that_day, received_at=facts.window.closes_at - timedelta(minutes=1))
    assert timeliness_of(facts, in_time) is Timeliness.IN_TIME
