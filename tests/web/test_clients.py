"""Clients and contacts on the desk."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from subnotify.storage.tables import AgreementContactRow, ClientRow, ContactRow
from tests.support.samples import EXAMPLE, sample
from tests.support.web_client import WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
PATH = "/desk/clients"
SignIn = Callable[..., WebClient]


@pytest.fixture
def registry(database_url: str, at: datetime) -> str:
    """The address of a database with the sample file in it, published."""
    with session_on(database_url) as session:
        import_registry(session, sample(EXAMPLE), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
    return database_url


def contact_ids(url: str) -> dict[str, int]:
    with session_on(url) as session:
        return {row.key: row.id for row in session.scalars(select(ContactRow))}


def many(url: str, at: datetime) -> None:
    lines = ["vendor: {name: V, contact_email: d@v.example}", "clients:"]
    lines += [f"  - {{key: c{n:03}, name: Client {n:03}, country: FR}}" for n in range(120)]
    lines += ["  - {key: epernay, name: Mairie d'Épernay, country: FR}"]
    with session_on(url) as session:
        import_registry(session, "\n".join(lines).encode(), by="paul", at=at, zone=PARIS)


def test_clients_come_in_pages_and_are_found(database_url: str, at: datetime, signed_in: SignIn):
    browser = signed_in(Role.ADMIN)
    assert "No clients yet" in browser.get(PATH).text
    many(database_url, at)
    first, last = browser.get(PATH).text, browser.get(f"{PATH}?page=3").text
    assert "Client 049" in first and "Client 050" not in first
    assert "Page 3 of 3, 121 clients" in last
    assert "Add a client" not in first, "an administrator only reads"
    for search, found, not_found in (
        ("Épernay", "Mairie", "Client 001"),
        ("EPERNAY", "Mairie", "Client 001"),
        ("c11", "Client 118", "Client 001"),
        ("client 11", "Client 110", "Client 001"),
    ):
        page = browser.get(f"{PATH}?search={search}").text
        assert found in page and not_found not in page, search
    assert "No client has “%”" in browser.get(f"{PATH}?search=%25").text
    assert browser.get(f"{PATH}?page=99").status_code == 200
    assert browser.get(f"{PATH}?page=x").status_code == 200


def test_a_clients_page(registry: str, signed_in: SignIn):
    page = signed_in(Role.ADMIN).get(f"{PATH}/1").text
    for said in (
        "Mairie de Vouziers",
        "mairie-vouziers",
        "France",
        "Jeanne Petit",
        "dpo@mairie-vouziers.example",
        "AIG-2024-017",
        "notice contact",
        "Argonne Assistance and Argonne Veille",
        "computable",
    ):
        assert said in page, said
    assert "Add a contact" not in page


def test_adding_a_client_twice_adds_it_once(registry: str, signed_in: SignIn):
    browser = signed_in(Role.PUBLISHER)
    for said in ("The client is added.", "on record already"):
        response = browser.post(f"{PATH}/new", name="Ville de Reims", country="FR", key="")
        assert response.status_code == 303
        assert said in browser.get(response.location).text
    with session_on(registry) as session:
        rows = session.scalars(select(ClientRow).order_by(ClientRow.id)).all()
    assert [row.key for row in rows] == ["mairie-vouziers", "ville-de-reims"]


def test_bad_input_keeps_what_was_typed(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    page = browser.post(f"{PATH}/new", name="Ville <b>", country="", key="A b").text
    assert "There is a problem" in page and "Choose the country" in page
    assert 'value="Ville &lt;b&gt;"' in page and 'value="A b"' in page
    page = browser.post(f"{PATH}/new", name="Ville", country="FR", key="mairie-vouziers").text
    assert "“mairie-vouziers” is the key of another client." in page
    assert 'href="#key"' in page
    page = browser.post(f"{PATH}/1/contacts/new", name="Luc", email="luc").text
    assert "“luc” is not an email address." in page and 'href="#email"' in page
    page = browser.post(f"{PATH}/1/contacts/new", name="L" * 201).text
    assert "longer than 200 characters" in page


def test_changing_a_client(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    shown = browser.get(f"{PATH}/1/edit").text
    assert 'value="Mairie de Vouziers"' in shown and "selected" in shown
    browser.post(f"{PATH}/1/edit", name="Ville de Vouziers", country="FR")
    page = browser.get(f"{PATH}/1").text
    assert "Ville de Vouziers" in page
    assert "Name: Mairie de Vouziers → Ville de Vouziers" in page


def test_who_comes_second_is_told_what_changed_meanwhile(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    path = f"{PATH}/1/edit"
    seen = re.search('name="seen"[^>]*value="([^"]+)"', browser.get(path).text)
    assert seen
    browser.post(path, name="Ville de Vouziers", country="FR", seen=seen[1])
    page = browser.post(path, name="Commune de Vouziers", country="FR", seen=seen[1]).text
    assert "Somebody else changed this meanwhile." in page
    assert "On record now: Ville de Vouziers" in page
    assert 'value="Commune de Vouziers"' in page
    again = re.search('name="seen"[^>]*value="([^"]+)"', page)
    assert again and again[1] != seen[1]
    same = browser.post(path, name="Ville de Vouziers", country="FR", seen=seen[1])
    assert same.status_code == 303, "what is on record is never refused"
    meant = browser.post(path, name="Commune de Vouziers", country="FR", seen=again[1])
    assert meant.status_code == 303
    assert "Ville de Vouziers → Commune de Vouziers" in browser.get(f"{PATH}/1").text


def test_a_contact_is_added_and_changed(registry: str, signed_in: SignIn):
    browser = signed_in(Role.PUBLISHER)
    address = "Hôtel de ville\r\n08400 Vouziers"
    for _twice in range(2):
        browser.post(f"{PATH}/1/contacts/new", name="Luc Noir", postal_address=address)
    ids = contact_ids(registry)
    assert len(ids) == 3
    browser.post(
        f"{PATH}/1/contacts/{ids['luc-noir']}/edit",
        name="Luc Noir",
        email="luc@mairie-vouziers.example",
        postal_address=address,
    )
    with session_on(registry) as session:
        row = session.get_one(ContactRow, ids["luc-noir"])
    assert (row.email, row.postal_address) == (
        "luc@mairie-vouziers.example",
        "Hôtel de ville\n08400 Vouziers",
    )


def test_legal_changes_a_designated_contact_by_letter(
    registry: str, signed_in: SignIn, at: datetime
):
    browser = signed_in(Role.LEGAL)
    path = f"{PATH}/1/contacts/{contact_ids(registry)['dpo']}/edit"
    shown = browser.get(path).text
    assert "designated notice contact of AIG-2024-017" in shown
    moved = {"name": "Jeanne Petit", "email": "dpd@mairie-vouziers.example"}
    page = browser.post(path, **moved).text
    assert "changes by registered letter only. Give the reference of the letter." in page
    assert 'href="#letter_reference"' in page and 'href="#letter_on"' in page
    assert 'value="dpd@mairie-vouziers.example"' in page
    page = browser.post(path, **moved, letter_reference="RK 1", letter_on="2026-02-30").text
    assert "Write the day as year-month-day" in page
    letter = {"letter_reference": "RK 1", "letter_on": at.date().isoformat()}
    for _twice in range(2):
        assert browser.post(path, **moved, **letter).status_code == 303
    with session_on(registry) as session:
        rows = session.scalars(select(AgreementContactRow).order_by(AgreementContactRow.id)).all()
    assert [(x.letter_reference, x.ended_on is None) for x in rows] == [
        ("", False),
        ("", True),
        ("RK 1", True),
    ]
    agreement = browser.get("/desk/agreements/1").text
    assert "Email address: dpo@mairie-vouziers.example → dpd@mairie-vouziers.example" in agreement
    assert "Letter: RK 1" in agreement


def test_a_publisher_changes_of_a_designated_contact_what_designates_nobody(
    registry: str, signed_in: SignIn
):
    browser = signed_in(Role.PUBLISHER)
    path = f"{PATH}/1/contacts/{contact_ids(registry)['dpo']}/edit"
    shown = browser.get(path).text
    assert "Legal records such a letter" in shown
    assert not re.search('name="(name|email|postal_address|letter_reference)"', shown)
    browser.post(path, phone="1", email="evil@elsewhere.example", role_title="DPO")
    with session_on(registry) as session:
        row = session.get_one(ContactRow, contact_ids(registry)["dpo"])
    assert (row.phone, row.role_title, row.email) == ("1", "DPO", "dpo@mairie-vouziers.example")


def test_what_is_not_there_is_not_found(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    browser.post(f"{PATH}/new", name="Other", country="FR")
    dpo = contact_ids(registry)["dpo"]
    for path in ("99", "99/edit", "99/contacts/new", f"2/contacts/{dpo}/edit", "1/contacts/9/edit"):
        assert browser.get(f"{PATH}/{path}").status_code == 404, path
        token = browser.token(f"{PATH}/new")
        answer = browser.post_bare(f"{PATH}/{path}", {"csrf_token": token, "name": "X"})
        assert answer.status_code in (404, 405), path


def test_only_who_may_write_finds_the_forms(registry: str, signed_in: SignIn):
    browser = signed_in(Role.ADMIN)
    for path in ("new", "1/edit", "1/contacts/new", "1/agreements/new"):
        assert browser.get(f"{PATH}/{path}").status_code == 403, path


@pytest.mark.parametrize(
    "typed", ["a\0b", "x" * 6000, "\u202e\u2028\x07", "<script>alert(1)</script>\r\nBcc: a@b"]
)
def test_no_text_breaks_a_form(registry: str, signed_in: SignIn, typed: str):
    browser = signed_in(Role.LEGAL)
    forms = {
        "clients/new": ("name", "country", "key"),
        "clients/1/edit": ("name", "country"),
        "clients/1/contacts/new": ("name", "email", "postal_address", "phone"),
        "clients/1/contacts/1/edit": ("name", "email", "letter_reference", "letter_on"),
        "clients/1/agreements/new": ("reference", "clause", "services", "notice_contacts", "key"),
        "agreements/1/edit": ("reference", "language", "signed_on"),
        "agreements/1/end": ("last_day", "note", "confirmed"),
        "agreements/1/services/new": ("service_id", "from_on"),
        "agreements/1/services/1/end": ("until_on",),
        "agreements/1/contacts/new": ("contact_id", "kind", "clause", "letter_reference", "ends"),
        "agreements/1/contacts/1/end": ("ended_on", "letter_reference"),
    }
    usual = {"name": "N", "country": "FR", "reference": "R", "language": "fr", "kind": "notice"}
    days = {"on": "2026-03-01", "letter_on": "2026-03-01", "ended_on": "2026-03-01"}
    for path, fields in forms.items():
        for field in fields:
            page = f"/desk/{path}"
            response = browser.post(page, **{**usual, **days, field: typed})
            assert response.status_code in (200, 303, 400), (path, field)
            assert "<script" not in response.text, (path, field)
    for path in ("clients", "clients/1", "agreements", "agreements/1"):
        answer = browser.get(f"/desk/{path}")
        assert answer.status_code == 200 and "<script" not in answer.text, path
