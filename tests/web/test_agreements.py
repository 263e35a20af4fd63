"""The page of agreements: who, what, how to reach them, and whether dates can be computed."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from subnotify.operations.import_registry import import_registry
from subnotify.rules.words import Role
from tests.support.samples import EXAMPLE, sample
from tests.support.web_client import WebClient, session_on

PATH = "/desk/agreements"


def bring(url: str, source: bytes, at: datetime) -> None:
    with session_on(url) as session:
        import_registry(session, source, by="paul", at=at, zone=ZoneInfo("Europe/Paris"))


def test_an_agreement_with_its_contacts_and_terms(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    browser = signed_in(Role.LEGAL)
    assert "No agreements yet" in browser.get(PATH).text
    bring(database_url, sample(EXAMPLE), at)
    page = browser.get(PATH).text
    for said in (
        "Mairie de Vouziers",
        "AIG-2024-017",
        'href="/desk/agreements/1"',
        'href="/desk/clients/1"',
        "Argonne Assistance and Argonne Veille",
        "Jeanne Petit",
        "dpo@mairie-vouziers.example",
        "copy contact",
        "computable",
    ):
        assert said in page, said


def test_terms_that_are_unknown_or_cannot_be_computed_say_so(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    source = sample(EXAMPLE)
    bring(database_url, source[: source.index(b"    # What the agreement says")], at)
    browser = signed_in(Role.PUBLISHER)
    assert "terms unknown" in browser.get(PATH).text
    bring(database_url, source.replace(b"[recipient_server, acknowledgement]", b"[]"), at)
    page = browser.get(PATH).text
    assert "cannot be computed" in page
    assert "nobody has chosen yet what proves receipt" in page


def test_many_agreements_come_in_pages(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    lines = ["vendor: {name: V, contact_email: d@v.example}", "clients:"]
    lines += [f"  - {{key: c{n:03}, name: Client {n:03}, country: FR}}" for n in range(120)]
    lines += ["agreements:"]
    lines += [
        f"  - {{key: a{n:03}, client: c{n:03}, reference: R{n:03}, language: en}}"
        for n in range(120)
    ]
    bring(database_url, "\n".join(lines).encode(), at)
    browser = signed_in(Role.ADMIN)
    first, last = browser.get(PATH).text, browser.get(f"{PATH}?page=3").text
    assert "R000" in first and "R049" in first and "R050" not in first
    assert "R100" in last and "R119" in last and "R099" not in last
    assert "Page 3 of 3, 120 agreements" in last
    assert browser.get(f"{PATH}?page=99").text.count("R1") == browser.get(
        f"{PATH}?page=3"
    ).text.count("R1")
    assert browser.get(f"{PATH}?page=x").status_code == 200
    found = browser.get(f"{PATH}?search=r01").text
    assert "R010" in found and "R020" not in found and "10 agreements" in found
    assert "R077" in browser.get(f"{PATH}?search=client+077").text
    assert "No agreement has “%”" in browser.get(f"{PATH}?search=%25").text
