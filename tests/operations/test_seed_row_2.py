"""The list of a real vendor with six entries: what it needs before it may be published.

That a recipient's change opens no window stands in test_release_changes; the pages in
web/test_seed_rows.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from subnotify.rules.transfer_words import Reason
from subnotify.rules.words import VendorRole
from subnotify.storage.registry import list_entries_in_force, list_subprocessors
from tests.operations.seed_lists import (
    MODULE_3,
    alone,
    bring_all,
    completed,
    entry_of,
    gaps,
    publish,
    seat,
)
from tests.support.imports import bring
from tests.support.samples import PUBLISHED_LIST, sample

DAY = timedelta(days=1)
FOUR = ("hubspot", "pipedrive", "sentry", "zendesk")
CLAIMED = {"law": "EU_GDPR", "code": "none_required"}

# As the vendor of row 2 published it: identity, address, purpose.
AS_PUBLISHED = {
    "pipedrive": ("PIPEDRIVE", "New York, US", "CRM"),
    "ovhcloud": (
        "OVHcloud",
        "2 rue Kellermann, BP 80157, 59053 Roubaix Cedex 1, France",
        "SMS credits for notifications; database storage of information collected through"
        " monitoring",
    ),
    "ionos": ("IONOS", "7 place de la Gare, 57200 Sarreguemines, France", "Hosting"),
    "sentry": (
        "Sentry",
        "45 Fremont Street, 8th Floor, San Francisco, CA 94105",
        "Application logs collection tool",
    ),
    "hubspot": (
        "HUBSPOT",
        "Cambridge, Massachusetts, United States",
        "Marketing email sending tool",
    ),
    "zendesk": (
        "ZENDESK",
        "1019 Market St, San Francisco, CA 94103",
        "Customer ticket tracking and knowledge base",
    ),
}


def test_row_2_identity_address_and_purpose_come_in_as_drafts(session: Session, at: datetime):
    bring(session, sample(PUBLISHED_LIST), at)
    drafts = {x.key: x.draft_facts for x in list_subprocessors(session)}
    assert drafts.keys() == AS_PUBLISHED.keys()
    for key, (name, address, purpose) in AS_PUBLISHED.items():
        facts = drafts[key]
        assert facts is not None
        assert (facts.name, facts.address, facts.activities.in_language("en")) == (
            *(name, address, purpose),
        )
        assert facts.activities.in_language("fr") not in ("", "Application logs collection tool")
    assert list_entries_in_force(session, at.date()) == ()


def test_row_2_four_companies_without_a_basis_are_filled_one_by_one(session: Session, at: datetime):
    data, gapped = completed("EU_GDPR"), completed("EU_GDPR")
    for key in FOUR:
        for location in entry_of(gapped, key)["locations"]:
            location.pop("bases", None)
    bring_all(session, gapped, at)
    left = {f"{key}.locations[0]" for key in FOUR} | {"zendesk.locations[1]"}
    for number, key in enumerate(FOUR, start=1):
        refused = gaps(session, at + number * DAY)
        assert {gap[0] for gap in refused} == left
        assert {gap[1:] for gap in refused} == {("EU_GDPR", Reason.NO_BASIS)}
        bring_all(session, alone(data, key), at + number * DAY)
        left -= {where for where in left if where.startswith(key)}
    publish(session, at + 9 * DAY)
    listed = list_entries_in_force(session, (at + 9 * DAY).date())
    assert {entry.key for entry in listed} == set(AS_PUBLISHED)


@pytest.mark.parametrize(
    ("locations", "refused"),
    [
        ([seat("FR")], set()),
        ([seat("CH")], set()),  # a country that offers adequate protection
        ([seat("IN", MODULE_3)], set()),  # appropriate safeguards under art. 46
        # The test is the country of establishment.
        ([seat("US"), seat("FR", kind="hosting")], {(0, Reason.NO_BASIS)}),
        ([seat("US", CLAIMED), seat("FR", kind="hosting")], {(0, Reason.NOT_DOMESTIC)}),
        ([seat("US", MODULE_3), seat("FR", kind="hosting")], set()),
        # And everywhere else, remote access included.
        ([seat("FR"), seat("IN", kind="access")], {(1, Reason.NO_BASIS)}),
        ([seat("FR"), seat("IN", MODULE_3, kind="support")], set()),
        ([seat("JP", {"law": "EU_GDPR", "code": "EU-JP"})], {(0, Reason.SCOPE_UNCHECKED)}),
        ([seat("JP", {"law": "EU_GDPR", "code": "EU-JP", "conditions": "all"})], set()),
    ],
)
def test_row_2_established_in_the_eu_adequate_or_under_safeguards(
    session: Session,
    at: datetime,
    locations: list[dict[str, Any]],
    refused: set[tuple[int, Reason]],
):
    data = alone(completed("EU_GDPR"), "ovhcloud")
    entry_of(data, "ovhcloud")["locations"] = locations
    bring_all(session, data, at)
    if not refused:
        publish(session, at)
        assert [x.key for x in list_entries_in_force(session, at.date())] == ["ovhcloud"]
        return
    assert gaps(session, at) == {
        (f"ovhcloud.locations[{place}]", "EU_GDPR", reason) for place, reason in refused
    }


def test_row_2_the_role_of_each_entry_decides_what_fits_it(session: Session, at: datetime):
    data = completed("EU_GDPR")
    entry_of(data, "pipedrive")["role"] = "processor"
    entry_of(data, "sentry")["role"] = "controller"
    bring_all(session, data, at)
    assert gaps(session, at) == {
        (f"{key}.locations[0]", "EU_GDPR", Reason.WRONG_ROLES) for key in ("pipedrive", "sentry")
    }
    bring_all(session, completed("EU_GDPR"), at + DAY)
    publish(session, at + DAY)
    for key, role in (("pipedrive", VendorRole.CONTROLLER), ("sentry", VendorRole.PROCESSOR)):
        listed = next(x for x in list_entries_in_force(session, at.date()) if x.key == key)
        assert listed.facts.role is role
