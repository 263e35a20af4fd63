"""Letters from clients: an objection on the slip with its scan, and a written request for the
list, answered with the document."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from playwright.sync_api import FilePayload, expect

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import choose_file, downloaded
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.incoming_letters import PDF
from tests.support.live_server import LiveVendor, one_line
from tests.support.read_pdfs import read_pdf

MILL = "dpo@mill.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def _announce(vendor: LiveVendor, cast: Cast) -> tuple[Operator, str]:
    """Legal, and the reference that the notice carries."""
    vendor.import_registry(
        registry.client("mill", "Mill Archive", contacts={"Ada Berger": MILL}, language="fr")
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 6, 1))
    vendor.go_on_to(datetime.fromisoformat("2026-03-13T09:00:00+01:00"))
    legal.sign_in()
    open_case(legal, "Mill Archive")
    return legal, "2026-001-00001"


def test_the_slip_finds_the_case(vendor: LiveVendor, cast: Cast) -> None:
    legal, reference = _announce(vendor, cast)
    _find(legal, f"S-{reference}")
    legal.sees("Mill Archive")
    legal.choose("objection", "post")
    legal.fill({"Received on": "2026-03-12", "Sent on (postmark)": "2026-03-10"})
    legal.fill({"Signed by": "Ada Berger"})
    scan = FilePayload(name="slip.html", mimeType="application/pdf", buffer=b"<p>no scan</p>")
    choose_file(legal, "Scan of the letter", scan)
    legal.press("Record the letter")
    legal.sees("There is a problem")
    # The browser tells of each answer that is a refusal.
    legal.complaints.clear()
    expect(legal.page.get_by_label("Signed by")).to_have_value("Ada Berger")
    choose_file(
        legal,
        "Scan of the letter",
        FilePayload(name="slip.pdf", mimeType="application/pdf", buffer=PDF),
    )
    legal.press("Record the letter")
    legal.sees("The letter is recorded, and a receipt goes to the client.", "in time")
    vendor.run_jobs()
    assert cast.contact(MILL, language="fr").inbox("Receipt of your answer")

    legal.go_to("Letters received")
    legal.follow("Filed")
    legal.follow_in(legal.row("Ada Berger").get_by_role("rowheader"))
    assert downloaded(legal, "Download the scan") == PDF
    open_case(legal, "Mill Archive")
    legal.follow("Settle the objection")
    legal.choose("accommodated")
    legal.fill({"Reason": "Alerts of the mill stay with Vieux Port."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    for day in ("2026-03-19", "2026-05-04"):
        vendor.go_on_to(datetime.fromisoformat(f"{day}T09:00:00+02:00"))
        legal.sign_in()
        confirm_read(legal)
        vendor.run_jobs()
    open_case(legal, "Mill Archive", closed=True)
    legal.sees("accommodated")


def test_a_written_request_is_answered_with_the_list(vendor: LiveVendor, cast: Cast) -> None:
    legal, _reference = _announce(vendor, cast)
    _find(legal, "Mill Archive")
    legal.follow("Mill Archive", within=legal.page.locator("main ul").last)
    legal.choose("Request for the list", "post")
    legal.fill({"Received on": "2026-03-12", "Signed by": "Ada Berger"})
    legal.press("Record the letter")
    legal.sees("waits for a person")

    # Silence waits with it until somebody has read what it asks.
    legal.follow("Register the request of %(agreement)s", agreement="DPA-mill")
    legal.press("Record the request")
    legal.press("Prepare the document")
    legal.sees("The document is prepared")
    document = read_pdf(downloaded(legal, ".pdf"))
    assert document.language == "fr"
    for part in ("Mill Archive", "Vieux Port Hébergement SARL", "Mirador Analytics GmbH"):
        assert part in document.text
    legal.follow("Record how it was given")
    legal.choose("post")
    legal.press("Record the answer")
    legal.sees("The answer is recorded.")
    legal.go_to("Requests")
    legal.sees("No request waits for an answer.")
    legal.go_to("Letters received")
    legal.sees("Nothing waits for a person.")

    # Its question about the list was no answer to the change.
    vendor.go_on_to(datetime.fromisoformat("2026-03-19T09:00:00+01:00"))
    legal.sign_in()
    confirm_read(legal)
    vendor.run_jobs()
    [closing] = vendor.mails_to(MILL, "Mirador Analytics GmbH")[1:]
    assert "silence" in one_line(closing).lower()


def _find(legal: Operator, search: str) -> None:
    legal.go_to("Morning")
    legal.follow("Record a letter")
    legal.page.locator("#search").fill(search)
    legal.press("Find")
