"""The ladder: a mailbox that is dead, or proves nothing, is followed by a registered letter."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from subnotify.operations.read_arrived import ReturnSettings
from subnotify.operations.receive_mail import receive_mail
from subnotify.rules.words import IncomingSource
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.printing import (
    POST,
    filled_in,
    hand_over,
    open_letter,
    read_batch,
    send_back,
    tell_event,
)
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, one_line
from tests.support.returned import delivery_report

MILL = "dpo@mill.example"
RETURN = "notices@vendor.example"
Start = Callable[[str], LiveVendor]


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    """Bounces come back to it; what its own relay accepts proves nothing where a test says so."""
    changed = getattr(request.function, "changed", {})
    url = request.getfixturevalue(f"{request.param}_url")
    return start_vendor(url, RETURN_ADDRESS=RETURN, **changed)


def behind_a_relay(test: Callable[..., None]) -> Callable[..., None]:
    test.changed = {"MAIL_HOST_IS": "relay"}  # type: ignore[attr-defined]
    return test


def _announce(vendor: LiveVendor, cast: Cast) -> Operator:
    vendor.import_registry(
        registry.client(
            "mill",
            "Mill Archive",
            preset="fr-30-days-registered",
            contacts={"Ada Berger": MILL},
            post=POST,
        )
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 7, 1))
    return legal


@pytest.mark.parametrize("is_refused", [True, False], ids=["refused", "came_back"])
def test_a_dead_mailbox_is_followed_by_a_letter(
    vendor: LiveVendor, cast: Cast, is_refused: bool
) -> None:
    if is_refused:
        vendor.smtp.answer("rcpt", 550, "5.1.1 no such user here", address=MILL)
    legal = _announce(vendor, cast)
    if not is_refused:
        _come_back(vendor, at=datetime.fromisoformat("2026-03-02T09:20:00+01:00"))
    vendor.run_jobs()
    [alarm] = vendor.mails_to(LEGAL_EMAIL, "Mill Archive")
    assert "no such user here" in one_line(alarm)
    assert "registered letter" in one_line(alarm)
    open_case(legal, "Mill Archive")
    legal.sees("on hold")

    # The letter waits an hour for others, then lies ready for the printer without anybody.
    vendor.go_on_to(datetime.fromisoformat("2026-03-02T10:40:00+01:00"))
    legal.go_to("Letters")
    pages, manifest = read_batch(legal)
    [line] = manifest
    assert line["product"] == "registered" and "CHARLEVILLE-MÉZIÈRES" in pages.text
    open_letter(legal, "Mill Archive")
    legal.sees("The mail reached nobody")
    hand_over(legal)

    # The printer tells it late, twice, and in no order.
    vendor.go_on_to(datetime.fromisoformat("2026-03-11T09:00:00+01:00"))
    legal.sign_in()
    open_case(legal, "Mill Archive")
    legal.sees("on hold")
    told = filled_in(manifest, ("received", "2026-03-09"), ("posted", "2026-03-04"), number="RK 7")
    send_back(legal, told)
    send_back(legal, told, new=False)
    send_back(legal, filled_in(manifest, ("printed", "2026-03-03")))

    # Thirty days from the receipt, not from the mail; then ten working days, and opened post.
    open_case(legal, "Mill Archive")
    legal.sees("Wednesday 8 April 2026")
    _accepted_only_at_the_end(vendor, legal)


def _come_back(vendor: LiveVendor, *, at: datetime) -> None:
    """The mailbox took it, and its server reports later that there is no such person."""
    [mail] = vendor.smtp.mails_to(MILL)
    assert mail.envelope_from.startswith("notices+"), mail.envelope_from
    vendor.clock.at = at
    settings = vendor.settings
    with vendor.session() as session:
        receive_mail(
            session,
            delivery_report(
                mail.envelope_from,
                recipient=MILL,
                words="550 5.1.1 no such user here",
                happened_at=at,
            ),
            received_at=at,
            source=IncomingSource.IMAP,
            place="imap:test:INBOX:1",
            settings=ReturnSettings(RETURN, (settings.seal_key,), settings.legal_email),
            at=at,
        )


def _accepted_only_at_the_end(vendor: LiveVendor, legal: Operator) -> None:
    for day, post in (("2026-04-10", True), ("2026-04-23", False)):
        vendor.go_on_to(datetime.fromisoformat(f"{day}T09:00:00+02:00"))
        legal.sign_in()
        confirm_read(legal)
        if post:
            confirm_read(legal, post=True)
        vendor.run_jobs()
        open_case(legal, "Mill Archive")
        legal.sees_not("accepted by silence")
    legal.sees("Registered post is not opened up to the deadline")
    confirm_read(legal, post=True)
    vendor.run_jobs()
    open_case(legal, "Mill Archive", closed=True)
    legal.sees("accepted by silence")


@behind_a_relay
def test_ten_days_without_proof_queue_a_letter(vendor: LiveVendor, cast: Cast) -> None:
    legal = _announce(vendor, cast)
    vendor.go_on_to(datetime.fromisoformat("2026-03-12T23:50:00+01:00"))
    legal.sign_in()
    legal.go_to("Letters")
    legal.sees("No letter waits.")
    open_case(legal, "Mill Archive")
    legal.sees("waiting for service")

    # The tenth day is over. The letter is prepared by itself once it has waited an hour.
    vendor.go_on_to(datetime.fromisoformat("2026-03-13T00:05:00+01:00"))
    legal.sign_in()
    legal.go_to("Letters")
    legal.sees("no proof of receipt came in time")
    vendor.go_on_to(datetime.fromisoformat("2026-03-13T01:10:00+01:00"))
    hand_over(legal)
    vendor.go_on_to(datetime.fromisoformat("2026-03-19T09:00:00+01:00"))
    legal.sign_in()
    tell_event(legal, "Mill Archive", "posted", date(2026, 3, 14), number="RK 8")
    open_case(legal, "Mill Archive")
    legal.sees("waiting for service")
    tell_event(legal, "Mill Archive", "received", date(2026, 3, 18))
    open_case(legal, "Mill Archive")
    legal.sees("Friday 17 April 2026")

    # A receipt confirmed from the mail afterwards takes nothing of the window away.
    contact = cast.contact(MILL)
    contact.open_notice()
    contact.sees("Friday 17 April 2026")
    contact.follow("Acknowledge receipt")
    contact.fill({"Your first and last name": "Ada Berger"})
    contact.press("Acknowledge receipt")
    vendor.run_jobs()
    open_case(legal, "Mill Archive")
    legal.sees("Friday 17 April 2026")
