"""The client asks, legal answers and writes once more, the client reads and asks again."""

from datetime import date, timedelta

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, open_case
from tests.support.live_server import LiveVendor

ASKED = "Où sont les sauvegardes ?"
ANSWERED = "À Lyon, chez le même hébergeur."
ADDED = "Une copie est aussi gardée à Brest."


def test_question_answer_and_a_further_message(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic", language="fr"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 6, 1))

    contact = cast.contact("dpo@alder.example", language="fr")
    contact.open_notice()
    contact.follow("Ask a question")
    contact.fill({"Your question or request": ASKED, "Your first and last name": "Ada Berger"})
    contact.press("Send")
    vendor.run_jobs()

    vendor.go_on_to(vendor.clock.at + timedelta(days=1))
    legal = cast.legal()
    open_case(legal, "Alder Clinic")
    legal.sees("not answered yet")
    legal.follow("Answer the client")
    legal.fill({"Answer": ANSWERED})
    legal.press("Send the answer")
    legal.follow("Write to the client")
    legal.press("Send the message")
    legal.sees("Write the message: it is mailed to the client.")
    legal.fill({"Message": ADDED})
    legal.press("Send the message")
    vendor.run_jobs()

    [told] = contact.inbox("a message about this notice")
    contact.open(vendor.links_in(told)[0])
    said = contact.page.locator("ol.thread > li").all_inner_texts()
    assert [words in one for words, one in zip((ASKED, ANSWERED, ADDED), said, strict=True)]
    vendor.go_on_to(vendor.clock.at + timedelta(hours=1))
    contact.follow("Write to us again")
    contact.fill({"Your question or request": "Merci.", "Your first and last name": "Ada Berger"})
    contact.press("Send")
    contact.open_notice()
    assert "Merci." in contact.page.locator("ol.thread > li").last.inner_text()
