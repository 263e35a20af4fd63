"""The client's pages in a real browser: found at once, at both widths, by keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from subnotify.rules.words import Outcome
from tests.support.answers import case_of, give, objection
from tests.support.browser import NARROW, WIDE, chromium, contrast_problems, served, too_wide, watch
from tests.support.databases import Databases
from tests.support.looks import every_width_and_scheme
from tests.support.scenario import REGISTERED, Announced, Scenario
from tests.support.web_client import SettableClock, make_app, session_on
from tests.web.test_notice import close

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HEIGHT = 800


class Stage:
    """A served app with notices in several phases."""

    def __init__(self, databases: Databases) -> None:
        url = databases.migrated("sqlite")
        with session_on(url) as session:
            scenario = Scenario(session, at=AT)
            self.open = scenario.announce()
            self.registered = scenario.announce(preset=REGISTERED, language="fr")
            self.several = scenario.announce(changes=2, contacts=2, copies=1)
            self.waiting = scenario.announce(served=False)
            self.closed = scenario.announce()
            self.answered = scenario.announce(preset=REGISTERED, language="fr")
            close(
                session,
                case_of(session, self.closed.case_ids[0]),
                Outcome.ACCEPTED_BY_SILENCE,
                at=AT + timedelta(days=20),
            )
            answer = objection(self.answered, services=("monitoring",))
            self.reference = give(session, self.answered, answer, at=AT).reference
        # The address of the test server is the only one the app trusts.
        self.app = make_app(url, SettableClock(AT + timedelta(days=3)))
        self.address = ""

    def of(self, announced: Announced, path: str = "") -> str:
        return f"{self.address}/n/{announced.token}{path}"

    def pages(self) -> list[str]:
        receipt = f"/receipts/{self.reference}"
        return [
            *(self.of(x) for x in (self.open, self.registered, self.several, self.waiting)),
            *(self.of(x) for x in (self.closed, self.answered)),
            *(self.of(self.several, f"/{x}") for x in ("object", "no-objection", "waive")),
            *(self.of(self.several, f"/{x}") for x in ("ask", "wrong-person")),
            self.of(self.registered, "/object"),
            self.of(self.waiting, "/acknowledge"),
            *(self.of(self.answered, x) for x in ("/withdraw", receipt, f"{receipt}/letter")),
            f"{self.address}/n/unknown",
        ]


@pytest.fixture(scope="module")
def stage(databases: Databases) -> Iterator[Stage]:
    made = Stage(databases)
    with served(made.app) as address:
        made.address = address
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@every_width_and_scheme
def test_every_page_fits_is_legible_and_accessible(browser, stage, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
    page = context.new_page()
    complaints = watch(page)
    axe = Axe()
    for address in stage.pages():
        page.goto(address)
        assert too_wide(page) == [], address
        assert contrast_problems(page) == [], address
        found = axe.run(page).response["violations"]
        assert [(x["id"], x["nodes"][0]["html"]) for x in found] == [], address
    # The browser logs the one page that is not found.
    assert [x for x in complaints if "404" not in x] == []
    context.close()


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return float(box["y"] + box["height"])


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("which", ["open", "registered"])
def test_deadline_and_button_are_seen_without_scrolling(browser, stage, width, which):
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    page.goto(stage.of(getattr(stage, which)))
    assert top(page, ".deadline-day") < HEIGHT / 2
    # On a telephone the facts stand between the deadline and the buttons: a link leads there.
    assert top(page, ".choices .button >> nth=3" if width == WIDE else ".to-answers a") < HEIGHT
    if width == NARROW:
        page.locator(".to-answers a").click()
        assert 0 < top(page, ".choices .button >> nth=0") < HEIGHT
    page.close()


def test_objecting_by_keyboard_alone_without_script(browser, stage):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(stage.of(stage.open))
    page.get_by_role("link", name="Object", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/object")
    page.get_by_label("Your reasons").focus()
    page.keyboard.press("Tab")  # under which conditions there would be no objection
    page.keyboard.press("Tab")
    page.keyboard.type("Camille Perrin")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    # The role is missing: the summary leads to it, and the name is still there.
    page.get_by_role("link", name="Your role is missing.").click()
    expect(page.get_by_label("Your first and last name")).to_have_value("Camille Perrin")
    page.get_by_label("Your role").fill("DPO")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("We have recorded your objection.")
    context.close()


def test_only_the_letter_is_printed(browser, stage):
    page = browser.new_page()
    page.goto(stage.of(stage.answered, f"/receipts/{stage.reference}/letter"))
    page.emulate_media(media="print")
    expect(page.locator(".letter")).to_be_visible()
    for selector in (".site-head", ".site-foot", ".warning-text", ".back-link"):
        expect(page.locator(selector).first).to_be_hidden()
    page.close()
