"""Designated contacts in an import: changed by registered letter once the list is published."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import AgreementContactRow, ContactRow, EvidenceRow
from tests.support.imports import bring, everything, published, refusals, replaced
from tests.support.samples import EXAMPLE, sample

EXAMPLE_BYTES = sample(EXAMPLE)


def test_a_contact_moves_freely_before_the_first_publication(session: Session, at: datetime):
    bring(session, EXAMPLE_BYTES, at)
    bring(session, replaced(EXAMPLE_BYTES, "dpo@mairie", "dpd@mairie"), at)
    assert "dpd@mairie-vouziers.example" in session.scalars(select(ContactRow.email)).all()


def test_a_designated_contact_changes_by_letter_once_published(session: Session, at: datetime):
    published(session, EXAMPLE_BYTES, at)
    moved = replaced(EXAMPLE_BYTES, "dpo@mairie", "dpd@mairie")
    (said,) = refusals(session, moved, at)
    assert "clients[0] “mairie-vouziers”, contacts[0]: “dpo” is a designated" in said
    assert "letter_reference" in said
    lettered = replaced(moved, "        # letter_reference: RK", "        letter_reference: RK")
    later = datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert bring(session, lettered, later).changes == 2
    rows = session.scalars(
        select(AgreementContactRow)
        .where(AgreementContactRow.kind == "notice")
        .order_by(AgreementContactRow.id)
    ).all()
    assert [(x.letter_reference, x.ended_on) for x in rows] == [
        ("", date(2026, 5, 1)),
        ("RK 123 456 789 FR", None),
    ]
    types = session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)).all()
    assert "designated_contact_changed" in types
    before = everything(session)
    assert bring(session, lettered, later).changes == 0
    assert everything(session) == before
    # The next change needs the next letter.
    again = replaced(lettered, "dpd@mairie", "delegue@mairie")
    assert "letter_reference" in refusals(session, again, later)[0]
    # A telephone number designates nobody.
    assert bring(session, replaced(lettered, "24 00 00 00", "24 00 00 01"), later).changes == 1


def test_a_contact_change_without_its_agreement_in_the_file_is_refused(
    session: Session, at: datetime
):
    published(session, EXAMPLE_BYTES, at)
    source = """
clients:
  - key: mairie-vouziers
    name: Mairie de Vouziers
    country: FR
    contacts: [{key: dpo, name: Paul Petit}]
"""
    (said,) = refusals(session, source, at)
    assert "mairie-vouziers-2024" in said


def agreement(notice_contacts: str) -> str:
    return f"""
agreements:
  - key: mairie-vouziers-2024
    client: mairie-vouziers
    reference: AIG-2024-017
    language: fr
    signed_on: 2024-03-11
    notice_contacts: {notice_contacts}
"""


def test_another_designated_contact_needs_the_letter_and_the_old_one_its_end(
    session: Session, at: datetime
):
    published(session, EXAMPLE_BYTES, at)
    said = refusals(session, agreement("[informatique]"), at)
    assert any("changes who is designated" in line for line in said)
    assert any("“dpo” is designated in this agreement" in line for line in said)
    letter = "letter_reference: RK 2"
    said = refusals(
        session,
        agreement(f"[{{contact: informatique, {letter}}}, {{contact: dpo, ended_on: 2026-03-01}}]"),
        at,
    )
    assert len(said) == 1
    right = agreement(
        f"[{{contact: informatique, {letter}}}, {{contact: dpo, ended_on: 2026-03-01, {letter}}}]"
    )
    assert bring(session, right, at).changes == 1
    rows = session.scalars(select(AgreementContactRow).order_by(AgreementContactRow.id)).all()
    assert [(x.kind, x.ended_on) for x in rows] == [
        ("notice", date(2026, 3, 1)),
        ("copy", date(2026, 3, 2)),
        ("notice", None),
    ]
    assert bring(session, right, at).changes == 0


def test_a_designated_contact_does_not_become_a_copy_contact_without_a_letter(
    session: Session, at: datetime
):
    published(session, EXAMPLE_BYTES, at)
    source = agreement("[{contact: informatique, letter_reference: RK 2}]") + (
        "    copy_contacts: [dpo]\n"
    )
    assert any("“dpo” changes who is designated" in x for x in refusals(session, source, at))


def test_an_address_that_no_letter_can_be_printed_with_is_refused(session: Session, at: datetime):
    odd = replaced(EXAMPLE_BYTES, "1 place de la Mairie", "1 place de la 市役所")
    (said,) = refusals(session, odd, at)
    assert "clients[0] “mairie-vouziers”, contacts[0].postal_address" in said
    assert "市役所" in said
    assert "Write it in Latin letters, as post abroad does too." in said
