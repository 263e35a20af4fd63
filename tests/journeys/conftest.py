"""A vendor that runs, people with browsers, and the checks of every page they came past."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from subnotify.rules.words import Role
from tests.journeys import registry
from tests.journeys.pages_seen import PagesSeen
from tests.journeys.people import Contact, Operator, Person
from tests.support.browser import chromium
from tests.support.live_server import LiveVendor, live_vendor
from tests.support.smtp_server import ScriptedSmtpServer


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def start_vendor(
    at: datetime, smtp_server: ScriptedSmtpServer
) -> Iterator[Callable[..., LiveVendor]]:
    """`start_vendor(database_url)`: with the published list, two operators, no clients; with
    other settings, by their variables' names, where they are given."""
    with ExitStack() as running:

        def start(database_url: str, **changed: str) -> LiveVendor:
            vendor = running.enter_context(
                live_vendor(database_url, at=at, smtp=smtp_server, **changed)
            )
            vendor.import_registry(registry.VENDOR)
            vendor.publish()
            vendor.employ("Paula Publisher", Role.PUBLISHER)
            vendor.employ("Leon Legal", Role.LEGAL)
            return vendor

        yield start


@pytest.fixture
def vendor(start_vendor: Callable[..., LiveVendor], sqlite_url: str) -> LiveVendor:
    return start_vendor(sqlite_url)


class Cast:
    """The people of one journey."""

    def __init__(self, browser: Browser, vendor: LiveVendor, seen: PagesSeen) -> None:
        self._browser, self._vendor, self._seen = browser, vendor, seen
        self.people: list[Person] = []

    def operator(self, name: str, *, language: str = "en") -> Operator:
        """A signed-in operator."""
        operator = Operator(self._browser, self._vendor, self._seen, name=name, language=language)
        self.people.append(operator)
        operator.sign_in()
        return operator

    def publisher(self, **given: str) -> Operator:
        return self.operator("Paula Publisher", **given)

    def legal(self, **given: str) -> Operator:
        return self.operator("Leon Legal", **given)

    def contact(self, email: str, *, language: str = "en") -> Contact:
        contact = Contact(self._browser, self._vendor, self._seen, email=email, language=language)
        self.people.append(contact)
        return contact


@pytest.fixture
def cast(browser: Browser, vendor: LiveVendor, request: pytest.FixtureRequest) -> Iterator[Cast]:
    """Makes people; afterwards every page they saw is checked."""
    seen = PagesSeen(vendor.app, request.node.name)
    made = Cast(browser, vendor, seen)
    yield made
    said = [complaint for person in made.people for complaint in person.unexpected_complaints]
    elsewhere = [url for person in made.people for url in person.elsewhere]
    for person in made.people:
        person.context.close()
    assert not vendor.failures, "requests broke"
    assert not elsewhere, "pages asked other hosts"
    assert not said, "the browser complained"
    assert not seen.check(browser), "pages that stand in somebody's way"
