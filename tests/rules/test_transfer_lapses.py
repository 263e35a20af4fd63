"""Which places stop being lawful within 180 days, or have, and since when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.facts_assessment import assess_facts, assess_location
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_lapses import (
    FARTHEST_DAYS,
    Lapse,
    assess_listed,
    find_lapse,
    list_lapses,
    replacements_on,
    stage_on,
)
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_reference import TransferReference, end_basis
from subnotify.rules.transfer_turning_points import turning_points
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Lawful, ListStatus, Reason
from subnotify.rules.words import LocationKind, VendorRole
from tests.rules.transfer_samples import CH, ENTRY, EU, REFERENCE, TODAY, in_full
from tests.rules.transfer_strategies import bases, laws, places, roles

DAY = timedelta(days=1)
SHIELD_FELL = date(2020, 7, 16)


def facts(country: str, *recorded: RecordedBasis, **changed: object) -> SubprocessorFacts:
    location = Location(country, LocationKind.HOSTING, recorded)
    return replace(SubprocessorFacts("Example", locations=(location,)), **changed)  # type: ignore[arg-type]


def lapse(
    of: SubprocessorFacts,
    on: date,
    *,
    law: ExportLaw = EU,
    used_from: date | None = None,
    reference: TransferReference = REFERENCE,
) -> Lapse | None:
    return find_lapse(reference, of, of.locations[0], law, on=on, used_from=used_from)


@pytest.mark.parametrize(
    ("days_ahead", "stage"),
    [(181, None), (180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (1, 30), (0, 0), (-9, 0)],
)
def test_stages(days_ahead: int, stage: int | None):
    assert stage_on(TODAY + days_ahead * DAY, TODAY) == stage


def test_privacy_shield_before_and_after_it_fell():
    """The judgment came without warning; by today's data it is seen 180 days ahead."""
    of = facts("US", in_full("EU-US-PRIVACY-SHIELD"))
    assert lapse(of, SHIELD_FELL - 181 * DAY) is None
    for on in (SHIELD_FELL - 180 * DAY, SHIELD_FELL - DAY, SHIELD_FELL, date(2021, 6, 27)):
        found = lapse(of, on)
        assert found is not None
        assert (found.lapses_on, found.instrument) == (SHIELD_FELL, "EU-US-PRIVACY-SHIELD")
        assert found.then.reason is Reason.ENDED
    assert found is not None
    offered = [
        [x.code for x in replacements_on(REFERENCE, of, EU, on=on)]
        for on in (date(2020, 7, 17), date(2021, 6, 26), date(2021, 6, 27))
    ]
    assert offered == [[], [], ["scc_eu_2021_m3"]]


def test_the_swiss_shield_fell_on_a_day_of_its_own():
    of = facts("US", in_full("CH-US-PRIVACY-SHIELD", CH))
    found = lapse(of, date(2020, 9, 20), law=CH)
    assert found is not None and found.lapses_on == date(2020, 9, 8)
    under_eu_law = lapse(of, date(2020, 9, 20))
    assert under_eu_law is not None and under_eu_law.lapses_on is None


def test_a_basis_that_ends_while_another_goes_on_ends_nothing():
    first = in_full("scc_eu_2021_m3", expires_on=TODAY + 20 * DAY)
    found = lapse(facts("US", first), TODAY)
    assert found is not None
    assert (found.lapses_on, found.instrument) == (TODAY + 21 * DAY, "scc_eu_2021_m3")
    assert found.then.reason is Reason.EXPIRED
    other = in_full("EU-US-DPF")
    assert lapse(facts("US", first, other), TODAY) is None
    late = replace(first, signed_on=TODAY + 25 * DAY, expires_on=None)
    gap = lapse(facts("US", first, late), TODAY)
    assert gap is not None and gap.lapses_on == TODAY + 21 * DAY
    # In the gap, and after it.
    assert lapse(facts("US", first, late), TODAY + 22 * DAY) == replace(
        gap,
        then=assess_location(
            REFERENCE, facts("US", first, late), gap.location, EU, on=TODAY + 22 * DAY
        ),
    )
    assert lapse(facts("US", first, late), TODAY + 25 * DAY) is None


