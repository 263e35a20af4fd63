"""What the pages say to the public of the real vendors of rows 2, 3 and 4, in both languages.

The chart of row 3 stands in test_public_chart, a lapse in test_public_lapses, the countries that
an agreement does not allow in the golden mails.
"""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
import yaml

from subnotify.rules.words import Role
from tests.operations.seed_lists import MODULE_3, alone, completed, entry_of, seat
from tests.support.imports import bring
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.statement import STATEMENT, publish_statement
from tests.support.web_client import WebClient, session_on

LANGUAGES = ("en", "fr")
# Identity, address and purpose in both languages, as the vendor published them.
SIX = {
    "PIPEDRIVE": ("New York, US", "CRM", "Gestion de la relation client (CRM)"),
    "OVHcloud": ("59053 Roubaix Cedex 1", "SMS credits for notifications", "Crédits SMS pour les"),
    "IONOS": ("7 place de la Gare, 57200 Sarreguemines", "Hosting", "Hébergement"),
    "Sentry": ("45 Fremont Street", "Application logs", "collecte des journaux applicatifs"),
    "HUBSPOT": ("Cambridge, Massachusetts", "Marketing email sending tool", "prospection"),
    "ZENDESK": ("1019 Market St", "Customer ticket tracking", "Suivi des tickets"),
}


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def listed(client: WebClient, language: str) -> str:
    """The text of the list in force, without map and chart."""
    page = client.get(f"/?lang={language}").text
    return words(page[page.index('id="in-force"') : page.index('id="map"')])


@pytest.mark.parametrize("language", LANGUAGES)
def test_row_2_the_list_has_identity_address_and_purpose(
    client: WebClient, database_url: str, at: datetime, language: str
):
    publish_statement(database_url, at, sample(COMPLETED_LIST))
    text = listed(client, language)
    for name, (address, english, french) in SIX.items():
        for said in (name, address, english if language == "en" else french):
            assert said in text, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_row_2_the_desk_refuses_the_list_and_names_the_four(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient], language: str
):
    with session_on(database_url) as session:
        bring(session, sample(PUBLISHED_LIST), at)
    publisher = signed_in(Role.PUBLISHER)
    publisher.get(f"/desk/registry?lang={language}")
    refused = publisher.post("/desk/registry/publish", "/desk/registry")
    assert refused.status_code == 422
    summary = refused.text.split('class="error-summary"')[1].split("<h1>")[0]
    country = "United States" if language == "en" else "États-Unis"
    parts = {name: summary.split(f"<h3>{name}</h3>")[1].split("<h3>")[0] for name in SIX}
    assert {name for name, part in parts.items() if country in part} == {
        *("PIPEDRIVE", "Sentry", "HUBSPOT", "ZENDESK"),
    }
    # Each gap leads to the field that mends it.
    for name in ("PIPEDRIVE", "Sentry", "HUBSPOT", "ZENDESK"):
        assert re.search(r'href="[^"]*/locations/1#EU_GDPR"', parts[name]), name
    public = publisher.get("/").text
    assert not any(name in public for name in SIX)


@pytest.mark.parametrize("language", LANGUAGES)
def test_row_3_authority_contact_and_dates_are_on_the_page(
    client: WebClient, database_url: str, at: datetime, language: str
):
    publish_statement(database_url, at, STATEMENT)
    page = client.get(f"/?lang={language}").text
    text = words(page)
    march = "March" if language == "en" else "mars"
    for said in (
        "CNIL",
        "3 place de Fontenoy, 75007 Paris",
        "Privacy Office",
        "privacy@meridian.example",
        f"2 {march} 2026",
    ):
        assert said in text, said
    assert 'href="https://www.cnil.fr"' in page
    # Since when each entry is on the list, and from when each mechanism counts.
    assert text.count("2 Feb 2022" if language == "en" else "2 févr. 2022") >= 5
    assert ("30 Sept 2016" if language == "en" else "30 sept. 2016") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_row_4_swiss_and_european_law_stand_side_by_side(
    client: WebClient, database_url: str, at: datetime, language: str
):
    data = alone(completed("CH_FADP", "EU_GDPR"), "ovhcloud")
    data["vendor"].update(country="CH", authority_name="PFPDT", authority_website="")
    swiss = {**MODULE_3, "law": "CH_FADP", "code": "ch_scc", "module": "3", "evidence": {}}
    japan = {"law": "EU_GDPR", "code": "EU-JP", "conditions": "all"}
    entry_of(data, "ovhcloud")["locations"] = [
        seat("CH"),
        seat("CH", kind="hosting"),
        seat("JP", japan, swiss, kind="support"),
    ]
    publish_statement(database_url, at, yaml.safe_dump(data, allow_unicode=True).encode())
    text = listed(client, language)
    assert ("Switzerland" if language == "en" else "Suisse") in text
    assert ("Japan" if language == "en" else "Japon") in text
    assert "2019/419" in text and "2000/518" in text
    found = client.get("/subprocessors.json").json
    assert found is not None
    worth = [
        {x["law"]: (x["lawful"], x["instrument"]) for x in place["transfers"]}
        for place in found["entries"][0]["locations"]
    ]
    home = {"CH_FADP": ("yes", None), "EU_GDPR": ("yes", "EU-CH")}
    assert worth == [home, home, {"CH_FADP": ("yes", "ch_scc"), "EU_GDPR": ("yes", "EU-JP")}]
