"""Every public fact of an entry is on the page and in the data, and nothing internal is."""

import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from subnotify.rules.words import Role
from subnotify.storage.tables import ListEntryRow, SubprocessorRow
from tests.support.statement import STATEMENT, publish_statement
from tests.support.web_client import SettableClock, WebClient, session_on

EUR_LEX = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:"


@pytest.fixture
def stated(database_url: str, at: datetime) -> str:
    """The list of a vendor under two export laws."""
    publish_statement(database_url, at)
    return database_url


def row(page: str, row_id: str) -> str:
    """A row of the list with what belongs to it: up to the next entry."""
    start = page.index(f' id="{row_id}"') + 1
    following = re.compile(r' id="(entry-|phased-out-|recipients|map")').search(page, start)
    assert following is not None
    return page[start : following.start()]


def words(html: str) -> str:
    """What of it is text."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def entry_of(client: WebClient, key: str) -> Any:
    data = client.get("/subprocessors.json").json
    assert data is not None
    return next(entry for entry in data["entries"] if entry["key"] == key)


def test_a_full_entry_says_everything_that_is_public(client: WebClient, stated: str):
    acme = row(client.get("/?lang=en").text, "entry-acme")
    for said in (
        "Acme Analytics Incorporated",
        "trading as Acme",
        "1 Main Street, Boston, MA 02108, United States",
        "mailto:privacy@acme.example",
        "https://acme.example",
        "0400-1234567",
        "Acme Holdings Inc.",
        'href="https://acme.example/subprocessors"',
        'href="https://acme.example/dpa"',
        "Usage statistics",
        "for Meridian Suite",
        "Names and health data",
        "Persons concerned: patients",
        "special categories of data",
        "2 Feb 2022",
    ):
        assert said in acme, said
    assert "data of employees" not in acme


def test_the_data_of_a_full_entry_say_the_same(client: WebClient, stated: str):
    acme = entry_of(client, "acme")
    assert (acme["trading_name"], acme["company_number"]) == ("Acme", "0400-1234567")
    assert (acme["parent"], acme["affiliate"]) == ("Acme Holdings Inc.", False)
    assert acme["list_url"] == "https://acme.example/subprocessors"
    assert acme["agreement_url"] == "https://acme.example/dpa"
    assert acme["data_subjects"] == {"en": "patients", "fr": "patients"}
    assert (acme["special_categories"], acme["employees_data"]) == (True, False)
    assert acme["engaged_by"] is None
    assert entry_of(client, "payroll")["employees_data"] is True


def test_place_in_the_chain_group_and_employees_data_are_seen(client: WebClient, stated: str):
    page = client.get("/?lang=en").text
    kita = row(page, "entry-kita")
    assert "engaged by" in kita
    assert '<a href="#entry-acme">Acme Analytics Incorporated</a>' in kita
    assert entry_of(client, "kita")["engaged_by"] == "acme"
    assert "Belongs to the vendor's group" in unescape(row(page, "entry-meridian-in"))
    assert "data of employees" in row(page, "entry-payroll")


def test_contract_records_and_internal_notes_are_never_public(client: WebClient, stated: str):
    with session_on(stated) as session:
        session.execute(update(SubprocessorRow).values(internal_notes="Renegotiate in May"))
        session.commit()
    page, data = client.get("/").text, client.get("/subprocessors.json").text
    for said in ("Renegotiate", "TIA-7", "2022-02-01", "annex_version", "1 Feb 2022"):
        assert said not in page, said
        assert said not in data, said


def test_each_export_law_has_a_column_of_its_own(client: WebClient, stated: str):
    page = client.get("/?lang=en").text
    kita = row(page, "entry-kita")
    for law in ("EU GDPR", "Swiss FADP"):
        assert f'<th scope="col" role="columnheader">{law}</th>' in kita
    assert "UK GDPR" not in page
    cells = re.findall(r'<td role="cell" data-label="(.*?)">(.*?)</td>', kita, re.DOTALL)
    by_law = {law: words(cell) for law, cell in cells if law.endswith(("GDPR", "FADP"))}
    # Japan is adequate for the EU and not for Switzerland.
    assert by_law["EU GDPR"] == "adequacy decision 2019/419 (Japan)"
    assert by_law["Swiss FADP"].startswith(
        "EU standard contractual clauses 2021/914 with the Swiss"
    )


def test_with_one_law_no_column_is_named_after_it(
    client: WebClient, database_url: str, at: datetime
):
    source = STATEMENT.replace(b"laws: [EU_GDPR, CH_FADP]", b"laws: [EU_GDPR]")
    publish_statement(database_url, at, source)
    page = client.get("/?lang=en").text
    listed = page[page.index('id="in-force"') : page.index('id="map"')]
    assert "GDPR" not in listed
    assert "FADP" not in listed
    assert "adequacy decision 2019/419 (Japan)" in listed


def test_each_basis_states_its_number_and_links_to_its_text(client: WebClient, stated: str):
    page = client.get("/?lang=en").text
    acme, nordur = row(page, "entry-acme"), row(page, "entry-nordur")
    assert f'<a href="{EUR_LEX}32021D0914" rel="noreferrer">standard contractual clauses' in acme
    assert f'<a href="{EUR_LEX}32000D0518" rel="noreferrer">adequacy decision 2000/518/EC' in acme
    assert "no transfer abroad" in acme
    assert 'href="https://www.fedlex.admin.ch/eli/cc/2022/568/en"' in nordur
    assert "until 27 Dec 2031" in nordur
    french = client.get("/?lang=fr").text
    assert "legal-content/FR/TXT/?uri=CELEX:32021D0914" in french
    (transfer, _) = entry_of(client, "kita")["locations"][0]["transfers"]
    assert (transfer["number"], transfer["address"]) == ("2019/419", f"{EUR_LEX}32019D0419")


def test_the_eea_that_is_not_the_eu_is_shown_apart(client: WebClient, stated: str):
    nordur = row(client.get("/?lang=en").text, "entry-nordur")
    assert "EEA, not EU: no transfer to a third country" in nordur
    flags = [
        transfer["eea_not_eu"]
        for place in entry_of(client, "nordur")["locations"]
        for transfer in place["transfers"]
    ]
    assert flags == [True, True, False, False]


def test_two_entries_of_one_subprocessor_have_ids_of_their_own(client: WebClient, stated: str):
    with session_on(stated) as session:
        acme = session.scalars(
            select(ListEntryRow).join(SubprocessorRow).where(SubprocessorRow.key == "acme")
        ).one()
        for day in (date(2025, 5, 1), date(2025, 6, 1)):
            session.add(
                ListEntryRow(
                    subprocessor_id=acme.subprocessor_id,
                    facts=acme.facts,
                    in_force_from_on=date(2021, 1, 1),
                    phased_out_from_on=day,
                    published_at=acme.published_at,
                )
            )
        session.commit()
    page = client.get("/?lang=en").text
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert ids.index("entry-acme") < ids.index("phased-out-acme") < ids.index("phased-out-acme:2")
    assert "phased out from 1 May 2025" in page
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(ids)


def test_a_message_told_once_is_not_kept_for_others(
    client: WebClient, stated: str, signed_in: Any, clock: SettableClock
):
    browser = signed_in(Role.LEGAL)
    left = browser.post("/sign-out", "/")
    assert left.status_code == 303
    told = browser.get("/?lang=en")
    if "You are signed out" in told.text:
        assert told.headers["Cache-Control"] == "no-store"
        assert "ETag" not in told.headers
    assert "You are signed out" not in client.get("/?lang=en").text
