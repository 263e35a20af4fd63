"""What the vendors of seeds.md need of the public list, cell by cell of its table.

The chart of row 3 is in test_public_chart.py, the basis that lapses in test_public_lapses.py.
"""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.errors import ProblemsFound
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.statement import PARIS, STATEMENT, publish_statement
from tests.support.web_client import WebClient, session_on

# Row 2: identity, address, purpose, as that vendor publishes them.
PUBLISHED = (
    ("PIPEDRIVE", "New York, US", "CRM"),
    (
        "OVHcloud",
        "2 rue Kellermann, BP 80157, 59053 Roubaix Cedex 1, France",
        "SMS credits for notifications; database storage of information collected through"
        " monitoring",
    ),
    ("IONOS", "7 place de la Gare, 57200 Sarreguemines, France", "Hosting"),
    (
        "Sentry",
        "45 Fremont Street, 8th Floor, San Francisco, CA 94105",
        "Application logs collection tool",
    ),
    ("HUBSPOT", "Cambridge, Massachusetts, United States", "Marketing email sending tool"),
    (
        "ZENDESK",
        "1019 Market St, San Francisco, CA 94103",
        "Customer ticket tracking and knowledge base",
    ),
)
AMERICANS = ("hubspot", "pipedrive", "sentry", "zendesk")

# Row 4: a processor under Swiss law whose data centres are in Switzerland.
SWISS = b"""
vendor: {name: Jura Informatique SA, country: CH, contact_email: lpd@jura.example, laws: [CH_FADP]}
services: [{key: infogerance, name: Infog\xc3\xa9rance}]
subprocessors:
  - key: zug
    name: Zuger Rechenzentrum AG
    address: Bahnhofstrasse 1, 6300 Zug, Suisse
    contact: datenschutz@zug.example
    activities: {en: Data centre, fr: Centre de donn\xc3\xa9es}
    services: [infogerance]
    data_categories: {en: Hosted data, fr: Donn\xc3\xa9es h\xc3\xa9berg\xc3\xa9es}
    in_use_since_on: 2024-01-01
    locations: [{country: CH, kind: establishment}, {country: CH, kind: hosting}]
"""
# Row 5: a controller only.
CONTROLLER = b"""
vendor:
  name: Fanal Marketing
  contact_name: Service donn\xc3\xa9es
  contact_email: donnees@fanal.example
  contact_address: 2 quai des Brumes, 29200 Brest
  authority_name: CNIL
  authority_address: 3 place de Fontenoy, 75007 Paris
  authority_website: https://www.cnil.fr
services: [{key: site, name: Site}]
subprocessors:
  - key: routeur
    name: Routeur SAS
    role: controller
    address: 1 rue du Phare, 29200 Brest
    contact: dpo@routeur.example
    activities: {en: Sends the newsletter, fr: Envoie la lettre}
    services: [site]
    data_categories: {en: Email addresses, fr: Adresses \xc3\xa9lectroniques}
    in_use_since_on: 2024-01-01
    locations: [{country: FR, kind: establishment}]
"""


