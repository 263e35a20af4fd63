"""The mailbox in a real browser: both widths and schemes, and the frame with the HTML part."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from subnotify.delivery.mail_folder import MailFolder
from tests.demo.test_mailbox import AT, mail
from tests.support.browser import (
    chromium,
    contrast_problems,
    served,
    too_wide,
    watch,
)
from tests.support.databases import Databases
from tests.support.looks import every_width_and_scheme
from tests.support.web_client import SettableClock, make_app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[str]:
    folder = MailFolder(tmp_path / "mails")
    for recipient in ("a@client.example", "a-very-long-name-of-a-person@a-long-name.example"):
        folder.append(bytes(mail()), envelope_from="v@vendor.example", recipient=recipient)
    url = databases.migrated("sqlite")
    app = make_app(url, SettableClock(AT), DEMO_MAILBOX=str(tmp_path / "mails"))
    with served(app) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "fr"])
@every_width_and_scheme
def test_the_mailbox_fits_and_reads(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    said = watch(page)
    for path in ("/mailbox", "/mailbox/2"):
        page.goto(f"{site}{path}?lang={language}")
        assert too_wide(page) == []
        assert contrast_problems(page) == []
    # The script of the mail is refused, and that is all the browser has to say.
    assert all("script" in line for line in said), said
    context.close()


def test_a_framed_mail_has_its_style_and_its_links_open_in_the_window(
    browser: Browser, site: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/mailbox/1")
    frame = page.frame_locator("iframe")
    paragraph = frame.locator("p")
    assert paragraph.evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    frame.locator("a").click()
    page.wait_for_url(f"{site}/n/abc")
    page.close()
