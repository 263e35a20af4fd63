"""What an amendment or a removal says: its sentence, what is now beside what will be."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, LocationKind, Outcome, VendorRole
from subnotify.wording.basis_records import record_differences
from subnotify.wording.change_facts import (
    ChangeFacts,
    FactRow,
    change_note,
    change_rows,
    change_title,
)
from subnotify.wording.language import wording_for
from subnotify.wording.outcomes import OutcomeFacts, outcome_sentences
from tests.support.announced_facts import COMMENCEMENT, SENTRY
from tests.support.transfers import assessed, clauses, framework

W = wording_for("en", "Europe/Paris")
SEAT, HOSTING = SENTRY.locations
INDIA = Location("IN", LocationKind.SUPPORT, (clauses(),))
IRELAND = Location("IE", LocationKind.HOSTING)


def amendment(*, names: dict[str, str] | None = None, **changed: object) -> ChangeFacts:
    return ChangeFacts(
        ChangeKind.AMENDMENT,
        assessed(replace(SENTRY, **changed)),
        ("Monitoring", "Backup"),
        COMMENCEMENT,
        before=SENTRY,
        names=names or {},
    )


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        (
            {"locations": (SEAT, HOSTING, INDIA)},
            "Sentry will process data in India as well, for Monitoring and Backup",
        ),
        (
            {"locations": (SEAT, HOSTING, INDIA), "contact": "new@sentry.example"},
            "Sentry will process data in India as well, for Monitoring and Backup",
        ),
        (
            {"locations": (SEAT, IRELAND)},
            "Sentry will process data in Ireland as well, for Monitoring and Backup",
        ),
        (
            {"locations": (replace(SEAT, bases=(clauses(),)), HOSTING)},
            "Changes of Sentry for Monitoring and Backup: transfer basis",
        ),
        (
            {"activities": local_text({"en": "Backups"}), "hr_data": True},
            "Changes of Sentry for Monitoring and Backup: activities and data of employees",
        ),
        (
            {"name": "Sentry SA", "other_names": (), "role": VendorRole.CONTROLLER},
            "Changes of Sentry for Monitoring and Backup: name and role of the vendor",
        ),
        (
            {"locations": (SEAT, IRELAND, INDIA), "address": "1 Quay Street, Dublin"},
            "Changes of Sentry for Monitoring and Backup: address and places"
            " (new: Ireland and India)",
        ),
        (
            {"website": "https://sentry.example/en"},
            "Changes of Sentry for Monitoring and Backup: website",
        ),
    ],
)
def test_the_sentence_says_what_changes(changed: dict[str, object], title: str) -> None:
    assert change_title(amendment(**changed), W) == title


def test_a_country_that_is_given_up() -> None:
    wider = amendment(locations=(SEAT, HOSTING, INDIA))
    narrower = replace(wider, facts=SENTRY, before=wider.facts)
    assert change_title(narrower, W) == (
        "Sentry will no longer process data in India, for Monitoring and Backup"
    )
    assert "no longer: support: India" in row(narrower, "Places of processing").lines[-1]


def row(change: ChangeFacts, name: str) -> FactRow:
    return next(x for x in change_rows(change, W) if x.name == name)


def test_only_what_changes_is_marked_and_says_what_was() -> None:
    change = amendment(
        locations=(replace(SEAT, bases=(clauses(),)), HOSTING, INDIA),
        agreement_signed_on=date(2026, 3, 1),
    )
    changed = {x.name: x for x in change_rows(change, W) if x.is_changed}
    assert list(changed) == ["Seat", "Places of processing", "Subprocessing agreement"]
    assert changed["Seat"].before == ("United States (EU-U.S. Data Privacy Framework (2023/1795))",)
    assert "module 3" in changed["Seat"].lines[0]
    places = changed["Places of processing"]
    assert len(places.before) == 1 and places.before[0] == places.lines[0]
    assert places.lines[1].startswith("new: support: India (standard contractual clauses")
    assert changed["Subprocessing agreement"].before == ()
    assert all(not x.before for x in change_rows(change, W) if not x.is_changed)
    assert change_note(change, W, is_covered=True) == (
        "It takes effect on Monday 1 June 2026 at the earliest."
    )
    # The day is said once: not among what stays.
    assert "Takes effect" not in [x.name for x in change_rows(change, W)]


def test_a_place_on_another_basis_names_both() -> None:
    change = amendment(locations=(SEAT, replace(HOSTING, bases=(framework("Sentry Inc."),))))
    [line] = row(change, "Places of processing").lines
    assert line.startswith("other basis: hosting: United States (EU-U.S. Data Privacy Framework")
    assert "until now standard contractual clauses 2021/914, module 3" in line


def test_a_law_that_is_not_the_clients_shows_no_difference() -> None:
    change = amendment(locations=(replace(SEAT, bases=(clauses(),)), HOSTING))
    swiss = replace(change, laws=frozenset({ExportLaw.CH_FADP}))
    assert not any(x.is_changed for x in change_rows(swiss, W))
    assert change_title(swiss, W) == "What Sentry does for Monitoring and Backup will change"


def test_services_and_who_engages_it_are_named() -> None:
    names = {"monitoring": "Monitoring", "backup": "Backup", "entry ovh": "OVHcloud"}
    change = amendment(services=("monitoring",), engaged_by="ovh", names=names)
    assert row(change, "Services").before == ("Monitoring and Backup",)
    assert row(change, "Services").lines == ("Monitoring",)
    assert row(change, "Engaged by").lines == ("OVHcloud",)


def test_a_change_of_role_says_both() -> None:
    change = amendment(role=VendorRole.CONTROLLER)
    told = row(change, "Role of the vendor")
    assert told.before == ("processor: it works on clients' data",)
    assert told.lines == ("controller: a recipient of the vendor's own data",)


def test_a_removal_needs_nothing_where_it_is_not_covered() -> None:
    removal = ChangeFacts(ChangeKind.REMOVAL, SENTRY, ("Monitoring",), COMMENCEMENT, before=SENTRY)
    assert change_title(removal, W) == "Sentry will no longer be used for Monitoring"
    assert "need not do anything" in change_note(removal, W, is_covered=False)
    assert "need not" not in change_note(removal, W, is_covered=True)
    told = {x.name: x.lines for x in change_rows(removal, W)}
    assert told["Ends"] == ("on Monday 1 June 2026 at the earliest",)
    assert not any(x.is_changed for x in change_rows(removal, W))


@pytest.mark.parametrize("outcome", [Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED])
def test_what_an_objection_leads_to_depends_on_the_kind(outcome: Outcome) -> None:
    said = {
        kind: outcome_sentences(OutcomeFacts(outcome, "Sentry", kind=kind), W)[-1]
        for kind in ChangeKind
    }
    assert said == {
        ChangeKind.ADDITION: "Sentry is not used for you.",
        ChangeKind.REPLACEMENT: "Sentry is not used for you.",
        ChangeKind.AMENDMENT: "What Sentry does for you stays as it was.",
        ChangeKind.REMOVAL: "Sentry is not removed for you.",
    }


def test_what_is_recorded_of_a_basis_is_told_fact_by_fact() -> None:
    newer = replace(SEAT, bases=(framework("Sentry Inc.", checked_on=date(2026, 2, 2)),))
    found = record_differences((SEAT, HOSTING), (HOSTING, newer), W)
    place = "seat, United States, EU GDPR:"
    assert [(x.name, x.before, x.after) for x in found] == [
        (f"{place} entry on the list of the framework", "Functional Software, Inc.", "Sentry Inc."),
        (f"{place} looked up on", "5 January 2026", "2 February 2026"),
    ]


def test_invented_places_stay_marked() -> None:
    invented: SubprocessorFacts = replace(SENTRY, demonstration_values=("locations",))
    change = replace(
        amendment(locations=(SEAT, HOSTING, INDIA), demonstration_values=("locations",)),
        before=invented,
    )
    assert row(change, "Places of processing").lines[-1].endswith(" *")
