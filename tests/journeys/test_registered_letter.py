"""Le contrat à trente jours : s'opposer, c'est résilier, par lettre recommandée. En français."""

from datetime import date, datetime

from playwright.sync_api import expect

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact, Operator
from tests.journeys.steps import announce, open_case
from tests.support.live_server import LiveVendor, one_line

MAIRIE = "dpo@mairie.example"


def test_the_termination_takes_effect_when_the_window_closes(
    vendor: LiveVendor, cast: Cast
) -> None:
    vendor.import_registry(
        registry.client(
            "mairie",
            "Mairie de Vouziers",
            language="fr",
            preset="fr-30-days-registered",
            contacts={"Jeanne Petit": MAIRIE},
        )
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal(language="fr")
    announce(cast.publisher(language="fr"), legal, commencement_on=date(2026, 6, 1))

    contact = cast.contact(MAIRIE, language="fr")
    _start_objection(contact)
    _see_letter(contact)

    # Until the letter is there, nothing is concluded: neither from silence, nor from the click.
    vendor.run_jobs()
    open_case(legal, "Mairie de Vouziers")
    legal.sees("the objection still needs the agreed form")
    vendor.go_on_to(datetime.fromisoformat("2026-03-20T10:00:00+01:00"))
    legal.sign_in()
    _record_letter(legal)
    _settle(legal)
    vendor.run_jobs()
    assert len(contact.inbox("Receipt of your answer")) == 2, "of the form and of the letter"
    assert not contact.inbox("Outcome of a change of subprocessor")

    # The last day is 1 April. What legal validated takes effect then, without further input.
    vendor.go_on_to(datetime.fromisoformat("2026-04-02T00:05:00+02:00"))
    [closing] = contact.inbox("Outcome of a change of subprocessor")
    assert "Votre résiliation a pris effet." in one_line(closing)
    assert "(Hexapode Watch) : mercredi 1er avril 2026" in one_line(closing)
    legal.sign_in()
    open_case(legal, "Mairie de Vouziers", closed=True)
    legal.sees("terminated")
    contact.open(vendor.links_in(closing)[0])
    contact.sees("Outcome")


def _start_objection(contact: Contact) -> None:
    contact.open_notice()
    assert contact.page.locator("html").get_attribute("lang") == "fr"
    contact.sees("mercredi 1er avril 2026")
    contact.follow("Start an objection: this terminates %(services)s", services="Hexapode Watch")
    contact.sees("What an objection means under your agreement")
    contact.fill({"Your first and last name": "Jeanne Petit", "Your role": "DPO"})
    contact.press("Record the objection and prepare the letter")
    contact.sees("1er avril 2026")
    assert contact.clicks <= 3


def _see_letter(contact: Contact) -> None:
    contact.follow("Open the letter to print and sign")
    letter = contact.page.locator("article.letter")
    for part in ("Hexapode SAS", "Jeanne Petit", "Mairie de Vouziers", "Mirador Analytics GmbH"):
        assert part in letter.inner_text()
    contact.page.emulate_media(media="print")
    expect(letter).to_be_visible()
    expect(contact.page.locator(".no-print, .site-head, .site-foot").first).to_be_hidden()
    contact.page.emulate_media(media="screen")


def _record_letter(legal: Operator) -> None:
    open_case(legal, "Mairie de Vouziers")
    assert legal.page.locator("nav .button:not(.second)").all_inner_texts() == [
        legal.say("Record a letter")
    ]
    legal.follow("Record a letter")
    legal.choose("objection", "registered post", "Hexapode Watch")
    legal.fill(
        {
            "Received on": "2026-03-20",
            "Sent on (postmark)": "2026-03-18",
            "Reference of the letter": "RK 123 456 789 FR",
            "Signed by": "Jeanne Petit",
        }
    )
    legal.press("Record the letter")
    legal.sees("The letter is recorded, and a receipt goes to the client.")


def _settle(legal: Operator) -> None:
    legal.follow("Settle the objection")
    legal.choose("terminated", "Hexapode Watch")
    legal.fill({"Reason": "Lettre RK 123 456 789 FR du 18 mars."})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    legal.sees("The settlement is recorded.")
