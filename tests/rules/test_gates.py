"""The commencement gate: nobody may use a change before its time (DESIGN section 3 item 7)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.cases import NOT_USED
from subnotify.rules.gates import (
    CaseTally,
    Use,
    gate_of_change,
    may_use_early,
    use_of_change,
)
from subnotify.rules.words import CaseState, HoldReason, Outcome

PARIS = ZoneInfo("Europe/Paris")
ON = date(2026, 5, 1)
STARTS = datetime.fromisoformat("2026-04-30T22:00:00Z")
UNSETTLED = [state for state in CaseState if state is not CaseState.CLOSED]

STANDINGS = st.one_of(
    st.tuples(st.sampled_from(UNSETTLED), st.none()),
    st.tuples(st.just(CaseState.CLOSED), st.sampled_from(list(Outcome))),
)
TALLIES = st.lists(
    st.builds(
        lambda standing, *rest: CaseTally(*standing, *rest),
        STANDINGS,
        st.booleans(),
        st.integers(1, 1000),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)
INSTANTS = st.integers(-3, 3).map(lambda hours: STARTS + timedelta(hours=hours))


def never_used(outcome: Outcome | None) -> bool:
    return outcome in NOT_USED or outcome is Outcome.CHANGE_WITHDRAWN


def blocks(tally: CaseTally) -> bool:
    """Said again: neither settled nor allowed meanwhile, or settled before its lead time."""
    if tally.is_gated_out:
        return False
    if tally.outcome is None:
        return not tally.uses_early
    is_free = never_used(tally.outcome) or tally.outcome is Outcome.AGREEMENT_ENDED
    return not tally.is_lead_over and not is_free


@given(tallies=TALLIES, at=INSTANTS)
def test_it_opens_only_when_nobody_stands_in_the_way_and_the_day_has_come(tallies, at):
    gate = gate_of_change(tallies, ON, PARIS, at=at)
    blocking = sum(t.count for t in tallies if blocks(t))
    assert gate.blocking == blocking
    assert gate.is_open == (blocking == 0 and at >= STARTS)
    assert gate.settled + gate.early + gate.gated_out + gate.blocking == gate.cases
    assert gate.cases == sum(t.count for t in tallies)


@given(
    standing=STANDINGS,
    gated_out=st.booleans(),
    lead_over=st.booleans(),
    early=st.booleans(),
    at=INSTANTS,
)
def test_a_client_may_use_it_only_from_the_day_on_after_its_lead_time_and_settled_or_early(
    standing, gated_out, lead_over, early, at
):
    state, outcome = standing
    use = use_of_change(
        state,
        outcome,
        is_gated_out=gated_out,
        commencement_at=STARTS,
        at=at,
        is_lead_over=lead_over,
        uses_early=early,
    )
    if use in (Use.MAY_USE, Use.EARLY):
        assert at >= STARTS
        assert not never_used(outcome)
    if use is Use.MAY_USE:
        assert outcome is not None
        assert lead_over or outcome is Outcome.AGREEMENT_ENDED
    if use is Use.EARLY:
        assert outcome is None and early and not gated_out
    if outcome is None and not early:
        assert use is (Use.GATED_OUT if gated_out else Use.BLOCKS)
    if never_used(outcome):
        assert use is Use.NOT_USED


HOLDS = st.lists(st.sampled_from(HoldReason), max_size=3, unique=True)
OPEN_OBJECTION = {
    HoldReason.OBJECTION_FORM,
    HoldReason.OBJECTION_DISPUTED,
    HoldReason.OBJECTION_LATE,
    HoldReason.OBJECTION_AFTER_CLOSING,
}
NOTICE_DOES_NOT_COUNT = {
    HoldReason.NOT_SERVED,
    HoldReason.BOUNCED,
    HoldReason.NO_NOTICE_CONTACT,
    HoldReason.NOTICE_TOO_LATE,
}


@given(state=st.sampled_from(UNSETTLED), holds=HOLDS, at=INSTANTS)
def test_no_early_use_while_an_objection_is_open_or_the_notice_does_not_count(state, holds, at):
    early = may_use_early(state, holds, STARTS, at=at)
    if early:
        assert at >= STARTS
        assert state in (CaseState.OPEN, CaseState.HOLD)
    if state is CaseState.HOLD and set(holds) & (OPEN_OBJECTION | NOTICE_DOES_NOT_COUNT):
        assert not early
    if state is CaseState.OPEN:
        assert early == (at >= STARTS)
    assert not may_use_early(state, holds, None, at=at), "the terms do not allow it"


def test_a_change_without_cases_waits_for_its_day():
    assert not gate_of_change([], ON, PARIS, at=STARTS - timedelta(microseconds=1)).is_open
    assert gate_of_change([], ON, PARIS, at=STARTS).is_open


def test_without_a_day_nothing_commences():
    gate = gate_of_change([], None, PARIS, at=STARTS)
    assert (gate.is_settled, gate.has_come, gate.is_open) == (True, False, False)


@given(standing=STANDINGS, gated_out=st.booleans(), early=st.booleans(), at=INSTANTS)
def test_a_country_that_is_not_allowed_keeps_its_client_out_and_nobody_waiting(
    standing, gated_out, early, at
):
    """Whatever the outcome says: the exception may have ended after it."""
    state, outcome = standing
    tally = CaseTally(state, outcome, gated_out, 3, uses_early=early, is_blocked=True)
    gate = gate_of_change([tally], ON, PARIS, at=at)
    assert gate.is_settled
    is_out = outcome not in (
        *(Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED, Outcome.TERMINATED),
        *(Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED),
    )
    assert gate.not_allowed == (3 if is_out else 0)
    assert gate.settled == (0 if is_out else 3)
