"""An entry of the list gets a new place: who refuses keeps the old entry, the others get the new
one. Then it is to leave the list: who has no say is informed, who has one keeps it again."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact, Operator
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.live_server import LiveVendor, one_line, text_of

ALDER, BIRCH = "dpo@alder.example", "dpo@birch.example"
NAME = "Vieux Port Hébergement SARL"
# What the list says of it, with support from the United Kingdom.
WIDER = registry.VENDOR.split("subprocessors:\n")[1].replace(
    "    in_use_since_on",
    "      - {country: GB, kind: support, basis: {kind: adequacy, reference: 2021/1772}}\n"
    "    in_use_since_on",
)
EVERY_KIND = "changes_covered: [addition, replacement, removal, amendment]"


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(start_vendor: Callable[..., LiveVendor], request: pytest.FixtureRequest) -> LiveVendor:
    return start_vendor(request.getfixturevalue(f"{request.param}_url"))


def covering(file: str, covered: str) -> str:
    return file.replace("      preset: fr-15-days", f"      preset: fr-15-days\n      {covered}")


def test_an_amendment_and_a_removal(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(covering(registry.client("alder", "Alder Clinic"), EVERY_KIND))
    vendor.import_registry(
        covering(registry.client("birch", "Birch Museum"), "changes_covered: [addition]")
    )
    vendor.import_registry("subprocessors:\n" + WIDER)
    publisher, legal = cast.publisher(), cast.legal()
    announce(publisher, legal, commencement_on=date(2026, 4, 1), agreements=2)
    alder, birch = cast.contact(ALDER), cast.contact(BIRCH)
    title = f"{NAME} will process data in United Kingdom as well, for Hexapode Watch"
    _sees_the_amendment(alder, birch, title)

    # The one objects and is accommodated; the other has no say and is informed already.
    alder.follow("Object")
    alder.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    alder.press("Send the objection")
    alder.sees("We have recorded your objection.", "the change is not made for you")
    vendor.run_jobs()
    open_case(legal, "Alder Clinic")
    legal.sees(title)
    _settle(legal, "Their tickets stay in France.")
    vendor.go_on_to(datetime.fromisoformat("2026-03-19T08:00:00+01:00"))
    legal = cast.legal()
    confirm_read(legal)
    vendor.run_jobs()
    [closing] = alder.inbox(f"What {NAME} does for you stays as it was.")
    assert title in one_line(closing)

    # From its day on the list says both: the new entry, and the old one for Alder.
    vendor.go_on_to(datetime.fromisoformat("2026-04-01T00:05:00+02:00"))
    kept, new = _rows(alder)
    assert "United Kingdom" in new and "phased out" not in new
    assert "United Kingdom" not in kept and "phased out from 1 Apr 2026" in kept
    assert _ids_are_unique(alder)
    publisher = cast.publisher()
    _open_entry(publisher)
    publisher.follow("History on the list")
    publisher.sees("The list changed: amendment", "Drafted by", "Approved by Leon Legal.")

    # Now it is to leave the list for everybody.
    _draft_removal(publisher)
    announce(publisher, cast.legal(), commencement_on=date(2026, 5, 15), agreements=2)
    removed = f"{NAME} will no longer be used for Hexapode Watch"
    [informed] = birch.inbox("you need not do anything")
    assert removed in one_line(informed) and "for information" in informed["Subject"]
    asked = text_of(alder.inbox("No other subprocessor takes its place.")[0])
    assert "You can object within 15 days" in " ".join(asked.split())
    vendor.go_on_to(datetime.fromisoformat("2026-04-20T08:00:00+02:00"))
    confirm_read(cast.legal())
    vendor.run_jobs()
    vendor.go_on_to(datetime.fromisoformat("2026-05-15T00:05:00+02:00"))
    # The entry that Alder alone keeps stays, until its agreement uses it no longer.
    [kept] = _rows(alder)
    assert "phased out from 1 Apr 2026" in kept


def _sees_the_amendment(alder: Contact, birch: Contact, title: str) -> None:
    """Who has a say finds old beside new, and how to object; the other is informed."""
    alder.open_notice()
    assert alder.heading == f"{title}."
    alder.sees("It takes effect on Wednesday 1 April 2026 at the earliest.", "Places of processing")
    places = alder.row("Places of processing").inner_text()
    assert "new: support: United Kingdom (United Kingdom (2021/1772))" in places or "new:" in places
    alder.sees("What stays as it is", "Hosts the databases", "You can object until")
    [mail] = alder.inbox()
    text = " ".join(text_of(mail).split())
    assert "Now:" in text and "From then on:" in text and "new: support: United Kingdom" in text
    birch.open_notice()
    assert birch.heading == f"{title}."
    birch.sees("you were informed")
    birch.sees_not("You can object until")


def _settle(legal: Operator, reason: str) -> None:
    legal.follow("Settle the objection")
    legal.choose("accommodated")
    legal.fill({"Reason": reason})
    legal.press("See the mail first")
    legal.press("Record the settlement")
    legal.sees("The settlement is recorded.")


def _rows(reader: Contact) -> list[str]:
    """What the public list says of the entry, the older row first."""
    reader.open("/")
    rows = reader.page.locator("table.entries tbody tr").filter(has_text=NAME)
    texts = [" ".join(text.split()) for text in rows.all_inner_texts()]
    return sorted(texts, key=lambda text: "phased out" not in text)


def _ids_are_unique(reader: Contact) -> bool:
    ids = re.findall(r'\sid="([^"]+)"', reader.page.content())
    return len(ids) == len(set(ids))


def _open_entry(publisher: Operator) -> None:
    publisher.go_to("Registry")
    publisher.follow(NAME)


def _draft_removal(publisher: Operator) -> None:
    _open_entry(publisher)
    publisher.follow("Remove from the list")
    publisher.sees("nothing changes on the list yet")
    publisher.press("Draft the removal")
    publisher.sees("The removal is drafted.", "drafted to leave the list")
