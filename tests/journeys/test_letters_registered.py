"""The 30-day contract on paper: served by registered letter, objected to by registered letter."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from playwright.sync_api import FilePayload, expect

from subnotify.rules.objection_steps import UNDO_LASTS
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import (
    POST,
    choose_file,
    filled_in,
    hand_over,
    open_letter,
    read_batch,
    send_back,
    tell_event,
)
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.incoming_letters import PDF
from tests.support.live_server import LiveVendor, one_line

MILL = "dpo@mill.example"
NUMBER = "2C 111 222 3334 5"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def test_objected_on_the_last_day_and_received_three_days_later(
    vendor: LiveVendor, cast: Cast
) -> None:
    vendor.import_registry(
        registry.client(
            "mill",
            "Mill Archive",
            preset="fr-30-days-registered",
            contacts={"Ada Berger": MILL},
            post=POST,
            proofs="registered_delivery",
            clause="channels: [registered_post]",
        )
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 7, 1))
    reference = _print_and_post(vendor, legal)

    # Served with the day of receipt, a Thursday; the thirtieth day is the Saturday before Easter
    # Monday, so that the last day is Tuesday 7 April.
    vendor.go_on_to(datetime.fromisoformat("2026-03-06T09:00:00+01:00"))
    legal.sign_in()
    open_case(legal, "Mill Archive")
    legal.sees("waiting for service")
    tell_event(legal, "Mill Archive", "received", date(2026, 3, 5))
    open_case(legal, "Mill Archive")
    legal.sees("Tuesday 7 April 2026")

    vendor.go_on_to(datetime.fromisoformat("2026-04-10T09:00:00+02:00"))
    legal.sign_in()
    _record_objection(legal, reference)
    legal.sees("disputed")
    _never_by_silence(vendor, legal)

    # A person decides, and the termination counts from where the window closed.
    legal.follow("Decide whether it counts")
    legal.choose("It counts as in time")
    legal.fill({"Reason": "Posted on the last day; the charter asks when it was sent."})
    legal.press("Record the decision")
    legal.follow("Settle the objection")
    legal.choose("terminated", "Hexapode Watch")
    legal.fill({"Reason": "Registered letter of 7 April."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    vendor.go_on_to(vendor.clock.at + UNDO_LASTS)
    [closing] = vendor.mails_to(MILL, "Outcome of a change of subprocessor")
    assert "Last day of Hexapode Watch: Tuesday 7 April 2026." in one_line(closing)
    open_case(legal, "Mill Archive", closed=True)
    legal.sees("terminated")


def _print_and_post(vendor: LiveVendor, legal: Operator) -> str:
    """Prepared with a double click, printed, posted, told twice; the reference of the notice."""
    legal.go_to("Letters")
    legal.sees("the terms name post")
    legal.page.get_by_role("button", name="Prepare batches now").dblclick()
    expect(legal.page.get_by_role("rowheader").filter(has_text="L-0")).to_have_count(1)
    pages, manifest = read_batch(legal)
    [line] = manifest
    for part in ("CHARLEVILLE-MÉZIÈRES", "Ada Berger", "Mirador Analytics GmbH", "S-20"):
        assert part in pages.text, part
    assert line["reference"] in pages.text
    assert pages.language == "en" and all(embedded for _, embedded in pages.fonts)
    hand_over(legal)

    vendor.go_on_to(datetime.fromisoformat("2026-03-04T09:00:00+01:00"))
    legal.sign_in()
    told = filled_in(manifest, ("posted", "2026-03-03"), ("printed", "2026-03-02"), number=NUMBER)
    send_back(legal, told)
    send_back(legal, told, new=False)
    open_letter(legal, "Mill Archive")
    legal.sees("posted", NUMBER)
    return line["reference"]


def _record_objection(legal: Operator, reference: str) -> None:
    """The slip's reference finds the case."""
    legal.go_to("Morning")
    legal.follow("Record a letter")
    legal.page.locator("#search").fill(f"S-{reference}")
    legal.press("Find")
    legal.sees("The reference was found: check that it is the right client.", "Mill Archive")
    legal.choose("objection", "registered post", "Hexapode Watch")
    legal.fill(
        {
            "Received on": "2026-04-10",
            "Sent on (postmark)": "2026-04-07",
            "Reference of the letter": "1A 987 654 3210 9",
            "Signed by": "Ada Berger",
        }
    )
    scan = FilePayload(name="objection.pdf", mimeType="application/pdf", buffer=PDF)
    choose_file(legal, "Scan of the letter", scan)
    legal.press("Record the letter")
    legal.sees("The letter is recorded, and a receipt goes to the client.")


def _never_by_silence(vendor: LiveVendor, legal: Operator) -> None:
    """Everything is confirmed, and months pass: it waits for the person who decides."""
    for day in ("2026-04-28", "2026-06-15"):
        vendor.go_on_to(datetime.fromisoformat(f"{day}T09:00:00+02:00"))
        legal.sign_in()
        confirm_read(legal)
        confirm_read(legal, post=True)
        vendor.run_jobs()
    open_case(legal, "Mill Archive")
    legal.sees("whether the objection is in time is disputed")
    assert not vendor.mails_to(MILL, "accepted by silence")
