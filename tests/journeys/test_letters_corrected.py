"""A card that was entered for the wrong letter: two persons take it back, and silence waits."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from subnotify.rules.words import Role
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import POST, hand_over, open_letter, tell_event
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LiveVendor

MILL = "dpo@mill.example"
SECOND = "Nora Legal"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def test_a_card_of_another_letter_is_taken_back_by_two_persons(
    vendor: LiveVendor, cast: Cast
) -> None:
    legal = _serve(vendor, cast)
    _propose(legal, "Received", "It did not happen to this letter", "It is the card of the Hotel.")
    legal.sees("Proposed. Another person must confirm it.", "Waits for another person")
    legal.follow("Confirm the correction")
    legal.press("Correct it")
    legal.sees("Another person must confirm this")
    legal.complaints.clear()

    # The window ends, everything that came is read, and still silence closes nothing.
    _go_on(vendor, "2026-04-28", legal)
    confirm_read(legal)
    confirm_read(legal, post=True)
    vendor.run_jobs()
    open_case(legal, "Mill Archive")
    assert not vendor.mails_to(MILL, "accepted by silence")

    vendor.employ(SECOND, Role.LEGAL)
    second = cast.operator(SECOND, language="fr")
    open_letter(second, "Mill Archive")
    second.follow("Confirm the correction")
    second.sees("It is the card of the Hotel.")
    second.press_twice("Correct it")
    open_letter(second, "Mill Archive")
    second.sees("Corrected")
    vendor.run_jobs()
    open_case(legal, "Mill Archive")
    legal.sees("on hold")
    assert not vendor.mails_to(MILL, "accepted by silence")

    # The letter's own card comes: a full window from that day.
    tell_event(legal, "Mill Archive", "received", date(2026, 4, 27))
    open_case(legal, "Mill Archive")
    legal.sees("window open", "Wednesday 27 May 2026")


def test_a_later_day_moves_the_window_and_a_refusal_changes_nothing(
    vendor: LiveVendor, cast: Cast
) -> None:
    legal = _serve(vendor, cast)
    vendor.employ(SECOND, Role.LEGAL)
    second = cast.operator(SECOND)
    _propose(legal, "Received", "It happened on another day", "Read anew.", on="2026-03-06")
    open_letter(second, "Mill Archive")
    second.follow("Refuse the correction")
    second.press("Leave it as recorded")
    second.sees("The correction is refused. Nothing was changed.")
    open_case(legal, "Mill Archive")
    legal.sees("Tuesday 7 April 2026")

    _propose(legal, "Received", "It happened on another day", "The stamp.", on="2026-03-09")
    open_letter(second, "Mill Archive")
    second.follow("Confirm the correction")
    second.press("Correct it")
    second.sees("It is corrected. What was recorded before stays visible.")
    open_case(legal, "Mill Archive")
    legal.sees("Wednesday 8 April 2026")


def _serve(vendor: LiveVendor, cast: Cast) -> Operator:
    """Received on Thursday 5 March, as legal was told: the last day is Tuesday 7 April."""
    vendor.import_registry(
        registry.client(
            "mill",
            "Mill Archive",
            preset="fr-30-days-registered",
            contacts={"Ada Berger": MILL},
            post=POST,
            proofs="registered_delivery",
            clause="channels: [registered_post]",
        )
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 7, 1))
    vendor.go_on_to(datetime.fromisoformat("2026-03-02T11:00:00+01:00"))
    hand_over(legal)
    _go_on(vendor, "2026-03-10", legal)
    tell_event(legal, "Mill Archive", "posted", date(2026, 3, 3), number="RK 1")
    tell_event(legal, "Mill Archive", "received", date(2026, 3, 5))
    open_case(legal, "Mill Archive")
    legal.sees("Tuesday 7 April 2026")
    return legal


def _go_on(vendor: LiveVendor, day: str, operator: Operator) -> None:
    vendor.go_on_to(datetime.fromisoformat(f"{day}T09:00:00+02:00"))
    operator.sign_in()


def _propose(legal: Operator, event: str, what: str, why: str, *, on: str = "") -> None:
    open_letter(legal, "Mill Archive")
    legal.follow("Correct", within=legal.row(legal.say(event)))
    legal.choose(what)
    legal.fill({"Reason": why, **({"The true day": on} if on else {})})
    legal.press("Propose")
