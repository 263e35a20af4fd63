"""The public list: what it says, in both languages, as data, and how it is cached."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from subnotify.storage.tables import ChangeRow, ListEntryRow, ReleaseRow, SubprocessorRow
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.web_client import SettableClock, WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
NEW_ENTRY = b"""
subprocessors:
  - key: alpine
    name: Alpine Backup AG
    address: Seestrasse 1, 8580 Amriswil, Switzerland
    contact: datenschutz@alpine.example
    activities: {en: Backups, fr: Sauvegardes}
    services: [hebergement]
    data_categories: {en: All hosted data, fr: Toutes les donn\xc3\xa9es}
    locations:
      - {country: CH, kind: establishment, basis: {kind: adequacy, reference: 2000/518/EC}}
    replaces: ionos
"""


@pytest.fixture
def published(database_url: str, at: datetime) -> str:
    """The completed sample list, published a day before `at`."""
    with session_on(database_url) as session:
        given: dict[str, Any] = {"by": "paul", "at": at - timedelta(days=1), "zone": PARIS}
        import_registry(session, sample(COMPLETED_LIST), **given)
        publish_list(session, **given)
    return database_url


def announce(url: str, at: datetime, entry: bytes = NEW_ENTRY) -> None:
    """A released replacement that has not commenced."""
    with session_on(url) as session:
        import_registry(session, entry, by="paul", at=at, zone=PARIS)
        change = session.scalars(select(ChangeRow)).one()
        release = ReleaseRow(
            number="2026-001",
            state="released",
            reason={},
            paragraph={},
            commencement_on=date(2026, 5, 4),
            drafted_by="paul",
            drafted_at=at,
            released_at=at,
        )
        session.add(release)
        session.flush()
        subprocessor = session.get_one(SubprocessorRow, change.subprocessor_id)
        change.facts, change.state = subprocessor.draft_facts, "released"
        change.release_id, change.position = release.id, 1
        change.commencement_on = date(2026, 5, 4)
        session.commit()


def test_before_the_first_import_and_publication_the_page_says_so(
    client: WebClient, database_url: str, at: datetime
):
    assert "not published yet" in client.get("/?lang=en").text
    with session_on(database_url) as session:
        import_registry(session, sample(PUBLISHED_LIST), by="paul", at=at, zone=PARIS)
    page = client.get("/")
    assert page.status_code == 200
    assert "PIPEDRIVE" not in page.text
    assert client.get("/subprocessors.json").json == {
        "format": "subnotify-list-2",
        "published": False,
        "entries": [],
        "announced": [],
    }


def test_each_entry_says_everything(client: WebClient, published: str):
    page = client.get("/?lang=en").text
    for said in (
        "Sentry",
        "45 Fremont Street, 8th Floor, San Francisco, CA 94105",
        "protection.donnees@sentry.example",
        "Application logs collection tool",
        "for Argonne Veille and Argonne Hébergement",
        "Email addresses and technical identifiers",
        "United States",
        "standard contractual clauses 2021/914, module 3 (art. 46(2)(c))",
        "1 Mar 2023",
        "also: 1&amp;1 IONOS, UNETUN, UN-ET-UN, 1ET1, ONEANDONE",
        "Claire Mercier",
        "CNIL",
        "3 place de Fontenoy",
        "1 March 2026 at 09:00 (Europe/Paris)",
        "Recipients",
        "invented for the demonstration",
    ):
        assert said in page, said
    assert page.index("Sentry") < page.index("Recipients") < page.index("HUBSPOT")


def test_in_french_the_texts_and_countries_are_french(client: WebClient, published: str):
    page = client.get("/?lang=fr").text
    assert "Outil de collecte des journaux applicatifs" in page
    assert "États-Unis" in page
    assert "Application logs" not in page


def test_what_is_announced_stands_apart_with_its_day(
    client: WebClient, published: str, at: datetime
):
    announce(published, at)
    page = client.get("/?lang=en").text
    assert "Alpine Backup AG will replace IONOS for Argonne Hébergement" in page
    assert "Monday 4 May 2026" in page
    assert "adequacy decision 2000/518/EC (Switzerland)" in page
    assert page.index("Alpine Backup AG") < page.index('id="in-force"') < page.index(">IONOS<")
    assert "Alpine" not in page[page.index('id="in-force"') :]


def test_the_list_is_that_of_the_vendors_day(
    client: WebClient, published: str, clock: SettableClock
):
    with session_on(published) as session:
        entry = session.scalars(
            select(ListEntryRow).join(SubprocessorRow).where(SubprocessorRow.key == "ionos")
        ).one()
        entry.in_force_until_on = date(2026, 3, 4)
        session.commit()
    midnight = datetime(2026, 3, 4, tzinfo=PARIS)
    clock.at = midnight - timedelta(seconds=1)
    assert "Sarreguemines" in client.get("/").text
    clock.at = midnight
    assert "Sarreguemines" not in client.get("/").text


def test_the_data_say_the_same(client: WebClient, published: str, at: datetime):
    announce(published, at)
    data = client.get("/subprocessors.json").json
    assert data is not None
    assert (data["format"], data["published"], data["version"]) == ("subnotify-list-2", True, 1)
    assert data["last_changed_at"] == "2026-03-01T08:00:00Z"
    assert data["vendor"]["supervisory_authority"]["name"] == "CNIL"
    assert data["vendor"]["demonstration"] is True
    names = [entry["name"] for entry in data["entries"]]
    assert names == ["HUBSPOT", "IONOS", "OVHcloud", "PIPEDRIVE", "Sentry", "ZENDESK"]
    sentry = data["entries"][4]
    assert sentry["activities"]["fr"] == "Outil de collecte des journaux applicatifs"
    assert sentry["vendor_role"] == "processor"
    assert sentry["in_force_since"] == "2023-03-01"
    transfer = sentry["locations"][0]["transfers"][0]
    assert (transfer["law"], transfer["lawful"]) == ("EU_GDPR", "yes")
    assert transfer["instrument"] == "scc_eu_2021_m3"
    assert set(transfer["words"]) == {"en", "fr"}
    (announced,) = data["announced"]
    assert (announced["kind"], announced["replaces"]) == ("replacement", "ionos")
    assert announced["commences_on"] == "2026-05-04"
    assert announced["entry"]["key"] == "alpine"


@pytest.mark.parametrize("path", ["/", "/subprocessors.json"])
def test_an_unchanged_list_is_not_sent_again(
    client: WebClient, published: str, at: datetime, path: str
):
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=0"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    announce(published, at)
    changed = client.get(path, headers=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_page_of_each_language_has_a_validator_of_its_own(client: WebClient, published: str):
    english = client.get("/", headers={"Accept-Language": "en"}).headers["ETag"]
    french = client.get("/", headers={"Accept-Language": "fr", "If-None-Match": english})
    assert french.status_code == 200
    assert french.headers["ETag"] != english


def test_the_page_of_an_operator_is_never_cached(published: str, signed_in: Any):
    browser = signed_in(Role.LEGAL)
    page = browser.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    assert "ETag" not in page.headers
