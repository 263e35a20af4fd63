"""Which differences of an entry are a change that clients are told of, and what an amendment is
about."""

from dataclasses import fields, replace
from datetime import date

import pytest

from subnotify.rules.changes import (
    COMPARED_FIELDS,
    LocationChange,
    amendment_of,
    differences,
    is_record_only,
    location_differences,
    material_differences,
)
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_records import ImpactAssessment, RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import LocationKind, VendorRole
from tests.support.transfers import clauses, framework

SEAT = Location("US", LocationKind.ESTABLISHMENT, (framework("Acme Inc."),))
HOSTING = Location("DE", LocationKind.HOSTING)
INDIA = Location("IN", LocationKind.SUPPORT, (clauses(),))
FACTS = SubprocessorFacts(name="Acme", services=("a",), locations=(SEAT, HOSTING))
DAY = date(2026, 3, 2)

# Another value of each field, which is a change of the list...
MATERIAL = {
    "name": "Acme SA",
    "trading_name": "Acme!",
    "other_names": ("Acmé",),
    "parent": "Big",
    "address": "1 rue X",
    "activities": local_text({"en": "Mail"}),
    "services": ("a", "b"),
    "data_categories": local_text({"en": "Names"}),
    "data_subjects": local_text({"en": "Users"}),
    "special_categories": True,
    "hr_data": True,
    "role": VendorRole.CONTROLLER,
    "affiliate": True,
    "engaged_by": "other",
    "locations": (SEAT, HOSTING, INDIA),
}
# ... and which is a record of an engagement that stays as it is.
RECORDS = {
    "contact": "+33 1 23 45 67 89",
    "website": "https://acme.example",
    "list_url": "https://acme.example/list",
    "agreement_url": "https://acme.example/dpa",
    "company_number": "552 081 317",
    "agreement_signed_on": DAY,
    "agreement_planned_on": DAY,
    "agreement_from_on": DAY,
    "agreement_until_on": DAY,
    "obligations_flowed_down_on": DAY,
    "guarantees_reviewed_on": DAY,
    "in_use_since_on": DAY,
}


def test_every_field_of_the_list_is_one_or_the_other():
    assert set(MATERIAL) | set(RECORDS) == set(COMPARED_FIELDS)
    assert {field.name for field in fields(FACTS)} - set(COMPARED_FIELDS) == {
        "demonstration_values"
    }


@pytest.mark.parametrize("name", MATERIAL)
def test_a_change_is_announced(name):
    changed = replace(FACTS, **{name: MATERIAL[name]})
    assert [x.field for x in material_differences(FACTS, changed)] == [name]
    assert [x.field for x in material_differences(changed, FACTS)] == [name]


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_corrected(name):
    changed = replace(FACTS, **{name: RECORDS[name]})
    assert [x.field for x in differences(FACTS, changed)] == [name]
    assert not material_differences(FACTS, changed)


def test_another_company_number_is_another_company():
    changed = replace(FACTS, company_number="1")
    assert material_differences(changed, replace(changed, company_number="2"))
    assert material_differences(changed, FACTS)


def checked_again() -> Location:
    return replace(SEAT, bases=(framework("Acme Inc.", checked_on=DAY),))


def test_a_basis_looked_at_again_is_a_record_and_another_basis_is_a_change():
    again = replace(FACTS, locations=(HOSTING, checked_again()))
    [difference] = differences(FACTS, again)
    assert is_record_only(difference)
    newer = replace(clauses(), impact_assessment=ImpactAssessment("TIA-8", DAY), reference="v2")
    one = replace(FACTS, locations=(replace(SEAT, bases=(clauses(),)),))
    assert not material_differences(one, replace(one, locations=(replace(SEAT, bases=(newer,)),)))
    other = replace(newer, reference="v3")
    assert material_differences(
        replace(one, locations=(replace(SEAT, bases=(newer,)),)),
        replace(one, locations=(replace(SEAT, bases=(other,)),)),
    )
    for bases in (
        *((clauses(),), (), (framework("Acme Inc."), clauses())),
        (framework("Another Inc.", checked_on=DAY),),
    ):
        assert material_differences(
            FACTS, replace(FACTS, locations=(replace(SEAT, bases=bases), HOSTING))
        )


def test_another_law_module_or_use_of_a_place_is_a_change():
    swiss = RecordedBasis(ExportLaw.CH_FADP, "scc_with_swiss_rider", module="3")
    own = replace(FACTS, locations=(replace(SEAT, bases=(swiss,)),))
    for other in (
        replace(swiss, module="2"),
        replace(swiss, law=ExportLaw.UK_GDPR),
        replace(swiss, code="other"),
    ):
        assert material_differences(own, replace(own, locations=(replace(SEAT, bases=(other,)),)))
    moved = replace(FACTS, locations=(SEAT, replace(HOSTING, kind=LocationKind.ACCESS)))
    assert material_differences(FACTS, moved)


def test_what_becomes_of_each_place():
    rebased = replace(SEAT, bases=(clauses(),))
    after = replace(FACTS, locations=(rebased, INDIA))
    found = [(x.change, (x.after or x.before).country) for x in location_differences(FACTS, after)]
    assert found == [
        (LocationChange.OTHER_BASIS, "US"),
        (LocationChange.NEW, "IN"),
        (LocationChange.GONE, "DE"),
    ]
    # Under a law for which the bases are the same, nothing changes at the seat.
    swiss = location_differences(FACTS, after, {ExportLaw.CH_FADP})
    assert swiss[0].change is LocationChange.SAME


def test_what_an_amendment_is_about():
    wider = amendment_of(FACTS, replace(FACTS, locations=(*FACTS.locations, INDIA), contact="x"))
    assert [x.country for x in wider.new_places] == ["IN"]
    assert (wider.gone_places, wider.fields) == ((), ())
    assert (wider.locations_differ, wider.bases_differ) == (True, False)
    # The same country for another use is no new country.
    support = replace(
        FACTS, locations=(*FACTS.locations, replace(HOSTING, kind=LocationKind.SUPPORT))
    )
    assert amendment_of(FACTS, support).new_places == ()
    assert amendment_of(FACTS, support).locations_differ
    # Records alone are told where nothing else differs.
    assert amendment_of(FACTS, replace(FACTS, contact="x")).fields == ("contact",)
    assert amendment_of(FACTS, replace(FACTS, contact="x", hr_data=True)).fields == ("hr_data",)
