"""The commencement gate: nobody may use a change before its time (DESIGN section 3 item 7)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.cases import NOT_USED
from subnotify.rules.gates import CaseTally, Use, gate_of_change, use_of_change
from subnotify.rules.words import CaseState, Outcome

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
        lambda standing, gated_out, count: CaseTally(*standing, gated_out, count),
        STANDINGS,
        st.booleans(),
        st.integers(1, 1000),
    ),
    max_size=6,
)
INSTANTS = st.integers(-3, 3).map(lambda hours: STARTS + timedelta(hours=hours))


@given(tallies=TALLIES, at=INSTANTS)
def test_it_opens_only_when_every_case_is_settled_or_gated_out_and_the_day_has_come(tallies, at):
    gate = gate_of_change(tallies, ON, PARIS, at=at)
    blocking = sum(t.count for t in tallies if t.outcome is None and not t.is_gated_out)
    assert gate.blocking == blocking
    assert gate.is_open == (blocking == 0 and at >= STARTS)
    assert gate.settled + gate.gated_out + gate.blocking == gate.cases
    assert gate.cases == sum(t.count for t in tallies)


@given(standing=STANDINGS, gated_out=st.booleans(), at=INSTANTS)
def test_a_client_may_use_it_only_settled_in_its_favour_and_from_the_day_on(
    standing, gated_out, at
):
    state, outcome = standing
    use = use_of_change(state, outcome, is_gated_out=gated_out, commencement_at=STARTS, at=at)
    if outcome is None:
        assert use is (Use.GATED_OUT if gated_out else Use.BLOCKS)
    elif outcome in NOT_USED or outcome is Outcome.CHANGE_WITHDRAWN:
        assert use is Use.NOT_USED
    else:
        assert use is (Use.MAY_USE if at >= STARTS else Use.FROM_COMMENCEMENT)


def test_a_change_without_cases_waits_for_its_day():
    assert not gate_of_change([], ON, PARIS, at=STARTS - timedelta(microseconds=1)).is_open
    assert gate_of_change([], ON, PARIS, at=STARTS).is_open


def test_without_a_day_nothing_commences():
    gate = gate_of_change([], None, PARIS, at=STARTS)
    assert (gate.is_settled, gate.has_come, gate.is_open) == (True, False, False)
