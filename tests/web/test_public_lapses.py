"""A basis that ended is seen on the public list the same day, and nothing is hidden for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from subnotify.operations.import_registry import import_registry
from subnotify.operations.load_transfer_reference import store_reference
from subnotify.operations.publish_list import publish_list
from subnotify.resources import transfer_reference_file
from subnotify.storage.tables import VendorRow
from tests.support.samples import COMPLETED_LIST, sample
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.test_public import announce

PARIS = ZoneInfo("Europe/Paris")
LAST_DAY = datetime(2020, 7, 15, 8, tzinfo=UTC)
SHIELDED = b"""
vendor: {name: Meridian Software, country: FR, contact_email: privacy@meridian.example,
  laws: %s}
services: [{key: suite, name: Suite}]
subprocessors:
  - key: acme
    name: Acme Analytics Inc.
    address: 1 Main Street, Boston, US
    contact: privacy@acme.example
    activities: {en: Statistics, fr: Statistiques}
    services: [suite]
    data_categories: {en: Names, fr: Noms}
    in_use_since_on: 2019-01-01
    locations:
      - country: US
        kind: establishment
        bases:
          - law: EU_GDPR
            code: EU-US-PRIVACY-SHIELD
            conditions: all
            list_entry: {entity: Acme Analytics Inc., lists: [EU-U.S.], covered_data: [non_hr],
              checked_on: 2020-06-01}
          - law: CH_FADP
            code: CH-US-PRIVACY-SHIELD
            conditions: all
            list_entry: {entity: Acme Analytics Inc., lists: [Swiss-U.S.], covered_data: [non_hr],
              checked_on: 2020-06-01}
"""


def publish(url: str, source: bytes, at: datetime) -> None:
    with session_on(url) as session:
        given: dict[str, Any] = {"by": "paul", "at": at, "zone": PARIS}
        import_registry(session, source, **given)
        publish_list(session, **given)


@pytest.fixture
def shielded(database_url: str) -> str:
    publish(database_url, SHIELDED % b"[EU_GDPR]", LAST_DAY - timedelta(days=10))
    return database_url


def test_an_entry_on_privacy_shield_lapses_overnight_and_stays_on_the_list(
    client: WebClient, shielded: str, clock: SettableClock
):
    clock.at = LAST_DAY
    before = client.get("/?lang=en")
    assert "EU-U.S. Privacy Shield (2016/1250)" in before.text
    assert "lapsed" not in before.text
    clock.at = datetime(2020, 7, 16, 0, tzinfo=PARIS)
    after = client.get("/?lang=en", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Acme Analytics Inc." in after.text
    assert "lapsed on 16 July 2020, being replaced" in after.text
    assert "EU-U.S. Privacy Shield (2016/1250)" in after.text
    data = client.get("/subprocessors.json").json
    assert data is not None
    (transfer,) = data["entries"][0]["locations"][0]["transfers"]
    assert (transfer["lawful"], transfer["lapsed_on"]) == ("no", "2020-07-16")
    assert "lapsed on 16 July 2020" in transfer["words"]["en"]


def test_newer_reference_data_change_the_page_and_its_validator(
    client: WebClient, database_url: str, clock: SettableClock
):
    publish(database_url, _framework(), clock.at)
    before = client.get("/?lang=en")
    assert "lapsed" not in before.text
    tag = {"If-None-Match": before.headers["ETag"]}
    assert client.get("/?lang=en", headers=tag).status_code == 304
    with session_on(database_url) as session:
        store_reference(session, _framework_struck_down(), by="lena", at=clock.at)
    after = client.get("/?lang=en", headers=tag)
    assert after.status_code == 200
    assert "lapsed on 2 March 2026, being replaced" in after.text


def _framework() -> bytes:
    return (
        (SHIELDED % b"[EU_GDPR]")
        .replace(b"code: EU-US-PRIVACY-SHIELD", b"code: EU-US-DPF")
        .replace(b"2020-06-01", b"2026-01-05")
    )


def _framework_struck_down() -> bytes:
    """The package's data as of a later day, on which the Data Privacy Framework had ended."""
    text = transfer_reference_file().read_text()
    start = text.index("- id: EU-US-DPF")
    framework = text[start:].replace(
        "in_force_until: null", f"in_force_until: '{date(2026, 3, 1)}'", 1
    )
    return (text[:start] + framework).replace("as_of: '2026", "as_of: '2027", 1).encode()


ANNOUNCED = b"""
subprocessors:
  - key: acme
    name: Acme Analytics Inc.
    address: 1 Main Street, Boston, US
    contact: privacy@acme.example
    activities: {en: Statistics, fr: Statistiques}
    services: [hebergement]
    data_categories: {en: Names, fr: Noms}
    locations:
      - country: US
        kind: establishment
        bases:
          - law: EU_GDPR
            code: EU-US-DPF
            conditions: all
            list_entry: {entity: Acme Analytics Inc., lists: [EU-U.S.], covered_data: [non_hr],
              checked_on: 2026-01-05, next_certification_on: 2026-04-30}
"""


def test_what_is_announced_is_judged_on_the_day_on_which_it_takes_effect(
    client: WebClient, database_url: str, clock: SettableClock
):
    laws = sample(COMPLETED_LIST).replace(b"laws: [EU_GDPR, CH_FADP]", b"laws: [EU_GDPR]")
    publish(database_url, laws, clock.at - timedelta(days=1))
    announce(database_url, clock.at, ANNOUNCED)
    before = client.get("/?lang=en")
    # It commences on 4 May: what it would rest on then has ended, and nothing hides that.
    assert "lapses on 1 May 2026" in before.text
    assert "EU-U.S. Data Privacy Framework (2023/1795)" in before.text
    clock.at = datetime(2026, 5, 2, 8, tzinfo=UTC)
    tag = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/?lang=en", headers=tag)
    assert "lapsed on 1 May 2026, being replaced" in after.text
    data = client.get("/subprocessors.json").json
    assert data is not None
    (transfer,) = data["announced"][0]["entry"]["locations"][0]["transfers"]
    assert (transfer["lawful"], transfer["lapsed_on"]) == ("no", "2026-05-01")


def test_an_entry_that_lacks_a_basis_under_a_further_law_stays_and_says_so(
    client: WebClient, database_url: str, clock: SettableClock
):
    publish(database_url, _framework(), clock.at)
    before = client.get("/?lang=en")
    with session_on(database_url) as session:
        row = session.scalars(select(VendorRow)).one()
        row.profile = {**row.profile, "laws": ["EU_GDPR", "UK_GDPR"]}
        session.commit()
    tag = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/?lang=en", headers=tag)
    assert after.status_code == 200
    assert '<span class="tag warn">no lawful transfer basis</span>' in after.text
    assert "EU-U.S. Data Privacy Framework (2023/1795)" in after.text
