"""Which of the vendor's export laws an agreement falls under: kept, imported, exported, told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.keep_agreement import (
    AgreementFacts,
    SignedContent,
    add_agreement,
    change_agreement,
)
from subnotify.operations.preview_mail import preview_mail
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.facts_assessment import assess_facts
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.rules.words import LocationKind
from subnotify.storage.claims import claim_due
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import AgreementRow, ChangeRow, ClientRow, VendorRow
from tests.operations.desk_registry import acting, facts_on_record
from tests.support.csv_imports import bring_tables, exported, table_refusals
from tests.support.imports import bring, everything
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario import Scenario
from tests.support.scenario_facts import ORAGE, VENDOR
from tests.support.transfers import REFERENCE

EU, CH = ExportLaw.EU_GDPR, ExportLaw.CH_FADP
FILE = """
vendor: {name: Hexapode, contact_email: d@h.example, laws: [EU_GDPR, CH_FADP]}
services: [{key: mail, name: Mail}]
clients: [{key: alpes, name: Alpes SA, country: CH}]
agreements:
  - {key: a1, client: alpes, reference: A-1, language: fr, laws: [CH_FADP]}
"""
HEAD = "key,client,reference,language"
ROW = "a1,alpes,A-1,fr"


def laws_of(session: Session, key: str = "a1") -> frozenset[ExportLaw]:
    session.expire_all()
    row = session.scalars(select(AgreementRow).where(AgreementRow.key == key)).one()
    return row.export_laws


def test_what_is_exported_changes_nothing_when_imported(session: Session, at: datetime):
    bring(session, FILE, at)
    assert laws_of(session) == {CH}
    before = everything(session)
    tables = exported(session)
    assert b"CH_FADP" in tables["agreements"]
    report = bring_tables(session, at + timedelta(days=1), agreements=tables["agreements"])
    assert report.entries == () and everything(session) == before


def test_a_column_left_out_stays_and_an_empty_cell_means_all(session: Session, at: datetime):
    bring(session, FILE, at)
    bring_tables(session, at, agreements=f"{HEAD}\n{ROW}\n")
    assert laws_of(session) == {CH}
    report = bring_tables(session, at, agreements=f"{HEAD},laws\n{ROW},CH_FADP | EU_GDPR\n")
    assert laws_of(session) == {CH, EU}
    (change,) = report.entries[0].fields
    assert (change.name, change.before, change.after) == ("laws", "CH_FADP", "CH_FADP, EU_GDPR")
    bring_tables(session, at, agreements=f"{HEAD},laws\n{ROW},\n")
    assert laws_of(session) == frozenset()


@pytest.mark.parametrize("laws", ["UK_GDPR", "Swiss law"])
def test_a_law_that_is_none_of_the_vendors_is_refused_in_its_cell(
    session: Session, at: datetime, laws: str
):
    bring(session, FILE, at)
    (said,) = table_refusals(session, at, agreements=f"{HEAD},laws\n{ROW},{laws}\n")
    assert said.startswith("agreements.csv, line 2, column laws"), said


def test_kept_on_the_desk_with_what_was_before(session: Session, at: datetime):
    bring(session, FILE, at)
    client = session.scalars(select(ClientRow.id)).one()
    facts = AgreementFacts("A-2", "en", laws=(CH,))
    added = add_agreement(session, client, facts, SignedContent(), **acting(at))
    assert laws_of(session, "a-2") == {CH}
    changed = replace(facts, laws=(EU, CH))
    assert change_agreement(session, added.id, changed, **acting(at)).is_changed
    assert not change_agreement(session, added.id, changed, **acting(at)).is_changed
    assert laws_of(session, "a-2") == {EU, CH}
    (said,) = facts_on_record(session, "agreement_changed")
    assert (said["before"]["laws"], said["after"]["laws"]) == ([CH], [CH, EU])
    with pytest.raises(ProblemsFound) as refused:
        outside = replace(facts, laws=(ExportLaw.UK_GDPR,))
        change_agreement(session, added.id, outside, **acting(at))
    assert [x.where for x in refused.value.problems] == ["laws"]


# The Union found Japan adequate; Switzerland did not.
IN_JAPAN = replace(ORAGE, locations=(Location("JP", LocationKind.ESTABLISHMENT),))


@pytest.mark.parametrize(
    ("laws", "told"),
    [(frozenset(), (True, True)), (frozenset({EU}), (True, False)), ({CH}, (False, True))],
)
def test_a_notice_tells_of_the_laws_of_its_agreement_alone(
    session: Session, at: datetime, laws: frozenset[ExportLaw], told: tuple[bool, bool]
):
    world = ReleaseWorld(session, at=at)
    both = replace(VENDOR, laws=(EU, CH))
    session.execute(update(VendorRow).values(profile=vendor_to_mapping(both)))
    agreement = world.add_agreement()
    session.execute(update(AgreementRow).values(export_laws=frozenset(laws)))
    session.commit()
    release = world.draft([world.add_change(facts=IN_JAPAN)])
    previewed = preview_mail(
        session, release, agreement, public_url="https://s.example", zone=PARIS, at=at
    )
    session.rollback()
    text = " ".join(previewed.mail.text.split())
    assert ("2019/419" in text, "no lawful transfer basis" in text) == told, text


def test_the_mail_that_is_sent_says_the_same(session: Session, at: datetime):
    """Two agreements under different laws, whose mails are made in one batch."""
    scenario = Scenario(session, at=at)
    one, other = scenario.announce(served=False), scenario.announce(served=False)
    judged = assess_facts(REFERENCE, IN_JAPAN, (EU, CH), on=at.date())
    session.execute(update(ChangeRow).values(facts=facts_to_mapping(judged)))
    for agreement, law in ((one.agreement_id, EU), (other.agreement_id, CH)):
        row = update(AgreementRow).where(AgreementRow.id == agreement)
        session.execute(row.values(export_laws=frozenset({law})))
    session.commit()
    claimed = claim_due(session, by="test", until=at + timedelta(hours=1), limit=9, at=at).messages
    write = mail_texts(MailContext("https://s.example", "Europe/Paris"), lambda: at)(
        session, claimed
    )
    said = {x.notice_id: " ".join(write(x, "…").text.split()) for x in claimed}
    session.rollback()
    assert "2019/419" in said[one.notice_id]
    assert "no lawful transfer basis" not in said[one.notice_id]
    assert "2019/419" not in said[other.notice_id]
    assert "no lawful transfer basis" in said[other.notice_id]


def test_a_file_that_names_no_laws_takes_none_away(session: Session, at: datetime):
    bring(session, FILE, at)
    bring(session, "vendor: {name: Hexapode SA, contact_email: d@h.example}", at)
    assert get_vendor(session).profile.name == "Hexapode SA"
    assert get_vendor(session).profile.laws == (EU, CH)
    bring(session, FILE, at)


def test_a_file_takes_no_law_from_the_vendor_that_an_agreement_names(
    session: Session, at: datetime
):
    bring(session, FILE, at)
    with pytest.raises(ProblemsFound) as refusal:
        bring(session, "vendor: {name: H, contact_email: d@h.example, laws: [EU_GDPR]}", at)
    (problem,) = refusal.value.problems
    assert problem.where.endswith("vendor.laws")
    without = FILE.replace("[EU_GDPR, CH_FADP]", "[EU_GDPR]").replace("[CH_FADP]", "[EU_GDPR]")
    bring(session, without, at)
    assert laws_of(session) == {EU} and get_vendor(session).profile.laws == (EU,)