def test_what_lapsed_last_is_said_even_if_something_else_is_half_recorded():
    expired = in_full("scc_eu_2021_m3", expires_on=TODAY - 5 * DAY)
    of = facts("US", expired, RecordedBasis(EU, "EU-US-DPF"))
    found = lapse(of, TODAY)
    assert found is not None
    assert found.then.lawful is Lawful.IF_RECORDED
    assert (found.lapses_on, found.instrument) == (TODAY - 4 * DAY, "scc_eu_2021_m3")


def test_readers_are_told_what_lapsed_before_what_is_half_recorded():
    expired = in_full("scc_eu_2021_m3", expires_on=TODAY - 5 * DAY)
    of = facts("CA", expired)
    assert assess_location(REFERENCE, of, of.locations[0], EU, on=TODAY).lawful is (
        Lawful.IF_RECORDED
    )
    told = assess_listed(REFERENCE, of, (EU,), on=TODAY).locations[0].under(EU)
    assert told is not None and told.instrument is not None
    assert (told.lawful, told.lapsed_on) == (Lawful.NO, TODAY - 4 * DAY)
    assert told.instrument.code == "scc_eu_2021_m3"
    # Nothing lapsed: the rest is said as it is.
    for other in (facts("CA"), facts("FR"), facts("US", in_full("EU-US-DPF"))):
        assert assess_listed(REFERENCE, other, (EU,), on=TODAY).locations[0].assessed == (
            assess_facts(REFERENCE, other, (EU,), on=TODAY).locations[0].assessed
        )


def test_what_never_was_lawful_has_no_day():
    found = lapse(facts("US", in_full("EU-US-DPF")), TODAY, law=CH)
    assert found is not None and (found.lapses_on, found.instrument) == (None, "")
    inactive = replace(ENTRY, status=ListStatus.INACTIVE)
    gone = lapse(facts("US", in_full("EU-US-DPF", list_entry=inactive)), TODAY)
    assert gone is not None and gone.lapses_on is None


def test_data_of_employees_need_a_certification_that_covers_them():
    entry = replace(ENTRY, covered_data=frozenset({CoveredData.NON_HR}))
    of = facts("US", in_full("EU-US-DPF", list_entry=entry))
    assert lapse(of, TODAY) is None
    assert lapse(replace(of, hr_data=True), TODAY) is not None


def test_what_is_announced_counts_from_its_commencement():
    ends = in_full("scc_eu_2021_m3", expires_on=TODAY + 100 * DAY)
    begins = in_full("EU-US-DPF", list_entry=replace(ENTRY, checked_on=TODAY + 50 * DAY))
    assert lapse(facts("US", begins), TODAY) is not None
    assert lapse(facts("US", begins), TODAY, used_from=TODAY + 50 * DAY) is None
    found = lapse(facts("US", ends), TODAY, used_from=TODAY + 120 * DAY)
    assert found is not None and found.lapses_on == TODAY + 101 * DAY
    never = facts("US")
    near = lapse(never, TODAY, used_from=TODAY + 30 * DAY)
    assert near is not None and near.lapses_on == TODAY + 30 * DAY
    assert lapse(never, TODAY, used_from=TODAY + 181 * DAY) is None
    far = facts("US", replace(ends, expires_on=TODAY + 190 * DAY))
    assert lapse(far, TODAY, used_from=TODAY + 250 * DAY) is None


