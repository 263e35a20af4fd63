"""A change is withdrawn for everybody: each client gets one mail, and a termination stands."""

from datetime import date

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, draft_addition, open_case
from tests.support.live_server import LiveVendor, one_line

ALDER = "dpo@alder.example"
CEDAR = "dpo@cedar.example"
DOES_NOT_COME = "The change was withdrawn: it does not take place."
STANDS = "A termination that you have declared because of this change stands."


def test_a_withdrawn_change_is_told_once_and_a_termination_stands(
    vendor: LiveVendor, cast: Cast
) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.client("cedar", "Cedar Archive"))
    publisher, legal = cast.publisher(), cast.legal()
    draft_addition(publisher)
    announce(publisher, legal, commencement_on=date(2026, 6, 1), agreements=2)
    contact = cast.contact(CEDAR)
    contact.open_notice()
    contact.follow("Object")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")
    open_case(legal, "Cedar Archive")
    legal.follow("Settle the objection")
    legal.choose("terminated", "Hexapode Watch")
    legal.fill({"Reason": "They leave.", "First day without these services": "2026-07-01"})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    legal.sees("The settlement is recorded.")

    legal.go_to("Releases")
    legal.follow_in(legal.page.get_by_role("rowheader").first)
    legal.follow("Withdraw this change")
    legal.sees("A termination stands:", "This cannot be undone.")
    legal.fill({"Reason": "The contract was not signed."})
    legal.press("Withdraw the change")
    legal.sees("The change is withdrawn. Clients that may have heard of it are told.")
    vendor.run_jobs()

    [told] = vendor.mails_to(ALDER, "change withdrawn")
    assert DOES_NOT_COME in one_line(told) and STANDS not in one_line(told)
    [told] = vendor.mails_to(CEDAR, "change withdrawn")
    assert STANDS in one_line(told)
    assert not vendor.mails_to(ALDER, "Outcome of")
    alder = cast.contact(ALDER)
    alder.open_notice()
    alder.sees("Outcome", DOES_NOT_COME)
    # The page of the other one still carries its termination, and the case is not closed.
    open_case(legal, "Cedar Archive")
    legal.sees("terminated")
    legal.sees_not(DOES_NOT_COME)
