"""Double clicks, and doors that are not one's own."""

from datetime import date

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import approve_release, draft_release, go_on_to_release
from tests.support.live_server import LiveVendor


def test_a_double_click_does_it_once(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    publisher = cast.publisher()
    draft_release(publisher, commencement_on=date(2026, 6, 1))
    approve_release(cast.legal())
    go_on_to_release(publisher)
    publisher.press_twice("Release to 1 agreement")
    publisher.sees("2026-001")
    vendor.run_jobs()
    contact = cast.contact("dpo@alder.example")
    assert len(contact.inbox()) == 1

    contact.open_notice()
    contact.follow("Object")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press_twice("Send the objection")
    contact.sees("We have recorded your objection.")
    vendor.run_jobs()
    rows = vendor.rows()
    assert [len(rows[table]) for table in ("releases", "notices", "responses")] == [1, 1, 1]
    assert len(contact.inbox()) == 2, "the notice and one receipt"


def test_closed_doors(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    teacher = {"Bea Moreau": "dpo@birch.example"}
    vendor.import_registry(registry.client("birch", "Birch Schools", contacts=teacher))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    publisher, legal = cast.publisher(), cast.legal()
    draft_release(publisher, commencement_on=date(2026, 6, 1))

    # Each role keeps to its steps, and nobody gets in without one.
    assert publisher.status_of("/desk/releases/1/approve") in (403, 404)
    approve_release(legal)
    assert legal.status_of("/desk/releases/1/release") in (403, 404)
    assert legal.status_of("/desk/releases/new") in (403, 404)
    assert publisher.status_of("/desk/confirmations") in (403, 404)
    stranger = cast.contact("stranger@nowhere.example")
    for path in ("/desk/board", "/desk/releases/1", "/desk/cases/1"):
        assert stranger.status_of(path) in (302, 303, 403, 404)
    go_on_to_release(publisher)
    publisher.press("Release to 2 agreements")
    vendor.run_jobs()

    # What does not exist is not found; a number that is somebody else's looks no different.
    for path in ("/desk/cases/999", "/desk/releases/999", "/desk/changes/999/gate"):
        assert legal.status_of(path) == 404
    alder, birch = cast.contact("dpo@alder.example"), cast.contact("dpo@birch.example")
    alder.open_notice()
    alder.follow("Ask a question")
    alder.fill({"Your question or request": "Where?", "Your first and last name": "Ada Berger"})
    alder.press("Send")
    receipt = alder.page.url
    birch.open_notice()
    assert birch.status_of(receipt.replace(_token(receipt), _token(birch.page.url))) == 404
    assert birch.status_of("/n/" + "A" * 43) == 404
    assert "Ada Berger" not in birch.text


def _token(url: str) -> str:
    return url.split("/n/")[1].split("/")[0]
