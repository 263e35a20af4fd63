"""Nobody answers: after window, grace and a person's word that no reply lies unread, silence is
acceptance; the change commences by itself, and the public list says so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, confirm_read, listed, open_case
from tests.support.live_server import LiveVendor, one_line

ALDER = "dpo@alder.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def test_silence_is_acceptance_and_the_change_commences(
    vendor: LiveVendor, cast: Cast, at: datetime
) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 4, 1))
    reader = cast.contact(ALDER)
    reader.open("/")
    reader.sees("Announced changes", "Mirador Analytics GmbH")
    assert listed(reader) == {"Vieux Port Hébergement SARL"}

    # The last day is 17 March; the grace ends with the 18th. Nobody has said yet what was read.
    vendor.go_on_to(datetime.fromisoformat("2026-03-19T08:00:00+01:00"))
    legal = cast.legal()
    open_case(legal, "Alder Clinic")
    legal.sees("Replies may lie unread that came before the deadline.")
    confirm_read(legal)
    legal.sees("1 case was closed.")
    open_case(legal, "Alder Clinic", closed=True)
    legal.sees("accepted by silence")
    vendor.run_jobs()
    [closing] = reader.inbox("accepted by silence")
    assert "1 April 2026" in one_line(closing)

    # Settled, but not used before its day; from then on by itself.
    vendor.go_on_to(datetime.fromisoformat("2026-03-31T23:30:00+02:00"))
    assert listed(reader) == {"Vieux Port Hébergement SARL"}
    vendor.go_on_to(datetime.fromisoformat("2026-04-01T00:05:00+02:00"))
    assert listed(reader) == {"Vieux Port Hébergement SARL", "Mirador Analytics GmbH"}
    reader.open("/")
    reader.sees_not("Announced changes")
    row = reader.page.get_by_role("row").filter(has_text="Mirador Analytics GmbH")
    assert "1 Apr 2026" in row.inner_text()
    assert vendor.clock.at - at < timedelta(days=31)
