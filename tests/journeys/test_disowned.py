"""“This was not me”: another contact disowns an answer. Legal looks at it; nothing is removed."""

from datetime import date, datetime

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LEGAL_EMAIL, LiveVendor


def test_a_disowned_objection_stays_and_waits_for_legal(vendor: LiveVendor, cast: Cast) -> None:
    people = {"Ada Berger": "dpo@alder.example", "Ben Cole": "it@alder.example"}
    vendor.import_registry(registry.client("alder", "Alder Clinic", contacts=people))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 6, 1))

    contact = cast.contact("dpo@alder.example")
    contact.open_notice()
    contact.follow("Object")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")
    vendor.run_jobs()
    assert len(vendor.mails_to(LEGAL_EMAIL, "Objection: Alder Clinic")) == 1

    other = cast.contact("it@alder.example")
    [receipt] = other.inbox("Was it not you?")
    [link] = [link for link in vendor.links_in(receipt) if link.endswith("/disown")]
    other.open(link)
    other.sees("Ada Berger")
    other.press("This answer was not given by us")
    other.sees("Your name is missing. Enter your first and last name.")
    other.fill({"Your first and last name": "Ben Cole"})
    other.press("This answer was not given by us")
    other.sees("It is noted that this answer was not yours.")
    vendor.run_jobs()
    assert len(vendor.mails_to(LEGAL_EMAIL, "A response is disowned: Alder Clinic")) == 1

    vendor.go_on_to(datetime.fromisoformat("2026-03-25T08:00:00+01:00"))
    legal = cast.legal()
    confirm_read(legal)
    open_case(legal, "Alder Clinic")
    legal.sees("“this was not me”", "Ada Berger", "in time")
    legal.go_to("Board")
    assert "closed" not in legal.row("Alder Clinic").inner_text()
    contact.open_notice()
    contact.sees("A contact has told us that it was not them: a person looks at it.")
