"""Nothing stands in anybody's way: axe on a page of each kind that the demonstration has.

The pages come straight from the app, as it would serve them. In the usual run each is seen once,
in the widths and schemes by turns; the whole set has every page in all of them.
"""

import itertools
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import update

from subnotify.rules.words import Role
from subnotify.storage.tables import OperatorRow
from tests.demo.playing import Played
from tests.demo.test_history import notice_paths
from tests.support.browser import NARROW, WIDE, chromium, too_wide
from tests.support.crawling import one_of_each
from tests.support.web_client import WebClient, session_on

MIDDLE = 768
LOOKS = tuple(itertools.product((NARROW, MIDDLE, WIDE), ("light", "dark")))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The frames of mails have styles of their own, and are no pages of ours.
NO_PAGES = ("/html", "/mail.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(played: Played, app: Flask) -> WebClient:
    """Legal of the demonstration, here with every role."""
    player = next(x for x in played.cast.operators if x.name == "Lucie Garnier")
    with session_on(played.settings.database_url) as session:
        everything = [role.value for role in Role]
        session.execute(
            update(OperatorRow).where(OperatorRow.name == player.name).values(roles=everything)
        )
        session.commit()
    signed_in = WebClient(app)
    signed_in.sign_in(player.name, player.password)
    return signed_in


@pytest.fixture(scope="module")
def pages(desk: WebClient, played: Played) -> list[str]:
    everywhere = one_of_each(
        desk,
        ["/desk/registry", "/desk/releases", "/desk/board", "/", "/mailbox", *notice_paths(played)],
        lambda path: "lang=" not in path and not path.partition("?")[0].endswith(NO_PAGES),
    )
    return sorted(everywhere)


def opened_by(client: WebClient, browser: Browser) -> Page:
    """A page of Chromium that the app answers without a server in between."""
    context = browser.new_context(base_url=client.base_url, reduced_motion="reduce")
    page = context.new_page()

    def answer(route: Route) -> None:
        response = client.get(route.request.url.removeprefix(client.base_url))
        headers = {name: value for name, value in response.headers if name != "Set-Cookie"}
        route.fulfill(status=response.status_code, headers=headers, body=response.get_data())

    page.route("**/*", answer)
    return page


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        """rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})
            .then(all => all.violations)""",
        RULES,
    )
    return [f"{x['id']}: {node['html'][:200]}" for x in found for node in x["nodes"][:3]]


def look_at(page: Page, path: str, width: int, scheme: str) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path)
    found = [*barriers(page), *(f"sticks out: {x}" for x in too_wide(page))]
    return [f"{path} ({width}, {scheme}): {x}" for x in found]


def test_a_page_of_each_kind_is_accessible(
    desk: WebClient, browser: Browser, pages: list[str]
) -> None:
    page = opened_by(desk, browser)
    looks = itertools.cycle(LOOKS)
    assert len(pages) > 60
    found = [x for path in pages for x in look_at(page, path, *next(looks))]
    assert found == []


@pytest.mark.full
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_is_accessible_in_every_look(
    desk: WebClient, browser: Browser, pages: list[str], width: int, scheme: str
) -> None:
    page = opened_by(desk, browser)
    assert [x for path in pages for x in look_at(page, path, width, scheme)] == []
