"""Letters that come back: not served, on the list of what is out of reach, and served anew."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import POST, hand_over, read_batch, tell_event
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, one_line

MILL = "dpo@mill.example"
BACK = "the letter came back or was not collected"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def _announce(vendor: LiveVendor, cast: Cast, **terms: str) -> Operator:
    vendor.import_registry(
        registry.client("mill", "Mill Archive", contacts={"Ada Berger": MILL}, post=POST, **terms)
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 7, 1))
    vendor.go_on_to(datetime.fromisoformat("2026-03-02T11:00:00+01:00"))
    hand_over(legal)
    return legal


def _morning(vendor: LiveVendor, legal: Operator, day: str) -> None:
    vendor.go_on_to(datetime.fromisoformat(f"{day}T09:00:00+02:00"))
    legal.sign_in()


def test_a_returned_letter_is_sent_anew_to_the_corrected_address(
    vendor: LiveVendor, cast: Cast
) -> None:
    legal = _announce(
        vendor,
        cast,
        preset="fr-30-days-registered",
        proofs="registered_delivery",
        clause="channels: [registered_post]",
    )
    _morning(vendor, legal, "2026-03-21")
    tell_event(legal, "Mill Archive", "posted", date(2026, 3, 3), number="RK 1")
    tell_event(legal, "Mill Archive", "came back", date(2026, 3, 20))
    vendor.run_jobs()
    assert vendor.mails_to(LEGAL_EMAIL, "Mill Archive")
    open_case(legal, "Mill Archive")
    legal.sees("on hold", BACK)
    legal.go_to("Out of reach")
    legal.sees("Mill Archive", "No window has run.")

    # Corrected by the client's letter: served anew in the same step, and the old address is told.
    legal.follow("Correct Ada Berger and serve anew")
    legal.fill(
        {
            "Postal address": "8 rue du Moulin\n08400 VOUZIERS",
            "Reference of the letter": "RK 7 of 20 March",
            "Designated on": "2026-03-20",
        }
    )
    legal.press("Save")
    legal.sees("Served anew, with a full window")
    vendor.run_jobs()
    [told] = vendor.mails_to(MILL, "If that is right, there is nothing to do.")
    assert "Mill Archive" in one_line(told)
    assert "VOUZIERS" not in one_line(told), "the old address does not learn the new one"
    legal.go_to("Out of reach")
    legal.sees("Every running agreement can be served.")

    vendor.go_on_to(datetime.fromisoformat("2026-03-21T11:00:00+01:00"))
    pages, [line] = read_batch(legal)
    assert "08400 VOUZIERS" in pages.text and line["letter"].endswith(":registered_post:2")
    hand_over(legal)
    _morning(vendor, legal, "2026-04-01")
    tell_event(legal, "Mill Archive", "received", date(2026, 3, 30))
    open_case(legal, "Mill Archive")
    legal.sees("window open", "Wednesday 29 April 2026")


def test_a_letter_that_comes_back_after_closing_holds_the_case(
    vendor: LiveVendor, cast: Cast
) -> None:
    """The clause counts from posting: silence closed before anybody knew."""
    legal = _announce(
        vendor,
        cast,
        preset="fr-15-days",
        proofs="",
        clause="channels: [post]\nruns_from: dispatch",
    )
    _morning(vendor, legal, "2026-03-04")
    tell_event(legal, "Mill Archive", "posted", date(2026, 3, 3))
    open_case(legal, "Mill Archive")
    legal.sees("Wednesday 18 March 2026")
    _morning(vendor, legal, "2026-03-21")
    confirm_read(legal)
    vendor.run_jobs()
    open_case(legal, "Mill Archive", closed=True)
    legal.sees("accepted by silence")

    tell_event(legal, "Mill Archive", "came back", date(2026, 3, 20))
    vendor.run_jobs()
    assert vendor.mails_to(LEGAL_EMAIL, "Mill Archive")
    open_case(legal, "Mill Archive")
    legal.sees("on hold", BACK)
    for _ in range(2):
        confirm_read(legal)
        confirm_read(legal, post=True)
    _morning(vendor, legal, "2026-06-01")
    open_case(legal, "Mill Archive")
    legal.sees("on hold", BACK)
