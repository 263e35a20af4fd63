"""Clients and contacts, kept on the desk by the rules of the import."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.operations.keep_client import ClientFacts, add_client, change_client
from subnotify.operations.keep_contact import (
    ContactFacts,
    Letter,
    add_contact,
    change_contact,
)
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.storage.database import session_factory
from subnotify.storage.tables import AgreementContactRow, ClientRow, ContactRow
from tests.operations.desk_registry import acting, example, facts_on_record
from tests.support.imports import everything

DPO = ContactFacts(
    name="Jeanne Petit",
    role_title="Déléguée à la protection des données",
    email="dpo@mairie-vouziers.example",
    postal_address="1 place de la Mairie, 08400 Vouziers, France",
    phone="+33 3 24 00 00 00",
)


def moved(**changed: str) -> ContactFacts:
    return ContactFacts(**{**DPO.__dict__, **changed})


def fields_refused(refusal: pytest.ExceptionInfo[ProblemsFound]) -> list[str]:
    return [problem.where for problem in refusal.value.problems]


def test_a_client_gets_a_key_from_its_name(session: Session, at: datetime):
    kept = add_client(session, ClientFacts("Crédit & Co.", "FR"), **acting(at))
    row = session.get_one(ClientRow, kept.id)
    assert (row.key, row.name, row.country, row.created_at) == (
        "credit-co",
        "Crédit & Co.",
        "FR",
        at,
    )
    (fact,) = facts_on_record(session, "client_recorded")
    assert (fact["by"], fact["before"]) == ("Lea", None)
    session.rollback()
    before = everything(session)
    again = add_client(session, ClientFacts("Crédit & Co.", "FR"), **acting(at))
    assert (again.id, again.is_changed) == (kept.id, False)
    assert everything(session) == before
    other = add_client(session, ClientFacts("Crédit & Co.", "BE"), **acting(at))
    assert session.get_one(ClientRow, other.id).key == "credit-co-1"


def test_a_client_with_a_key_that_is_taken_or_no_country_is_refused(session: Session, at: datetime):
    add_client(session, ClientFacts("A", "FR"), key="a", **acting(at))
    with pytest.raises(ProblemsFound) as refusal:
        add_client(session, ClientFacts("Another", "FR"), key="a", **acting(at))
    assert fields_refused(refusal) == ["key"]
    with pytest.raises(ProblemsFound) as refusal:
        add_client(session, ClientFacts("", "XX"), key="A b", **acting(at))
    assert sorted(fields_refused(refusal)) == ["country", "key", "name"]
    assert session.scalars(select(ClientRow.name)).all() == ["A"]


def test_a_client_changes_its_name_and_keeps_its_key(session: Session, at: datetime):
    ids = example(session, at)
    kept = change_client(session, ids.client, ClientFacts("Ville de Vouziers", "FR"), **acting(at))
    assert kept.is_changed
    row = session.get_one(ClientRow, ids.client)
    assert (row.key, row.name) == ("mairie-vouziers", "Ville de Vouziers")
    (fact,) = facts_on_record(session, "client_changed")
    assert fact["before"]["name"] == "Mairie de Vouziers"
    session.rollback()
    again = change_client(session, ids.client, ClientFacts("Ville de Vouziers", "FR"), **acting(at))
    assert not again.is_changed
    with pytest.raises(NotFound):
        change_client(session, 99, ClientFacts("X", "FR"), **acting(at))


def test_a_contact_is_added_once(session: Session, at: datetime):
    ids = example(session, at)
    facts = ContactFacts("Paul Durand", email="paul@mairie-vouziers.example")
    kept = add_contact(session, ids.client, facts, **acting(at))
    before = everything(session)
    assert add_contact(session, ids.client, facts, **acting(at)).id == kept.id
    assert everything(session) == before
    assert session.get_one(ContactRow, kept.id).key == "paul-durand"
    with pytest.raises(ProblemsFound) as refusal:
        add_contact(session, ids.client, ContactFacts("", email="no address"), **acting(at))
    assert sorted(fields_refused(refusal)) == ["email", "name"]


def test_a_designated_contact_changes_by_letter_and_the_old_values_stay(
    session: Session, at: datetime
):
    ids = example(session, at)
    facts = moved(email="dpd@mairie-vouziers.example")
    before = everything(session)
    letters = (
        (Letter(), ["letter_reference", "letter_on"]),
        (Letter("RK 1", at.date() + timedelta(days=1)), ["letter_on"]),
    )
    for letter, refused in letters:
        with pytest.raises(ProblemsFound) as refusal:
            change_contact(session, ids.client, ids.dpo, facts, letter, **acting(at))
        assert fields_refused(refusal) == refused
        assert everything(session) == before
    letter = Letter("RK 1", date(2026, 2, 27))
    kept = change_contact(session, ids.client, ids.dpo, facts, letter, **acting(at))
    assert kept.is_changed
    rows = session.scalars(
        select(AgreementContactRow)
        .where(AgreementContactRow.contact_id == ids.dpo)
        .order_by(AgreementContactRow.id)
    ).all()
    assert [(x.letter_reference, x.designated_on, x.clause, x.ended_on) for x in rows] == [
        ("", date(2024, 3, 11), "Annexe 2", at.date()),
        ("RK 1", date(2026, 2, 27), "Annexe 2", None),
    ]
    (fact,) = facts_on_record(session, "designated_contact_changed")
    assert fact["before"]["email"] == DPO.email
    assert fact["after"]["email"] == facts.email
    assert facts_on_record(session, "contact_designated")[0]["letter"] == "RK 1"
    after = everything(session)
    again = change_contact(session, ids.client, ids.dpo, facts, letter, **acting(at))
    assert not again.is_changed
    assert everything(session) == after
    # The next change needs the next letter.
    with pytest.raises(ProblemsFound) as refusal:
        change_contact(session, ids.client, ids.dpo, moved(name="Luc"), letter, **acting(at))
    assert fields_refused(refusal) == ["letter_reference"]


def test_a_telephone_number_designates_nobody_nor_does_a_copy_contact(
    session: Session, at: datetime
):
    ids = example(session, at)
    nothing = Letter()
    change_contact(session, ids.client, ids.dpo, moved(phone="1"), nothing, **acting(at))
    copy = ContactFacts("Service informatique", email="it@mairie-vouziers.example")
    change_contact(session, ids.client, ids.it, copy, nothing, **acting(at))
    assert session.get_one(ContactRow, ids.it).email == "it@mairie-vouziers.example"
    assert len(facts_on_record(session, "contact_changed")) == 2
    assert len(session.scalars(select(AgreementContactRow)).all()) == 2


def test_before_the_first_publication_a_contact_moves_freely(session: Session, at: datetime):
    ids = example(session, at, is_published=False)
    change_contact(session, ids.client, ids.dpo, moved(name="Luc"), Letter(), **acting(at))
    assert session.get_one(ContactRow, ids.dpo).name == "Luc"


def test_a_contact_of_another_client_is_not_found(session: Session, at: datetime):
    ids = example(session, at)
    other = add_client(session, ClientFacts("Other", "FR"), **acting(at))
    with pytest.raises(NotFound):
        change_contact(session, other.id, ids.dpo, DPO, Letter(), **acting(at))


def test_two_at_once_add_one_client_and_one_contact(engine: Engine, session: Session, at: datetime):
    ids = example(session, at)
    session.rollback()
    sessions = session_factory(engine)

    def add(name: str) -> tuple[int, int]:
        with sessions() as own:
            client = add_client(own, ClientFacts(name, "FR"), **acting(at)).id
            contact = add_contact(own, ids.client, ContactFacts(name), **acting(at)).id
        return client, contact

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(add, ["Ville de Reims"] * 8))
    assert len(made) == 1
    assert len(session.scalars(select(ClientRow)).all()) == 2
    assert len(session.scalars(select(ContactRow)).all()) == 3


def test_who_letters_are_addressed_to_is_written_in_letters_that_can_be_printed(
    session: Session, at: datetime
):
    client = add_client(session, ClientFacts("株式会社 Acme", "JP"), **acting(at)).id
    # Who gets no letters may have any name.
    by_mail = moved(name="山田太郎", postal_address="")
    contact = add_contact(session, client, by_mail, **acting(at)).id

    def change(facts: ContactFacts) -> None:
        change_contact(session, client, contact, facts, Letter(), **acting(at))

    with pytest.raises(ProblemsFound) as refusal:
        change(moved(name="山田太郎", postal_address="東京 1"))
    assert fields_refused(refusal) == ["name", "postal_address", "postal_address"]
    assert [dict(x.params)["characters"] for x in refusal.value.problems] == [
        *("山田太郎", "東京", "株式会社")
    ]
    change_client(session, client, ClientFacts("Acme K.K.", "JP"), **acting(at))
    change(moved(name="Yamada Tarō", postal_address="1-1 Chiyoda\nTōkyō"))
    with pytest.raises(ProblemsFound) as refusal:
        change_client(session, client, ClientFacts("株式会社", "JP"), **acting(at))
    assert fields_refused(refusal) == ["name"]


def test_what_was_on_record_before_does_not_keep_the_rest_from_being_changed(
    session: Session, at: datetime
):
    client = add_client(session, ClientFacts("Acme", "JP"), **acting(at)).id
    contact = add_contact(session, client, DPO, **acting(at)).id
    session.get_one(ContactRow, contact).name = "山田太郎"
    session.get_one(ClientRow, client).name = "株式会社"
    session.commit()
    new = moved(name="山田太郎", phone="+81 3 0000 0000")
    assert change_contact(session, client, contact, new, Letter(), **acting(at)).is_changed
    assert change_client(session, client, ClientFacts("株式会社", "FR"), **acting(at)).is_changed
