"""The world picture in a browser: at every width it fits, and its small states can be seen."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.support.browser import NARROW, contrast_problems, served, too_wide, watch
from tests.support.databases import Databases
from tests.support.looks import every_look
from tests.support.web_client import SettableClock, make_app
from tests.web.world_samples import add_map_pages

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    app = make_app(databases.migrated("sqlite"), SettableClock(AT))
    add_map_pages(app)
    with served(app) as address:
        yield address


@every_look
@pytest.mark.parametrize("name", ["usual", "everywhere", "far"])
def test_it_fits_and_is_legible(
    browser: Browser, site: str, name: str, width: int, scheme: str, language: str
):
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said = watch(page)
    page.goto(f"{site}/map-{name}?lang={language}")
    assert too_wide(page) == []
    assert contrast_problems(page) == []
    assert said == []
    world = page.locator(".map-world").bounding_box()
    assert world is not None and world["width"] > (300 if width == NARROW else 600)
    for picture in ("map-world", "map-europe"):
        for mark in page.locator(f".{picture} .map-mark use").all()[:12]:
            box = mark.bounding_box()
            assert box is not None
            assert 6 <= box["width"] <= 24 and 6 <= box["height"] <= 24
    page.close()


def test_its_colours_are_those_of_the_page(browser: Browser, site: str):
    """Land without data, land with data and the sea differ, in both schemes; strokes stay thin in
    the enlarged part, which only rules of one class reach."""
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{site}/map-usual?lang=en")
        colours = page.evaluate(
            """() => ['.map-ground', '.map-tint', '.map-mark', '.map-lines'].map(
                 name => getComputedStyle(document.querySelector(name)).fill)"""
        )
        assert colours[1] == colours[2]
        assert len(set(colours)) == 3 and "rgb(0, 0, 0)" not in colours
        page.close()
