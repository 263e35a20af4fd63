"""Pages of the desk as legal sees them in Chromium: every width, scheme and language."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser, Page

from tests.support import telephones
from tests.support.browser import NARROW, WIDE, contrast_problems, too_wide, watch
from tests.support.web_client import PASSWORD

# Each width with each scheme and each language; `make test` sees each of the six once.
every_look = pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        (NARROW, "light", "fr"),
        (WIDE, "dark", "en"),
        pytest.param(NARROW, "dark", "en", marks=pytest.mark.full),
        pytest.param(WIDE, "light", "fr", marks=pytest.mark.full),
    ],
)

every_width_and_scheme = pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (NARROW, "light"),
        (WIDE, "dark"),
        pytest.param(NARROW, "dark", marks=pytest.mark.full),
        pytest.param(WIDE, "light", marks=pytest.mark.full),
    ],
)


def signed_in(browser: Browser, site: str, width: int, scheme: str, language: str) -> Page:
    """A new page of "Lea Legal", whom the test made an operator."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    sign_in(page, site, language)
    return page


def sign_in(page: Page, site: str, language: str = "en", name: str = "Lea Legal") -> None:
    """By the password and, where it is asked for, by the code of the telephone."""
    page.goto(f"{site}/sign-in?lang={language}")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if "/sign-in/code" in page.url:
        page.fill("[name=code]", telephones.code_for(telephones.APPS[site], name))
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert "/sign-in" not in page.url, page.url


def check_look(page: Page, language: str) -> None:
    """The page that is open, with everything unfolded: one heading, its language, nothing too
    wide, everything legible."""
    where = page.url
    assert page.locator("html").get_attribute("lang") == language, where
    assert page.locator("h1").count() == 1, where
    for closed in page.locator("details").all():
        closed.evaluate("element => element.open = true")
    assert too_wide(page) == [], where
    assert contrast_problems(page) == [], where


def check_pages(page: Page, site: str, paths: Iterable[str], language: str) -> None:
    """Each of these pages opens, looks as it should, and the browser complains of nothing."""
    said = watch(page)
    for path in paths:
        answer = page.goto(site + path)
        assert answer is not None and answer.status == 200, path
        assert "/sign-in" not in page.url, f"{path} is not open to this operator"
        check_look(page, language)
    assert said == []
    page.close()