def seen(client: WebClient, path: str = "/?lang=en") -> str:
    """What of a page is text."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).split()))


def entries_of(client: WebClient) -> list[dict[str, Any]]:
    data = client.get("/subprocessors.json").json
    assert data is not None
    return list(data["entries"])


@pytest.fixture
def completed(database_url: str, at: datetime) -> str:
    publish_statement(database_url, at, sample(COMPLETED_LIST))
    return database_url


def test_row_2_list_with_identity_address_purpose_public(client: WebClient, completed: str):
    page = seen(client)
    for identity, address, purpose in PUBLISHED:
        assert identity in page
        assert address in page
        assert purpose in page
    listed = {entry["name"]: entry for entry in entries_of(client)}
    for identity, address, purpose in PUBLISHED:
        assert listed[identity]["address"] == address
        assert listed[identity]["activities"]["en"] == purpose


def test_row_2_establishment_and_transfer_basis_blocking_otherwise(
    client: WebClient, database_url: str, at: datetime
):
    with session_on(database_url) as session:
        given: dict[str, Any] = {"by": "paul", "at": at, "zone": PARIS}
        import_registry(session, sample(PUBLISHED_LIST), **given)
        with pytest.raises(ProblemsFound) as refused:
            publish_list(session, **given)
    without = {x.where.partition(".")[0] for x in refused.value.problems if ".locations" in x.where}
    assert set(AMERICANS) <= without
    assert "not published yet" in seen(client)
    assert all(name not in seen(client) for name, _, _ in PUBLISHED)


def test_row_2_each_seat_shows_its_eu_adequacy_or_art_46_basis(client: WebClient, completed: str):
    for entry in entries_of(client):
        (seat,) = [x for x in entry["locations"] if x["kind"] == "establishment"]
        eu = seat["transfers"][0]
        assert (eu["law"], eu["lawful"]) == ("EU_GDPR", "yes")
        module = "2" if entry["vendor_role"] == "controller" else "3"
        expected = f"scc_eu_2021_m{module}" if entry["key"] in AMERICANS else None
        assert eu["instrument"] == expected, entry["key"]


def test_rows_2_to_5_vendors_role_per_entry(client: WebClient, completed: str):
    page = client.get("/?lang=en").text
    recipients = page[page.index('id="recipients"') : page.index('id="map"')]
    processors = page[page.index('id="in-force"') : page.index('id="recipients"')]
    for entry in entries_of(client):
        is_recipient = entry["vendor_role"] == "controller"
        assert is_recipient == (entry["key"] in ("pipedrive", "hubspot"))
        shown, other = (recipients, processors) if is_recipient else (processors, recipients)
        assert f'id="entry-{entry["key"]}"' in shown
        assert f'id="entry-{entry["key"]}"' not in other
    assert "no objection window runs for them" in recipients


def test_row_3_exporter_law_beyond_the_eu(client: WebClient, database_url: str, at: datetime):
    publish_statement(database_url, at)
    acme = next(x for x in entries_of(client) if x["key"] == "acme")
    laws = {x["law"]: x["instrument"] for x in acme["locations"][0]["transfers"]}
    assert laws == {"EU_GDPR": "scc_eu_2021_m3", "CH_FADP": "ch_scc"}
    page = seen(client)
    assert "EU GDPR Swiss FADP" in page


def test_row_4_a_vendor_under_swiss_law_alone(client: WebClient, database_url: str, at: datetime):
    publish_statement(database_url, at, SWISS)
    page = seen(client, "/?lang=en")
    assert "Switzerland (seat, hosting) no transfer abroad" in page
    assert "GDPR" not in page
    assert "Centre de données" in seen(client, "/?lang=fr")


def test_uk_law_for_completeness(client: WebClient, database_url: str, at: datetime):
    laws = SWISS.replace(b"laws: [CH_FADP]", b"laws: [EU_GDPR, CH_FADP, UK_GDPR]")
    publish_statement(database_url, at, laws)
    page = seen(client)
    assert "EU GDPR Swiss FADP UK GDPR" in page
    assert (
        "adequacy decision 2000/518/EC (Switzerland) no transfer abroad"
        " Switzerland (DPA 2018 Sch. 21 para. 5)"
    ) in page


@pytest.mark.parametrize("source", [STATEMENT, CONTROLLER], ids=["row 3", "row 5"])
def test_rows_3_and_5_authority_contact_dates_and_history(
    client: WebClient, database_url: str, at: datetime, source: bytes
):
    publish_statement(database_url, at - timedelta(days=1), source)
    page = seen(client)
    assert "Supervisory authority CNIL 3 place de Fontenoy, 75007 Paris" in page
    assert "Data-protection contact" in page
    assert "Last change of the list: 1 March 2026 at 09:00 (Europe/Paris)" in page
    history = seen(client, "/history?lang=en")
    assert "1 March 2026 The list was published with" in history


def test_row_3_effective_and_last_modified_dates(
    client: WebClient, database_url: str, at: datetime
):
    publish_statement(database_url, at)
    page = seen(client)
    assert "The list is published since 2 March 2026" in page
    assert "this chart was last modified on 2 March 2026" in page
    assert "effective from 30 Sept 2016 last modified on 28 Jun 2021" in page


def test_row_5_no_tracker_is_set(client: WebClient, database_url: str, at: datetime):
    publish_statement(database_url, at, CONTROLLER)
    answer = client.get("/")
    assert "Set-Cookie" not in answer.headers
    assert "No subprocessor processes clients' data." in seen(client)
    assert "Routeur SAS" in seen(client)
