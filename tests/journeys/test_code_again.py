"""No objection: the code is lost, another one is sent, and it counts; the first does no more."""

import re
from datetime import date

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact
from tests.journeys.steps import announce, draft_addition, open_case
from tests.support.live_server import LiveVendor, text_of

ALDER = "dpo@alder.example"
_CODE = re.compile(r"^\s*([0-9A-Z]{8})\s*$", re.M)


def code_in_last_mail(contact: Contact) -> str:
    found = _CODE.search(text_of(contact.inbox()[-1]))
    assert found is not None
    return found[1]


def test_a_lost_code_is_sent_again(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    publisher, legal = cast.publisher(), cast.legal()
    draft_addition(publisher)
    announce(publisher, legal, commencement_on=date(2026, 6, 1))

    contact = cast.contact(ALDER)
    contact.open_notice()
    contact.follow("No objection")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Mail me the code")
    lost = code_in_last_mail(contact)
    mails = len(contact.inbox())

    # The page was closed and the mail is gone: the notice leads back to the code.
    contact.open_notice()
    contact.sees("Your answer does not count yet: it waits for the code that we mailed.")
    contact.follow("Enter the code")
    contact.press("Mail me another code")
    contact.sees("Tick the box to have another code mailed.")
    contact.choose("No mail has come, not even in the folder for unwanted mail.")
    contact.press("Mail me another code")
    contact.sees("A new code is on its way. Earlier codes no longer work.")
    assert len(contact.inbox()) == mails + 1
    found = code_in_last_mail(contact)
    assert found != lost

    confirm = contact.say("Confirm: %(kind)s", kind=contact.say("no objection"))
    contact.fill({"Code from the mail": lost})
    contact.press(confirm)
    contact.sees("This is not the code of the last mail.")
    contact.fill({"Code from the mail": f"{found[:4].lower()} {found[4:]}"})
    contact.press(confirm)
    contact.sees("You have told us that you do not object.")
    open_case(legal, "Alder Clinic")
    legal.sees("Ada Berger")
