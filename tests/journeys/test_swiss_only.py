"""A client whose agreement allows Switzerland only: a change to Germany is kept away from it alone
until its exception is on record; then its own window runs, and its silence counts."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LiveVendor, one_line

ALDER, MATTER = "dpo@alder.example", "dpo@matter.example"
ON = date(2026, 4, 1)
NOT_USED = "Without your recorded exception this subprocessor is not used for you."


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def test_a_change_to_germany_waits_for_the_exception_of_the_swiss_client(
    vendor: LiveVendor, cast: Cast
) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    swiss = registry.client("matter", "Matter AG")
    vendor.import_registry(f"{swiss}\n      allowed_countries: [CH]\n")
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=ON, agreements=2)

    reader = cast.contact(MATTER)
    assert NOT_USED in one_line(reader.inbox()[0])
    assert NOT_USED not in one_line(cast.contact(ALDER).inbox()[0])
    reader.open_notice()
    reader.sees("Your agreement allows processing only in: Switzerland.", NOT_USED)

    # Both windows end; the one client's silence is acceptance, the other's is nothing.
    vendor.go_on_to(datetime.fromisoformat("2026-03-19T08:00:00+01:00"))
    legal = cast.legal()
    confirm_read(legal)
    open_case(legal, "Matter AG")
    legal.sees(
        "The data would go to a country that the agreement does not allow. The change is not used"
        " for this client, and its silence decides nothing."
    )
    vendor.go_on_to(datetime.fromisoformat("2026-04-01T00:05:00+02:00"))
    legal = cast.legal()
    assert client_list(legal, "Alder Clinic") >= {"Mirador Analytics GmbH"}
    assert "Mirador Analytics GmbH" not in client_list(legal, "Matter AG")

    # The client agrees in a letter; from then on its fifteen days run.
    vendor.go_on_to(datetime.fromisoformat("2026-04-10T09:00:00+02:00"))
    legal = cast.legal()
    for country in ("Germany", "Ireland"):
        open_case(legal, "Matter AG")
        legal.follow("Record a country exception")
        legal.select("Country", country)
        legal.fill({"Document in which the client agreed": "Letter of 9 April 2026"})
        legal.press("Record the exception")
    legal.sees("The client may still object")
    reader.open_notice()
    reader.sees_not(NOT_USED)
    reader.sees("You can object until")
    assert "Mirador Analytics GmbH" not in client_list(legal, "Matter AG")

    vendor.go_on_to(datetime.fromisoformat("2026-04-30T08:00:00+02:00"))
    legal = cast.legal()
    confirm_read(legal)
    open_case(legal, "Matter AG", closed=True)
    legal.sees("accepted by silence")
    assert "Mirador Analytics GmbH" in client_list(legal, "Matter AG")
    legal.sees("By exception in: Germany.", "By exception in: Ireland.")


def client_list(legal: Operator, client: str) -> set[str]:
    """The names of those who may process the client's data, as its list says."""
    legal.go_to("Agreements")
    legal.follow(f"DPA-{client.split()[0].lower()}")
    legal.follow("The list that applies to this client")
    legal.sees("May process this client's data")
    used = legal.page.locator("table").first
    rows = used.get_by_role("rowheader").all()
    is_used = legal.page.locator("#used + div.empty").count() == 0
    return {row.inner_text().split("\n")[0] for row in rows} if is_used else set()
