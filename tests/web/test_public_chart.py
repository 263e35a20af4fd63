"""The chart of transfer mechanisms on the page and as data: the statement of seeds row 3."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from subnotify.operations.import_registry import import_registry
from tests.support.statement import STATEMENT, publish_statement
from tests.support.web_client import SettableClock, WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def stated(database_url: str, at: datetime) -> str:
    publish_statement(database_url, at)
    return database_url


def chart_of(page: str, law: str) -> list[list[str]]:
    """The cells of one law's chart as texts, row by row."""
    start = page.index(f"<caption>{law}</caption>")
    body = page[start : page.index("</table>", start)].split("<tbody", 1)[1]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(
                r"<t[hd] role[^>]*?>(.*?)</t[hd]>", row.replace("scope", ""), re.S
            )
        ]
        for row in re.findall(r"<tr role(.*?)</tr>", body.replace('scope="row" ', ""), re.S)
    ]


def mechanism(client: WebClient, code: str | None, use: str) -> Any:
    data = client.get("/subprocessors.json").json
    assert data is not None
    (found,) = [x for x in data["chart"] if (x["mechanism"], x["use"]) == (code, use)]
    return found


def test_the_chart_names_who_rests_on_what_in_which_role(client: WebClient, stated: str):
    rows = {row[0]: row[1:] for row in chart_of(client.get("/?lang=en").text, "EU GDPR")}
    module_3 = "standard contractual clauses 2021/914, module 3 (art. 46(2)(c))"
    module_2 = "standard contractual clauses 2021/914, module 2 (art. 46(2)(c))"
    others = "transfers to subprocessors and recipients"
    assert rows[f"{module_3} {others}"] == [
        "Acme Analytics Incorporated (United States)",
        "– does not apply",
        "",
    ]
    group = rows[f"{module_3} transfers within the group"]
    assert group[0] == "Meridian India Private Limited (India)"
    assert group[2] == (
        "Every company of the group has signed."
        f" Details : {module_3}, transfers within the group"
        f" Document : {module_3}, transfers within the group"
        " effective from 1 Sept 2021 last modified on 3 Jan 2022"
    )
    assert rows[f"{module_2} signed with clients"][:2] == ["applies", "– does not apply"]
    assert rows[f"{module_2} transfers of employees' data".replace("'", "&#39;")][:2] == [
        "– does not apply",
        "Meridian Payroll Inc. (United States)",
    ]
    assert "Agreement between the employers transfers of employees&#39; data" in rows


def test_a_certification_that_was_struck_down_says_since_when_and_by_what_it_was_replaced(
    client: WebClient, stated: str
):
    page = client.get("/?lang=en").text
    (shield,) = [x for x in chart_of(page, "EU GDPR") if "Privacy Shield" in x[0]]
    assert shield[0] == (
        "EU-U.S. Privacy Shield (2016/1250) the vendor&#39;s own certification lapsed on"
        " 16 July 2020 replaced by: standard contractual clauses 2021/914, module 3 (art. 46(2)(c))"
    )
    assert shield[1:3] == ["applied", "applied"]
    assert "Certified personal data from the EEA" in shield[3]
    assert 'href="https://meridian.example/privacy-shield"' in page
    assert 'href="https://meridian.example/privacy-shield.pdf"' in page


def test_the_swiss_certification_is_never_inferred(client: WebClient, stated: str):
    page = client.get("/?lang=en").text
    assert all("Privacy Shield" not in row[0] for row in chart_of(page, "Swiss FADP"))
    data = client.get("/subprocessors.json").json
    assert data is not None
    shields = [x for x in data["chart"] if "SHIELD" in (x["mechanism"] or "")]
    assert [x["law"] for x in shields] == ["EU_GDPR"]


def test_the_chart_is_told_in_french(client: WebClient, stated: str):
    page = client.get("/?lang=fr").text
    assert "Chaque société du groupe a signé." in page
    assert "Convention entre employeurs" in page
    assert "Every company" not in page


def test_the_chart_is_given_as_data(client: WebClient, stated: str):
    shield = mechanism(client, "EU-US-PRIVACY-SHIELD", "self_certification")
    assert (shield["law"], shield["number"]) == ("EU_GDPR", "2016/1250")
    assert (shield["effective_on"], shield["modified_on"]) == ("2016-09-30", "2021-06-28")
    assert (shield["lapsed_on"], shield["replaced_by"]) == ("2020-07-16", "scc_eu_2021_m3")
    assert shield["document"] == "https://meridian.example/privacy-shield.pdf"
    assert shield["comment"]["fr"].startswith("Certifiait")
    group = mechanism(client, "scc_eu_2021_m3", "intercompany")
    assert group["processor"] == {
        "applies": True,
        "entries": [{"key": "meridian-in", "places": ["IN"], "lapsed_on": None}],
    }
    assert group["controller"] == {"applies": False, "entries": []}
    own = mechanism(client, None, "hr")
    assert own["name"]["fr"] == "Convention entre employeurs"
    data = client.get("/subprocessors.json").json
    assert data is not None
    assert data["chart_modified_on"] == "2026-03-02"


def test_a_mechanism_stated_anew_changes_page_and_dates(
    client: WebClient, stated: str, clock: SettableClock
):
    tag = {"If-None-Match": client.get("/?lang=en").headers["ETag"]}
    clock.at = datetime(2026, 4, 7, 8, tzinfo=UTC)
    changed = STATEMENT.replace(b"On a client's request.", b"On request within a week.").replace(
        b"document_url: https://meridian.example/scc-clients.pdf\n      modified_on: 2022-01-03",
        b"document_url: https://meridian.example/scc-clients.pdf",
    )
    with session_on(stated) as session:
        import_registry(session, changed, by="paul", at=clock.at, zone=PARIS)
    after = client.get("/?lang=en", headers=tag)
    assert after.status_code == 200
    assert "On request within a week." in after.text
    assert "last modified on 7 Apr 2026" in after.text
    assert "this chart was last modified on 7 April 2026" in after.text
    assert mechanism(client, "scc_eu_2021_m2", "clients")["modified_on"] == "2026-04-07"
    with session_on(stated) as session:
        report = import_registry(session, changed, by="paul", at=clock.at, zone=PARIS)
    assert report.changes == 0


def test_nothing_rests_on_a_mechanism_where_all_stay_at_home(
    client: WebClient, database_url: str, at: datetime
):
    publish_statement(database_url, at, _HOME)
    page = client.get("/?lang=en").text
    assert 'id="mechanisms"' not in page
    data = client.get("/subprocessors.json").json
    assert data is not None
    assert data["chart"] == []


_HOME = b"""
vendor: {name: Meridian Software, contact_email: privacy@meridian.example}
services: [{key: suite, name: Suite}]
subprocessors:
  - key: nordur
    name: Nordur
    address: Laugavegur 1, Reykjavik
    contact: privacy@nordur.example
    activities: {en: Hosting, fr: Hebergement}
    services: [suite]
    data_categories: {en: Names, fr: Noms}
    in_use_since_on: 2022-02-02
    locations: [{country: IS, kind: establishment}]
"""
