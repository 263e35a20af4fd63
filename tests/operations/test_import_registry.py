"""Importing: everything or nothing, twice is once, and nothing is deleted by absence."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.publish_list import publish_list
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind
from subnotify.storage.registry import list_draft_changes, list_subprocessors
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    ChangeRow,
    ListEntryRow,
    SubprocessorRow,
    TermsVersionRow,
)
from tests.support.imports import bring, everything, published, refusals, replaced
from tests.support.samples import COMPLETED_LIST, EXAMPLE, PUBLISHED_LIST, sample

PARIS = ZoneInfo("Europe/Paris")
EXAMPLE_BYTES = sample(EXAMPLE)


def test_the_example_holds_every_section_and_imports(session: Session, at: datetime):
    report = bring(session, EXAMPLE_BYTES, at)
    assert {(x.section, x.new, x.changed, x.unchanged) for x in report.lines} == {
        ("vendor", 1, 0, 0),
        ("services", 2, 0, 0),
        ("subprocessors", 1, 0, 0),
        ("clients", 1, 0, 0),
        ("contacts", 2, 0, 0),
        ("agreements", 1, 0, 0),
    }
    terms = session.scalars(select(TermsVersionRow)).one()
    assert (terms.number, terms.is_current, terms.not_computable) == (1, True, None)
    assert terms.terms["counting"]["holiday_calendar"] == "FR"
    contacts = session.scalars(select(AgreementContactRow).order_by(AgreementContactRow.id)).all()
    assert [(x.kind, x.clause) for x in contacts] == [("notice", "Annexe 2"), ("copy", "")]
    bought = session.scalars(select(AgreementServiceRow).order_by(AgreementServiceRow.id)).all()
    assert [x.from_on for x in bought] == [None, date(2025, 1, 1)]
    assert publish_list(session, by="paul", at=at, zone=PARIS) == 1


@pytest.mark.parametrize("name", [EXAMPLE, PUBLISHED_LIST, COMPLETED_LIST])
def test_importing_twice_changes_nothing(session: Session, at: datetime, name: str):
    bring(session, sample(name), at)
    before = everything(session)
    report = bring(session, sample(name), at + timedelta(days=1))
    assert everything(session) == before
    assert report.changes == 0
    assert sum(line.unchanged for line in report.lines) > 2


@pytest.mark.parametrize("name", [EXAMPLE, COMPLETED_LIST])
def test_importing_again_after_publication_changes_nothing(
    session: Session, at: datetime, name: str
):
    published(session, sample(name), at)
    before = everything(session)
    assert bring(session, sample(name), at + timedelta(days=1)).changes == 0
    assert everything(session) == before


def test_a_file_without_a_section_leaves_it_as_it_is(session: Session, at: datetime):
    bring(session, EXAMPLE_BYTES, at)
    before = everything(session)
    report = bring(session, "services: [{key: veille, name: Argonne Veille}]", at)
    assert report.changes == 0
    assert everything(session) == before


def test_before_publication_differences_change_the_draft(session: Session, at: datetime):
    bring(session, sample(PUBLISHED_LIST), at)
    report = bring(session, sample(COMPLETED_LIST), at)
    lines = {line.section: line for line in report.lines}
    assert lines["subprocessors"].changed == 6
    assert list_draft_changes(session) == ()
    assert all(x.draft_facts and x.draft_facts.contact for x in list_subprocessors(session))


def test_after_publication_a_difference_becomes_a_draft_amendment(session: Session, at: datetime):
    published(session, sample(COMPLETED_LIST), at)
    source = replaced(
        sample(COMPLETED_LIST), "    services: [assistance]", "    services: [veille]"
    )
    later = at + timedelta(days=1)
    assert bring(session, source, later).changes == 1
    (change,) = list_draft_changes(session)
    assert (change.kind, change.key) == (ChangeKind.AMENDMENT, "zendesk")
    # Who loses it and who gets it are both concerned.
    assert change.services == {"assistance", "veille"}
    assert bring(session, source, later).changes == 0
    # The file says what the list says again: there is nothing to announce.
    assert bring(session, sample(COMPLETED_LIST), later).changes == 1
    assert list_draft_changes(session) == ()
    assert all(x.draft_facts is None for x in list_subprocessors(session))


NEW_ENTRY = """
subprocessors:
  - key: freshdesk
    name: Example Desk BV
    services: [veille]
