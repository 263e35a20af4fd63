"""A client adds an address for copies in the portal: what it does, and what it never does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from subnotify.rules.portal import CONTACTS_AT_MOST, COPIES_PER_DAY, copy_contact_problems
from subnotify.rules.words import ContactKind, MessagePurpose
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    EvidenceRow,
    MessageRow,
)
from tests.support.scenario import Announced
from tests.support.web_client import WebClient, session_on
from tests.web import test_portal
from tests.web.test_notice import counts
from tests.web.test_portal import STRANGER, sign_in

world = test_portal.world
NEW = {"name": "Ada Martin", "email": "ada@client1.example"}


def address(world: dict[str, Announced], name: str = "one") -> str:
    return f"/portal/agreements/{world[name].agreement_id}/contacts/new"


def add(client: WebClient, path: str, **changed: str):
    return client.post(path, **(NEW | {"confirmed": "yes"} | changed))


def named(database_url: str, agreement_id: int) -> list[tuple[str, str | None]]:
    with session_on(database_url) as session:
        rows = session.execute(
            select(AgreementContactRow.kind, ContactRow.email)
            .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
            .where(AgreementContactRow.agreement_id == agreement_id)
            .order_by(AgreementContactRow.id)
        )
        return [(kind, email) for kind, email in rows]


def told(database_url: str) -> list[str]:
    with session_on(database_url) as session:
        return list(
            session.scalars(
                select(MessageRow.to_address).where(
                    MessageRow.purpose == MessagePurpose.ADDRESS_CHANGED
                )
            )
        )


def test_an_address_is_added_as_a_copy_contact_and_the_others_are_told(
    client,
    world,
    smtp_server,
    database_url,
):
    sign_in(client, smtp_server, STRANGER)
    agreement_id, path = world["three"].agreement_id, address(world, "three")
    assert path in client.get("/portal/contacts").text
    before, were = counts(database_url), named(database_url, agreement_id)
    asked = client.post(path, **NEW)
    assert asked.status_code == 200 and "Check the address" in asked.text
    changed = client.post(path, **NEW, confirmed="no")
    assert f'value="{NEW["email"]}"' in changed.text and "Check the address" not in changed.text
    assert counts(database_url) == before
    assert add(client, path).location == "/portal/contacts"
    page = client.get("/portal/contacts").text
    assert NEW["email"] in page and "The notice contacts are told." in page
    assert named(database_url, agreement_id) == [*were, (ContactKind.COPY, NEW["email"])]
    # Pressed twice, it is done once.
    assert add(client, path).status_code == 303
    assert len(named(database_url, agreement_id)) == len(were) + 1
    assert told(database_url) == [STRANGER]
    with session_on(database_url) as session:
        facts = session.scalars(select(EvidenceRow.type)).all()
    assert facts.count("copy_contact_added") == 1


def test_a_copy_contact_adds_nobody(app, client, world, smtp_server, database_url):
    sign_in(client, smtp_server, STRANGER)
    path = address(world, "three")
    add(client, path)
    other = sign_in(WebClient(app), smtp_server, NEW["email"])
    assert path not in other.get("/portal/contacts").text
    before = counts(database_url)
    refused = other.post_bare(
        path,
        {
            "csrf_token": other.token("/portal/choices"),
            "name": "X",
            "email": "x@x.example",
            "confirmed": "yes",
        },
    )
    assert refused.status_code == 200 and "Only a notice contact" in refused.text
    assert counts(database_url) == before


def test_only_some_addresses_are_added_in_a_day(
    client,
    world,
    smtp_server,
    database_url,
    clock,
):
    sign_in(client, smtp_server)
    path = address(world)
    for number in range(COPIES_PER_DAY):
        assert add(client, path, email=f"a{number}@client1.example").status_code == 303
    refused = add(client, path, email="more@client1.example")
    assert refused.status_code == 200 and "Add this one tomorrow" in refused.text
    assert 'value="more@client1.example"' in refused.text
    twice = client.post(path, name="Another", email="A0@client1.example")
    assert "on file for this agreement already" in twice.text
    clock.at += timedelta(days=1)
    sign_in(client, smtp_server)
    assert add(client, path, email="more@client1.example").status_code == 303
    # The other agreements of the mailbox know nothing of it.
    assert len(named(database_url, world["two"].agreement_id)) == 1


def test_a_foreign_agreement_is_not_found_and_a_token_is_asked_for(
    client,
    world,
    smtp_server,
    database_url,
):
    sign_in(client, smtp_server)
    before = counts(database_url)
    for name in ("two", "three"):
        assert client.post(address(world, name), page="/portal", **NEW).status_code == 404
    assert client.post_bare(address(world), NEW | {"confirmed": "yes"}).status_code != 303
    assert counts(database_url) == before


@pytest.mark.parametrize(
    ("email", "on_file", "is_notice", "lately", "said"),
    [
        ("a@b.example", ["c@b.example"], True, 0, None),
        ("a@b.example", ["c@b.example"], False, 0, "Only a notice contact"),
        ("A@b.example ", ["a@B.example"], True, 0, "on file"),
        ("a@b.example", [f"{n}@b.example" for n in range(CONTACTS_AT_MOST)], True, 0, "as many"),
        ("a@b.example", ["c@b.example"], True, COPIES_PER_DAY, "within a day"),
    ],
)
def test_what_can_be_added(email, on_file, is_notice, lately, said):
    found = copy_contact_problems(email, on_file, is_notice_contact=is_notice, lately=lately)
    assert [said in one.message for one in found] == ([] if said is None else [True])
