"""One release with two changes: the same client takes the one and refuses the other."""

import re
from datetime import date, datetime

from subnotify.rules.objection_steps import UNDO_LASTS
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact
from tests.journeys.steps import announce, confirm_read
from tests.support.live_server import LiveVendor, text_of

ALDER = "dpo@alder.example"


def test_each_change_has_its_own_outcome(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(
        registry.client("alder", "Alder Clinic", services="monitoring, helpdesk")
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR, registry.ORAGE))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 6, 1))

    contact = cast.contact(ALDER)
    contact.open_notice()
    _accept(contact, "Mirador Analytics GmbH")
    contact.open_notice()
    _refuse(contact, "Orage Cloud Ltd")

    vendor.go_on_to(datetime.fromisoformat("2026-03-19T08:00:00+01:00"))
    legal = cast.legal()
    confirm_read(legal)
    legal.go_to("Board")
    legal.follow_in(legal.page.get_by_role("row").filter(has_text="Orage").get_by_role("rowheader"))
    legal.follow("Settle the objection")
    legal.choose("accommodated")
    legal.fill({"Reason": "Their databases stay with Vieux Port."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    vendor.go_on_to(vendor.clock.at + UNDO_LASTS)
    legal.go_to("Board")
    legal.follow("Closed", within=legal.page.locator(".state-counts"))
    assert "accepted" in legal.row("Mirador").inner_text()
    assert "accommodated" in legal.row("Orage").inner_text()
    assert len(contact.inbox("Outcome of")) == 2
    contact.open_notice()
    contact.sees("Your objection is met.")


def _accept(contact: Contact, name: str) -> None:
    contact.follow("No objection to this change", within=_change(contact, name))
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Mail me the code")
    contact.press("Confirm: %(kind)s", kind="no objection")
    contact.sees("Enter the code from the mail.")
    code = re.search(r"^\s*([0-9A-Z]{4}[- ]?[0-9A-Z]{4})\s*$", text_of(contact.inbox()[-1]), re.M)
    assert code is not None
    contact.fill({"Code from the mail": code[1]})
    contact.press("Confirm: %(kind)s", kind="no objection")
    contact.sees("What was recorded")


def _refuse(contact: Contact, name: str) -> None:
    contact.follow("Object to this change", within=_change(contact, name))
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")
    contact.sees("We have recorded your objection.")


def _change(contact: Contact, name: str) -> object:
    return contact.page.locator("section[id^=change-]").filter(has_text=name)
