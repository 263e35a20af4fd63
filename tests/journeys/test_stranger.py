"""Somebody who has never seen the desk adds a subprocessor in the United States.

What is missing is told field by field. How long it takes is reckoned by the keystroke-level model
(Card, Moran, Newell 1983): a key 0.2 s, pointing at something 1.1 s, a press 0.1 s, a thought
before each field 1.35 s.
"""

from collections.abc import Mapping
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator
from tests.journeys.steps import draft_release
from tests.support.live_server import LiveVendor

KEY, POINT, PRESS, THINK = 0.2, 1.1, 0.1, 1.35
TWO_MINUTES = 120


class Timed:
    """What an operator does, with the seconds it would take a person."""

    def __init__(self, who: Operator) -> None:
        self.who = who
        self.seconds = 0.0

    def fill(self, fields: Mapping[str, str]) -> None:
        self.who.fill(fields)
        for text in fields.values():
            # A day is typed as eight digits.
            keys = 8 if text[:4].isdigit() and len(text) == 10 else len(text)
            self.seconds += THINK + POINT + PRESS + keys * KEY

    def choose(self, *texts: str) -> None:
        for text in texts:
            self.who.choose(text)
            self.seconds += THINK + POINT + PRESS

    def select(self, label: str, option: str, row: int = 0) -> None:
        self.who.select(label, option, row)
        # The list opens, and the beginning of the word finds it.
        self.seconds += THINK + POINT + PRESS + 4 * KEY

    def press(self, text: str) -> None:
        self.who.press(text)
        self.seconds += THINK + POINT + PRESS

    def follow(self, text: str) -> None:
        self.who.follow(text)
        self.seconds += THINK + POINT + PRESS


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_stranger_adds_a_us_subprocessor(vendor: LiveVendor, cast: Cast, language: str) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    publisher = cast.publisher(language=language)
    timed = Timed(publisher)
    _write_entry(timed, publisher)
    _record_the_clauses(timed, publisher)
    _same_for_support(timed, publisher)
    assert timed.seconds < TWO_MINUTES
    draft_release(publisher, commencement_on=date(2026, 6, 1))


def _write_entry(timed: Timed, publisher: Operator) -> None:
    publisher.go_to("Registry")
    timed.follow("New subprocessor")
    timed.fill(
        {
            "Legal name": "Lantern Inc.",
            "Postal address": "1 Bay Street, Oakland, CA 94607",
            "Contact for data protection": "dpo@lantern.example",
            "Activities, in English": "Sends alerts",
            "Activities, in French": "Envoie les alertes",
            "Personal data it gets, in English": "Names, emails",
            "Personal data it gets, in French": "Noms, adresses",
        }
    )
    timed.choose("Hexapode Watch")
    country = publisher.words.country("US")
    timed.select("Country", country)
    timed.select("Country", country, 1)
    timed.select("What is there", "support", 1)
    timed.press("Save the draft")
    # He is led on, and told why.
    publisher.sees("No transfer basis is recorded, and nothing makes it lawful without one.")


def _record_the_clauses(timed: Timed, publisher: Operator) -> None:
    publisher.choose("standard contractual clauses 2021/914, module 3")
    timed.press("Save the draft")
    listed = publisher.page.locator("#missing")
    for fact in (
        "the day it was signed",
        "the transfer impact assessment: reference, day and result",
        "the version of the annexes",
        "the option of clause 9",
    ):
        words = publisher.say(fact)
        expect(listed.get_by_role("link", name=words[:1].upper() + words[1:])).to_have_count(1)
    expect(listed.get_by_role("link")).to_have_count(6)
    # Each leads to a field that is there and seen.
    for link in listed.get_by_role("link").all():
        target = str(link.get_attribute("href")).removeprefix("#")
        expect(publisher.page.locator(f"[id='{target}']")).to_be_visible()
    _refused_by_half(publisher)
    timed.fill(
        {
            "Signed on": "2026-01-15",
            "Transfer impact assessment: reference": "TIA-31",
            "Transfer impact assessment: done on": "2026-01-10",
            "the version of the annexes": "3",
        }
    )
    timed.choose("The protection is sufficient")
    timed.select("the option of clause 9", "Option 2: general written authorisation")
    for box in publisher.page.locator("[id^='EU_GDPR-scc_eu_2021_m3-conditions-']").all():
        box.check()
        timed.seconds += THINK + POINT + PRESS
    timed.press("Save the draft")


def _refused_by_half(publisher: Operator) -> None:
    """A detour that no clock counts: half an assessment is refused at its field."""
    publisher.fill({"Transfer impact assessment: reference": "TIA-31"})
    publisher.press("Save the draft")
    summary = publisher.page.locator(".error-summary")
    day = publisher.say("Write the day of the transfer impact assessment.")
    expect(summary.get_by_role("link", name=day)).to_have_count(1)


def _same_for_support(timed: Timed, publisher: Operator) -> None:
    publisher.sees("Next: what makes the transfer lawful. %(place)s.", place=_support(publisher))
    button = publisher.page.get_by_role("button").filter(
        has_text=publisher.say("Record the same as for: %(place)s", place=_seat(publisher))
    )
    with publisher.page.expect_navigation():
        button.click()
    timed.seconds += THINK + POINT + PRESS
    publisher.sees("Draft saved. Nothing is missing.", "lawful")
    publisher.sees_not("not lawful")


def _seat(publisher: Operator) -> str:
    return _named(publisher, "seat")


def _support(publisher: Operator) -> str:
    return _named(publisher, "support")


def _named(publisher: Operator, kind: str) -> str:
    words = publisher.say(
        "%(kind)s, %(country)s",
        kind=publisher.say(kind),
        country=publisher.words.country("US"),
    )
    return words[:1].upper() + words[1:]