def test_a_sunset_and_a_certification_that_runs_out_are_ends():
    sunset = lapse(facts("GB"), date(2031, 12, 1))
    assert sunset is not None
    assert (sunset.lapses_on, sunset.instrument) == (date(2031, 12, 28), "EU-GB")
    entry = replace(ENTRY, next_certification_on=TODAY + 100 * DAY)
    listed = in_full("EU-US-DPF", list_entry=entry)
    runs_out = lapse(facts("US", listed), TODAY)
    assert runs_out is not None and runs_out.lapses_on == TODAY + 101 * DAY
    # Clauses that lie ready.
    assert lapse(facts("US", listed, in_full("scc_eu_2021_m3")), TODAY) is None


def test_a_decision_struck_down_by_newer_data():
    of = facts("US", in_full("EU-US-DPF"))
    changed = end_basis(REFERENCE, "EU-US-DPF", TODAY + 10 * DAY)
    assert lapse(of, TODAY) is None
    found = lapse(of, TODAY, reference=changed)
    assert found is not None and found.lapses_on == TODAY + 10 * DAY


def test_every_location_under_every_law():
    of = SubprocessorFacts(
        "Example",
        locations=(
            Location("FR", LocationKind.ESTABLISHMENT),
            Location("US", LocationKind.HOSTING),
            Location("", LocationKind.SUPPORT, organisation="World Example Organisation"),
        ),
    )
    found = list_lapses(REFERENCE, of, (EU, CH), on=TODAY)
    assert [(x.location.country, x.location.organisation, x.law) for x in found] == [
        *(("US", "", law) for law in (EU, CH)),
        *(("", "World Example Organisation", law) for law in (EU, CH)),
    ]


days_seen = st.dates(date(1999, 8, 1), date(2035, 12, 31))


def any_facts(
    place: str, recorded: list[RecordedBasis], role: VendorRole, group: bool
) -> SubprocessorFacts:
    country, organisation = (place, "") if len(place) == 2 else ("", place)
    location = Location(country, LocationKind.HOSTING, tuple(recorded), organisation)
    return SubprocessorFacts("Example", role=role, affiliate=group, locations=(location,))


@given(
    places, laws, roles, days_seen, st.lists(bases, max_size=3), st.booleans(), st.integers(0, 200)
)
def test_there_is_a_lapse_exactly_where_a_day_of_the_next_180_is_not_lawful(
    place: str,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: list[RecordedBasis],
    group: bool,
    begins_in: int,
):
    """Day by day, without knowing when anything ends."""
    of = any_facts(place, recorded, role, group)

    def lawful_on(day: date) -> bool:
        result = assess_location(REFERENCE, of, of.locations[0], law, on=day)
        return result.lawful is Lawful.YES

    begin, horizon = on + begins_in * DAY, on + FARTHEST_DAYS * DAY
    used = [begin + n * DAY for n in range((horizon - begin).days + 1)] or [begin]
    without = [day for day in used if not lawful_on(day)]
    found = lapse(of, on, law=law, used_from=begin)
    if not without:
        assert found is None
    elif found is None:
        # Far off all the same: commencement, and the first day without.
        assert begin > horizon
    elif found.lapses_on is None:
        assert not lawful_on(on) and found.instrument == ""
    else:
        assert not lawful_on(found.lapses_on)
        assert found.lapses_on <= without[0] or found.lapses_on == begin
        if found.lapses_on != begin:
            assert lawful_on(found.lapses_on - DAY)
            between = (without[0] - found.lapses_on).days
            assert not any(lawful_on(found.lapses_on + n * DAY) for n in range(min(between, 400)))


@given(places, laws, roles, days_seen, st.lists(bases, max_size=3))
def test_between_two_turning_points_nothing_changes(
    place: str, law: ExportLaw, role: VendorRole, on: date, recorded: list[RecordedBasis]
):
    of = any_facts(place, recorded, role, False)
    location = of.locations[0]
    own = [basis for basis in recorded if basis.law is law]
    turns = set(turning_points(REFERENCE, location.place, law, own))
    yesterday, today = (
        assess_location(REFERENCE, of, location, law, on=day).lawful for day in (on - DAY, on)
    )
    assert yesterday is today or on in turns
