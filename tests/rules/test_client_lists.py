"""An entry is on a client's list if and only if it may process that client's data."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.allowed_countries import CountryException
from subnotify.rules.client_list_facts import AgreementSide, CaseOfClient, EntryOfList, WhyNot
from subnotify.rules.client_lists import client_list
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import CaseState, ChangeKind, LocationKind, Outcome, VendorRole

ON = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BEGAN = date(2026, 5, 1)


def facts(*countries: str, services: tuple[str, ...] = ("mail",)) -> SubprocessorFacts:
    kinds = (LocationKind.ESTABLISHMENT, LocationKind.HOSTING, LocationKind.ACCESS)
    places = tuple(Location(x, kind) for x, kind in zip(countries, kinds, strict=False))
    return SubprocessorFacts(name="X", services=services, locations=places)


def entry(number: int, subprocessor: int = 1, **given: object) -> EntryOfList:
    plain = EntryOfList(number, subprocessor, f"s{subprocessor}", facts("FR"), BEGAN)
    return replace(plain, **given)


def case(change: int, kind: ChangeKind = ChangeKind.ADDITION, **given: object) -> CaseOfClient:
    accepted = CaseOfClient(
        id=change,
        change_id=change,
        kind=kind,
        subprocessor_id=1,
        replaced_id=None,
        commenced_on=BEGAN,
        state=CaseState.CLOSED,
        outcome=Outcome.ACCEPTED_BY_SILENCE,
        settled_on=BEGAN - DAY,
    )
    return replace(accepted, **given)


def side(*cases: CaseOfClient, **given: object) -> AgreementSide:
    return replace(AgreementSide({"mail": None}, cases=cases), **given)


def used(entries: list[EntryOfList], agreement: AgreementSide) -> list[int]:
    return [x.entry.id for x in client_list(entries, agreement, on=ON, at=AT).used]


def why(entries: list[EntryOfList], agreement: AgreementSide) -> list[WhyNot | None]:
    return [x.why_not for x in client_list(entries, agreement, on=ON, at=AT).not_used]


OPEN = {"state": CaseState.OPEN, "outcome": None, "settled_on": None}
REFUSED = {"outcome": Outcome.ACCOMMODATED, "settled_on": BEGAN + DAY}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (REFUSED, WhyNot.ACCOMMODATED),
        ({"outcome": Outcome.NOT_AUTHORISED}, WhyNot.NOT_AUTHORISED),
        ({"outcome": Outcome.TERMINATED}, WhyNot.TERMINATED),
        ({**OPEN, "is_gated_out": True}, WhyNot.GATED_OUT),
        ({**OPEN, "state": CaseState.OBJECTED}, WhyNot.OBJECTED),
        ({**OPEN, "state": CaseState.OBJECTED, "is_gated_out": True}, WhyNot.GATED_OUT),
        ({**OPEN, "state": CaseState.HOLD}, WhyNot.NOT_SETTLED),
        ({"is_lead_over": False}, WhyNot.LEAD_TIME),
    ],
)
def test_an_entry_that_was_not_agreed_to_is_not_used(given, reason):
    listed = [entry(7, change_id=3)]
    assert used(listed, side(case(3, **given))) == []
    assert why(listed, side(case(3, **given))) == [reason]
    # An accepted amendment does not undo the refusal of the addition.
    amended = [entry(7, change_id=4, from_on=BEGAN + 9 * DAY)]
    later = case(4, ChangeKind.AMENDMENT, commenced_on=BEGAN + 9 * DAY)
    assert why(amended, side(case(3, **given), later)) == [reason]


@pytest.mark.parametrize("given", [{}, {**OPEN, "uses_early": True}])
def test_a_settled_entry_is_used_from_the_later_of_its_days(given):
    found = client_list(
        [entry(7, change_id=3)],
        side(case(3, **given), bought={"mail": BEGAN + 3 * DAY}),
        on=ON,
        at=AT,
    ).used
    assert [x.since_on for x in found] == [BEGAN + 3 * DAY]


def test_only_what_helps_with_a_service_that_it_buys():
    listed = [entry(7, facts=facts("FR", services=("backup",)))]
    assert client_list(listed, side(), on=ON, at=AT) == client_list([], side(), on=ON, at=AT)


def test_a_recipient_stands_apart_and_nothing_applies_after_the_end():
    recipient = entry(8, 2, facts=replace(facts("US"), role=VendorRole.CONTROLLER))
    listed = [entry(7), recipient]
    swiss = side(allowed=frozenset({"CH"}))
    assert client_list(listed, swiss, on=ON, at=AT).recipients == (recipient,)
    ended = client_list(listed, side(has_ended=True), on=ON, at=AT)
    assert (ended.used, ended.not_used) == ((), ())


def test_a_country_needs_an_exception_that_holds_on_the_day():
    listed = [entry(7, facts=facts("FR", "US"))]
    plain = side(allowed=frozenset({"FR"}))
    assert why(listed, plain) == [WhyNot.COUNTRY]
    over = CountryException("US", None, BEGAN, ON)
    ended = client_list(listed, replace(plain, exceptions=(over,)), on=ON, at=AT).not_used
    assert [(x.countries, x.since_on) for x in ended] == [({"US"}, ON)]
    holds = CountryException("US", 1, BEGAN + DAY)
    found = client_list(listed, replace(plain, exceptions=(holds,)), on=ON, at=AT).used
    assert [(x.rests_on, x.since_on) for x in found] == [((holds,), BEGAN + DAY)]


def test_what_was_replaced_is_kept_by_whom_the_new_one_is_not_used_for():
    old = entry(6, 2, from_on=BEGAN - 99 * DAY, phased_out_from_on=BEGAN)
    new = entry(7, change_id=3)
    replaces = case(3, ChangeKind.REPLACEMENT, replaced_id=2)
    assert used([old, new], side(replaces)) == [7]
    assert used([old, new], side(replace(replaces, **REFUSED))) == [6]
    # Kept away by a country alone: the same, and in both directions.
    only_de = side(replaces, allowed=frozenset({"DE"}))
    german = replace(old, facts=facts("DE"))
    assert used([german, new], only_de) == [6]
    gone = replace(replaces, outcome=Outcome.TERMINATED)
    assert used([old, new], side(gone)) == []


def test_of_an_amended_entry_one_version_is_used():
    old = entry(6, phased_out_from_on=BEGAN, from_on=BEGAN - 99 * DAY)
    new = entry(7, change_id=4)
    amended = case(4, ChangeKind.AMENDMENT)
    assert used([old, new], side(amended)) == [7]
    assert used([old, new], side(replace(amended, **REFUSED))) == [6]
    # It refused that amendment, and let the next one pass: the newest is used, the old one not.
    next_on = BEGAN + 9 * DAY
    newest = entry(8, change_id=5, from_on=next_on)
    passed = case(5, ChangeKind.AMENDMENT, commenced_on=next_on)
    assert used([old, newest], side(replace(amended, **REFUSED), passed)) == [8]


OUTCOMES = st.sampled_from([None, *Outcome])
PLACES = st.sampled_from(["FR", "CH", "US", ""])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[EntryOfList, AgreementSide]:
    """An added entry, and an agreement in any state towards it."""
    begun = draw(st.sampled_from([ON - DAY, ON, ON + DAY]))
    outcome = draw(OUTCOMES)
    listed = entry(
        7,
        change_id=3,
        from_on=begun,
        until_on=draw(st.sampled_from([None, ON, ON + DAY])),
        facts=facts(*draw(st.lists(PLACES, min_size=1, max_size=3))),
    )
    state = draw(st.sampled_from([x for x in CaseState if x is not CaseState.CLOSED]))
    one = case(
        3,
        commenced_on=begun,
        state=CaseState.CLOSED if outcome else state,
        outcome=outcome,
        is_gated_out=draw(st.booleans()),
        is_lead_over=draw(st.booleans()),
        uses_early=outcome is None and draw(st.booleans()),
    )
    exceptions = tuple(
        CountryException(country, draw(st.sampled_from([None, 1, 2])), ON, None)
        for country in draw(st.lists(st.sampled_from(["US", "FR", "XO"]), max_size=2))
    )
    agreement = AgreementSide(
        bought=draw(st.sampled_from([{"mail": None}, {"backup": None}, {}])),
        allowed=draw(st.sampled_from([frozenset(), frozenset({"CH"}), frozenset({"FR", "CH"})])),
        exceptions=exceptions,
        cases=(one,) if draw(st.booleans()) else (),
        has_ended=draw(st.booleans()),
    )
    return listed, agreement


def may_process(listed: EntryOfList, agreement: AgreementSide) -> bool:
    """Said anew from DESIGN section 3 item 7 and the countries of the agreement."""
    in_force = listed.from_on <= ON and (listed.until_on is None or listed.until_on > ON)
    buys = "mail" in agreement.bought and not agreement.has_ended
    places = {place.country or "XO" for place in listed.facts.locations}
    excepted = {x.country for x in agreement.exceptions if x.subprocessor_id != 2}
    open_places = not agreement.allowed or places <= agreement.allowed | excepted
    if not agreement.cases:
        return in_force and buys and open_places
    (one,) = agreement.cases
    refusing = {
        Outcome.ACCOMMODATED,
        Outcome.NOT_AUTHORISED,
        Outcome.TERMINATED,
        Outcome.CHANGE_WITHDRAWN,
    }
    if one.outcome is None:
        agreed = one.uses_early and not one.is_gated_out
    else:
        waits = not one.is_lead_over and one.outcome is not Outcome.AGREEMENT_ENDED
        agreed = one.outcome not in refusing and not waits
    return in_force and buys and open_places and agreed


@given(worlds())
def test_on_the_list_iff_it_may_process_the_data(world: tuple[EntryOfList, AgreementSide]):
    listed, agreement = world
    found = client_list([listed], agreement, on=ON, at=AT)
    assert bool(found.used) == may_process(listed, agreement)
    # And whatever is not used says why.
    assert all(x.why_not is not None for x in found.not_used)
