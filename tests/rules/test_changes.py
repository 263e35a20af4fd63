"""What counts as a difference of the list, and which change it makes."""

from dataclasses import replace
from datetime import date

from subnotify.rules.changes import (
    differences,
    kind_of_change,
    same_facts,
    services_concerned,
)
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind, LocationKind

FACTS = SubprocessorFacts(
    name="Acme",
    services=("a", "b"),
    locations=(
        Location("FR", LocationKind.ESTABLISHMENT),
        Location("DE", LocationKind.HOSTING),
    ),
)


def test_every_stated_field_is_compared():
    changed = replace(FACTS, name="Acme SA", in_use_since_on=date(2026, 3, 2))
    found = differences(FACTS, changed)
    assert [(x.field, x.before, x.after) for x in found] == [
        ("name", "Acme", "Acme SA"),
        ("in_use_since_on", None, date(2026, 3, 2)),
    ]


def test_order_and_the_marks_of_invented_values_say_nothing():
    turned = replace(
        FACTS,
        services=("b", "a"),
        locations=FACTS.locations[::-1],
        demonstration_values=("name",),
    )
    assert same_facts(FACTS, turned)


def test_a_location_with_another_basis_is_another():
    assert not same_facts(FACTS, replace(FACTS, locations=FACTS.locations[:1]))


def test_the_kind_of_change():
    assert kind_of_change(is_listed=False, replaces_another=False) is ChangeKind.ADDITION
    assert kind_of_change(is_listed=False, replaces_another=True) is ChangeKind.REPLACEMENT
    assert kind_of_change(is_listed=True, replaces_another=False) is ChangeKind.AMENDMENT
    assert kind_of_change(is_listed=True, replaces_another=True) is ChangeKind.AMENDMENT


def test_clients_of_the_old_and_of_the_new_services_are_concerned():
    assert services_concerned(FACTS, None, replace(FACTS, services=("c",))) == {"a", "b", "c"}
