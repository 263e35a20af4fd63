"""Which countries an agreement does not allow, and what its exceptions open."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.allowed_countries import (
    ORGANISATION,
    CountryException,
    blocked_countries,
    can_be_blocked,
    countries_of,
    forbidden_countries,
    read_countries,
    write_countries,
)
from subnotify.rules.countries import COUNTRIES
from subnotify.rules.country_groups import COUNTRY_GROUPS, expand_country, grouped_countries
from subnotify.rules.locations import Location
from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms_reading import read_terms
from subnotify.rules.words import ChangeKind, LocationKind
from tests.support.transfers import REFERENCE

ON = date(2026, 6, 1)
DAY = timedelta(days=1)
SWISS = frozenset({"CH"})
PLACES = st.sampled_from(["CH", "DE", "US", ""])
DAYS = st.sampled_from([ON - DAY, ON, ON + DAY])


def facts(*countries: str) -> SubprocessorFacts:
    kinds = tuple(LocationKind)
    places = tuple(Location(x, kinds[n % len(kinds)]) for n, x in enumerate(countries))
    return SubprocessorFacts(name="X", locations=places)


def blocked(*exceptions: CountryException, on: date = ON) -> frozenset[str]:
    return blocked_countries(SWISS, facts("CH", "DE", ""), exceptions, subprocessor_id=1, on=on)


def test_every_place_counts_and_an_organisation_is_never_allowed_implicitly():
    assert blocked() == {"DE", ORGANISATION}
    everywhere = frozenset(COUNTRIES)
    assert forbidden_countries(everywhere, facts(*COUNTRIES)) == frozenset()
    assert forbidden_countries(everywhere, facts("")) == {ORGANISATION}
    # No restriction: nothing is asked, of an organisation neither.
    assert forbidden_countries(frozenset(), facts("US", "")) == frozenset()


@pytest.mark.parametrize(
    ("exception", "opens"),
    [
        (CountryException("DE", None, ON), True),
        (CountryException("DE", 1, ON), True),
        (CountryException("DE", 2, ON), False),
        (CountryException("DE", 1, ON + DAY), False),
        (CountryException("DE", 1, ON - DAY, ON), False),
        (CountryException("DE", 1, ON - DAY, ON + DAY), True),
        # Ended on the day on which it was to begin.
        (CountryException("DE", 1, ON, ON), False),
        (CountryException("FR", None, ON), False),
    ],
)
def test_an_exception_opens_its_country_from_its_first_day_on(exception, opens):
    assert ("DE" not in blocked(exception)) == opens


def test_a_removal_takes_the_data_away():
    assert [x for x in ChangeKind if not can_be_blocked(x)] == [ChangeKind.REMOVAL]


EXCEPTIONS = st.lists(
    st.builds(
        CountryException,
        country=st.sampled_from(["DE", "US", ORGANISATION]),
        subprocessor_id=st.sampled_from([None, 1, 2]),
        from_on=DAYS,
        until_on=st.none() | DAYS,
    ),
    max_size=4,
)


@given(st.lists(PLACES, max_size=4), st.sets(st.sampled_from(["CH", "DE"])), EXCEPTIONS)
def test_blocked_is_what_neither_terms_nor_an_exception_of_the_day_allow(places, allowed, given):
    entry = facts(*places)
    found = blocked_countries(frozenset(allowed), entry, given, subprocessor_id=1, on=ON)
    assert found <= countries_of(entry)
    if not allowed:
        assert found == frozenset()
        return
    for country in countries_of(entry):
        opened = any(
            x.country == country
            and x.subprocessor_id != 2
            and x.from_on <= ON
            and (x.until_on is None or x.until_on > ON)
            for x in given
        )
        assert (country in found) == (country not in allowed and not opened)
    # One more exception never closes anything.
    more = [*given, CountryException("US", None, ON)]
    wider = blocked_countries(frozenset(allowed), entry, more, subprocessor_id=1, on=ON)
    assert wider <= found


@given(st.sets(st.sampled_from([*sorted(COUNTRIES), ORGANISATION])))
def test_what_a_case_keeps_reads_as_it_was_written(countries):
    text = write_countries(countries)
    assert read_countries(text) == tuple(sorted(countries))


def test_groups_are_those_of_the_reference_data():
    assert {x for x in COUNTRIES if x in COUNTRY_GROUPS["EEA"]} == COUNTRY_GROUPS["EEA"]
    for country in COUNTRIES:
        in_eea = REFERENCE.is_eea(country, ON)
        assert (country in COUNTRY_GROUPS["EEA"]) == in_eea, country
        in_eu = in_eea and not REFERENCE.is_eea_not_eu(country)
        assert (country in COUNTRY_GROUPS["EU"]) == in_eu, country
    assert expand_country("CH") == {"CH"}


@given(st.sets(st.sampled_from(["EU", "EEA", "CH", "NO", "US"])))
def test_a_group_is_written_as_its_word_and_nothing_is_lost(words):
    codes = frozenset[str]().union(*(expand_country(x) for x in words))
    grouped = grouped_countries(codes)
    assert frozenset[str]().union(*(expand_country(x) for x in grouped)) == codes
    assert len(grouped) <= max(1, len(words) + 1)


def test_terms_take_the_word_of_a_group():
    """A contract that says "EU" does not say Norway."""
    reader = Reader()
    plain = {"preset": "fr-15-days", "allowed_countries": ["EU", "CH"]}
    terms = read_terms(plain, "terms", reader)
    assert reader.problems == [] and terms is not None
    assert terms.allowed_countries == COUNTRY_GROUPS["EU"] | {"CH"}
    assert "NO" not in terms.allowed_countries
    read_terms({**plain, "allowed_countries": ["Europe"]}, "terms", reader)
    assert [x.where for x in reader.problems] == ["terms.allowed_countries[0]"]
