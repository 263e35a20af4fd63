"""The world map of the list page: every place of the list, by its weakest basis."""

import re
from datetime import datetime

import pytest

from subnotify.web.map_views import map_class
from subnotify.web.world_map import MapClass
from tests.rules.transfer_samples import CH, in_full, judge
from tests.support.statement import publish_statement
from tests.support.web_client import WebClient


@pytest.fixture
def stated(database_url: str, at: datetime) -> str:
    publish_statement(database_url, at)
    return database_url


def the_map(client: WebClient, query: str = "") -> str:
    page = client.get(f"/?lang=en{query}").text
    return page[page.index('id="map"') : page.index('id="mechanisms"')]


def legend(drawn: str) -> dict[str, str]:
    """The countries of each kind, as the list under the map has them."""
    found = re.findall(r"<strong>(.*?)</strong>(.*?)</div>", drawn[drawn.index("map-legend") :])
    return {label: names.strip() for label, names in found}


def test_every_place_of_the_list_is_on_the_map_by_its_basis(client: WebClient, stated: str):
    drawn = the_map(client)
    assert legend(drawn) == {
        "EU or EEA: no transfer to a third country": "Iceland",
        "adequacy decision": "Japan, Switzerland and United Kingdom",
        "safeguard, such as standard contractual clauses": "India and United States",
        "no data go there": "",
    }
    assert "Japan: adequacy decision 2019/419 (Japan) – Kita Works" in drawn


def test_each_law_has_a_map_of_its_own(client: WebClient, stated: str):
    swiss = the_map(client, "&law=CH_FADP")
    assert legend(swiss)["Switzerland: no transfer abroad"] == "Switzerland"
    assert "Japan" in legend(swiss)["safeguard, such as standard contractual clauses"]
    assert '<strong aria-current="true">Swiss FADP</strong>' in swiss
    assert 'href="/?law=EU_GDPR#map"' in swiss
    # What is no law of this vendor is no law of the map.
    assert legend(the_map(client, "&law=UK_GDPR")) == legend(the_map(client))


def test_the_table_says_everything_that_the_map_says(client: WebClient, stated: str):
    page = client.get("/?lang=en").text
    tables = page[page.index('id="in-force"') : page.index('id="map"')]
    for names in legend(the_map(client)).values():
        for name in re.split(r", | and ", names):
            assert name in tables


def test_a_basis_that_does_not_hold_is_shown_as_the_weakest_kind():
    assert map_class(judge("FR")) is MapClass.HOME
    assert map_class(judge("CH", law=CH)) is MapClass.HOME
    assert map_class(judge("CH")) is MapClass.ADEQUACY
    assert map_class(judge("US", in_full("EU-US-DPF"))) is MapClass.ADEQUACY
    assert map_class(judge("US", in_full("scc_eu_2021_m3"))) is MapClass.SAFEGUARD
    assert map_class(judge("US", in_full("EU-US-PRIVACY-SHIELD"))) is MapClass.LAPSED
    assert map_class(judge("US")) is MapClass.LAPSED
    assert map_class(judge("JP")) is MapClass.LAPSED