"""


def test_after_publication_a_new_entry_is_an_addition_or_a_replacement(
    session: Session, at: datetime
):
    published(session, sample(COMPLETED_LIST), at)
    bring(session, NEW_ENTRY, at)
    (change,) = list_draft_changes(session)
    assert (change.kind, change.key, change.replaced_key) == (
        ChangeKind.ADDITION,
        "freshdesk",
        None,
    )
    bring(session, NEW_ENTRY + "    replaces: zendesk\n", at)
    (change,) = list_draft_changes(session)
    assert (change.kind, change.replaced_key) == (ChangeKind.REPLACEMENT, "zendesk")
    assert change.services == {"veille", "assistance"}
    # A later file that does not repeat the line does not undo it.
    assert bring(session, NEW_ENTRY, at).changes == 0
    assert session.scalar(select(func.count(ChangeRow.id))) == 1


def test_an_entry_that_left_the_list_is_not_announced_anew_by_an_old_file(
    session: Session, at: datetime
):
    published(session, sample(COMPLETED_LIST), at)
    entry = session.scalars(
        select(ListEntryRow).join(SubprocessorRow).where(SubprocessorRow.key == "zendesk")
    ).one()
    entry.in_force_until_on = date(2026, 3, 3)
    session.commit()
    later = at + timedelta(days=2)
    assert bring(session, sample(COMPLETED_LIST), later).changes == 0
    # A person may take it on again, as it was: that is an addition.
    facts = facts_from_mapping(entry.facts)
    assert save_draft_facts(session, entry.subprocessor_id, facts, by="paul", at=later)
    (change,) = list_draft_changes(session)
    assert (change.kind, change.key) == (ChangeKind.ADDITION, "zendesk")


def test_nothing_can_be_replaced_that_is_not_on_the_list(session: Session, at: datetime):
    bring(session, sample(COMPLETED_LIST), at)
    (said,) = refusals(session, NEW_ENTRY + "    replaces: zendesk\n", at)
    assert said.startswith("line 6, subprocessors[0] “freshdesk”, replaces: “zendesk” is not on")


def test_the_first_file_must_describe_the_vendor(session: Session, at: datetime):
    (said,) = refusals(session, "services: [{key: a, name: A}]", at)
    assert "vendor" in said


BROKEN = """
vendor: {name: V, contact_email: nobody}
services:
  - {key: Chat, name: Chat}
  - {key: mail, name: Mail}
  - {key: mail, name: Mail again}
subprocessors:
  - key: acme
    name: ACME
    adress: here
    locations: [{country: France, kind: hosting}, {country: FR, kind: seat}]
clients:
  - {key: c, name: C}
agreements:
  - key: a
    client: c
    reference: 1
    language: de
    terms: {preset: fr-15}
