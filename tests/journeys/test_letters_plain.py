"""The 15-day contract by plain post, through the printer's folder."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import POST, hand_over, open_batch, open_letter, tell_event
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LiveVendor, one_line
from tests.support.read_pdfs import read_pdf

MILL = "dpo@mill.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "printer"
    made.mkdir()
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(
    start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest, folder: Path
) -> LiveVendor:
    url = request.getfixturevalue(f"{request.param}_url")
    return start_vendor(url, LETTERS_FOLDER=str(folder))


def test_plain_post_counts_after_the_days_of_the_clause(
    vendor: LiveVendor, cast: Cast, folder: Path
) -> None:
    vendor.import_registry(
        registry.client(
            "mill",
            "Mill Archive",
            contacts={"Ada Berger": MILL},
            post=POST,
            proofs="deemed",
            clause="channels: [post]\n"
            "deemed_receipt: {kind: business_days_after_dispatch, days: 3}",
        )
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 5, 1))
    _print_without_folder(vendor, legal, folder)

    # Posted on Tuesday; three working days later it counts as received, and fifteen days end on
    # a Saturday: the last day is Monday 23 March.
    vendor.go_on_to(datetime.fromisoformat("2026-03-04T09:00:00+01:00"))
    legal.sign_in()
    open_letter(legal, "Mill Archive")
    legal.follow("Enter what happened")
    assert "Number of the registered letter" not in legal.text
    tell_event(legal, "Mill Archive", "posted", date(2026, 3, 3))
    vendor.go_on_to(datetime.fromisoformat("2026-03-07T09:00:00+01:00"))
    legal.sign_in()
    open_case(legal, "Mill Archive")
    legal.sees("Monday 23 March 2026")

    vendor.go_on_to(datetime.fromisoformat("2026-03-24T23:00:00+01:00"))
    legal.sign_in()
    confirm_read(legal)
    vendor.run_jobs()
    assert not vendor.mails_to(MILL, "accepted by silence"), "a day of grace"
    vendor.go_on_to(datetime.fromisoformat("2026-03-25T09:00:00+01:00"))
    legal.sign_in()
    confirm_read(legal)
    vendor.run_jobs()
    [closing] = vendor.mails_to(MILL, "accepted by silence")
    assert "1 May 2026" in one_line(closing)


def _print_without_folder(vendor: LiveVendor, legal: Operator, folder: Path) -> None:
    """The folder is gone when the batch is made: that is said, and it comes once it is back."""
    folder.rmdir()
    legal.go_to("Letters")
    legal.press("Prepare batches now")
    legal.sees("is not there", "not in the folder yet")
    folder.mkdir()
    open_batch(legal)
    legal.sees("not in the folder yet")
    vendor.go_on_to(datetime.fromisoformat("2026-03-02T09:30:00+01:00"))
    [batch] = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    assert "CHARLEVILLE-MÉZIÈRES" in read_pdf((batch / "letters.pdf").read_bytes()).text
    open_batch(legal)
    legal.sees_not("not in the folder yet")
    hand_over(legal)
