"""The pages that a journey came past, checked as everybody must be able to use them.

The journeys themselves run without JavaScript. What they saw is opened again, as it was, in a
browser that can measure it: no sideways scrolling, readable in light and dark, no barrier that
axe finds serious or critical.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page, Route

from tests.support.browser import NARROW, WIDE, too_wide

# A folder for pictures of each page at both widths, to look at them; usually none is taken.
PICTURES = os.environ.get("SUBNOTIFY_TEST_PICTURES")
_AXE = AXE_SCRIPT
_ALL = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# The same page in the same language and state is looked at once in a run of one process; its dark
# colours once in any language and state, which take them from the same few rules.
_checked: set[tuple[str, ...]] = set()
_checked_dark: set[str] = set()


@dataclass(frozen=True)
class SeenPage:
    url: str
    html: str
    cookies: tuple[Any, ...]


@dataclass
class PagesSeen:
    """Collects the pages of one journey, each kind once."""

    app: Flask
    name: str
    pages: dict[tuple[str, ...], SeenPage] = field(default_factory=dict)

    def note(self, page: Page) -> None:
        """The page that stands in the browser now."""
        found = page.evaluate(
            """() => [document.documentElement.lang,
                (document.querySelector('h1') || document.body).innerText,
                [...document.querySelectorAll('h2, .error-summary')].length]"""
        )
        endpoint = self._endpoint(page.url)
        key = (endpoint, found[0], re.sub(r"\W+|\d+", " ", found[1])[:60], str(found[2]))
        if key not in _checked:
            self.pages.setdefault(
                key, SeenPage(page.url, page.content(), tuple(page.context.cookies()))
            )

    def _endpoint(self, url: str) -> str:
        path = urlsplit(url).path
        adapter = self.app.url_map.bind("localhost")
        methods = adapter.allowed_methods(path)
        return str(adapter.match(path, method=methods[0])[0]) if methods else path

    def check(self, browser: Browser) -> list[str]:
        """What stands in somebody's way on any of the pages."""
        problems: list[str] = []
        # Without motion: a colour on its way to another one is no colour to measure.
        context = browser.new_context(reduced_motion="reduce")
        try:
            page = context.new_page()
            for number, (key, seen) in enumerate(self.pages.items()):
                where = f"{key[0]} ({key[1]}) “{key[2]}”"
                found = self._check_one(page, seen, f"{number:02d}-{key[0]}-{key[1]}")
                if key[0] not in _checked_dark:
                    found += _dark_barriers(page)
                    _checked_dark.add(key[0])
                problems += [f"{where}: {problem}" for problem in found]
        finally:
            context.close()
        if not problems:
            _checked.update(self.pages)
        return problems

    def _check_one(self, page: Page, seen: SeenPage, name: str) -> list[str]:
        page.context.clear_cookies()
        page.context.add_cookies(list(seen.cookies))
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDE, "height": 900})

        def as_it_was(route: Route) -> None:
            route.fulfill(body=seen.html, content_type="text/html; charset=utf-8")

        address = seen.url.partition("#")[0]
        page.route(address, as_it_was)
        page.goto(address)
        page.unroute(address)
        page.evaluate(_AXE)
        problems = [f"light: {x}" for x in _barriers(page, *_ALL)]
        self._take_picture(page, f"{name}-{WIDE}")
        page.set_viewport_size({"width": NARROW, "height": 740})
        problems += [f"sticks out at {NARROW} px: {x}" for x in too_wide(page)]
        self._take_picture(page, f"{name}-{NARROW}")
        return problems

    def _take_picture(self, page: Page, name: str) -> None:
        if PICTURES:
            folder = Path(PICTURES) / self.name
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def _dark_barriers(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    return [f"dark: {x}" for x in _barriers(page, "color-contrast")]


def _barriers(page: Page, *rules: str) -> list[str]:
    """What axe finds serious or critical, by rules or sets of rules."""
    found = page.evaluate(
        """rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})
            .then(all => all.violations)""",
        list(rules),
    )
    return [
        f"{x['id']}: {node['html'][:150]}"
        for x in found
        if x["impact"] in ("serious", "critical")
        for node in x["nodes"]
    ]
