"""Recorded bases as plain data, and what a form offers to record."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_choices import list_choices
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_records_reading import basis_to_mapping, read_recorded_bases
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import CH, EU, PROCESSOR, REFERENCE, TODAY, in_full, judge
from tests.rules.transfer_strategies import bases, days, laws, places, roles


@given(st.lists(bases, max_size=3))
def test_what_is_written_is_read_again(recorded: list[RecordedBasis]):
    reader = Reader()
    plain = [basis_to_mapping(basis) for basis in recorded]
    assert read_recorded_bases(plain, "bases", reader, None) == tuple(recorded)
    assert reader.problems == []


def test_a_code_that_a_newer_reference_dropped_is_read_from_storage_only():
    plain = [{"law": "EU_GDPR", "code": "scc_eu_1995"}]
    reader = Reader()
    (kept,) = read_recorded_bases(plain, "bases", reader, None)
    assert (kept.code, reader.problems) == ("scc_eu_1995", [])
    read_recorded_bases(plain, "bases", reader, REFERENCE)
    assert [problem.where for problem in reader.problems] == ["bases[0].code"]


def codes(place: Place, law: ExportLaw = EU, *, is_own_group: bool = False) -> list[str]:
    choices = list_choices(
        REFERENCE, place=place, law=law, role=PROCESSOR, on=TODAY, is_own_group=is_own_group
    )
    return [choice.code for choice in choices]


def test_a_form_offers_the_findings_of_the_place_then_the_safeguards():
    always = ["scc_eu_2021_m3", "scc_sa_adopted", "code_of_conduct", "certification"]
    assert codes(Place("US")) == ["EU-US-DPF", *always, "adhoc_clauses"]
    assert codes(Place("IN")) == [*always, "adhoc_clauses"]
    assert "bcr_p" in codes(Place("IN"), is_own_group=True)
    assert codes(Place("US"), CH)[:2] == ["CH-US-DPF", "ch_scc"]
    assert codes(Place(organisation="EPO"))[0] == "EU-EPO"


@given(places, laws, roles, days, st.booleans())
def test_each_choice_is_lawful_once_all_it_asks_for_is_recorded(
    place: str, law: ExportLaw, role: VendorRole, on: date, group: bool
):
    target = Place(place) if len(place) == 2 else Place(organisation=place)
    choices = list_choices(REFERENCE, place=target, law=law, role=role, on=on, is_own_group=group)
    for choice in choices:
        recorded = in_full(choice.code, law, role)
        result = judge(place, recorded, law=law, role=role, on=on, is_own_group=group)
        assert result.lawful is Lawful.YES
