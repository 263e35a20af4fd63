"""Legal's pages of windows computed anew in a browser: widths, contrast, nothing blocked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from subnotify.operations.apply_recomputation import apply_recomputations
from subnotify.operations.reassess_terms import reassess_terms
from subnotify.rules.words import Role
from tests.operations.desk import LEGAL
from tests.operations.test_reassess_terms import hang
from tests.operations.test_recompute_windows import LAST_DAY, recompute, shift_window
from tests.support.browser import (
    WIDE,
    served,
)
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.scenario import REGISTERED, Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
# The list; longer; shorter; applied; grace only; all at once.
PAGES = (
    "/desk/board",
    "/desk/recomputations",
    *(f"/desk/recomputations/{number}" for number in (1, 2, 3, 4)),
    "/desk/recomputations/apply-all",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        scenario.announce(changes=2, language="fr", copies=1)
        shorter = scenario.announce(at=AT + DAY)
        shift_window(session, shorter, at=AT + DAY, day=LAST_DAY + DAY)
        scenario.announce(changes=2)
        scenario.announce(preset=REGISTERED)
        recompute(session, LAST_DAY, date(2026, 4, 7), at=AT + DAY)
        apply_recomputations(session, [3], **LEGAL, at=AT + DAY)
        hung = scenario.announce(served=False)
        hang(session, hung, at=AT)
        reassess_terms(session, at=AT + DAY)
    clock = SettableClock(AT + 3 * DAY)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_by_keyboard_from_the_board_to_the_longer_window(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/board")
    page.get_by_role("link", name="computed anew").press("Enter")
    page.get_by_role("link", name="Brasserie du Lac 1").first.press("Enter")
    page.locator("summary", has_text="The mail that goes to all").press("Enter")
    expect(page.locator("pre")).to_be_visible()
    page.get_by_role("button", name="Give the longer window").press("Enter")
    page.get_by_text("The longer window is given for 1 notice.").wait_for()
    page.close()