"""


def test_every_problem_is_named_with_line_entry_field_and_remedy(session: Session, at: datetime):
    said = refusals(session, BROKEN, at)
    beginnings = [
        "line 2, vendor.contact_email: “nobody” is not an email address. Write it as name@",
        "line 4, services[0] “Chat”, key: “Chat” is not a key. Write small letters",
        "line 6, services[2] “mail”, key: “mail” is there twice. Give each entry a key",
        "line 10, subprocessors[0] “acme”, adress: The field “adress” is not known. Remove it",
        "line 11, subprocessors[0] “acme”, locations[0].country: “France” is not a country code",
        "line 11, subprocessors[0] “acme”, locations[1].kind: “seat” is not a known value. Use",
        "line 13, clients[0] “c”, country: This is missing. Fill it in.",
        "line 18, agreements[0] “a”, language: “de” is not a language of the notices. Use one of",
        "line 19, agreements[0] “a”, terms.preset: The preset “fr-15” is not known. Use one of:",
    ]
    assert len(said) == len(beginnings)
    for beginning in beginnings:
        assert any(line.startswith(beginning) for line in said), (beginning, said)


@pytest.mark.parametrize(
    ("old", "new", "beginning"),
    [
        (
            "      - veille\n",
            "      - vielle\n",
            "agreements[0] “mairie-vouziers-2024”, services[0]: “vielle” is not known. Add"
            " it to the file, or use one of: assistance, veille.",
        ),
        (
            "      - contact: dpo\n",
            "      - contact: doc\n",
            "agreements[0] “mairie-vouziers-2024”, notice_contacts[0].contact: “doc” is"
            " not known. Add it to the file, or use one of: dpo, informatique.",
        ),
        (
            "holiday_calendar: FR}",
            "holiday_calendar: FR-99}",
            "agreements[0] “mairie-vouziers-2024”,"
            " terms.counting.holiday_calendar: There is no holiday calendar “FR-99”.",
        ),
        (
            "    client: mairie-vouziers\n",
            "    client: mairie\n",
            "agreements[0] “mairie-vouziers-2024”, client: “mairie” is not known.",
        ),
    ],
)
def test_references_must_be_known(
    session: Session, at: datetime, old: str, new: str, beginning: str
):
    source = replaced(EXAMPLE_BYTES, old, new)
    (said,) = refusals(session, source, at)
    line = source[: source.index(new.encode())].count(b"\n") + 1
    assert said.startswith(f"line {line}, {beginning}"), said


def test_changed_terms_make_a_new_version_and_the_old_one_stays(session: Session, at: datetime):
    bring(session, EXAMPLE_BYTES, at)
    source = replaced(
        EXAMPLE_BYTES,
        "proof_of_receipt: [recipient_server, acknowledgement]",
        "proof_of_receipt: []",
    )
    assert bring(session, source, at + timedelta(days=1)).changes == 1
    versions = session.scalars(select(TermsVersionRow).order_by(TermsVersionRow.number)).all()
    assert [(x.number, x.is_current, x.not_computable) for x in versions] == [
        (1, False, None),
        (2, True, "proof_of_receipt"),
    ]
    assert versions[0].digest != versions[1].digest
    # Only where they come from differs: a new version with the digest of the old.
    source = replaced(source, "clause: Art. 7.2", "clause: Art. 7.3")
    bring(session, source, at + timedelta(days=2))
    assert [
        x.digest
        for x in session.scalars(
            select(TermsVersionRow)
            .where(TermsVersionRow.number > 1)
            .order_by(TermsVersionRow.number)
        )
    ] == [versions[1].digest] * 2


def test_a_file_that_names_no_end_does_not_revive_a_terminated_service(
    session: Session, at: datetime
):
    bring(session, EXAMPLE_BYTES, at)
    session.execute(update(AgreementServiceRow).values(until_on=date(2026, 4, 1)))
    session.commit()
    assert bring(session, EXAMPLE_BYTES, at).changes == 0
    ends = session.scalars(select(AgreementServiceRow.until_on)).all()
    assert set(ends) == {date(2026, 4, 1)}


def test_an_agreement_does_not_move_to_another_client(session: Session, at: datetime):
    bring(session, EXAMPLE_BYTES, at)
    source = EXAMPLE_BYTES.replace(b"key: mairie-vouziers\n", b"key: mairie-reims\n").replace(
        b"client: mairie-vouziers\n", b"client: mairie-reims\n"
    )
    assert any("belongs to another client" in said for said in refusals(session, source, at))


def test_an_ended_agreement_and_unknown_terms_are_taken(session: Session, at: datetime):
    source = replaced(EXAMPLE_BYTES, "    # ended_on: 2026-12-31", "    ended_on: 2026-12-31")
    source = source[: source.index(b"    # What the agreement says about changes")]
    bring(session, source, at)
    assert session.scalars(select(AgreementRow)).one().ended_on == date(2026, 12, 31)
    assert session.scalar(select(func.count(TermsVersionRow.id))) == 0
