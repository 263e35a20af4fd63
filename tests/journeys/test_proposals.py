"""An objection to its outcome: a proposal accepted by code; one refused, then a termination whose
data is dealt with."""

import re
from datetime import date, datetime, timedelta

from subnotify.rules.objection_steps import UNDO_LASTS
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact, Operator
from tests.journeys.steps import announce, draft_addition, open_case
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, text_of

WORDS = "Alerts of the clinic stay with Vieux Port."


def code_in_last_mail(contact: Contact) -> str:
    code = re.search(r"^\s*([0-9A-Z]{4}[- ]?[0-9A-Z]{4})\s*$", text_of(contact.inbox()[-1]), re.M)
    assert code is not None
    return code[1]


def objected(vendor: LiveVendor, cast: Cast, *, language: str = "en") -> tuple[Operator, Contact]:
    """Alder Clinic objects online; legal's browser and its contact's."""
    vendor.import_registry(registry.client("alder", "Alder Clinic", language=language))
    publisher, legal = cast.publisher(), cast.legal()
    draft_addition(publisher)
    announce(publisher, legal, commencement_on=date(2026, 6, 1))
    contact = cast.contact("dpo@alder.example", language=language)
    contact.open_notice()
    contact.follow("Object")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")
    vendor.run_jobs()
    return legal, contact


def propose(vendor: LiveVendor, legal: Operator, at: datetime) -> None:
    """Look at the mail, confirm it, and let its ten minutes pass."""
    open_case(legal, "Alder Clinic")
    legal.sees("The way of the objection", "Admissible")
    legal.follow("Propose how to meet the objection")
    legal.choose("We propose not to use Mirador Analytics GmbH for you.")
    legal.fill({"Your words to the client": WORDS})
    legal.press("See the mail first")
    legal.sees("This mail is sent", WORDS)
    legal.press("Confirm and send")
    legal.sees("Accommodation proposed", "waits")
    vendor.go_on_to(at + timedelta(minutes=15))
    vendor.run_jobs()


def test_a_proposal_is_accepted_by_code(vendor: LiveVendor, cast: Cast, at: datetime) -> None:
    legal, contact = objected(vendor, cast)
    propose(vendor, legal, at)
    [mail] = contact.inbox("A proposal to meet your objection")
    contact.open(vendor.links_in(mail)[0])
    contact.follow("Read the proposal and answer it")
    contact.sees(WORDS)
    contact.choose("We accept: our objection is settled so.")
    contact.fill({"Your first and last name": "Ada Berger"})
    contact.press("Send the answer")
    contact.fill({"Code from the mail": code_in_last_mail(contact)})
    contact.press("Accept the proposal")
    contact.sees("You have accepted the proposal: your objection is settled.")
    vendor.run_jobs()
    [told] = vendor.mails_to(LEGAL_EMAIL, "Proposal accepted")
    legal.open(vendor.links_in(told)[0])
    legal.sees("Settled: accommodated", "Ada Berger")


def test_a_proposal_is_refused_the_client_leaves_and_its_data_is_dealt_with(
    vendor: LiveVendor, cast: Cast, at: datetime
) -> None:
    legal, contact = objected(vendor, cast, language="fr")
    propose(vendor, legal, at)
    [mail] = contact.inbox("A proposal to meet your objection")
    contact.open(vendor.links_in(mail)[0])
    contact.follow("Read the proposal and answer it")
    contact.choose("We refuse: our objection stands.")
    contact.fill({"Your first and last name": "Ada Berger"})
    contact.press("Send the answer")
    contact.sees("Your answer is recorded: you refuse the proposal, your objection stands.")
    open_case(legal, "Alder Clinic")
    legal.sees("Proposal refused")
    legal.follow("Settle the objection")
    legal.choose("terminated")
    legal.fill({"First day without these services": "2026-03-02", "Reason": "By letter."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    legal.sees("Settled: terminated", "no outcome comes of it")
    vendor.go_on_to(vendor.clock.at + UNDO_LASTS)
    open_case(legal, "Alder Clinic", closed=True)
    legal.follow("Record that it is done")
    legal.fill({"Done on": "2026-03-02", "What was done, and by whom": "Erased by operations."})
    legal.fill({"If there is no certificate: why?": "The keys were destroyed before two people."})
    legal.press("Record it")
    legal.sees("It is recorded that the data is dealt with.", "Data returned or destroyed")
