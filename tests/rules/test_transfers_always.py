"""What holds of every place, law, role, day and record."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.transfer_records import NONE_REQUIRED, RecordedBasis
from subnotify.rules.transfer_reference import end_basis
from subnotify.rules.transfer_verdicts import is_worse
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import REFERENCE, judge
from tests.rules.transfer_strategies import bases, codes, days, laws, places, roles


@given(places, laws, roles, days, st.lists(bases, max_size=3), bases, st.booleans())
def test_one_more_basis_never_makes_it_worse(
    place: str,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: list[RecordedBasis],
    more: RecordedBasis,
    group: bool,
):
    before = judge(place, *recorded, law=law, role=role, on=on, is_own_group=group)
    after = judge(place, *recorded, more, law=law, role=role, on=on, is_own_group=group)
    assert not is_worse(after, before)
    if before.lawful is Lawful.YES:
        assert (after.lawful_until or date.max) >= (before.lawful_until or date.max)


@given(places, laws, roles, days, st.lists(bases, max_size=3), st.booleans())
def test_nothing_is_lawful_by_a_basis_outside_its_interval(
    place: str,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: list[RecordedBasis],
    group: bool,
):
    result = judge(place, *recorded, law=law, role=role, on=on, is_own_group=group)
    if result.lawful is Lawful.NO:
        assert result.lawful_until is None
        assert result.lapsed_on is None or result.lapsed_on <= on
        return
    assert result.lapsed_on is None
    assert bool(result.missing) == (result.lawful is Lawful.IF_RECORDED)
    assert result.lawful_until is None or result.lawful_until >= on
    if result.instrument is None:
        return
    it = REFERENCE.find_finding(result.instrument.code) or REFERENCE.find_safeguard(
        result.instrument.code
    )
    assert it is not None and it.interval.holds_on(on) and it.law is law


@given(places, laws, roles, days, st.lists(bases, max_size=3), codes, days)
def test_what_is_struck_down_makes_nothing_better_and_nothing_worse_before_its_day(
    place: str,
    law: ExportLaw,
    role: VendorRole,
    on: date,
    recorded: list[RecordedBasis],
    code: str,
    struck_on: date,
):
    if code in (NONE_REQUIRED, "ISO 27001"):
        return
    changed = end_basis(REFERENCE, code, struck_on)
    before = judge(place, *recorded, law=law, role=role, on=on)
    after = judge(place, *recorded, law=law, role=role, on=on, reference=changed)
    assert not is_worse(before, after)
    if on < struck_on:
        assert replace(after, lawful_until=None, params=()) == replace(
            before, lawful_until=None, params=()
        )
