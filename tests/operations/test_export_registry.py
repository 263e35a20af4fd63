"""The registry as files: whatever is stored comes back from each of them as it is."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from subnotify.operations.export_registry import RegistryFormat, export_registry
from subnotify.operations.import_run import ImportReport
from subnotify.operations.registry_yaml import read_yaml
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.source_files import read_plain_file
from subnotify.rules.csv_layouts import ImportKind
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, LocationKind
from subnotify.storage.registry import find_subprocessor, list_draft_changes, list_entries_in_force
from subnotify.storage.registry_drafts import write_draft_change
from subnotify.storage.tables import ListEntryRow, SubprocessorRow, VendorRow
from tests.support.csv_imports import bring_tables, exported
from tests.support.fact_strategies import SERVICES, TEXT, facts
from tests.support.imports import bring, everything, published
from tests.support.samples import COMPLETED_LIST, EXAMPLE, PUBLISHED_LIST, sample

VENDOR = """
vendor: {name: Hexapode, contact_email: dpo@hexapode.example, laws: [EU_GDPR, CH_FADP, UK_GDPR]}
services: [{key: mail, name: Mail}, {key: chat, name: Chat}, {key: web, name: Web}]
"""
LIST_TABLES = ("subprocessors", "locations", "bases")
FORMS = ("yaml", "json", "csv")


def written(session: Session, form: str) -> dict[str, bytes]:
    """The files of one form, by name, as `bring_tables` takes them."""
    if form == "csv":
        tables = exported(session)
        return {name: tables[name] for name in LIST_TABLES}
    content = export_registry(session, RegistryFormat(form))
    session.rollback()
    return {f"registry.{form}": content}


def bring_back(session: Session, form: str, at: datetime) -> ImportReport:
    """Export, import, export: the import changes nothing."""
    before, files = everything(session), written(session, form)
    report = bring_tables(session, at + timedelta(days=1), **files)
    assert report.entries == ()
    assert everything(session) == before
    assert written(session, form) == files
    return report


def store(session: Session, entries: Sequence[tuple[SubprocessorFacts, str]], at: datetime) -> None:
    session.execute(delete(SubprocessorRow))
    session.add_all(
        SubprocessorRow(
            key=f"s{number}",
            draft_facts=facts_to_mapping(one),
            drafted_by="paul",
            drafted_at=at,
            internal_notes=notes,
        )
        for number, (one, notes) in enumerate(entries)
    )
    session.commit()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [EXAMPLE, COMPLETED_LIST])
def test_a_published_list_comes_back_as_it_is(session: Session, at: datetime, name: str, form: str):
    published(session, sample(name), at)
    assert bring_back(session, form, at).changes == 0


@pytest.mark.parametrize("form", FORMS)
def test_drafts_come_back_as_they_are(session: Session, at: datetime, form: str):
    bring(session, sample(PUBLISHED_LIST), at)
    bring_back(session, form, at)


@given(entries=st.lists(st.tuples(facts(), TEXT), max_size=3), form=st.sampled_from(FORMS))
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_list_survives_the_round_trip(
    session: Session,
    at: datetime,
    entries: list[tuple[SubprocessorFacts, str]],
    form: str,
):
    bring(session, VENDOR, at)
    store(session, entries, at)
    bring_back(session, form, at)


def test_the_same_entry_arrives_elsewhere_in_full(session: Session, at: datetime):
    """What a file says is all that the registry knows of an entry."""
    bring(session, sample(COMPLETED_LIST), at)
    stored = {x.key: x.draft_facts for x in _subprocessors(session)}
    for form in FORMS:
        files = written(session, form)
        session.execute(delete(SubprocessorRow))
        session.commit()
        bring_tables(session, at, **files)
        assert {x.key: x.draft_facts for x in _subprocessors(session)} == stored, form


def _subprocessors(session: Session) -> Sequence[SubprocessorRow]:
    session.expire_all()
    return session.scalars(select(SubprocessorRow).order_by(SubprocessorRow.key)).all()


@pytest.mark.parametrize("form", FORMS)
def test_what_was_assessed_stands_in_no_file(session: Session, at: datetime, form: str):
    published(session, sample(COMPLETED_LIST), at)
    frozen = session.scalars(select(ListEntryRow.facts)).all()
    assert any("assessed" in place for facts in frozen for place in facts["locations"])
    for name, content in written(session, form).items():
        assert b"adequate_in_scope" not in content and b"lawful_until" not in content
        if form == "csv":
            assert b"assessed" not in content.splitlines()[0]
            continue
        entries = read_plain_file(name, content).data["subprocessors"]
        assert not any("assessed" in place for one in entries for place in one["locations"])


@pytest.mark.parametrize("form", FORMS)
def test_a_code_that_newer_data_dropped_comes_back(session: Session, at: datetime, form: str):
    bring(session, VENDOR, at)
    basis = RecordedBasis(ExportLaw.EU_GDPR, "scc_of_a_dropped_kind")
    place = Location("US", LocationKind.ESTABLISHMENT, (basis,))
    store(session, [(SubprocessorFacts(name="A", locations=(place,)), "")], at)
    bring_back(session, form, at)


@pytest.mark.parametrize("form", FORMS)
def test_a_replacement_is_still_one(session: Session, at: datetime, form: str):
    published(session, sample(COMPLETED_LIST), at)
    new = (
        "subprocessors:\n"
        "  - {key: new, name: New, services: [veille], replaces: sentry, internal_notes: Ask Ann}\n"
    )
    bring(session, new, at)
    (change,) = list_draft_changes(session)
    assert (change.kind, change.replaced_key) == (ChangeKind.REPLACEMENT, "sentry")
    bring_back(session, form, at)


@pytest.mark.parametrize("form", FORMS)
def test_a_removal_that_is_drafted_stays(session: Session, at: datetime, form: str):
    published(session, sample(COMPLETED_LIST), at)
    sentry = find_subprocessor(session, "sentry")
    assert sentry is not None
    (facts_now,) = (x.facts for x in list_entries_in_force(session, at.date()) if x.key == "sentry")
    write_draft_change(
        session,
        sentry.id,
        kind=ChangeKind.REMOVAL,
        replaced_id=None,
        services=facts_now.services,
        by="paul",
        at=at,
    )
    session.commit()
    bring_back(session, form, at)


def test_an_amendment_is_exported_as_drafted(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    sentry = find_subprocessor(session, "sentry")
    assert sentry is not None
    (now,) = (x.facts for x in list_entries_in_force(session, at.date()) if x.key == "sentry")
    save_draft_facts(session, sentry.id, replace(now, address="Elsewhere 1"), by="paul", at=at)
    data = yaml.safe_load(export_registry(session, RegistryFormat.YAML))
    (entry,) = (x for x in data["subprocessors"] if x["key"] == "sentry")
    assert entry["address"] == "Elsewhere 1"
    for form in FORMS:
        bring_back(session, form, at)


def test_what_left_the_list_is_no_part_of_it(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    entry = session.scalars(
        select(ListEntryRow)
        .join(SubprocessorRow, SubprocessorRow.id == ListEntryRow.subprocessor_id)
        .where(SubprocessorRow.key == "sentry")
    ).one()
    entry.in_force_until_on = date(2030, 1, 1)
    session.commit()
    for form in FORMS:
        assert all(b"TIA-SEN" not in x for x in written(session, form).values())
        bring_back(session, form, at)


def test_both_forms_hold_the_same(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    as_json = json.loads(export_registry(session, RegistryFormat.JSON))
    assert as_json == read_yaml(export_registry(session, RegistryFormat.YAML)).data
    assert as_json["vendor"]["laws"][0] == "EU_GDPR"
    assert list(as_json) == ["vendor", "services", "subprocessors"]


def test_before_the_first_import_there_is_nothing(session: Session):
    assert export_registry(session, RegistryFormat.YAML) == b"{}\n"


def test_a_profile_of_an_older_version_is_no_difference(session: Session, at: datetime):
    bring(session, VENDOR, at)
    row = session.get_one(VendorRow, 1)
    row.profile = {k: v for k, v in row.profile.items() if k in ("name", "contact_email")}
    session.commit()
    plain = "vendor: {name: Hexapode, contact_email: dpo@hexapode.example}"
    assert bring(session, plain, at).changes == 0


def test_the_tables_are_three_and_services_are_known(session: Session, at: datetime):
    bring(session, VENDOR, at)
    assert {x.value for x in ImportKind} >= set(LIST_TABLES)
    assert {x.key for x in _subprocessors(session)} == set() and SERVICES == ("mail", "chat", "web")
