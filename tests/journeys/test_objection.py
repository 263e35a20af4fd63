"""A client objects from the mail, in three clicks, and legal settles it."""

from datetime import date

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, one_line

ALDER = "dpo@alder.example"


def test_the_objection_is_settled_and_told(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    publisher, legal = cast.publisher(), cast.legal()
    announce(publisher, legal, commencement_on=date(2026, 6, 1))

    contact = cast.contact(ALDER)
    contact.open_notice()
    contact.sees("Tuesday 17 March 2026, 24:00 (Europe/Paris)", "15 days left")
    contact.follow("Object")
    contact.press("Send the objection")
    contact.sees("There is a problem", "Your name is missing")
    contact.clicks -= 1  # the one that was pressed too early
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")
    assert contact.clicks <= 3
    contact.sees("We have recorded your objection.")

    # The receipt and the alarm leave at once, each to its people.
    reference = contact.page.locator(".panel strong").first.inner_text()
    vendor.run_jobs()
    [receipt] = contact.inbox(reference)
    assert "Ada Berger" in one_line(receipt)
    [alarm] = vendor.mails_to(LEGAL_EMAIL, "Alder Clinic")
    assert "objection" in str(alarm["Subject"]).lower()
