"""A dead address: the notice is not served, and no silence of any length is acceptance. A new
address, by letter, serves it anew with a full window."""

from datetime import date, datetime

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, confirm_read, listed, open_case
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, one_line

BIRCH = "dpo@birch.example"


def test_a_refused_notice_is_never_accepted_until_it_is_served(
    vendor: LiveVendor, cast: Cast
) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.client("birch", "Birch Schools"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    vendor.smtp.answer("rcpt", 550, "5.1.1 no such user here", address=BIRCH)
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 4, 1), agreements=2)

    vendor.run_jobs()
    [alarm] = vendor.mails_to(LEGAL_EMAIL, "Notice not served: Birch Schools")
    assert "no such user here" in one_line(alarm)
    legal = cast.legal()
    legal.go_to("Board")
    row = legal.row("Birch Schools").inner_text()
    assert "on hold" in row and "the notice is not served" in row and "no such user here" in row
    open_case(legal, "Birch Schools")
    legal.sees("The message was refused, or its letter could not be sent")

    # Everything that a person can confirm is confirmed, twice, months later.
    for day in ("2026-03-25", "2026-07-01"):
        vendor.go_on_to(datetime.fromisoformat(f"{day}T08:00:00+02:00"))
        legal.sign_in()
        confirm_read(legal)
        confirm_read(legal, post=True)
        vendor.run_jobs()
    legal.go_to("Board")
    assert "on hold" in legal.row("Birch Schools").inner_text()
    legal.follow("Closed", within=legal.page.locator(".state-counts"))
    assert "accepted by silence" in legal.row("Alder Clinic").inner_text()
    assert legal.row("Birch Schools").count() == 0
    assert not vendor.smtp.mails_to(BIRCH)

    # The announced day has long passed; the change waits for the one client.
    assert "Mirador Analytics GmbH" not in listed(legal)
    open_case(legal, "Birch Schools")
    legal.follow("Commencement gate of this change")
    legal.sees("1 client is not settled: the gate is shut.")

    # The client names a new address by letter: the whole window runs from that day.
    teacher = {"Ada Berger": "office@birch.example"}
    vendor.import_registry(
        registry.client("birch", "Birch Schools", contacts=teacher, letter="RK 7 of 30 June")
    )
    open_case(legal, "Birch Schools")
    legal.follow("Serve the notice anew")
    legal.fill({"Reason": "New address by letter of 30 June."})
    legal.press("Serve the notice anew")
    vendor.run_jobs()
    contact = cast.contact("office@birch.example")
    contact.open_notice()
    contact.sees("Thursday 16 July 2026, 24:00 (Europe/Paris)", "15 days left")

    vendor.go_on_to(datetime.fromisoformat("2026-07-18T08:00:00+02:00"))
    legal.sign_in()
    confirm_read(legal)
    vendor.run_jobs()
    assert contact.inbox("accepted by silence")
    assert "Mirador Analytics GmbH" in listed(legal)
