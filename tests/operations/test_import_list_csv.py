"""Tables of the list: entries, locations, bases; what a line leaves, changes and is refused for."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.import_differences import FieldChange
from subnotify.operations.publish_list import publish_list
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.transfer_records import ImpactAssessment, ListEntry, RecordedBasis
from subnotify.rules.transfer_words import CoveredData, ExportLaw, FrameworkList
from subnotify.rules.words import LocationKind, VendorRole
from subnotify.storage.registry import find_subprocessor
from subnotify.storage.tables import SubprocessorRow
from tests.operations.desk_registry import facts_on_record
from tests.support.csv_imports import PARIS, bring_tables, preview_tables, table_refusals
from tests.support.imports import bring, published
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.transfers import clauses

VENDOR = """
vendor: {name: Hexapode, contact_email: dpo@hexapode.example, laws: [EU_GDPR, CH_FADP]}
services: [{key: mail, name: Mail}, {key: chat, name: Chat}]
"""
ENTRIES = (
    "key;name;other_names;company_number;address;contact;activities_en;activities_fr;"
    "data_categories;services;hr_data;role;agreement_signed_on;internal_notes\n"
    "cloud;Cloud SA;Nuage | Wolke;'0123;1 rue;'+33 1;Hosting;Hébergement;Names;mail | chat;"
    "VRAI;processor;2026-01-05;Ask Ann\n"
)
LOCATIONS = (
    "subprocessor,country,organisation,kind\ncloud,FR,,establishment\ncloud,US,,hosting\n"
    "cloud,,European Patent Organisation,support\n"
)
BASES = (
    "subprocessor,country,organisation,kind,law,code,signed_on,conditions,evidence,list_entity,"
    "lists,list_covered_data,list_checked_on,assessment_reference,assessment_done_on,"
    "assessment_result\n"
    "cloud,US,,hosting,EU_GDPR,scc_eu_2021_m3,2022-02-01,all,"
    "annex_version=1 | clause_9_option=1,,,,,TIA-7,2022-02-01,sufficient\n"
    'cloud,US,,hosting,CH_FADP,CH-US-DPF,,,,"Cloud, Inc.",Swiss-U.S.,hr | non_hr,2026-01-05,,,\n'
)
ALL = {"bases": BASES, "locations": LOCATIONS, "subprocessors": ENTRIES}


def facts_of(session: Session, key: str) -> SubprocessorFacts:
    session.expire_all()
    found = find_subprocessor(session, key)
    assert found is not None and found.draft_facts is not None
    return found.draft_facts


def place(session: Session, kind: LocationKind) -> Location:
    return next(x for x in facts_of(session, "cloud").locations if x.kind is kind)


def test_three_tables_make_an_entry(session: Session, at: datetime):
    bring(session, VENDOR, at)
    report = bring_tables(session, at, **ALL)
    assert [(x.section, x.new) for x in report.lines] == [("subprocessors", 1)]
    facts = facts_of(session, "cloud")
    assert (facts.name, facts.other_names) == ("Cloud SA", ("Nuage", "Wolke"))
    assert (facts.company_number, facts.contact, facts.hr_data) == ("0123", "+33 1", True)
    assert facts.activities == local_text({"en": "Hosting", "fr": "Hébergement"})
    assert facts.data_categories == local_text("Names")
    assert (facts.role, facts.agreement_signed_on) == (VendorRole.PROCESSOR, date(2026, 1, 5))
    _, hosting, organisation = facts.locations
    full, listed = hosting.bases
    assert full == replace(clauses(), evidence=(("annex_version", "1"), ("clause_9_option", "1")))
    assert listed == RecordedBasis(
        ExportLaw.CH_FADP,
        "CH-US-DPF",
        list_entry=ListEntry(
            "Cloud, Inc.",
            frozenset({FrameworkList.SWISS_US}),
            covered_data=frozenset(CoveredData),
            checked_on=date(2026, 1, 5),
        ),
    )
    assert (organisation.country, organisation.organisation) == ("", "European Patent Organisation")
    row = session.scalars(select(SubprocessorRow)).one()
    assert row.internal_notes == "Ask Ann"
    assert bring_tables(session, at, **ALL).changes == 0


def test_a_column_left_out_stays_and_an_empty_cell_empties(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    before = facts_of(session, "cloud")
    bring_tables(
        session, at, subprocessors="key,name,guarantees_reviewed_on\ncloud,Cloud,2026-02-01"
    )
    after = facts_of(session, "cloud")
    assert after == replace(before, name="Cloud", guarantees_reviewed_on=date(2026, 2, 1))
    bring_tables(
        session,
        at,
        subprocessors="key,name,company_number,other_names,hr_data,internal_notes\ncloud,Cloud,,,,\n",
    )
    emptied = facts_of(session, "cloud")
    assert emptied == replace(after, company_number="", other_names=(), hr_data=False)
    assert session.scalars(select(SubprocessorRow)).one().internal_notes == ""


def test_a_text_for_every_language_takes_the_place_of_two(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    bring_tables(session, at, subprocessors="key,name,activities\ncloud,Cloud SA,Cloud\n")
    assert facts_of(session, "cloud").activities == local_text("Cloud")
    bring_tables(session, at, subprocessors="key,name,activities_fr\ncloud,Cloud SA,Nuage\n")
    assert facts_of(session, "cloud").activities == local_text({"fr": "Nuage"})
    (said,) = table_refusals(
        session, at, subprocessors="key,name,activities,activities_en\ncloud,Cloud SA,A,B\n"
    )
    assert said.startswith("subprocessors.csv, line 2, column activities: The field")


def test_the_lines_of_an_entry_are_all_its_locations(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    before = place(session, LocationKind.HOSTING)
    bring_tables(
        session,
        at,
        locations="subprocessor,country,kind\ncloud,DE,establishment\ncloud,US,hosting\n",
    )
    assert [x.country for x in facts_of(session, "cloud").locations] == ["DE", "US"]
    assert place(session, LocationKind.HOSTING) == before, "its bases stay"


def test_the_lines_of_an_entry_are_all_its_bases(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    one = (
        "subprocessor,country,kind,law,code,signed_on\ncloud,US,hosting,EU_GDPR,bcr_p,2025-01-01\n"
    )
    bring_tables(session, at, bases=one)
    (basis,) = place(session, LocationKind.HOSTING).bases
    assert (basis.code, basis.signed_on) == ("bcr_p", date(2025, 1, 1))
    bring_tables(session, at, bases="subprocessor,country,kind,law,code\ncloud,US,hosting,,\n")
    assert place(session, LocationKind.HOSTING).bases == ()


def test_what_differs_is_told_by_place_and_law(session: Session, at: datetime):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    other = BASES.replace("scc_eu_2021_m3,2022-02-01,all", "bcr_p,2025-01-01,").replace(
        "annex_version=1 | clause_9_option=1", "lead_authority=CNIL"
    )
    # The order of the lines says nothing.
    lines = LOCATIONS.splitlines(keepends=True)
    report = preview_tables(
        session, at, bases=other, locations="".join([lines[0], *reversed(lines[1:])])
    )
    (entry,) = report.entries
    hosting = "locations[hosting US].EU_GDPR"
    assert entry.fields == (
        FieldChange(f"{hosting}.code", "scc_eu_2021_m3", "bcr_p"),
        FieldChange(f"{hosting}.signed_on", "2022-02-01", "2025-01-01"),
        FieldChange(f"{hosting}.evidence.lead_authority", "", "CNIL"),
        *(
            FieldChange(f"{hosting}.{name}", before, "")
            for name, before in (
                ("conditions", ", ".join(sorted(clauses().conditions))),
                ("evidence.annex_version", "1"),
                ("evidence.clause_9_option", "1"),
            )
        ),
    )


def test_notes_alone_are_no_draft(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    notes = "key,name,internal_notes\nsentry,Sentry,Contract in the safe\n"
    report = bring_tables(session, at, subprocessors=notes)
    (entry,) = report.entries
    assert entry.fields == (FieldChange("internal_notes", "", "Contract in the safe"),)
    sentry = find_subprocessor(session, "sentry")
    assert sentry is not None and sentry.draft_facts is None
    assert bring_tables(session, at, subprocessors=notes).changes == 0
    # The history of the entry tells who; what they say may be erased.
    [kept] = facts_on_record(session, "internal_notes_kept")
    assert list(kept) == ["by"]


def test_lines_of_a_published_entry_draft_an_amendment(session: Session, at: datetime):
    bring(session, sample(COMPLETED_LIST), at)
    publish_list(session, by="paul", at=at, zone=PARIS)
    bring_tables(
        session,
        at,
        locations="subprocessor,country,kind\nsentry,US,establishment\nsentry,FR,hosting\n",
    )
    found = find_subprocessor(session, "sentry")
    assert found is not None and found.draft_facts is not None
    seat, hosting = found.draft_facts.locations
    assert seat.bases[0].impact_assessment == ImpactAssessment(
        "TIA-SEN-2023", date(2023, 2, 20), seat.bases[0].impact_assessment.result
    )
    assert (hosting.country, hosting.bases) == ("FR", ())


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (
            {"locations": "subprocessor,country,kind\nnobody,FR,hosting\n"},
            "locations.csv, line 2, column subprocessor: “nobody” is not known.",
        ),
        (
            {"locations": "subprocessor,country,kind\ncloud,UK,hosting\ncloud,FR,cellar\n"},
            "locations.csv, line 2, column country: “UK” is not a country code.",
        ),
        (
            {"locations": "subprocessor,country,kind\ncloud,FR,cellar\n"},
            "locations.csv, line 2, column kind: “cellar” is not a known value.",
        ),
        (
            {"locations": "subprocessor,country,kind\ncloud,FR,hosting\ncloud,FR,hosting\n"},
            "locations.csv, line 3: This location is there twice.",
        ),
        (
            {"bases": "subprocessor,country,kind,law,code\ncloud,IN,hosting,EU_GDPR,bcr_p\n"},
            "bases.csv, line 2, column kind: “cloud” has no such location: IN hosting.",
        ),
        (
            {"bases": "subprocessor,country,kind,law,code\ncloud,US,hosting,EU,bcr_p\n"},
            "bases.csv, line 2, column law: “EU” is not a known value.",
        ),
        (
            {"bases": "subprocessor,country,kind,law,code\ncloud,US,hosting,EU_GDPR,bcrp\n"},
            "bases.csv, line 2, column code: “bcrp” is no transfer basis",
        ),
        (
            {
                "bases": "subprocessor,country,kind,law,code,signed_on,list_checked_on\n"
                "cloud,US,hosting,EU_GDPR,bcr_p,01/02/2026,\n"
            },
            "bases.csv, line 2, column signed_on: “01/02/2026” is not a day.",
        ),
        (
            {
                "bases": "subprocessor,country,kind,law,code,list_checked_on\n"
                "cloud,US,hosting,EU_GDPR,EU-US-DPF,05/01/2026\n"
            },
            "bases.csv, line 2, column list_checked_on: “05/01/2026” is not a day.",
        ),
        (
            {
                "bases": "subprocessor,country,kind,law,code,assessment_reference,"
                "assessment_done_on,assessment_result\n"
                "cloud,US,hosting,EU_GDPR,bcr_p,TIA-1,2026-01-05,fine\n"
            },
            "bases.csv, line 2, column assessment_result: “fine” is not a known value.",
        ),
        (
            {"subprocessors": "key,name,hr_data\ncloud,Cloud,maybe\n"},
            "subprocessors.csv, line 2, column hr_data: This must be yes or no.",
        ),
        (
            {"subprocessors": "key,name,agreement_from_on\ncloud,Cloud,1.2.2026\n"},
            "subprocessors.csv, line 2, column agreement_from_on: “1.2.2026” is not a day.",
        ),
        (
            {"subprocessors": "key,name,engaged_by\ncloud,Cloud,nobody\n"},
            "subprocessors.csv, line 2, column engaged_by: “nobody” is not known.",
        ),
        (
            {"subprocessors": "key,name,services\ncloud,Cloud,mail|fax\n"},
            "subprocessors.csv, line 2, column services: “fax” is not known.",
        ),
        (
            {"subprocessors": "key,name,website\ncloud,Cloud,cloud.example\n"},
            "subprocessors.csv, line 2, column website: “cloud.example” is not a web address.",
        ),
        (
            {"subprocessors": "key,name,colour\ncloud,Cloud,red\n"},
            "subprocessors.csv, line 1: The column “colour” is not known.",
        ),
    ],
)
def test_a_problem_names_file_line_and_column(
    session: Session, at: datetime, tables: dict[str, str], expected: str
):
    bring(session, VENDOR, at)
    bring_tables(session, at, **ALL)
    assert table_refusals(session, at, **tables)[0].startswith(expected)
