"""Draft to outcome: a client objects from the mail, in three clicks, and legal settles it."""

from datetime import date, datetime

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import (
    approve_release,
    confirm_read,
    draft_addition,
    draft_release,
    open_case,
    read_mail,
    release,
)
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, one_line

ALDER = "dpo@alder.example"


def test_the_objection_is_settled_and_told(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.client("cedar", "Cedar Archive", contacts={}))
    publisher, legal = cast.publisher(), cast.legal()
    draft_addition(publisher)
    draft_release(publisher, commencement_on=date(2026, 6, 1))
    assert "17 March 2026" in read_mail(publisher, "Alder Clinic")
    approve_release(legal, unservable=True)
    release(publisher, agreements=2)
    vendor.run_jobs()

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

    # Legal settles it; the outcome waits for nothing but the window's end.
    open_case(legal, "Alder Clinic")
    legal.sees("Ada Berger")
    legal.follow("Settle the objection")
    legal.choose("accommodated")
    legal.fill({"Reason": "Alerts of the clinic stay with Vieux Port."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    legal.sees("The settlement is recorded.")

    vendor.go_on_to(datetime.fromisoformat("2026-03-19T08:00:00+01:00"))
    again = cast.legal()
    confirm_read(again)
    vendor.run_jobs()
    again.go_to("Board")
    again.follow("Closed", within=again.page.locator(".state-counts"))
    assert "accommodated" in again.row("Alder Clinic").inner_text()
    again.go_to("Board")
    nobody = again.row("Cedar Archive").inner_text()
    assert "on hold" in nobody and "names no notice contact" in nobody
    open_case(again, "Alder Clinic", closed=True)
    again.follow("Commencement gate of this change")
    [closing] = contact.inbox("Mirador Analytics GmbH is not used for you.")
    contact.open(vendor.links_in(closing)[0])
    contact.sees("Outcome", "Your objection is met.")
